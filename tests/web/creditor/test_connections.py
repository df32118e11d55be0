"""Does the desk see what the payment provider says of the firm's account, and can a firm begin without one?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from portal.checkup import look
from portal.rules.access import Room
from portal.store.connections import connection_of
from portal.store.settings import creditor_by_id
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock
from tests.paying import Till, till
from tests.people import Clerk, Portal

pytestmark = pytest.mark.slow

PAGE = "/desk/settings/card"
CHECK, CONNECT = f"{PAGE}/check", f"{PAGE}/connect"
PAY = f"/claims/{DORA.reference}/pay"
RIGHT_AWAY = 'name="method" value="card"'


@pytest.fixture
def database_url(filled_sqlite: Path, tmp_path: Path) -> str:
    """One engine is enough: nothing here depends on it."""
    target = tmp_path / "portal.db"
    shutil.copyfile(filled_sqlite, target)
    return f"sqlite:///{target}"


@pytest.fixture
def shop(parts: Parts, clock: Clock, tmp_path: Path) -> Iterator[Till]:
    with till(parts, clock, tmp_path) as running:
        yield running


@pytest.fixture
def portal(shop: Till, clock: Clock) -> Portal:
    return Portal(shop.app(), shop.parts, clock, "sqlite")


@pytest.fixture
def adam(portal: Portal) -> Clerk:
    return portal.staff("adam").is_in()


def tasks(portal: Portal) -> list[str]:
    query = select(Task.kind).where(Task.done_at.is_(None), Task.kind == "card_stopped")
    return list(portal.read(lambda session: list(session.scalars(query))))


def test_everybody_reads_it_and_an_admin_asks_now(portal: Portal, adam: Clerk) -> None:
    lena = portal.staff("lena").is_in()
    assert "Nobody has looked at the account yet" in lena.reads(PAGE)
    assert lena.posts(CHECK).status_code == 404
    page = adam.follows(adam.sends(CHECK, page=PAGE))
    for words in ("Debtors can pay right away", "acct_velo", "TWINT, in Swiss francs", "Looked at on"):
        assert words in page
    assert "acct_velo" in lena.reads(PAGE)


def test_an_account_that_is_stopped_leaves_the_transfer_and_a_task(shop: Till, portal: Portal, adam: Clerk) -> None:
    adam.sends(CHECK, page=PAGE)
    dora = portal.dora.is_in(Room.LETTER)
    assert RIGHT_AWAY in dora.reads(PAY)
    shop.standin.switches.account(
        {"account": "acct_velo", "charges_enabled": False, "currently_due": ["external_account"],
         "disabled_reason": "requirements.past_due"}
    )  # fmt: skip
    shop.delivers()
    page = adam.reads(PAGE)
    assert "takes no payments at the moment" in page
    assert "external account" in page
    assert tasks(portal) == ["card_stopped"]
    page = dora.reads(PAY)
    assert RIGHT_AWAY not in page
    assert "do not answer at the moment" not in page
    assert "By bank transfer" in page
    lines = [finding for finding in look(shop.parts) if finding.part == "Stripe"]
    assert [(line.good, line.sentence.split(":")[0]) for line in lines] == [
        (False, "velo-sutter"),
        (True, "cabinet-rochat"),
    ]
    shop.standin.switches.account({"account": "acct_velo", "charges_enabled": True})
    adam.sends(CHECK, page=PAGE)
    assert tasks(portal) == []
    assert RIGHT_AWAY in dora.reads(PAY)


def test_an_account_that_was_taken_from_us_and_a_provider_that_is_silent(
    shop: Till, portal: Portal, adam: Clerk
) -> None:
    adam.sends(CHECK, page=PAGE)
    shop.standin.switches.set({"faults": [{"kind": "status", "status": 503, "path": "/v1/account"}]})
    assert "did not answer" in adam.follows(adam.sends(CHECK, page=PAGE))
    assert portal.read(lambda session: connection_of(session, VELO)).charges_enabled
    shop.standin.switches.set({"reset": True})
    shop.standin.switches.account({"account": "acct_velo", "gone": True})
    shop.delivers()
    assert "is not connected any more" in adam.reads(PAGE)
    assert tasks(portal) == ["card_stopped"]
    assert RIGHT_AWAY not in portal.dora.is_in(Room.LETTER).reads(PAY)


def test_a_firm_without_an_account_opens_one_at_the_desk(shop: Till, portal: Portal, adam: Clerk) -> None:
    with portal.writing() as session:
        creditor_by_id(session, VELO).stripe_account = ""
    assert RIGHT_AWAY not in portal.dora.is_in(Room.LETTER).reads(PAY)
    assert "There is no account at the payment provider" in adam.reads(PAGE)
    first = adam.sends(CONNECT, page=PAGE)
    assert first.headers["Location"].startswith(f"{shop.standin.base_url}/connect/")
    account = portal.read(lambda session: creditor_by_id(session, VELO).stripe_account)
    second = adam.sends(CONNECT, page=PAGE)
    assert portal.read(lambda session: creditor_by_id(session, VELO).stripe_account) == account
    adam.sends(CHECK, page=PAGE)
    assert "takes no payments at the moment" in adam.reads(PAGE)
    requests.post(second.headers["Location"], timeout=5, allow_redirects=False)
    shop.delivers()
    assert "Debtors can pay right away" in adam.reads(PAGE)
    assert RIGHT_AWAY in portal.dora.is_in(Room.LETTER).reads(PAY)
