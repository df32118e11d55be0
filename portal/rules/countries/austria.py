"""What does Austrian law say about a claim's lines, interest and payments (`law.md` 2.2)?"""

from __future__ import annotations

from portal.rules.countries.profile import INTEREST_FIRST, Limit, Notice, Profile
from portal.rules.interest import DayCount
from portal.rules.rates import stretches, table

CONSUMER = table("at-consumer", "ABGB 1000(1)", "basiszins.at", [("1868-06-14", "4")], until=None)
#: The base rate of the last day before each half-year, plus 9.2 points; only what was read is in the table.
BUSINESS = stretches(
    "at-business",
    "UGB 456",
    "diepresse.com, evi.gv.at: 2.53 from 18 December 2024",
    [("2025-01-01", "2025-07-01", "11.73")],
)

PROFILE = Profile(
    country="AT",
    allocation_order=INTEREST_FIRST,
    allocation_law="ABGB 1416",
    day_count=DayCount.ACT_ACT,
    consumer_rate=CONSUMER,
    business_rate=BUSINESS,
    limitation=Limit(3, "ABGB 1486"),
    notices=frozenset({Notice.PLAN_MAY_ACKNOWLEDGE}),
    business_lump_minor=4_000,
    business_lump_law="UGB 458",
)
