"""What does somebody learn who found a letter? Only what the letter says, searched in the bytes of every page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from werkzeug.test import TestResponse

from portal.rules.access import FACT_TRIES, Room
from portal.store.access import LetterCode, codes_of_debtor
from portal.store.claims import Claim
from portal.store.plans import Plan, PlanInstalment
from portal.store.settings import Creditor
from tests import examples
from tests.examples import DORA, STEFAN, TODAY, Known
from tests.objects import Objects, everything_for
from tests.people import Debtor, Portal
from tests.test_routes import path_of, rules_of

pytestmark = pytest.mark.slow

#: Figures that stand only in the plan that was agreed in room 2.
INSTALMENTS = (4711, 24092)
PLAN_DAYS = (date(2026, 12, 9), date(2027, 1, 13))


def _whole_file(portal: Portal) -> Objects:
    """A message, an answer, an objection to one line, a hardship, and an agreed plan with figures of its own."""
    objects = everything_for(portal)
    with portal.writing() as session:
        plan = session.get_one(Plan, objects.ids[DORA.name, "plans"])
        plan.status, plan.agreed_at, plan.reason = "agreed", examples.START, f"CNRY-{DORA.reference}-answer"
        for row in session.query(PlanInstalment).filter_by(plan_id=plan.id):
            row.amount_minor, row.due = INSTALMENTS[0], PLAN_DAYS[0]
            last = PlanInstalment(
                plan_id=plan.id, number=2, creditor_id=row.creditor_id, due=PLAN_DAYS[1], amount_minor=INSTALMENTS[1]
            )
        session.add(last)
        claim = session.get_one(Claim, DORA.claim_id)
        claim.announced_until = TODAY + timedelta(days=23)
        plan.covered = [str(position.id) for position in claim.positions[:2]]
    return objects


def _pages(portal: Portal, known: Known, objects: Objects) -> list[str]:
    found = ["/", "/velo-sutter"]
    for rule in rules_of(portal):
        path = path_of(rule, known, objects)
        if path is not None and "GET" in (rule.methods or ()) and path.startswith(("/claims", "/files")):
            found.append(path)
    reasons = ("paid", "amount", "quality", "costs", "other", "")
    found += [f"{known_path(known)}/dispute?reason={reason}" for reason in reasons]
    found += [
        f"{known_path(known)}/{more}" for more in ("plan?new=1", "later?new=1", "hardship?more=1", "open?again=1")
    ]
    return found


def known_path(known: Known) -> str:
    return f"/claims/{known.reference}"


def _text(answer: TestResponse) -> str:
    return answer.data.decode("utf-8", "replace")


def _secrets() -> list[str]:
    figures = [f"{minor // 100}.{minor % 100:02}" for minor in INSTALMENTS]
    days = ["9.\u00a0Dezember", "13.\u00a0Januar", "20261209", "20270113"]
    announced = TODAY + timedelta(days=23)
    return [*examples.canaries(DORA), *figures, *days, f"{announced.day}.\u00a0Dezember", "nächste Rate"]


def test_the_letter_alone_shows_nothing_of_the_file_on_any_page(portal: Portal) -> None:
    objects = _whole_file(portal)
    in_file, found_letter = portal.dora.is_in(), portal.dora
    assert found_letter.signs_in().status_code == 303
    seen, wrong = set(), []
    for path in _pages(portal, DORA, objects):
        whole = _text(in_file.opens(path))
        seen |= {secret for secret in _secrets() if secret in whole}
        answer = found_letter.opens(path)
        assert answer.status_code < 500, path
        text = _text(answer) + str(answer.headers)
        wrong += [(path, secret) for secret in _secrets() if secret in text]
    assert wrong == []
    assert {f"CNRY-{DORA.reference}-message", "47.11"} <= seen, "the secrets are on the pages of the whole file"


def test_refused_forms_in_room_1_show_nothing_of_the_file(portal: Portal) -> None:
    objects = _whole_file(portal)
    found_letter = portal.dora.is_in(Room.LETTER)
    token = found_letter.token()
    wrong = []
    for rule in rules_of(portal):
        path = path_of(rule, DORA, objects)
        if path is None or "POST" not in (rule.methods or ()) or not path.startswith("/claims"):
            continue
        answer = found_letter.client.post(path, data={"csrf_token": token, "amount": "x", "reason": "amount"})
        text = _text(answer) + str(answer.headers)
        wrong += [(path, secret) for secret in _secrets() if secret in text]
    assert wrong == []


def test_words_that_the_person_was_typing_do_not_come_back_for_the_finder_of_the_letter(portal: Portal) -> None:
    dora = portal.dora.is_in()
    token = dora.token(f"{dora.path}/messages")
    portal.clock.move(minutes=21)
    dora.client.post(f"{dora.path}/messages", data={"text": "CNRY-typed", "csrf_token": token})
    finder = portal.dora
    answer = finder.signs_in()
    assert answer.headers["Location"] == f"{dora.path}", "not even the page where something waits"
    assert "CNRY-typed" not in finder.reads(f"{dora.path}/messages")
    again = portal.dora.is_in()
    assert "CNRY-typed" in again.reads(f"{again.path}/messages")


def test_what_was_typed_with_the_letter_alone_comes_back_in_the_same_browser_only(portal: Portal) -> None:
    finder = portal.dora
    finder.signs_in()
    token = finder.token(f"{finder.path}/messages")
    portal.clock.move(minutes=21)
    finder.client.post(f"{finder.path}/messages", data={"text": "CNRY-own", "csrf_token": token})
    answer = finder.signs_in()
    assert answer.headers["Location"] == f"{finder.path}/messages"
    assert "CNRY-own" in finder.reads(f"{finder.path}/messages")
    another = portal.dora
    another.signs_in()
    assert "CNRY-own" not in another.reads(f"{finder.path}/messages")


@pytest.mark.parametrize("strict", [False, True])
def test_ten_wrong_facts_retire_the_letter_with_the_clock_moved(portal: Portal, strict: bool) -> None:
    with portal.writing() as session:
        session.get_one(Creditor, examples.VELO).strict = strict
    finder, compared = portal.dora, 0
    for number in range(60):
        answer = finder.signs_in()
        if answer.status_code == 429:
            portal.clock.move(hours=25)
            continue
        day = f"{1 + number % 28:02}.01.{1950 + number}"
        answer = finder.sends(f"{finder.path}/open", fact=day)
        assert answer.status_code in {422, 429}
        compared += answer.status_code == 422
        finder.client.delete_cookie("s")
        if answer.status_code == 429:
            portal.clock.move(hours=25)
        if _code(portal).revoked_at is not None:
            break
    code = _code(portal)
    assert code.revoked_at is not None
    assert code.revoke_reason
    assert compared == FACT_TRIES
    portal.clock.move(days=2)
    assert portal.dora.signs_in().status_code == 429
    assert "/claims" not in str(portal.dora.signs_in().headers.get("Location"))


def _code(portal: Portal) -> LetterCode:
    return portal.read(lambda session: codes_of_debtor(session, examples.VELO, DORA.debtor_id))[0]


def test_a_second_claim_that_no_letter_names_is_not_there_in_room_1(portal: Portal) -> None:
    finder = portal.dora.is_in(Room.LETTER)
    second = examples.DORA_SECOND.reference
    assert second not in finder.opens("/claims").get_data(as_text=True)
    for way in ("", "/pay", "/plan", "/messages", "/dispute", "/hardship", "/later", "/told", "/open", "/qr-bill.pdf"):
        assert finder.opens(f"/claims/{second}{way}").status_code == 404, way
    assert finder.posts(f"/claims/{second}/told").status_code == 404


def test_a_letter_without_a_fact_stays_in_room_1_where_the_firm_is_strict(portal: Portal) -> None:
    objects = everything_for(portal)
    with portal.writing() as session:
        session.get_one(Creditor, examples.VELO).strict = True
    stefan: Debtor = portal.stefan
    assert stefan.signs_in().status_code == 303
    text = "".join(_text(stefan.opens(path)) for path in _pages(portal, STEFAN, objects))
    assert not [word for word in examples.canaries(STEFAN) if word in text]
    assert stefan.opens("/claims/2026-0777/pin").status_code == 404
