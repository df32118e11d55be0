"""Does a clerk's answer to a suggestion reach the debtor, with the words that the preview showed, and only once?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from portal.rules.access import Room
from portal.store.plans import plans_of
from tests.examples import DORA, VELO
from tests.people import Clerk, Debtor, Portal, forms_of


@pytest.fixture
def dora(portal: Portal) -> Debtor:
    person = portal.dora.is_in()
    person.opens("/claims?lang=en")
    path = f"{person.path}/plan/check"
    _, fields = next(form for form in forms_of(person.reads(f"{path}?instalments=12&day=1")) if form[0] == path)
    answer = person.client.post(path, data={name: values[0] for name, values in fields.items()})
    assert answer.status_code == 303, answer.text
    return person


@pytest.fixture
def clara(portal: Portal) -> Clerk:
    person = portal.staff("clara").is_in()
    person.opens("/desk/sign-in?lang=en")
    return person


def address(portal: Portal) -> str:
    plan = portal.read(lambda session: plans_of(session, VELO, DORA.claim_id)[0])
    return f"/desk/claims/{DORA.reference}/plans/{plan.id}"


def status(portal: Portal) -> str:
    found: str = portal.read(lambda session: plans_of(session, VELO, DORA.claim_id)[0].status)
    return found


def test_yes_is_read_by_the_debtor_and_nobody_waits_any_more(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    page = clara.reads(address(portal))
    assert "Promised: an answer by Wednesday, 25\xa0November 2026." in page
    assert 'lang="de"' in page
    assert clara.sends(address(portal), decision="accept").status_code == 303
    assert "Your plan is agreed" in dora.reads(f"{dora.path}/plan")


def test_a_counter_offer_is_previewed_sent_and_accepted(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    looked = clara.sends(address(portal), decision="counter", instalments="6", look="1")
    assert looked.status_code == 200
    assert "12" in looked.text
    assert status(portal) == "proposed"
    assert clara.sends(address(portal), decision="counter", instalments="6").status_code == 303
    shown = dora.reads(f"{dora.path}/plan")
    assert "We cannot offer 12 instalments. We can offer 6 instalments of" in shown
    assert "Your suggestion" in shown
    finder = portal.dora.is_in(Room.LETTER)
    assert finder.posts(f"{dora.path}/plan/accept").status_code == 404
    assert dora.posts(f"{dora.path}/plan/accept", seen="1").status_code == 409
    agreed = dora.follows(dora.sends(f"{dora.path}/plan/accept", page=f"{dora.path}/plan"))
    assert "Your plan is agreed" in agreed
    assert status(portal) == "agreed"


def test_no_needs_a_reason_that_the_debtor_reads(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    refused = clara.sends(address(portal), decision="decline")
    assert refused.status_code == 422
    assert "Write the reason in words." in refused.text
    assert clara.sends(address(portal), decision="decline", reason="Zwölf Monate sind zu lang.").status_code == 303
    shown = dora.reads(f"{dora.path}/plan")
    assert "Zwölf Monate sind zu lang." in shown
    assert "How would you like to pay?" in shown


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"decision": ""}, "Choose what you decide."),
        ({"decision": "counter"}, "Enter an amount a month or a number of instalments, not both."),
        ({"decision": "counter", "instalments": "500"}, "A plan can have at most 120 instalments."),
    ],
)
def test_what_is_missing_is_said_on_the_form(
    portal: Portal, dora: Debtor, clara: Clerk, fields: dict[str, str], told: str
) -> None:
    refused = clara.sends(address(portal), **fields)
    assert refused.status_code == 422
    assert told in refused.text
    assert status(portal) == "proposed"


def test_eight_clicks_at_once_decide_once(portal: Portal, dora: Debtor) -> None:
    clerks = [portal.staff("clara").is_in() for _ in range(8)]
    tokens = [clerk.token() for clerk in clerks]

    def decide(at: int) -> int:
        chosen = {"decision": ("accept", "decline")[at % 2], "reason": "Nein"}
        fields = {"csrf_token": tokens[at], "op": str(uuid4()), **chosen}
        return clerks[at].client.post(path, data=fields).status_code

    path = address(portal)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(decide, range(8)))
    assert sorted(answers) == [303] + [409] * 7


def test_the_same_click_twice_is_no_conflict(portal: Portal, dora: Debtor, clara: Clerk) -> None:
    op = str(uuid4())
    for _ in range(2):
        assert clara.posts(address(portal), op=op, decision="accept").status_code == 303
    assert status(portal) == "agreed"


def test_another_firm_and_a_reader_get_404(portal: Portal, dora: Debtor) -> None:
    for name in ("carl", "otto", "adam"):
        assert portal.staff(name).is_in().opens(address(portal)).status_code == 404
