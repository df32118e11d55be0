"""What does Swiss law say about a claim's lines, interest and payments (`law.md` 1)?"""

from __future__ import annotations

from portal.rules.claims import PositionKind
from portal.rules.countries.profile import COSTS_FIRST, Asked, Limit, Notice, Profile
from portal.rules.interest import DayCount
from portal.rules.rates import table

DEFAULT_RATE = table(
    "ch-default",
    "OR 104",
    "OR 104(1), in force since 1912; the reform 16.470 was rejected",
    [("1912-01-01", "5")],
    until=None,
)

PROFILE = Profile(
    country="CH",
    allocation_order=COSTS_FIRST,
    allocation_law="OR 85",
    day_count=DayCount.THIRTY_E_360,
    consumer_rate=DEFAULT_RATE,
    business_rate=DEFAULT_RATE,
    # Retail sale, crafts, medical care and periodic services 5 years (OR 128), everything else 10 (OR 127): the shorter
    # one is shown, because it is the one that can pass first.
    limitation=Limit(5, "OR 128"),
    notices=frozenset({Notice.PLAN_MAY_ACKNOWLEDGE, Notice.RECEIPT_PER_PAYMENT}),
    # Contested as damage under OR 106, and barred before the offices by SchKG 27(2): on only when somebody says so.
    consumer_asked={PositionKind.AGENCY_COST: Asked.NOT_BY_DEFAULT, PositionKind.DAMAGE: Asked.NOT_BY_DEFAULT},
    consumer_law={PositionKind.AGENCY_COST: "OR 106, SchKG 27", PositionKind.DAMAGE: "OR 106"},
)
