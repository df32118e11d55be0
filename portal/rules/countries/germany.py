"""What does German law say about a claim's lines, interest and payments (`law.md` 2.1)?"""

from __future__ import annotations

from portal.rules.countries.profile import COSTS_FIRST, Limit, Notice, Profile
from portal.rules.interest import DayCount
from portal.rules.rates import table

#: Base rate (BGB 247); the one from 1 July 2026 has not been read at the Bundesbank yet, so the table ends before it.
BASE = (
    ("2016-07-01", "-0.88"),
    ("2023-01-01", "1.62"),
    ("2023-07-01", "3.12"),
    ("2024-01-01", "3.62"),
    ("2024-07-01", "3.37"),
    ("2025-01-01", "2.27"),
    ("2025-07-01", "1.27"),
    ("2026-01-01", "1.27"),
)
READ_AT = "boersen-zeitung.de, stb-bruns.com, gesetze-in-app.de, malerblog.net; 2023-07 and 2024-07 by the ECB's steps"
CONSUMER = table("de-consumer", "BGB 288(1)", READ_AT, BASE, until="2026-07-01", plus="5")
BUSINESS = table("de-business", "BGB 288(2)", READ_AT, BASE, until="2026-07-01", plus="9")

PROFILE = Profile(
    country="DE",
    allocation_order=COSTS_FIRST,
    allocation_law="BGB 367",
    day_count=DayCount.ACT_ACT,
    consumer_rate=CONSUMER,
    business_rate=BUSINESS,
    limitation=Limit(3, "BGB 195, 199", from_year_end=True),
    notices=frozenset(
        {
            Notice.PLAN_MAY_ACKNOWLEDGE,
            Notice.PLAN_COSTS_FIRST,
            Notice.ACKNOWLEDGEMENT_LOSES_OBJECTIONS,
            Notice.LETTER_13A,
        }
    ),
    business_lump_minor=4_000,
    business_lump_law="BGB 288(5)",
)
