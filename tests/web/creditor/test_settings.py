"""Does everybody see the limits, and does only the admin change them, inside their bounds?"""

from __future__ import annotations

import pytest

from portal.store.settings import Creditor
from tests.examples import VELO
from tests.people import Portal

PATH, CHANGE = "/desk/settings", "/desk/settings/change"


def test_everybody_reads_the_limits(portal: Portal) -> None:
    assert "Change the limits" not in portal.staff("clara").is_in().reads(PATH + "?lang=en")
    assert "Change the limits" in portal.staff("adam").is_in().reads(PATH + "?lang=en")


def test_the_admin_changes_them(portal: Portal) -> None:
    adam = portal.staff("adam").is_in()
    assert adam.sends(CHANGE, answer_days="3", agent_waive_minor="150.-").status_code == 303
    row = portal.read(lambda session: session.get_one(Creditor, VELO))
    assert (row.answer_days, row.agent_waive_minor, row.grace_days) == (3, 15000, 3)


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"answer_days": "4"}, "Enter a whole number from 1 to 3.", "answer_days"),
        ({"answer_days": "x"}, "Enter a whole number from 1 to 3.", "answer_days"),
        ({"rest_drop_minor": "100"}, "Enter an amount from CHF", "rest_drop_minor"),
        ({"plan_at_once_instalments": "20"}, "What is granted at once", "plan_at_once_instalments"),
    ],
)
def test_each_refusal_stands_on_its_field(portal: Portal, fields: dict[str, str], sentence: str, field: str) -> None:
    answer = portal.staff("adam").is_in().sends(CHANGE, page=CHANGE + "?lang=en", **fields)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["clara", "lena", "otto"])
def test_nobody_else_finds_the_form(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(CHANGE).status_code == 404
