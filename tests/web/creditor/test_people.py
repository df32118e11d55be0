"""Does the admin see who is there, and is nobody away without a deputy?"""

from __future__ import annotations

import pytest

from portal.store.people import absences_from, who_answers
from tests.examples import CLARA, LENA, TODAY, VELO
from tests.people import Portal

PATH = "/desk/people"
ABSENCE = "/desk/people/absence"


def test_an_absence_with_a_deputy_and_back_again(portal: Portal) -> None:
    adam = portal.staff("adam").is_in()
    answer = adam.sends(ABSENCE, clerk=str(CLARA), deputy=str(LENA), first="23.11.2026", last="4.12.2026")
    assert "Lena Huber" in adam.follows(answer)
    assert portal.read(lambda session: who_answers(session, VELO, CLARA, TODAY)).id == LENA
    (row,) = portal.read(lambda session: absences_from(session, VELO, TODAY))
    assert adam.posts(f"{ABSENCE}/{row.id}/end", token_from=PATH).status_code == 303
    assert portal.read(lambda session: absences_from(session, VELO, TODAY)) == []


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"clerk": ""}, "Choose who is away.", "clerk"),
        ({"first": ""}, "Enter the first day", "first"),
        ({"last": "x"}, "Enter the last day", "last"),
        ({"last": "22.11.2026"}, "The last day lies before the first day.", "last"),
        ({"deputy": ""}, "Without a deputy an absence can&#39;t be saved.", "deputy"),
        ({"deputy": str(CLARA)}, "Choose somebody else as deputy.", "deputy"),
    ],
)
def test_each_refusal_stands_on_its_field(portal: Portal, fields: dict[str, str], sentence: str, field: str) -> None:
    given = {"clerk": str(CLARA), "deputy": str(LENA), "first": "23.11.2026", "last": "4.12.2026", **fields}
    answer = portal.staff("adam").is_in().sends(ABSENCE, page=ABSENCE + "?lang=en", **given)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["clara", "lena", "otto"])
def test_only_the_admin_finds_the_pages(portal: Portal, name: str) -> None:
    person = portal.staff(name).is_in()
    assert {person.opens(path).status_code for path in (PATH, ABSENCE)} == {404}
