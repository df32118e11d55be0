"""Which modules make up the two fronts, the debtor's and the desk's."""

from __future__ import annotations

from types import ModuleType

from portal.web.creditor import access as desk_access
from portal.web.creditor import letters as desk_letters
from portal.web.debtor import access as debtor_access
from portal.web.debtor import claims as debtor_claims
from portal.web.debtor import evidence as debtor_evidence
from portal.web.debtor import help as debtor_help
from portal.web.debtor import letters as debtor_letters
from portal.web.debtor import messages as debtor_messages

DEBTOR: tuple[ModuleType, ...] = (
    debtor_access,
    debtor_help,
    debtor_letters,
    debtor_claims,
    debtor_evidence,
    debtor_messages,
)
DESK: tuple[ModuleType, ...] = (
    desk_access,
    desk_letters,
)
