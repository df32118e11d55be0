"""F29: is an import that is killed in the middle seen by nobody, and whole after the same file again?"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from pathlib import Path

from sqlalchemy import func, select

from portal.actions import imports
from portal.actions.imports import Figures, Given, Refused
from portal.gateways.tables import read_table
from portal.rules.dates import Calendar
from portal.rules.imports import match_columns
from portal.store.claims import Claim, claim_at_desk
from portal.store.imports import unfinished
from portal.store.ledger_checks import verify
from portal.store.people import Debtor
from portal.store.settings import creditor_by_id
from portal.web.parts import Parts
from tests.actions.test_imports import file, line
from tests.examples import TODAY, VELO, Clock, parts_for, settings_for

ROWS, AT_ONCE = 2_000, 50
#: An invoice and nothing more: what kills an import does not look at fees.
PLAIN = dict.fromkeys(
    ("interest_from", "interest_reason", "interest_rate", "reminder_fee", "fee_basis", "paid_so_far"), ""
)
CONTENT = file(*(line(number, **PLAIN) for number in range(ROWS)))


def takes(parts: Parts) -> Figures:
    table = read_table(io.BytesIO(CONTENT))
    given = Given("claims.csv", b"F29".ljust(32), table.header, match_columns(table.header), table.rows)
    refused: list[Refused] = []
    with parts.database.reading() as session:
        setting = imports.setting_for(session, creditor_by_id(session, VELO), Calendar(), today=TODAY)
    figures = imports.take(
        parts.database, VELO, given, setting, parts.facts, clerk_id=None, now=parts.clock(),
        on_refused=refused.append, at_once=AT_ONCE,
    )  # fmt: skip
    assert not refused
    return figures


def by_itself(url: str, folder: Path) -> None:
    """What the process does that is going to die: it has nothing of ours but the address of the database."""
    parts = parts_for(settings_for(url, folder), Clock())
    takes(parts)


def written(parts: Parts) -> int:
    with parts.database.reading() as session:
        query = select(func.count()).select_from(Claim).where(Claim.import_id.is_not(None))
        return session.scalar(query) or 0


def seen(parts: Parts) -> int:
    with parts.database.reading() as session:
        query = select(func.count()).select_from(Claim)
        return session.scalar(query.where(Claim.import_id.is_not(None), Claim.undone_at.is_(None))) or 0


def test_f29_an_import_killed_at_any_moment_is_nothing_or_all(
    parts: Parts, database_url: str, tmp_path: Path
) -> None:  # fmt: skip
    for share in (10, 50, 90):
        parts.database.close()  # no connection is carried into the process
        process = multiprocessing.get_context("fork").Process(target=by_itself, args=(database_url, tmp_path))
        process.start()
        while written(parts) < ROWS * share // 100:
            assert process.is_alive(), "the import ended before it was killed"
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert seen(parts) == 0
        with parts.database.reading() as session:
            assert unfinished(session, VELO) is not None
            assert claim_at_desk(session, creditor_id=VELO, reference="IM-0") is None
    figures = takes(parts)
    assert (figures.taken, figures.refused, figures.unchanged) == (ROWS, 0, 0)
    assert written(parts) == seen(parts) == ROWS
    with parts.database.reading() as session:
        assert verify(session) == []
        people = session.scalar(select(func.count()).select_from(Debtor).where(Debtor.name.like("Anna Muster%")))
        assert people == ROWS
