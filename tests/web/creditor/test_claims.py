"""Does the desk find its claims, and see on each what the debtor sees?"""

from __future__ import annotations

from tests.examples import COLETTE, DORA, STEFAN
from tests.people import Portal

PATH = f"/desk/claims/{DORA.reference}"


def test_a_claim_is_found_by_name_and_by_number(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    assert STEFAN.reference in clara.reads("/desk/claims")
    assert COLETTE.reference not in clara.reads("/desk/claims")
    found = clara.reads("/desk/claims?q=keller")
    assert 'value="keller"' in found
    assert DORA.reference in found
    assert STEFAN.reference not in found
    assert STEFAN.reference in clara.reads(f"/desk/claims?q={STEFAN.reference}")
    assert DORA.name not in clara.reads("/desk/claims?q=%25")
    assert clara.opens("/desk/claims?page=x&view=nothing").status_code == 200


def test_the_head_says_what_the_debtor_sees(portal: Portal) -> None:
    html = portal.staff("clara").is_in().reads(f"{PATH}?lang=en")
    assert "Dora Keller sees: Still open" in html
    assert "Gartenweg 3" in html


def test_what_can_be_begun_depends_on_the_right(portal: Portal) -> None:
    agent, lead = portal.staff("clara").is_in().reads(PATH), portal.staff("lena").is_in().reads(PATH)
    admin, auditor = portal.staff("adam").is_in().reads(PATH), portal.staff("otto").is_in().reads(PATH)
    assert f"{PATH}/waive" in agent
    assert f"{PATH}/offer" not in agent
    assert f"{PATH}/letter-code" not in agent
    assert f"{PATH}/offer" in lead
    assert f"{PATH}/booking" in lead
    assert f"{PATH}/letter-code" in admin
    assert f"{PATH}/waive" not in admin
    assert [word for word in ("waive", "offer", "booking", "pause", "letter-code") if f"{PATH}/{word}" in auditor] == []


def test_the_history_shows_what_the_filter_lets_through(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    letters, money = clara.reads(f"{PATH}?lang=en&show=letters"), clara.reads(f"{PATH}?show=money")
    assert "Letter with an access code" in letters
    assert "Letter with an access code" not in money


def test_another_firms_claim_is_not_there(portal: Portal) -> None:
    carl = portal.staff("carl").is_in()
    assert carl.opens(PATH).status_code == 404
    assert carl.opens("/desk/claims/nothing").status_code == 404
