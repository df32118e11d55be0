"""Can an admin enter the rate that the portal does not know, and does interest go on with it from its day?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.actions import plans
from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.rates import MISSING_TASK
from portal.daily import run_daily
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.dates import Calendar
from portal.rules.history import Actor, ActorKind, system
from portal.rules.money import Money
from portal.rules.plans import PlanStatus, PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.claim_sums import sums_on
from portal.store.claims import Claim
from portal.store.people import Debtor
from portal.store.plans import Plan
from portal.store.rates import Rate
from portal.store.settings import Creditor
from portal.store.today import Task
from tests.examples import CLARA, DORA, START, TODAY, VELO
from tests.people import Portal

PATH = "/desk/rates"
GOOD: dict[str, Any] = {
    "table": "de-consumer", "first": "1.7.2026", "last": "31.12.2026", "percent": "6,27", "source": "Bundesbank",
}  # fmt: skip


@pytest.fixture
def german(portal: Portal) -> Portal:
    """A German firm's claim since January 2026 whose interest follows the base rate."""
    with portal.parts.database.writing() as session:
        firm = session.get_one(Creditor, VELO)
        firm.country, firm.canton = "DE", ""
        due, zero = date(2026, 1, 1), Money(0, "EUR")
        lines = (
            NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, Money(100_000, "EUR"), due),
            NewLine(
                PositionKind.DEFAULT_INTEREST, Basis.LAW_DEFAULT_INTEREST, zero, due, rate_table="de-consumer",
                interest_from=due, interest_reason=InterestReason.REMINDER_RECEIVED,
            ),
            NewLine(PositionKind.REMINDER_FEE, Basis.NONE, Money(500, "EUR"), due),
        )  # fmt: skip
        new = NewClaim("DE-1", "Velo", "1", due, due, TODAY + timedelta(days=20), "EUR", lines)
        debtor = session.get_one(Debtor, DORA.debtor_id)
        open_claim(session, firm, debtor, CLARA, new, actor=system("test"), now=START, today=TODAY)
    return portal


def interest(portal: Portal, on: date = TODAY) -> tuple[int, date | None]:
    with portal.reading() as session:
        claim = session.query(Claim).where(Claim.reference == "DE-1").one()
        total = claim_sum(session, claim, on=on)
        assert dict(sums_on(session, VELO, on=on))[claim.id].lines == total.lines
        return total.lines[1].claimed.minor, total.no_rate_from


def tasks(portal: Portal) -> list[tuple[bool, str]]:
    with portal.reading() as session:
        found = session.query(Task).where(Task.kind == MISSING_TASK).order_by(Task.since).all()
        return [(task.done_at is None, task.details["day"]) for task in found]


def test_interest_stands_still_says_so_and_goes_on_when_the_rate_is_there(german: Portal) -> None:
    half = 100_000 * 627 * 181 // 365 / 10_000
    assert interest(german) == (round(half), date(2026, 7, 1))
    lena = german.staff("lena").is_in()
    html = lena.opens("/desk/claims/DE-1?lang=en").get_data(as_text=True)
    assert "the rate of the days after is not known yet." in html
    assert "(BGB 288(1))" in html
    assert "Not evidenced: it can only be waived." in html
    run_daily(german.parts.database, now=START)
    run_daily(german.parts.database, now=START)
    assert tasks(german) == [(True, TODAY.isoformat())]
    today = lena.opens("/desk?lang=en").get_data(as_text=True)
    assert "an admin enters the new rate of the law" in today

    adam, op = german.staff("adam").is_in(), str(uuid4())
    for _ in range(2):
        assert adam.sends(PATH, **GOOD, op=op).status_code == 303
    with german.reading() as session:
        assert session.query(Rate).count() == 1
    grown, missing = interest(german)
    assert (grown, missing) == (round(100_000 * 627 * 326 / 365 / 10_000), None)
    assert "Bundesbank" in adam.opens(PATH).get_data(as_text=True)
    run_daily(german.parts.database, now=START + timedelta(days=1))
    assert tasks(german) == [(False, TODAY.isoformat())]
    run_daily(german.parts.database, now=START + timedelta(days=30))
    assert tasks(german)[-1] == (True, "2027-01-01")


def test_a_letter_fixes_no_sum_that_nobody_can_count(german: Portal) -> None:
    adam = german.staff("adam").is_in()
    path = "/desk/claims/DE-1/letter-code"
    answer = adam.sends(path, page=path + "?lang=en")
    assert answer.status_code == 422
    assert "No rate of the law is known from 1" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"table": "it-legal"}, "Choose which rate it is.", "table"),
        ({"first": ""}, "Enter the first day of the rate", "first"),
        ({"first": "1.6.2026"}, "The portal knows the rate of this first day already.", "first"),
        ({"last": ""}, "Enter the last day of the rate", "last"),
        ({"last": "30.6.2026"}, "The last day lies before the first one.", "last"),
        ({"last": "1.8.2029"}, "Enter at most three years at once.", "last"),
        ({"percent": "-1"}, "Enter the rate in percent a year", "percent"),
        ({"source": " "}, "Say where the rate is published.", "source"),
    ],
)
def test_each_gap_stands_on_its_field(german: Portal, fields: dict[str, Any], sentence: str, field: str) -> None:
    answer = german.staff("adam").is_in().sends(PATH, page=PATH + "?lang=en", **{**GOOD, **fields})
    html = answer.get_data(as_text=True)
    assert (answer.status_code, sentence in html, f'id="{field}-error"' in html) == (422, True, True)


@pytest.mark.parametrize("name", ["clara", "lena", "otto"])
def test_only_an_admin_enters_rates(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(PATH).status_code == 404


def test_nothing_fixes_a_sum_that_nobody_knows_and_the_desk_is_told_why(german: Portal) -> None:
    said = "An admin enters it, then the sum can be fixed."
    lena, path = german.staff("lena").is_in(), "/desk/claims/DE-1"
    until = TODAY + timedelta(days=14)
    offer = {"amount": "900", "until_day": until.day, "until_month": until.month, "until_year": until.year}
    with german.reading() as session:
        claim = session.query(Claim).where(Claim.reference == "DE-1").one()
        seen_then = str(claim_sum(session, claim, on=TODAY).open.minor)
    answer = lena.posts(f"{path}/offer?lang=en", token_from=f"{path}/offer", seen=seen_then, **offer)
    assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)
    page = lena.opens(f"{path}/booking?lang=en").get_data(as_text=True)
    assert "the rate of the days after is not known yet." in page
    with german.parts.database.writing() as session:
        claim, firm = session.query(Claim).where(Claim.reference == "DE-1").one(), session.get_one(Creditor, VELO)
        seen = plans.covered_sum(claim_sum(session, claim, on=TODAY)).minor
        plan = plans.propose(
            session, claim, firm, PlanTerms(2, None, 1), seen_minor=seen, op=uuid4(), actor=Actor(ActorKind.DEBTOR),
            now=START, today=TODAY, calendar=Calendar(),
        )  # fmt: skip
        assert isinstance(plan, Plan)
        assert plan.status == PlanStatus.PROPOSED
        place, covered = f"{path}/plans/{plan.id}", str(plan.covered_minor)
    for decision in ({"decision": "accept"}, {"decision": "counter", "instalments": "3"}):
        answer = lena.posts(f"{place}?lang=en", token_from=place, seen=covered, **decision)
        assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)
