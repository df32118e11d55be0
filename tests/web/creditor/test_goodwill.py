"""Does the admin switch the standing rule on and off, and does everybody it is about read it with its day?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.rules.access import Room
from portal.store.settings import Creditor
from tests.examples import TODAY, VELO
from tests.people import Portal

PATH, CHANGE = "/desk/settings", "/desk/settings/goodwill"


def switch_on(portal: Portal, *kinds: str, days: str = "14") -> None:
    adam = portal.staff("adam").is_in()
    answer = adam.sends(CHANGE, page=CHANGE + "?lang=en", days=days, kinds=list(kinds or ("reminder_fee",)))
    assert answer.status_code == 303, answer.get_data(as_text=True)


def rules(portal: Portal) -> list[dict[str, object]]:
    return portal.read(lambda session: session.get_one(Creditor, VELO).goodwill_rules or [])


def test_a_rule_is_switched_on_changed_and_switched_off(portal: Portal) -> None:
    adam = portal.staff("adam").is_in()
    assert "No costs are dropped by a standing rule." in adam.reads(PATH + "?lang=en")
    switch_on(portal)
    assert "within 14 days of the first letter pays none of this: Reminder fee" in adam.reads(PATH)
    assert "within 14 days of the first letter pays none of this: Reminder fee" in adam.reads(CHANGE)
    adam.sends(CHANGE, days="20", kinds=["reminder_fee", "default_interest"])
    assert [row["days"] for row in rules(portal)] == [14, 20]
    assert "For letters from" in adam.reads(PATH)
    adam.sends(CHANGE, off="1")
    assert [row["days"] for row in rules(portal)] == [14, 0]
    assert "the rule is off" in adam.reads(PATH)


@pytest.mark.parametrize(
    ("fields", "sentence", "field"),
    [
        ({"days": "6"}, "Enter a whole number from 7 to 90.", "days"),
        ({"days": "soon"}, "Enter a whole number from 7 to 90.", "days"),
        ({"kinds": []}, "Choose what is dropped.", "kinds"),
        ({"kinds": ["court_cost"]}, "Choose what is dropped.", "kinds"),
    ],
)
def test_each_refusal_stands_on_its_field(portal: Portal, fields: dict[str, object], sentence: str, field: str) -> None:
    given = {"days": "14", "kinds": ["reminder_fee"], **fields}
    answer = portal.staff("adam").is_in().sends(CHANGE, page=CHANGE + "?lang=en", **given)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert rules(portal) == []


@pytest.mark.parametrize("name", ["clara", "lena", "otto"])
def test_nobody_else_finds_the_form(portal: Portal, name: str) -> None:
    assert portal.staff(name).is_in().opens(CHANGE).status_code == 404


@pytest.mark.parametrize("room", [Room.LETTER, Room.FILE])
def test_the_debtor_reads_it_on_the_case_and_where_he_pays(portal: Portal, room: Room) -> None:
    switch_on(portal)
    dora = portal.dora.is_in(room)
    html = dora.reads(dora.path + "?lang=en")
    assert "The costs of CHF\u00a040.00 are then dropped." in html
    assert "287.92</p>" in html
    assert "Promised to everybody" in html
    pay = dora.reads(f"{dora.path}/pay")
    assert "Without the costs: CHF\u00a0287.92" in pay
    assert "stay open" not in pay
    assert "This holds for everybody." in pay
    assert 'value="287.92" checked' in pay
    assert "are dropped. This holds for everybody." in portal.staff("clara").is_in().reads(
        "/desk/claims/2026-0418?lang=en"
    )


def test_it_is_gone_when_its_day_is_over(portal: Portal) -> None:
    switch_on(portal)
    portal.clock.to(TODAY + timedelta(days=15))
    dora = portal.dora.is_in()
    assert "Promised to everybody" not in dora.reads(dora.path + "?lang=en")
    assert "Without the costs" not in dora.reads(f"{dora.path}/pay")
