"""Does the desk see what comparing the books has found, and can a lead take it over and close it?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.actions import findings
from portal.rules.reconciliation import FindingKind
from portal.store.reconciliation import Finding
from portal.store.today import Task
from tests.examples import CARL, LENA, ROCHAT, START, VELO
from tests.people import Portal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def found(portal: Portal, creditor_id: object = VELO, name: str = "pi_1") -> str:
    with portal.writing() as session:
        findings.found(session, creditor_id, FindingKind.FOREIGN_MONEY, name, minor=4250, currency="CHF", now=START)  # type: ignore[arg-type]
        session.flush()
        return str(session.scalars(select(Finding.id).where(Finding.object_id == name)).one())


def test_a_finding_is_a_task_of_today_and_leads_to_its_page(portal: Portal) -> None:
    found(portal)
    lena = portal.staff("lena").is_in()
    assert "/desk/reconciliation" in lena.reads("/desk")
    page = lena.reads("/desk/reconciliation")
    assert "pi_1" in page
    assert "42.50" in page
    assert "Lena Huber" in page


def test_a_lead_takes_it_and_closes_it_and_its_task_is_done(portal: Portal) -> None:
    ident = found(portal)
    lena = portal.staff("lena").is_in()
    token = lena.token()
    for step in ("take", "done", "done"):
        answer = lena.client.post(f"/desk/reconciliation/{ident}/{step}", data={"csrf_token": token})
        assert answer.status_code == 303
    with portal.parts.database.reading() as session:
        row = session.scalars(select(Finding)).one()
        assert (row.owner_id, row.done_by) == (LENA, LENA)
        assert session.scalars(select(Task.done_at).where(Task.kind == "reconciliation")).one() is not None
    assert "pi_1" not in lena.reads("/desk/reconciliation")


def test_whoever_may_not_book_only_reads_and_strangers_find_nothing(portal: Portal) -> None:
    ident = found(portal)
    other = found(portal, ROCHAT, "pi_2")
    clara = portal.staff("clara").is_in()
    assert f"/desk/reconciliation/{ident}/done" not in clara.reads("/desk/reconciliation")
    assert "pi_2" not in clara.reads("/desk/reconciliation")
    for name, target in (("clara", ident), ("lena", other)):
        clerk = portal.staff(name).is_in()
        answer = clerk.client.post(f"/desk/reconciliation/{target}/done", data={"csrf_token": clerk.token()})
        assert answer.status_code == 404
    with portal.parts.database.reading() as session:
        assert set(session.scalars(select(Finding.done_at))) == {None}
        assert set(session.scalars(select(Finding.owner_id))) == {LENA, CARL}
