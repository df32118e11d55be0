"""What does Italian law say about a claim's lines, interest and payments (`law.md` 2.4)?"""

from __future__ import annotations

from portal.rules.countries.profile import COSTS_FIRST, Limit, Notice, Profile
from portal.rules.interest import DayCount
from portal.rules.rates import stretches, table

LEGAL = table(
    "it-legal",
    "C.c. 1284",
    "DM 10 December 2025, GU 289, by ntpluslavoro.ilsole24ore.com; confcooperative",
    [
        ("2020-01-01", "0.05"),
        ("2021-01-01", "0.01"),
        ("2022-01-01", "1.25"),
        ("2023-01-01", "5.00"),
        ("2024-01-01", "2.50"),
        ("2025-01-01", "2.00"),
        ("2026-01-01", "1.60"),
    ],
    until="2027-01-01",
)
#: Reference rate plus 8 points; not for consumers.
COMMERCIAL = stretches(
    "it-commercial",
    "D.Lgs. 231/2002",
    "ntplusdiritto.ilsole24ore.com, studiotisi.it",
    [("2025-01-01", "2025-07-01", "11.15"), ("2026-01-01", "2026-07-01", "10.15")],
)

PROFILE = Profile(
    country="IT",
    allocation_order=COSTS_FIRST,
    allocation_law="C.c. 1194",
    day_count=DayCount.ACT_ACT,
    consumer_rate=LEGAL,
    business_rate=COMMERCIAL,
    limitation=Limit(10, "C.c. 2946"),
    notices=frozenset({Notice.PLAN_MAY_ACKNOWLEDGE, Notice.NOTHING_ON_THE_ENVELOPE}),
    business_lump_minor=4_000,
    business_lump_law="D.Lgs. 231/2002, art. 6",
)
