"""Does the desk move credit to another case of the same person only after it was repeated, and back again?"""

from __future__ import annotations

import re

import pytest

from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.ledger import credit_of
from portal.store.receipts import movements_of
from tests.examples import DORA, DORA_SECOND, STEFAN, VELO
from tests.people import Clerk, Portal

PATH = f"/desk/claims/{DORA.reference}/credit"


@pytest.fixture
def lena(portal: Portal) -> Clerk:
    """A lead, once Dora has paid 50.00 too much."""
    found = portal.staff("lena").is_in()
    booking = f"/desk/claims/{DORA.reference}/booking"
    paid = owed(portal, DORA.claim_id) + 5_000
    fields = {"amount": f"{paid // 100}.{paid % 100:02}", "day": "23.11.2026", "note": "cash", "source": "Kasse"}
    assert found.posts(booking, token_from=booking, seen=str(paid - 5_000), **fields).status_code == 303
    return found


def owed(portal: Portal, claim_id: object) -> int:
    return int(portal.read(lambda s: claim_sum(s, s.get_one(Claim, claim_id), on=portal.clock.today).open.minor))


def credit(portal: Portal) -> int:
    return int(portal.read(lambda session: credit_of(session, VELO, DORA.claim_id, "CHF")))


def test_what_was_chosen_is_repeated_and_then_counts_on_both_cases(portal: Portal, lena: Clerk) -> None:
    before = owed(portal, DORA_SECOND.claim_id)
    wish = {"to": str(DORA_SECOND.claim_id), "amount": "30.00", "seen": "5000", "op": "c" * 32}
    asked = lena.posts(f"{PATH}?lang=en", token_from=PATH, **wish)
    assert f"will pay {DORA_SECOND.reference}" in asked.get_data(as_text=True)
    assert credit(portal) == 5_000
    for _ in range(2):
        assert lena.posts(PATH, token_from=PATH, sure="1", **wish).status_code == 303
    assert credit(portal) == 2_000
    assert before - owed(portal, DORA_SECOND.claim_id) >= 3_000
    page = lena.opens(f"{PATH}?lang=en").get_data(as_text=True)
    assert f"to case {DORA_SECOND.reference}" in page
    for known, words in ((DORA, "Credit moved to another case"), (DORA_SECOND, "Credit from another case used here")):
        assert words in lena.opens(f"/desk/claims/{known.reference}?lang=en").get_data(as_text=True)
    move = re.findall(r'name="move" value="([^"]+)"', page)[0]
    assert lena.posts(f"{PATH}/back", token_from=PATH, move=move).status_code == 303
    assert (credit(portal), owed(portal, DORA_SECOND.claim_id)) == (5_000, before)
    again = lena.posts(f"{PATH}/back?lang=en", token_from=PATH, move=move)
    assert "This has been moved back already." in again.get_data(as_text=True)


def test_the_receipt_says_where_the_money_was(portal: Portal, lena: Clerk) -> None:
    wish = {"to": str(DORA_SECOND.claim_id), "amount": "30.00", "seen": "5000", "sure": "1"}
    assert lena.posts(PATH, token_from=PATH, **wish).status_code == 303
    entry = portal.read(lambda s: movements_of(s, s.get_one(Claim, DORA_SECOND.claim_id))[-1].id)
    listed = lena.opens(f"/desk/claims/{DORA_SECOND.reference}/receipts?lang=en").get_data(as_text=True)
    assert str(entry) in listed


def test_every_refusal_lands_on_its_field(portal: Portal, lena: Clerk) -> None:
    second = str(DORA_SECOND.claim_id)
    for wish, sentence in (
        ({"to": second, "amount": ""}, "Enter the amount that is moved"),
        ({"to": second, "amount": "50.01"}, "That is more than the credit on this case."),
        ({"to": str(STEFAN.claim_id), "amount": "10.00"}, "Choose the case that the credit pays."),
    ):
        answer = lena.posts(f"{PATH}?lang=en", token_from=PATH, seen="5000", **wish)
        assert answer.status_code == 422
        assert sentence in answer.get_data(as_text=True)
    assert lena.posts(PATH, token_from=PATH, to=second, amount="10.00", seen="1", sure="1").status_code == 409
    assert credit(portal) == 5_000


def test_who_may_not_book_finds_nothing(portal: Portal, lena: Clerk) -> None:
    for name in ("clara", "otto"):
        assert portal.staff(name).is_in().opens(PATH).status_code == 404
    assert lena.posts(f"{PATH}/back", token_from=PATH, move="c" * 32).status_code == 404
