"""What can be wrong with the ledger, and how is one wrong thing told (`security.md` 3.3)?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal

from portal.store.ledger import Posting

#: So many findings per question are enough to see what is wrong.
MOST = 200


class Rule(StrEnum):
    """Which rule does not hold; numbered as in `security.md` 3.3, as `decisions.md` 26 restates them."""

    SUM_ZERO = "L1 sum zero"
    TWO_LINES = "L1 two lines"
    ENTRY_MISSING = "L1 entry missing"
    GUARD_MISSING = "L2 guard missing"
    TWICE = "L3 twice"
    PROJECTION = "L4 projection differs"
    SETTLED_NOT_ZERO = "L4 settled not zero"
    MORE_THAN_ONE_OPEN = "L4 more than one open"
    FLAG_DIFFERS = "L4 flag differs from status"
    GIVEN_BACK = "L5 given back more than paid"
    CAUSE_MISSING = "L6 cause missing"
    REVERSED_TWICE = "L7 reversed twice"
    NO_MIRROR = "L7 no mirror"
    CREDITOR_SUM = "L8 creditor sum"
    PROVIDER = "L9 differs from the provider's books"
    SCHEDULE = "L10 schedule differs from what it covers"
    CREDITOR_DIFFERS = "L11 creditor differs"
    CURRENCY_DIFFERS = "L11 currency differs"
    CLAIM_DIFFERS = "L11 claim differs"
    ORDER = "L12 before its cause"
    BACK_DATED = "L12 back-dated"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: which rule, what it is about, and the amount or the key that shows it."""

    rule: Rule
    subject: str
    subject_id: str
    creditor_id: UUID | None = None
    currency: str | None = None
    minor: int | None = None


#: A rule, what its rows are about, and the rows that break it: creditor, id, currency, minor units, in this order.
Question = tuple[Rule, str, Select[*tuple[Any, ...]]]

NOTHING = literal(None)
AMOUNT = func.sum(Posting.amount_minor)
