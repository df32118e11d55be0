"""Which modules make up the two fronts, the debtor's and the desk's."""

from __future__ import annotations

from types import ModuleType

DEBTOR: tuple[ModuleType, ...] = ()
DESK: tuple[ModuleType, ...] = ()
