"""Do the promised costs fall away by themselves when the rest is paid in time, and only then?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.actions import goodwill
from portal.rules.claims import PositionKind
from portal.rules.goodwill import announced
from portal.rules.history import EventKind
from portal.rules.payments import NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Position
from portal.store.ledger import credit_of
from portal.store.offers import first_letter_on, waivers_of
from portal.store.settings import Creditor
from tests.actions.test_offers import Case, case  # noqa: F401
from tests.examples import DORA, LENA, TODAY, VELO

FEES = frozenset({PositionKind.REMINDER_FEE})
#: Fourteen days from the letter of 17 November.
LAST = TODAY + timedelta(days=9)


def promise(case: Case, *, kinds: frozenset[PositionKind] = FEES, days: int = 14) -> int:  # noqa: F811
    """The rule is on since before the letter; what is to pay today without the promised lines."""
    creditor = case.session.get_one(Creditor, VELO)
    long_ago = TODAY - timedelta(days=40)
    given = {"on": True, "days": days, "kinds": kinds, "clerk_id": LENA, "now": case.clock(), "today": long_ago}
    assert goodwill.change_rule(case.session, creditor, **given) == []  # type: ignore[arg-type]
    letter_on = first_letter_on(case.session, VELO, DORA.claim_id)
    owed = claim_sum(case.session, case.claim, on=TODAY)
    found = announced(owed, goodwill.promise_of(creditor, letter_on), TODAY)
    assert found is not None
    assert (found.until, found.pays + found.drops) == (LAST, owed.open)
    return found.pays.minor


def state(case: Case) -> tuple[str, int]:  # noqa: F811
    return case.claim.status, claim_sum(case.session, case.claim, on=case.clock.today).open.minor


def test_the_rest_in_time_drops_the_costs_and_closes_the_claim(case: Case) -> None:  # noqa: F811
    pays = promise(case)
    case.pays(pays, TODAY)
    assert state(case) == ("settled", 0)
    (row,) = waivers_of(case.session, VELO, DORA.claim_id)
    assert (row.amount_minor, row.note_code, row.clerk_id) == (4000, NoteCode.PAID_IN_TIME, None)
    assert {EventKind.WAIVED, EventKind.CLAIM_SETTLED} <= set(case.kinds())
    assert credit_of(case.session, VELO, DORA.claim_id, "CHF") == 0


def test_parts_count_together_and_the_value_date_decides(case: Case) -> None:  # noqa: F811
    pays = promise(case)
    case.pays(10000, TODAY)
    assert state(case)[0] == "open"
    case.clock.to(LAST + timedelta(days=6))
    case.pays(pays - 10000, LAST)
    assert state(case) == ("settled", 0)


def test_a_day_too_late_the_costs_stay(case: Case) -> None:  # noqa: F811
    pays = promise(case)
    case.clock.to(LAST + timedelta(days=1))
    case.pays(pays, case.clock.today)
    assert state(case)[0] == "open"
    assert waivers_of(case.session, VELO, DORA.claim_id) == []


def test_with_interest_promised_the_principal_is_enough(case: Case) -> None:  # noqa: F811
    pays = promise(case, kinds=FEES | {PositionKind.DEFAULT_INTEREST})
    assert pays == 28460
    case.pays(pays, LAST)
    assert state(case) == ("settled", 0)
    assert len(waivers_of(case.session, VELO, DORA.claim_id)) == 2


def test_who_pays_everything_is_given_nothing_back(case: Case) -> None:  # noqa: F811
    promise(case)
    case.pays(case.owed(), TODAY)
    assert state(case) == ("settled", 0)
    assert waivers_of(case.session, VELO, DORA.claim_id) == []


def test_what_was_paid_too_late_meanwhile_is_credit_once_the_money_in_time_is_known(case: Case) -> None:  # noqa: F811
    pays = promise(case)
    case.clock.to(LAST + timedelta(days=5))
    case.pays(5000, LAST + timedelta(days=1))
    case.pays(pays, LAST)
    assert state(case) == ("settled", 0)
    assert credit_of(case.session, VELO, DORA.claim_id, "CHF") == 5000


def test_a_cost_without_basis_keeps_the_rule_silent(case: Case) -> None:  # noqa: F811
    pays = promise(case)
    fee = next(line for line in claim_sum(case.session, case.claim, on=TODAY).lines if line.position.number == 3)
    case.session.get_one(Position, fee.position.id).basis = "none"
    case.session.flush()
    creditor = case.session.get_one(Creditor, VELO)
    found = goodwill.promise_of(creditor, first_letter_on(case.session, VELO, DORA.claim_id))
    assert announced(claim_sum(case.session, case.claim, on=TODAY), found, TODAY) is None
    case.pays(pays, TODAY)
    assert state(case)[0] == "open"


@pytest.mark.parametrize("days", [6, 91, None])
def test_a_bad_rule_changes_nothing(case: Case, days: int | None) -> None:  # noqa: F811
    creditor = case.session.get_one(Creditor, VELO)
    found = goodwill.change_rule(
        case.session, creditor, on=True, days=days, kinds=FEES, clerk_id=LENA, now=case.clock(), today=TODAY
    )
    assert found
    assert creditor.goodwill_rules is None
