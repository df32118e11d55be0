"""What becomes of the money of a session: intent, charge, fee, refund, card dispute, each with its events?"""

from typing import Any

from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State, Thing

#: Basis points in 1/100 %, and minor units per payment.
FEES = {"card": (290, 30), "twint": (190, 30), "sepa_debit": (0, 35), "paypal": (290, 30)}
DISPUTE_FEE_MINOR = 2_000


def pay(
    state: State, account: str, session: Thing, method: str | None = None, amount: int | None = None,
    delayed: bool = False,
) -> Thing:
    """The session is complete and its money in the account; `delayed` keeps it processing, `amount` (minor) departs.

    Refuses nothing: whoever calls has asked whether the session may still be paid."""
    intent = _intent(state, account, session, method)
    if session["status"] == "complete" and session["payment_status"] == "paid":
        return session
    was_delayed = intent["status"] == "processing"
    if session["status"] == "open":
        session["status"], session["url"] = "complete", None
    if delayed:
        _charge(state, account, intent, intent["amount"], "pending")
        intent["status"] = "processing"
        state.happened(account, "payment_intent.processing", intent)
        state.happened(account, "checkout.session.completed", session)
        return session
    charge = _pending(state, intent, account) or _charge(
        state, account, intent, intent["amount"] if amount is None else amount
    )
    intent.update(status="succeeded", amount_received=charge["amount"], last_payment_error=None)
    session["payment_status"] = "paid"
    state.happened(account, "payment_intent.succeeded", intent)
    state.happened(account, "charge.succeeded", charge)
    if session["status"] == "complete":
        ending = "async_payment_succeeded" if was_delayed else "completed"
        state.happened(account, f"checkout.session.{ending}", session)
    return session


def fail(state: State, account: str, session: Thing, method: str | None = None) -> Thing:
    """The attempt has failed: the session stays as it is, the intent says why; a delayed one is over for good."""
    intent = _intent(state, account, session, method)
    was_delayed = intent["status"] == "processing"
    charge = _refused(state, intent) or _charge(state, account, intent, intent["amount"], "failed")
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {
        "type": "card_error", "code": "card_declined", "decline_code": "generic_decline",
        "message": "Your card was declined.", "charge": charge["id"],
    }
    state.happened(account, "charge.failed", charge)
    state.happened(account, "payment_intent.payment_failed", intent)
    if was_delayed:
        state.happened(account, "checkout.session.async_payment_failed", session)
    return session


def _intent(state: State, account: str, session: Thing, method: str | None) -> Thing:
    chosen = method or session["payment_method_types"][0]
    if chosen not in session["payment_method_types"]:
        raise Refused(f"This Checkout Session does not offer {chosen}.", param="method")
    if session["payment_intent"] is None:
        _new_intent(state, account, session)
    intent = state.things["payment_intent"][session["payment_intent"]]
    intent["payment_method_types"] = [chosen]
    intent["payment_method"] = "pm_1" + intent["id"][4:]
    return intent


def _new_intent(state: State, account: str, session: Thing) -> None:
    data = state.extras[session["id"]]["payment_intent_data"]
    id = state.new_id("payment_intent")
    state.keep(account, "payment_intent", {
        "id": id, "object": "payment_intent", "amount": session["amount_total"], "amount_capturable": 0,
        "amount_received": 0, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": None, "canceled_at": None, "cancellation_reason": None,
        "capture_method": "automatic", "client_secret": f"{id}_secret", "confirmation_method": "automatic",
        "created": state.clock.now(), "currency": session["currency"], "customer": None,
        "description": data.get("description"), "last_payment_error": None, "latest_charge": None, "livemode": False,
        "metadata": data.get("metadata", {}), "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_options": {}, "payment_method_types": session["payment_method_types"], "processing": None,
        "receipt_email": None, "review": None, "setup_future_usage": None, "shipping": None, "source": None,
        "statement_descriptor": None, "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method", "transfer_data": None, "transfer_group": None,
    })
    session["payment_intent"] = id


def _under_way(state: State, intent: Thing) -> Thing | None:
    """The direct debit that the bank has not answered yet."""
    charge = state.things["charge"].get(intent["latest_charge"] or "")
    return charge if charge is not None and charge["status"] == "pending" else None


def _pending(state: State, intent: Thing, account: str) -> Thing | None:
    """The debit that was under way has come in."""
    charge = _under_way(state, intent)
    if charge is not None:
        charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
        _take_fee(state, account, charge)
    return charge


def _refused(state: State, intent: Thing) -> Thing | None:
    """The debit that was under way was refused by the payer's bank."""
    charge = _under_way(state, intent)
    if charge is not None:
        charge.update(status="failed", failure_code="insufficient_funds", failure_message="The account has no funds.")
    return charge


def _charge(state: State, account: str, intent: Thing, amount: int, status: str = "succeeded") -> Thing:
    method = intent["payment_method_types"][0]
    failed, done = status == "failed", status == "succeeded"
    charge = {
        "id": state.new_id("charge"), "object": "charge", "amount": amount, "amount_captured": amount if done else 0,
        "amount_refunded": 0, "application": None, "application_fee": None, "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": done, "created": state.clock.now(), "currency": intent["currency"], "customer": None,
        "description": intent["description"], "disputed": False,
        "failure_code": "card_declined" if failed else None,
        "failure_message": "Your card was declined." if failed else None, "fraud_details": {}, "livemode": False,
        "metadata": dict(intent["metadata"]), "on_behalf_of": None, "outcome": None, "paid": done,
        "payment_intent": intent["id"], "payment_method": intent["payment_method"],
        "payment_method_details": {"type": method, method: _details(method)},
        "receipt_email": None, "receipt_number": None, "receipt_url": None, "refunded": False, "review": None,
        "shipping": None, "source": None, "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status, "transfer_data": None, "transfer_group": None,
    }
    intent["latest_charge"] = charge["id"]
    state.keep(account, "charge", charge)
    if done:
        _take_fee(state, account, charge)
    return charge


def _take_fee(state: State, account: str, charge: Thing) -> None:
    points, fixed = FEES[charge["payment_method_details"]["type"]]
    fee = (charge["amount"] * points + 5_000) // 10_000 + fixed
    charge["balance_transaction"] = _transaction(state, account, charge, charge["amount"], fee, _type(charge))["id"]


def _type(charge: Thing) -> str:
    """Stripe calls a card's balance transaction a charge, any other method's a payment."""
    return "charge" if charge["payment_method_details"]["type"] == "card" else "payment"


def _details(method: str) -> Thing:
    if method == "card":
        return {"brand": "visa", "country": "CH", "exp_month": 12, "exp_year": 2030, "funding": "debit",
                "last4": "4242", "network": "visa", "wallet": None}
    return {}


def _transaction(state: State, account: str, source: Thing, amount: int, fee: int, type: str) -> Thing:
    now = state.clock.now()
    dispute = "dispute" if amount < 0 else "dispute_reversal"
    group = {"adjustment": dispute, "payment": "charge", "payment_refund": "refund"}.get(type, type)
    return state.keep(account, "balance_transaction", {
        "id": state.new_id("balance_transaction"), "object": "balance_transaction", "amount": amount,
        "available_on": now, "balance_type": "payments", "created": now, "currency": source["currency"],
        "description": None, "exchange_rate": None, "fee": fee,
        "fee_details": [] if fee == 0 else [
            {"amount": fee, "application": None, "currency": source["currency"],
             "description": "Stripe processing fees", "type": "stripe_fee"},
        ],
        "net": amount - fee, "reporting_category": group, "source": source["id"], "status": "available", "type": type,
    })


def refund(state: State, account: str, params: dict[str, Any], status: str = "succeeded") -> Thing:
    """Money has gone back to where it came from: `amount` minor units, or all that is left of the charge."""
    charge = _charge_to_refund(state, account, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if left == 0:
        raise Refused(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded",
        )
    if not 0 < amount <= left:
        raise Refused(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", param="amount"
        )
    new = state.keep(account, "refund", _refund_shape(state, charge, amount, params, status))
    type = "refund" if _type(charge) == "charge" else "payment_refund"
    transaction = _transaction(state, account, new, -amount, 0, type)
    new["balance_transaction"] = transaction["id"]
    _count_refunds(charge, amount)
    state.happened(account, "refund.created", new)
    state.happened(account, "charge.refunded", charge)
    return new


def _charge_to_refund(state: State, account: str, params: dict[str, Any]) -> Thing:
    if "charge" in params:
        charge = state.find(account, "charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = state.find(account, "payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise Refused(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = state.things["charge"][intent["latest_charge"]]
    else:
        raise Refused("One of the following params should be provided: payment_intent, charge.",
                      code="parameter_missing", param="payment_intent")
    if not charge["paid"]:
        raise Refused(f"Charge {charge['id']} has not been paid.", param="charge")
    return charge


def _refund_shape(state: State, charge: Thing, amount: int, params: dict[str, Any], status: str) -> Thing:
    return {
        "id": state.new_id("refund"), "object": "refund", "amount": amount, "balance_transaction": None,
        "charge": charge["id"], "created": state.clock.now(), "currency": charge["currency"],
        "destination_details": None, "failure_reason": None, "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"], "reason": params.get("reason"), "receipt_number": None,
        "source_transfer_reversal": None, "status": status, "transfer_reversal": None,
    }


def _count_refunds(charge: Thing, change: int) -> None:
    charge["amount_refunded"] += change
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def settle_refund(state: State, account: str, one: Thing, status: str) -> Thing:
    """A refund has come through (`succeeded`), or has failed later and its money is back in the account."""
    if status not in ("succeeded", "failed") or one["status"] == "failed":
        raise Refused(f"A refund that is {one['status']} can't become {status}.", param="status")
    one["status"] = status
    if status == "failed":
        one["failure_reason"] = "lost_or_stolen_card"
        charge = state.things["charge"][one["charge"]]
        _count_refunds(charge, -one["amount"])
        back = _transaction(state, account, one, one["amount"], 0, "refund_failure")
        one["failure_balance_transaction"] = back["id"]
        state.happened(account, "refund.failed", one)
    state.happened(account, "refund.updated", one)
    return one


def withdraw(state: State, account: str, intent: Thing, amount: int | None) -> Thing:
    """The payer's bank has taken the money back, `amount` minor units or all: a dispute exists."""
    charge = state.things["charge"].get(intent["latest_charge"] or "")
    if charge is None or not charge["paid"] or charge["disputed"]:
        raise Refused("Only a paid, undisputed charge can be disputed.", param="payment_intent")
    taken = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    charge["disputed"] = True
    dispute = state.keep(account, "dispute", {
        "id": state.new_id("dispute"), "object": "dispute", "amount": taken, "balance_transactions": [],
        "charge": charge["id"], "created": state.clock.now(), "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": {},
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False, "livemode": False, "metadata": {}, "payment_intent": intent["id"],
        "reason": "general", "status": "needs_response",
    })
    taken_back = _transaction(state, account, dispute, -taken, DISPUTE_FEE_MINOR, "adjustment")
    dispute["balance_transactions"].append(dict(taken_back))
    state.happened(account, "charge.dispute.created", dispute)
    state.happened(account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def reinstate(state: State, account: str, intent: Thing) -> Thing:
    """The dispute was won: the money is in the account again; the dispute's fee is not."""
    dispute = _open_dispute(state, intent)
    dispute["status"] = "won"
    back = _transaction(state, account, dispute, dispute["amount"], 0, "adjustment")
    dispute["balance_transactions"].append(dict(back))
    state.happened(account, "charge.dispute.funds_reinstated", dispute)
    state.happened(account, "charge.dispute.closed", dispute)
    return dispute


def lose(state: State, account: str, intent: Thing) -> Thing:
    """The dispute was lost: the money stays away."""
    dispute = _open_dispute(state, intent)
    dispute["status"] = "lost"
    state.happened(account, "charge.dispute.closed", dispute)
    return dispute


def _open_dispute(state: State, intent: Thing) -> Thing:
    for dispute in state.things["dispute"].values():
        if dispute["payment_intent"] == intent["id"] and dispute["status"] not in ("won", "lost"):
            return dispute
    raise Refused("This payment has no open dispute.", param="payment_intent")


def totals(state: State) -> list[Thing]:
    """Per payment what Stripe's figures add up to, in minor units: the reference a ledger can be held against."""
    sessions = {one["payment_intent"]: one for one in state.things["checkout.session"].values()}
    return [_total(state, intent, sessions[intent["id"]]) for intent in state.things["payment_intent"].values()]


def _total(state: State, intent: Thing, session: Thing) -> Thing:
    refunds = [
        one for one in state.things["refund"].values()
        if one["payment_intent"] == intent["id"] and one["status"] == "succeeded"
    ]
    disputes = [one for one in state.things["dispute"].values() if one["payment_intent"] == intent["id"]]
    moved = [row for dispute in disputes for row in dispute["balance_transactions"]]
    charge = state.things["charge"].get(intent["latest_charge"] or "", {})
    taken = state.things["balance_transaction"].get(charge.get("balance_transaction") or "", {"fee": 0})
    return {
        "account": state.owner[intent["id"]], "session": session["id"],
        "client_reference_id": session["client_reference_id"], "payment_intent": intent["id"],
        "currency": intent["currency"], "status": intent["status"], "asked": intent["amount"],
        "captured": intent["amount_received"], "refunded": sum(one["amount"] for one in refunds),
        "disputed_out": -sum(row["amount"] for row in moved), "fee": taken["fee"],
        "dispute_fee": sum(row["fee"] for row in moved),
    }
