"""Does a letter that comes back stop everything at that address, and does a right address let it go on?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.rules.history import EventKind
from portal.rules.letters import RevokeReason
from portal.rules.pauses import PauseReason
from portal.store.access import LetterCode, codes_of_debtor
from portal.store.history import Event
from portal.store.pauses import Pause
from portal.store.people import Debtor
from portal.store.today import Task
from tests.examples import COLETTE, DORA, STEFAN, VELO
from tests.people import Clerk, Portal

RIGHT: dict[str, Any] = {"street": "Rosenweg", "house_number": "3a", "postcode": "8404", "town": "Winterthur"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def comes_back(portal: Portal, clerk: str = "clara") -> Clerk:
    hand = portal.staff(clerk).is_in()
    answer = hand.sends(f"{hand.at(DORA)}/returned")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return hand


def person(portal: Portal) -> Debtor:
    found: Debtor = portal.read(lambda session: session.get_one(Debtor, DORA.debtor_id))
    return found


def code(portal: Portal) -> LetterCode:
    found: LetterCode = portal.read(lambda session: codes_of_debtor(session, VELO, DORA.debtor_id)[0])
    return found


def pauses(portal: Portal) -> list[Pause]:
    query = select(Pause).where(Pause.claim_id == DORA.claim_id).order_by(Pause.began_at)
    found: list[Pause] = portal.read(lambda session: list(session.scalars(query)))
    return found


def kinds(portal: Portal) -> list[str]:
    query = select(Event.kind).where(Event.claim_id == DORA.claim_id).order_by(Event.seq)
    found: list[str] = portal.read(lambda session: list(session.scalars(query)))
    return found


def tasks(portal: Portal) -> list[Task]:
    found: list[Task] = portal.read(lambda session: list(session.scalars(select(Task).where(Task.done_at.is_(None)))))
    return found


def test_what_came_back_rests_until_the_address_is_entered_anew(portal: Portal) -> None:
    dora = portal.dora.is_in()
    clara = comes_back(portal)
    assert code(portal).revoke_reason == RevokeReason.RETURNED_POST
    assert person(portal).address_unclear
    assert [row.reason for row in pauses(portal)] == [PauseReason.ADDRESS_UNCLEAR]
    assert kinds(portal)[-3:] == [EventKind.LETTER_REVOKED, EventKind.PAUSED, EventKind.ADDRESS_UNCLEAR]
    assert dora.opens(dora.path).status_code == 303
    (task,) = tasks(portal)
    assert "/address" in clara.reads(f"/desk/tasks/{task.id}")
    assert clara.sends(f"{clara.at(DORA)}/address", **RIGHT).status_code == 303
    found = person(portal)
    assert (found.street, found.postcode, found.town, found.address_unclear) == (
        "Rosenweg", "8404", "Winterthur", False
    )  # fmt: skip
    assert all(row.ended_at is not None for row in pauses(portal))
    assert kinds(portal)[-3:] == [EventKind.ADDRESS_ENTERED, EventKind.RESUMED, EventKind.TASK_DONE]
    assert tasks(portal) == []


@on_sqlite
def test_said_twice_it_counts_once(portal: Portal) -> None:
    comes_back(portal)
    before = kinds(portal)
    comes_back(portal)
    assert kinds(portal) == before
    assert len(tasks(portal)) == 1


@on_sqlite
def test_an_address_that_was_right_is_saved_as_it_is_and_codes_stay(portal: Portal) -> None:
    with portal.writing() as session:
        session.get_one(Debtor, DORA.debtor_id).address_unclear = True
    clara = portal.staff("clara").is_in()
    assert clara.sends(f"{clara.at(DORA)}/address").status_code == 303
    assert not person(portal).address_unclear
    assert code(portal).revoked_at is None
    assert EventKind.ADDRESS_ENTERED not in kinds(portal)


@on_sqlite
def test_another_address_ends_the_codes_that_went_to_the_old_one(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    clara.sends(f"{clara.at(DORA)}/address", **RIGHT)
    assert code(portal).revoke_reason == RevokeReason.ADDRESS
    told = portal.dora.speaks("en").posts("/velo-sutter/enter", code=DORA.code, postcode="8404")
    assert "This letter has expired" in told.get_data(as_text=True)  # she knows where she lives now
    told = portal.dora.speaks("en").posts("/velo-sutter/enter", code=DORA.code, postcode=DORA.postcode)
    assert "We cannot find a case" in told.get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"street": " "}, "Enter the street."),
        ({"name": ""}, "Enter the name as it stands on the invoice."),
        ({"town": ""}, "Enter the town."),
        ({"postcode": "x"}, "Enter the postcode"),
        ({"country": "XX"}, "Choose the country."),
        ({"name": "王小明"}, "«王小明» has a sign that can"),
        ({"street": "a" * 201}, "That is more than 200 characters."),
    ],
)
def test_an_address_that_no_letter_reaches_is_refused(portal: Portal, typed: dict[str, str], says: str) -> None:
    clara = portal.staff("clara").is_in()
    refused = clara.sends(f"{clara.at(DORA)}/address", **typed)
    assert refused.status_code == 422
    assert says in refused.get_data(as_text=True)
    assert person(portal).street == "Gartenweg"


@on_sqlite
def test_only_a_letter_of_this_case_can_come_back(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    for letter in (str(STEFAN.letter_id), "", "x"):
        assert clara.sends(f"{clara.at(DORA)}/returned", letter=letter).status_code == 422
    assert code(portal).revoked_at is None


@on_sqlite
def test_an_auditor_and_another_firm_find_no_such_page(portal: Portal) -> None:
    otto, carl = portal.staff("otto").is_in(), portal.staff("carl").is_in()
    for below in ("address", "returned"):
        assert otto.opens(f"{otto.at(DORA)}/{below}").status_code == 404
        assert carl.opens(f"{carl.at(DORA)}/{below}").status_code == 404
        assert otto.posts(f"{otto.at(DORA)}/{below}", **RIGHT).status_code == 404
        assert portal.staff("adam").is_in().opens(f"/desk/claims/{DORA.reference}/{below}").status_code == 200
    assert f"{carl.at(COLETTE)}/returned" in carl.reads(carl.at(COLETTE))
    assert person(portal).street == "Gartenweg"
