"""Can Dora pay the way she wants, and does every page stay calm when Stripe does not answer?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.rules.access import Room
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.web.parts import Parts
from tests.examples import DORA, STEFAN, Clock
from tests.paying import Till, till
from tests.people import Debtor, Portal

pytestmark = pytest.mark.slow

PAY = "/claims/2026-0418/pay"


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


@pytest.fixture
def portal(shop: Till, clock: Clock) -> Portal:
    engine = "sqlite" if shop.database.is_sqlite else "postgres"
    return Portal(shop.app(), shop.parts, clock, engine)


@pytest.fixture
def dora(portal: Portal) -> Debtor:
    return portal.dora.is_in(Room.LETTER)


def plain(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def test_she_pays_everything_by_card_and_comes_back(shop: Till, portal: Portal, dora: Debtor) -> None:
    owed = shop.owed(DORA.claim_id)
    page = dora.reads(f"{PAY}?lang=en")
    assert f"Pay CHF\u00a0{plain(owed)} by card or TWINT" in page
    answer = dora.sends(PAY, form=0, method="card")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(shop.standin.base_url + "/pay/")
    attempt = shop.attempts(DORA.claim_id)[0]
    assert (attempt.amount_minor, attempt.status) == (owed, "open")
    returned = f"/paid/{attempt.return_ref}?lang=en"
    assert "Your payment is in progress" in dora.reads(returned)
    shop.pays(shop.session_of(answer.headers["Location"]), method="twint")
    shop.delivers()
    back = portal.app.test_client().get(returned).get_data(as_text=True)
    assert "We have received your payment" in back
    assert "Dora" not in back
    assert plain(owed) not in back
    assert shop.status(DORA.claim_id) == "settled"
    assert dora.client.get(PAY).status_code == 303


def test_the_amount_is_checked_and_kept(dora: Debtor, shop: Till) -> None:
    owed = shop.owed(DORA.claim_id)
    for typed in ("", "abc", "0.20", plain(owed + 1)):
        answer = dora.sends(PAY, form=2, method="card", part="other", amount=typed)
        assert answer.status_code == 422, typed
        assert typed in answer.get_data(as_text=True)
    assert dora.sends(PAY, form=0, method="").status_code == 422
    assert shop.attempts(DORA.claim_id) == []


def test_a_sum_typed_beside_another_choice_is_asked_about(dora: Debtor, shop: Till) -> None:
    for method in ("card", "transfer"):
        answer = dora.sends(PAY, form=2, method=method, amount="60")
        assert answer.status_code == 422, method
    assert shop.attempts(DORA.claim_id) == []


def test_another_sum_seen_is_a_409_and_a_double_click_is_not(dora: Debtor, shop: Till) -> None:
    assert dora.sends(PAY, form=0, method="card", seen="1").status_code == 409
    fields = {"method": "card", "amount": "60.00", "seen": str(shop.owed(DORA.claim_id)), "op": "a" * 32}
    first, second = (dora.posts(PAY, token_from=PAY, **fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(shop.attempts(DORA.claim_id)) == 1


def test_another_amount_by_transfer_shows_its_own_code(dora: Debtor) -> None:
    answer = dora.sends(PAY, form=2, method="transfer", part="other", amount="60")
    assert answer.headers["Location"].endswith("/pay?amount=60.00")
    page = dora.follows(answer)
    assert "qr-bill.pdf?amount=60.00" in page
    assert "44 3199 9123 0008 8901 2" in page or "CH44 3199 9123 0008 8901 2" in page


def test_when_stripe_is_down_the_page_shows_the_transfer(dora: Debtor, shop: Till) -> None:
    shop.standin.switches.set({"faults": [{"kind": "status", "status": 500}]})
    page = dora.reads(f"{PAY}?lang=en")
    assert "do not answer at the moment" in page
    shop.standin.switches.set({"reset": True})


def test_when_stripe_fails_after_the_button_nothing_is_lost(dora: Debtor, shop: Till) -> None:
    dora.reads(f"{PAY}?lang=en")
    shop.standin.switches.set({"faults": [{"kind": "drop", "path": "/v1/checkout"}]})
    answer = dora.sends(PAY, form=0, method="card")
    assert answer.status_code == 503
    text = answer.get_data(as_text=True)
    assert "do not answer at the moment" in text
    assert "qr-bill.svg" in text


def test_without_an_account_at_stripe_there_is_no_card(shop: Till, portal: Portal, dora: Debtor) -> None:
    with shop.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE creditor SET stripe_account = '' WHERE slug = 'velo-sutter'")
    assert 'value="card"' not in dora.reads(PAY)


def test_the_return_page_of_nobody_and_a_failed_one(portal: Portal, shop: Till, dora: Debtor) -> None:
    assert portal.app.test_client().get("/paid/nothing").status_code == 404
    answer = dora.sends(PAY, form=0, method="card")
    shop.moves(minutes=61)
    shop.standin.switches.everything()
    shop.delivers()
    attempt = shop.attempts(DORA.claim_id)[0]
    assert attempt.status == "expired"
    assert answer.status_code == 303
    back = portal.app.test_client().get(f"/paid/{attempt.return_ref}?lang=en").get_data(as_text=True)
    assert "No money was taken" in back


def test_i_have_paid_stops_reminders_for_three_bank_days(dora: Debtor, portal: Portal) -> None:
    answer = dora.sends("/claims/2026-0418/told", page=PAY)
    page = dora.follows(answer)
    assert "26\u00a0November 2026" in page


def paid_by_kind(portal: Portal) -> dict[str, int]:
    def look(session: Session) -> dict[str, int]:
        total = claim_sum(session, session.get_one(Claim, DORA.claim_id), on=portal.clock.today)
        return {line.position.kind: line.paid.minor for line in total.lines}

    found: dict[str, int] = portal.read(look)
    return found


def test_she_pays_without_the_costs_and_the_money_goes_where_she_said(
    shop: Till, portal: Portal, dora: Debtor
) -> None:
    owed = shop.owed(DORA.claim_id)
    page = dora.reads(f"{PAY}?lang=en")
    assert f"Pay CHF\u00a0{plain(owed - 4000)} without the costs" in page
    assert "Costs of CHF\u00a040.00 stay open." in page
    answer = dora.sends(PAY, form=3, method="card")
    assert answer.status_code == 303
    shop.pays(shop.session_of(answer.headers["Location"]))
    shop.delivers()
    assert shop.owed(DORA.claim_id) == 4000
    assert paid_by_kind(portal)["reminder_fee"] == 0


def test_the_same_sum_without_a_name_is_another_page_at_the_provider(dora: Debtor, shop: Till) -> None:
    named = dora.sends(PAY, form=3, method="card").headers["Location"]
    usual = dora.sends(PAY, form=2, method="card", part="other", amount=plain(shop.owed(DORA.claim_id) - 4000))
    assert usual.headers["Location"] != named
    assert [attempt.declared is None for attempt in shop.attempts(DORA.claim_id) if attempt.open_flag] == [True]


def test_a_part_that_is_another_sum_now_is_a_409(dora: Debtor, shop: Till) -> None:
    for changes in ({"amount": "1.00"}, {"only": "undisputed"}, {"only": "nothing"}):
        assert dora.sends(PAY, form=3, method="card", **changes).status_code == 409, changes
    assert shop.attempts(DORA.claim_id) == []


def test_what_she_agrees_with_is_the_first_button_while_we_check_the_rest(
    shop: Till, portal: Portal, dora: Debtor
) -> None:
    owed = shop.owed(DORA.claim_id)
    dora.sends(f"{dora.path}/dispute", page=f"{dora.path}/dispute?reason=costs")
    page = dora.reads(f"{PAY}?lang=en")
    assert "The money goes to nothing else." in page
    assert "without the costs" not in page
    answer = dora.sends(PAY, form=0, method="card")
    shop.pays(shop.session_of(answer.headers["Location"]))
    shop.delivers()
    (attempt,) = shop.attempts(DORA.claim_id)
    assert (attempt.amount_minor, len(attempt.declared or [])) == (owed - 4000, 2)
    assert (shop.owed(DORA.claim_id), paid_by_kind(portal)["reminder_fee"]) == (4000, 0)


def test_code_and_bill_are_hers_alone(dora: Debtor, portal: Portal) -> None:
    drawn = dora.client.get("/claims/2026-0418/qr-bill.svg?amount=60.00")
    assert drawn.mimetype == "image/svg+xml"
    made = dora.client.get("/claims/2026-0418/qr-bill.pdf?lang=de")
    assert made.get_data()[:5] == b"%PDF-"
    assert re.search("attachment", made.headers["Content-Disposition"])
    stranger = portal.stefan.is_in()
    for path in ("pay", "qr-bill.svg", "qr-bill.pdf", "told"):
        assert stranger.client.get(f"/claims/{DORA.reference}/{path}").status_code == 404
    assert stranger.client.get(f"/claims/{STEFAN.reference}/pay").status_code == 200


