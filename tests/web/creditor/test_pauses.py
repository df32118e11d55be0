"""Does a clerk pause a case and let it go on, with each refusal on its field?"""

from __future__ import annotations

import pytest

from portal.store.messages import messages_of
from portal.store.pauses import open_pauses
from tests.examples import DORA, TODAY, VELO
from tests.people import Clerk, Portal

PAUSE, RESUME = "/desk/claims/2026-0418/pause", "/desk/claims/2026-0418/resume"


@pytest.fixture
def clara(portal: Portal) -> Clerk:
    return portal.staff("clara").is_in()


def _held(portal: Portal) -> list[object]:
    return portal.read(lambda session: open_pauses(session, VELO, DORA.claim_id, TODAY))


def test_paused_and_resumed_in_the_debtors_language(portal: Portal, clara: Clerk) -> None:
    assert (
        clara.sends(
            PAUSE, how="day", until="18.12.2026", interest="1", text="Wir warten auf die Werkstatt."
        ).status_code
        == 303
    )
    assert len(_held(portal)) == 1
    assert clara.sends(RESUME, resumes="1.12.2026", text="Die Werkstatt hat geantwortet.").status_code == 303
    said = [m.text for m in portal.read(lambda session: messages_of(session, VELO, DORA.claim_id))]
    assert len(said) == 2
    assert any("Die Werkstatt hat geantwortet." in text and "30." in text and "Clara Meier" in text for text in said)


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"how": ""}, "Choose how long the case rests.", "how"),
        ({"how": "day", "until": ""}, "Enter the last day of the pause", "until"),
        ({"how": "day", "until": "23.11.2026"}, "Choose a day after today.", "until"),
        ({"how": "day", "until": "1.1.2030"}, "Choose a day until", "until"),
        ({"text": "x" * 1001}, "That is more than 1000 characters.", "text"),
    ],
)
def test_each_refusal_of_a_pause(clara: Clerk, fields: dict[str, str], sentence: str, field: str) -> None:
    answer = clara.sends(PAUSE, page=PAUSE + "?lang=en", **fields)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"text": ""}, "Say why the case goes on.", "text"),
        ({"resumes": ""}, "Enter the day on which the case goes on", "resumes"),
        ({"resumes": "27.11.2026"}, "The person gets seven days", "resumes"),
        ({"resumes": "1.1.2030"}, "Choose a day until", "resumes"),
    ],
)
def test_each_refusal_of_going_on(clara: Clerk, fields: dict[str, str], sentence: str, field: str) -> None:
    clara.sends(PAUSE)
    answer = clara.sends(RESUME, page=RESUME + "?lang=en", **{"text": "Klar.", **fields})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


def test_without_a_pause_there_is_nothing_to_end(clara: Clerk) -> None:
    assert "There is no pause that can be ended by hand." in clara.reads(RESUME + "?lang=en")


@pytest.mark.parametrize("name", ["adam", "otto", "carl"])
def test_nobody_else_finds_the_pages(portal: Portal, name: str) -> None:
    person = portal.staff(name).is_in()
    assert {person.opens(path).status_code for path in (PAUSE, RESUME)} == {404}
