"""Does a debtor get from "can't pay now" to an agreed or waiting plan, and see it again in every state?"""

from __future__ import annotations

import re
from datetime import date

import pytest
from werkzeug.test import TestResponse

from portal.rules.access import Room
from portal.store.claims import Claim
from portal.store.history import Event
from portal.store.pauses import open_pauses
from portal.store.plans import Plan, instalments_of, plans_of
from portal.store.settings import Creditor
from tests.examples import DORA, TODAY, VELO
from tests.people import Debtor, Portal, forms_of

FAIR = "Instalments cost you nothing extra. With your suggestion you do not accept the collection costs."
NOTICE = (
    "A suggestion can count as accepting the invoice amount. The limitation period can then start again. If you do not "
    "agree with the invoice, choose «Something is not right»."
)


@pytest.fixture
def dora(portal: Portal) -> Debtor:
    person = portal.dora.is_in()
    person.opens("/claims?lang=en")
    return person


def sends_plan(person: Debtor, query: str, **more: str) -> TestResponse:
    """The check page with these terms, sent as it stands."""
    path = f"{person.path}/plan/check"
    _, fields = next(form for form in forms_of(person.reads(f"{path}?{query}")) if form[0] == path)
    data = {name: values[0] for name, values in fields.items()} | more
    return person.client.post(path, data=data)


def plan_of(portal: Portal) -> Plan:
    plan: Plan = portal.read(lambda session: plans_of(session, VELO, DORA.claim_id)[0])
    return plan


def rows_of(portal: Portal, *, of_round: int | None = None) -> list[tuple[date, int]]:
    found: list[tuple[date, int]] = portal.read(
        lambda session: [
            (row.due, row.amount_minor)
            for row in instalments_of(session, plans_of(session, VELO, DORA.claim_id)[0], of_round=of_round)
        ]
    )
    return found


def test_three_instalments_are_agreed_at_once_in_four_steps(portal: Portal, dora: Debtor) -> None:
    html = dora.reads(f"{dora.path}/plan")
    assert "3 instalments" in html
    assert "checked" not in html
    answer = dora.sends(f"{dora.path}/plan", instalments="3")
    assert answer.headers["Location"].endswith("/plan/check?day=25&instalments=3")
    check = dora.follows(answer)
    assert "Agree plan" in check
    assert check.index(FAIR) < check.index("Agree plan")
    assert check.index(NOTICE) < check.index("Agree plan")
    shown = dora.follows(sends_plan(dora, "instalments=3&day=25"))
    assert "Your plan is agreed. You pay" in shown
    plan = plan_of(portal)
    assert plan.status == "agreed"
    assert plan.notice_version == "ch-2026-1"
    assert sum(minor for _, minor in rows_of(portal)) == plan.covered_minor
    assert [row.reason for row in portal.read(lambda s: open_pauses(s, VELO, DORA.claim_id, TODAY))] == ["plan"]


def test_a_choice_is_needed_and_the_other_ways_lead_on(dora: Debtor) -> None:
    refused = dora.sends(f"{dora.path}/plan")
    assert refused.status_code == 422
    assert "Choose how you would like to pay" in refused.text
    for choice, path in (("later", "later"), ("nothing", "hardship"), ("other", "plan/other")):
        assert dora.sends(f"{dora.path}/plan", instalments=choice).headers["Location"] == f"{dora.path}/{path}"


@pytest.mark.parametrize("typed", ["abc", "0", "5", "9999", "-50"])
def test_an_amount_outside_the_limits_names_both_limits(dora: Debtor, typed: str) -> None:
    refused = dora.sends(f"{dora.path}/plan/other", amount=typed)
    assert refused.status_code == 422
    assert re.search(r"Enter an amount between CHF\xa0[\d.]+ and CHF\xa0[\d.’]+, for example 50", refused.text)
    assert f'value="{typed}"' in refused.text


@pytest.mark.parametrize(
    "query",
    ["instalments=99&day=25", "instalments=1", "instalments=3&day=31", "instalments=x", "instalments=3&amount=50"],
)
def test_terms_that_cannot_be_are_refused_with_the_form_filled_in(portal: Portal, dora: Debtor, query: str) -> None:
    assert dora.opens(f"{dora.path}/plan/check?{query}").status_code == 422
    assert portal.read(lambda session: plans_of(session, VELO, DORA.claim_id)) == []
    assert dora.opens(f"{dora.path}/plan/check").headers["Location"] == f"{dora.path}/plan"


def test_a_plan_beyond_the_limits_waits_for_a_named_person_and_a_day(portal: Portal, dora: Debtor) -> None:
    shown = dora.follows(sends_plan(dora, "instalments=6&day=last"))
    assert "We have your suggestion. Clara Meier will answer by Wednesday, 25\xa0November 2026." in shown
    claim = portal.read(lambda session: session.get_one(Claim, DORA.claim_id))
    assert claim.promised_on == date(2026, 11, 25)
    assert dora.follows(dora.sends(f"{dora.path}/plan/withdraw", page=f"{dora.path}/plan"))
    assert plan_of(portal).status == "withdrawn"
    claim = portal.read(lambda session: session.get_one(Claim, DORA.claim_id))
    assert claim.waiting_since is None


def test_the_same_click_twice_is_one_plan_and_another_sum_is_a_conflict(portal: Portal, dora: Debtor) -> None:
    op = "0b7c1f5e-1111-4222-8333-444455556666"
    assert sends_plan(dora, "instalments=6", seen="1").status_code == 409
    assert sends_plan(dora, "instalments=6", op=op).status_code == 303
    assert sends_plan(dora, "instalments=6", op=op).status_code == 303
    assert len(portal.read(lambda session: plans_of(session, VELO, DORA.claim_id))) == 1


def test_a_new_suggestion_replaces_the_one_that_waits(portal: Portal, dora: Debtor) -> None:
    sends_plan(dora, "instalments=6")
    sends_plan(dora, "amount=60&day=1")
    states = portal.read(lambda session: sorted(plan.status for plan in plans_of(session, VELO, DORA.claim_id)))
    assert states == ["proposed", "replaced"]
    assert sends_plan(dora, "instalments=2").status_code == 303
    refused = dora.opens(f"{dora.path}/plan/check?instalments=3")
    assert refused.headers["Location"] == f"{dora.path}/plan"


def test_an_agreed_plan_can_be_taken_back_for_a_day(portal: Portal, dora: Debtor) -> None:
    sends_plan(dora, "instalments=2")
    portal.clock.move(hours=25)
    dora = portal.dora.is_in()
    assert dora.posts(f"{dora.path}/plan/withdraw").status_code == 409
    portal.clock.move(hours=-2)
    dora = portal.dora.is_in()
    assert dora.posts(f"{dora.path}/plan/withdraw").status_code == 303
    assert plan_of(portal).status == "withdrawn"


def test_an_instalment_moves_once_and_by_two_weeks_at_most(portal: Portal, dora: Debtor) -> None:
    sends_plan(dora, "instalments=2&day=1")
    due = rows_of(portal)[0][0]
    page = f"{dora.path}/plan"
    refused = dora.sends(f"{page}/move", page=page, date_day="1", date_month="6", date_year="2027")
    assert refused.status_code == 422
    assert "Choose a date between" in refused.text
    assert dora.posts(f"{page}/move", date="2026-12-10").status_code == 303
    assert (due, rows_of(portal)[0][0]) == (date(2026, 12, 1), date(2026, 12, 10))
    again = dora.posts(f"{page}/move", date="2026-12-11")
    assert again.status_code == 422
    assert "was moved before" in again.text


def test_the_dates_can_be_kept(dora: Debtor) -> None:
    assert dora.opens(f"{dora.path}/plan/dates.ics").status_code == 404
    sends_plan(dora, "instalments=2&day=1")
    answer = dora.opens(f"{dora.path}/plan/dates.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20261201" in answer.text
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))


def test_a_small_sum_can_only_be_put_off(portal: Portal, dora: Debtor) -> None:
    with portal.writing() as session:
        session.get_one(Creditor, VELO).small_claim_minor = 50_000
    html = dora.reads(f"{dora.path}/plan")
    assert 'value="later"' in html
    assert 'value="3"' not in html
    assert dora.opens(f"{dora.path}/plan/check?instalments=3").status_code == 422


def test_room_1_sees_its_own_plan_and_no_other(portal: Portal, dora: Debtor) -> None:
    sends_plan(dora, "instalments=6")
    finder = portal.dora.is_in(Room.LETTER)
    finder.opens("/claims?lang=en")
    hidden = finder.reads(f"{finder.path}/plan")
    assert "We have your suggestion" not in hidden
    assert "/open?next=plan" in hidden
    assert finder.posts(f"{finder.path}/plan/withdraw").status_code == 404
    assert finder.posts(f"{finder.path}/plan/accept").status_code == 404
    sends_plan(finder, "instalments=3")
    assert "Your plan is agreed" in finder.reads(f"{finder.path}/plan")


def test_strangers_get_the_same_404(portal: Portal) -> None:
    stefan = portal.stefan.is_in()
    for path in ("plan", "plan/other", "plan/check?instalments=3", "plan/dates.ics", "later", "hardship"):
        assert stefan.opens(f"/claims/{DORA.reference}/{path}").status_code == 404
    assert stefan.posts(f"/claims/{DORA.reference}/plan/accept").status_code == 404


def test_every_step_stands_in_the_timeline(portal: Portal, dora: Debtor) -> None:
    sends_plan(dora, "instalments=6")
    sends_plan(dora, "instalments=3")
    kinds = portal.read(
        lambda session: [
            event.kind for event in session.query(Event).filter(Event.claim_id == DORA.claim_id).order_by(Event.seq)
        ]
    )
    assert [kind for kind in kinds if kind.startswith("plan_")] == ["plan_proposed", "plan_replaced", "plan_agreed"]
