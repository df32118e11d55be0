"""How does money leave the account: payouts, what each is made of, and one that the bank sends back?"""

from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State, Thing

DAY = 86_400
OUTCOMES = ("paid", "in_transit", "failed")


def pay_out(state: State, account: str, status: str = "paid") -> list[Thing]:
    """All that the account holds is on its way to the bank, one payout per currency with a balance above zero.

    `status` is how far they got: paid, in_transit, or failed after having been sent."""
    if status not in OUTCOMES:
        raise Refused(f"status is one of {OUTCOMES}", param="status")
    left = [row for row in state.of(account, "balance_transaction") if row["id"] not in state.paid_out]
    made = []
    for currency in sorted({row["currency"] for row in left}):
        rows = [row for row in left if row["currency"] == currency]
        amount = sum(row["net"] for row in rows)
        if amount > 0:
            payout = _payout(state, account, currency, amount)
            for row in [*rows, state.things["balance_transaction"][payout["balance_transaction"]]]:
                state.paid_out[row["id"]] = payout["id"]
            made.append(payout)
            move_on(state, account, payout, status)
    return made


def _payout(state: State, account: str, currency: str, amount: int) -> Thing:
    now = state.clock.now()
    payout = state.keep(account, "payout", {
        "id": state.new_id("payout"), "object": "payout", "amount": amount, "application_fee": None,
        "application_fee_amount": None, "arrival_date": now + 2 * DAY, "automatic": True, "balance_transaction": None,
        "created": now, "currency": currency, "description": "STRIPE PAYOUT", "destination": None,
        "failure_balance_transaction": None, "failure_code": None, "failure_message": None, "livemode": False,
        "metadata": {}, "method": "standard", "original_payout": None, "payout_method": None,
        "reconciliation_status": "completed", "reversed_by": None, "source_type": "card",
        "statement_descriptor": None, "status": "pending", "trace_id": None, "type": "bank_account",
    })
    payout["balance_transaction"] = _movement(state, account, payout, -amount, "payout")["id"]
    state.happened(account, "payout.created", payout)
    return payout


def move_on(state: State, account: str, payout: Thing, status: str) -> Thing:
    """The payout is under way, has arrived, or came back with its money."""
    if payout["status"] in ("failed", "canceled") or (payout["status"], status) == ("paid", "in_transit"):
        raise Refused(f"A payout that is {payout['status']} can't become {status}.", param="status")
    payout["status"] = status
    if status == "failed":
        payout.update(failure_code="account_closed", failure_message="The bank account has been closed.")
        back = _movement(state, account, payout, payout["amount"], "payout_failure")
        payout["failure_balance_transaction"] = back["id"]
    state.happened(account, "payout.updated" if status == "in_transit" else f"payout.{status}", payout)
    return payout


def bill(state: State, account: str, currency: str, amount: int, type: str = "stripe_fee") -> Thing:
    """Stripe has taken `amount` minor units for itself without any payment, or moved them for another reason."""
    now = state.clock.now()
    return state.keep(account, "balance_transaction", {
        **_shape(state, currency.lower(), -amount, type), "available_on": now, "created": now, "source": None,
        "description": "Billing - usage fee",
    })


def _movement(state: State, account: str, payout: Thing, amount: int, type: str) -> Thing:
    return state.keep(account, "balance_transaction", {
        **_shape(state, payout["currency"], amount, type), "available_on": payout["arrival_date"],
        "created": state.clock.now(), "source": payout["id"], "description": payout["description"],
    })


def _shape(state: State, currency: str, amount: int, type: str) -> Thing:
    return {
        "id": state.new_id("balance_transaction"), "object": "balance_transaction", "amount": amount,
        "balance_type": "payments", "currency": currency, "exchange_rate": None, "fee": 0, "fee_details": [],
        "net": amount, "reporting_category": {"stripe_fee": "fee"}.get(type, type), "status": "available",
        "type": type,
    }
