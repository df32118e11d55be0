"""What differs from country to country, in one shape: lines, rates, days, order of payments, notices, limitation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.rules.claims import PositionKind
from portal.rules.interest import DayCount
from portal.rules.rates import RateTable


class Notice(StrEnum):
    """A notice that a country's law wants to be given, by the step that needs it."""

    PLAN_MAY_ACKNOWLEDGE = "plan_may_acknowledge"  # CH OR 135, DE BGB 212, AT ABGB 1497, FR C. civ. 2240, IT C.c. 2944
    PLAN_COSTS_FIRST = "plan_costs_first"  # DE RDG 13a(3): the costs of a plan, before it is agreed
    ACKNOWLEDGEMENT_LOSES_OBJECTIONS = "acknowledgement_loses_objections"  # DE RDG 13a(4)
    LETTER_13A = "letter_13a"  # DE RDG 13a(1): what the first letter of a collector says
    LETTER_R124_4 = "letter_r124_4"  # FR CPCE R124-4: what the collector's letter says
    PROPOSALS_FORWARDED = "proposals_forwarded"  # FR CPCE R124-5: the creditor learns of every proposal
    RECEIPT_PER_PAYMENT = "receipt_per_payment"  # FR CPCE R124-6, CH OR 88
    NOTHING_ON_THE_ENVELOPE = "nothing_on_the_envelope"  # IT Garante, 30 November 2005


class Asked(StrEnum):
    """Whether a kind of line may be asked of somebody."""

    YES = "yes"
    NOT_BY_DEFAULT = "not_by_default"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limitation period in years and where it is written; `from_year_end` counts from the end of the year."""

    years: int
    law: str
    from_year_end: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A country's rules (`law.md` 9.9). `consumer_asked` and `consumer_law` name only what is not simply allowed."""

    country: str
    allocation_order: tuple[PositionKind, ...]
    allocation_law: str
    day_count: DayCount
    consumer_rate: RateTable
    business_rate: RateTable | None
    limitation: Limit
    notices: frozenset[Notice]
    consumer_asked: Mapping[PositionKind, Asked] = field(default_factory=dict)
    consumer_law: Mapping[PositionKind, str] = field(default_factory=dict)
    further_rates: tuple[RateTable, ...] = ()
    #: The lump sum that a business owes a business in default, in minor units of EUR, and its article.
    business_lump_minor: int = 0
    business_lump_law: str = ""

    def asked(self, kind: PositionKind, *, consumer: bool) -> Asked:
        """Whether this line may be asked of a consumer or a business in this country."""
        return self.consumer_asked.get(kind, Asked.YES) if consumer else Asked.YES

    def rate_table(self, *, consumer: bool) -> RateTable | None:
        """The statutory default rate; None where the creditor has to name a rate and what it rests on."""
        return self.consumer_rate if consumer else self.business_rate

    @property
    def tables(self) -> tuple[RateTable, ...]:
        own = (self.consumer_rate, *([self.business_rate] if self.business_rate else []), *self.further_rates)
        return tuple(dict.fromkeys(own))


_COSTS = (
    PositionKind.COURT_COST,
    PositionKind.ENFORCEMENT_COST,
    PositionKind.REMINDER_FEE,
    PositionKind.DAMAGE,
    PositionKind.AGENCY_COST,
)
_INTEREST = (PositionKind.DEFAULT_INTEREST, PositionKind.CONTRACT_INTEREST)

#: Costs, interest, principal: CH OR 85(1), DE BGB 367(1), FR C. civ. 1343-1, IT C.c. 1194.
COSTS_FIRST: tuple[PositionKind, ...] = (*_COSTS, *_INTEREST, PositionKind.PRINCIPAL, PositionKind.CREDIT)
#: Interest, principal, then costs: AT ABGB 1416, which names no costs.
INTEREST_FIRST: tuple[PositionKind, ...] = (*_INTEREST, PositionKind.PRINCIPAL, *_COSTS, PositionKind.CREDIT)
