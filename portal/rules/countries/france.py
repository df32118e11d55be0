"""What does French law say about a claim's lines, interest and payments (`law.md` 2.3)?"""

from __future__ import annotations

from portal.rules.claims import PositionKind
from portal.rules.countries.profile import COSTS_FIRST, Asked, Limit, Notice, Profile
from portal.rules.interest import DayCount
from portal.rules.rates import stretches

READ_AT = "arrêté of 15 December 2025 by juriblio.fr; legifiscal.fr; cabinet-cec.fr; dandrel-avocats.fr"
#: The legal rate depends on who the creditor is; the halves that are not here have not been read yet.
LEGAL = stretches(
    "fr-legal",
    "C. mon. fin. L313-2",
    READ_AT,
    [
        ("2020-01-01", "2020-07-01", "0.87"),
        ("2020-07-01", "2021-01-01", "0.84"),
        ("2021-07-01", "2022-01-01", "0.76"),
        ("2024-07-01", "2025-01-01", "4.92"),
        ("2025-01-01", "2025-07-01", "3.71"),
        ("2025-07-01", "2026-01-01", "2.76"),
        ("2026-01-01", "2026-07-01", "2.62"),
    ],
)
LEGAL_PRIVATE = stretches(
    "fr-legal-private",
    "C. mon. fin. L313-2",
    READ_AT,
    [
        ("2020-01-01", "2020-07-01", "3.15"),
        ("2020-07-01", "2021-01-01", "3.11"),
        ("2021-07-01", "2022-01-01", "3.12"),
        ("2024-07-01", "2025-01-01", "8.16"),
        ("2025-01-01", "2025-07-01", "7.21"),
        ("2025-07-01", "2026-01-01", "6.65"),
        ("2026-01-01", "2026-07-01", "6.67"),
    ],
)
#: What is spent on recovery without an enforceable title stays with the creditor, and no clause changes that.
AMICABLE = (PositionKind.REMINDER_FEE, PositionKind.DAMAGE, PositionKind.AGENCY_COST)

PROFILE = Profile(
    country="FR",
    allocation_order=COSTS_FIRST,
    allocation_law="C. civ. 1343-1",
    day_count=DayCount.ACT_ACT,
    consumer_rate=LEGAL,
    business_rate=None,
    limitation=Limit(2, "C. conso. L218-2"),
    notices=frozenset(
        {
            Notice.PLAN_MAY_ACKNOWLEDGE,
            Notice.LETTER_R124_4,
            Notice.PROPOSALS_FORWARDED,
            Notice.RECEIPT_PER_PAYMENT,
        }
    ),
    consumer_asked=dict.fromkeys(AMICABLE, Asked.NEVER),
    consumer_law=dict.fromkeys(AMICABLE, "CPCE L111-8"),
    further_rates=(LEGAL_PRIVATE,),
    business_lump_minor=4_000,
    business_lump_law="C. com. L441-10, D441-5",
)
