"""Does the canonical dump say the same for two ledgers that mean the same, whatever happened on the way?"""

from __future__ import annotations

from datetime import timedelta

from portal.rules.payments import AccountKind, CauseType
from portal.store.database import Database
from portal.store.ledger import EntryRow, write
from portal.store.ledger_dump import canonical
from tests.store.ledger_rows import DAY, entry, other, paid, receivable

FILLED = [
    "firm R-1 - - bank_clearing CHF 2026-11-23 40.00",
    "firm R-1 - - principal_income CHF 2026-11-23 -100.00",
    "firm R-1 01 principal receivable CHF 2026-11-23 60.00",
]


def dump(database: Database, *rows: EntryRow) -> list[str]:
    with database.writing() as session:
        write(session, list(rows))
        return canonical(session)


def test_sums_per_claim_line_account_and_value_date(filled: Database) -> None:
    assert dump(filled) == FILLED
    assert dump(filled, paid("more", 1_000, effective_on=DAY + timedelta(days=1))) == sorted(
        [
            *FILLED,
            "firm R-1 - - bank_clearing CHF 2026-11-24 10.00",
            "firm R-1 01 principal receivable CHF 2026-11-24 -10.00",
        ]
    )


def test_an_entry_and_its_mirror_are_not_there_even_on_two_days(filled: Database) -> None:
    wrong = paid("wrong", 700)
    tomorrow = {"effective_on": DAY + timedelta(days=1)}
    mirror = entry("undo", receivable(700), other(-700), reverses_id=wrong.id, **tomorrow)
    assert dump(filled, wrong, mirror) == FILLED
    back = entry("redo", receivable(-700), other(700), reverses_id=mirror.id, **tomorrow)
    assert dump(filled, back) == [
        "firm R-1 - - bank_clearing CHF 2026-11-23 47.00",
        "firm R-1 - - principal_income CHF 2026-11-23 -100.00",
        "firm R-1 01 principal receivable CHF 2026-11-23 53.00",
    ]


def test_money_of_no_claim_stands_under_its_firm(filled: Database) -> None:
    held = entry("held", other(900, AccountKind.PROVIDER_CLEARING), other(-900, AccountKind.SUSPENSE), claim_id=None,
                 cause_type=CauseType.SYSTEM)  # fmt: skip
    assert [line for line in dump(filled, held) if " - - - " in line] == [
        "firm - - - provider_clearing CHF 2026-11-23 9.00",
        "firm - - - suspense CHF 2026-11-23 -9.00",
    ]
