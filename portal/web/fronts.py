"""Which modules make up the two fronts, the debtor's and the desk's."""

from __future__ import annotations

from types import ModuleType

from portal.web.debtor import claims as debtor_claims
from portal.web.debtor import evidence as debtor_evidence

DEBTOR: tuple[ModuleType, ...] = (
    debtor_claims,
    debtor_evidence,
)
DESK: tuple[ModuleType, ...] = ()
