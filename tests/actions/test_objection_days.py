"""Is a plan moved by the days that an objection rested it, counted where the creditor is?"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from portal.actions import decisions, disputes, plans
from portal.rules.dates import Calendar
from portal.rules.disputes import Decision, DisputeReason, DisputeStatus, Objection
from portal.rules.history import Actor, ActorKind
from portal.rules.plans import PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.disputes import Dispute
from portal.store.plans import Plan, instalments_of
from portal.store.settings import Creditor
from tests.examples import DORA, LENA, VELO

CLERK, DEBTOR = Actor(ActorKind.CLERK, clerk_id=LENA), Actor(ActorKind.DEBTOR)
#: The same moment is the 23rd in London and the 24th in Zurich.
LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
RAISED, ENDED = date(2026, 11, 24), date(2026, 12, 1)


@pytest.mark.parametrize("how", ["withdrawn", "rejected"])
def test_an_objection_after_midnight_rests_the_plan_from_that_day_on(
    filled_sqlite: Path, tmp_path: Path, how: str
) -> None:
    database = Database(f"sqlite:///{shutil.copyfile(filled_sqlite, tmp_path / 'portal.db')}")
    session = database.open_writing()
    try:
        claim, creditor = session.get_one(Claim, DORA.claim_id), session.get_one(Creditor, VELO)
        seen = plans.covered_sum(claim_sum(session, claim, on=RAISED)).minor
        plan = plans.propose(session, claim, creditor, PlanTerms(2, None, 15), seen_minor=seen, op=uuid4(),
                             actor=DEBTOR, now=LATE, today=RAISED, calendar=Calendar())  # fmt: skip
        assert isinstance(plan, Plan)
        before = [one.due for one in instalments_of(session, plan)]
        costs = Objection(DisputeReason.COSTS, frozenset(), "Die Gebühr ist zu hoch.", None)
        if how == "withdrawn":
            costs = Objection(DisputeReason.OTHER, frozenset(), "Das stimmt nicht.", None)
        raised = disputes.raise_objection(session, claim, costs, op=uuid4(), promised_on=ENDED, actor=DEBTOR, now=LATE,
                                          today=RAISED)  # fmt: skip
        assert isinstance(raised, Dispute)
        later = {"now": datetime(2026, 12, 1, 9, tzinfo=UTC), "today": ENDED}
        if how == "withdrawn":
            disputes.withdraw(session, claim, raised, actor=DEBTOR, **later)  # type: ignore[arg-type]
        else:
            no = Decision(DisputeStatus.REJECTED, "Die Gebühr steht im Vertrag.", None, None, None)
            decisions.decide(session, claim, creditor, raised, no, op=uuid4(), actor=CLERK, **later)  # type: ignore[arg-type]
        rested = 7 if how == "withdrawn" else 17
        assert [one.due for one in instalments_of(session, plan)] == [day + timedelta(days=rested) for day in before]
    finally:
        session.rollback()
        session.close()
        database.close()
