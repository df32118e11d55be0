"""When is something kept, and what may be written whatever the answer is?"""

from __future__ import annotations

import ast
from pathlib import Path

from portal.web.traces import READ_MARKS, TECHNICAL_TABLES
from tests import snapshot
from tests.people import Portal

WEB = Path(__file__).resolve().parent.parent.parent / "portal" / "web"
#: Views that keep something, talk to the outside world, and then go on (`decisions.md` 15).
TWO_COMMITS = {
    "creditor/bank.py", "creditor/connections.py", "creditor/imports.py", "creditor/runs.py",
    "creditor/stationery.py", "debtor/payments.py",
}  # fmt: skip


def test_only_named_views_commit_before_they_talk_to_the_outside_world() -> None:
    found = set()
    for file in WEB.rglob("*.py"):
        names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
        if "commit_then" in names:
            found.add(file.relative_to(WEB).as_posix())
    assert found == TWO_COMMITS


def test_reading_changes_technical_tables_and_read_marks_only(portal: Portal) -> None:
    dora, lena = portal.dora.is_in(), portal.staff("lena").is_in()
    portal.clock.move(minutes=2)
    before = portal.read(lambda session: snapshot.of(session, technical=True))
    for page in (dora.path, f"{dora.path}/messages", f"{dora.path}/pay", f"{dora.path}/plan", "/claims"):
        dora.reads(page)
    for page in ("/desk", "/desk/claims", f"/desk{dora.path}"):
        lena.reads(page)
    after = portal.read(lambda session: snapshot.of(session, technical=True))
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= TECHNICAL_TABLES | {table for table, _ in READ_MARKS}
    assert "signed_in" in changed


def test_a_refused_form_keeps_nothing_and_a_good_one_everything(portal: Portal) -> None:
    dora = portal.dora.is_in()
    before = portal.read(snapshot.of)
    assert dora.sends(f"{dora.path}/messages", text="").status_code == 422
    assert portal.read(snapshot.of) == before
    assert dora.sends(f"{dora.path}/messages", text="Guten Tag").status_code == 303
    after = portal.read(snapshot.of)
    assert {table for table in before if before[table] != after[table]} >= {"message", "event", "claim"}
