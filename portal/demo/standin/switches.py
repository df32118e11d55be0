"""How do tests and demos reach behind the stand-in: pay, refund, dispute, break things, look at everything?"""

import json
from collections.abc import Callable
from typing import Any

from portal.demo.standin import accounts, payments, payouts, sessions
from portal.demo.standin import faults as switches
from portal.demo.standin.accounts import Standing
from portal.demo.standin.faults import Faults
from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import KINDS, State, Thing
from portal.demo.standin.webhooks import Webhooks
from portal.demo.standin.wire import Answer, Request, as_json

OUTCOMES = ("paid", "failed", "processing")


class Switches:
    """Everything below `/_standin`; each is a method here as well, for tests in the same process."""

    def __init__(self, state: State, faults: Faults, webhooks: Webhooks) -> None:
        self._state, self._faults, self._webhooks = state, faults, webhooks

    def answer(self, request: Request) -> Answer:
        """The JSON answer of one switch; what it refuses comes as a Stripe-shaped 400."""
        try:
            return as_json(self._run(request))
        except Refused as refused:
            return as_json(refused.body(), refused.status)

    def _run(self, request: Request) -> Any:
        name = request.path.removeprefix("/_standin/")
        if request.method == "GET":
            looks: dict[str, Callable[[], Any]] = {
                "state": self.everything, "events": self.events, "faults": self.shown, "health": lambda: {"ok": True},
            }
            if name in looks:
                return looks[name]()
        if request.method == "DELETE" and name == "faults":
            return self.set({"reset": True})
        acts: dict[str, Callable[[dict[str, Any]], Any]] = {
            "faults": self.set, "pay": self.pay, "refund": self.refund, "dispute": self.dispute,
            "account": self.account, "payout": self.payout,
            "release": lambda body: {"released": self._webhooks.release()}, "resend": self._resend,
        }
        if request.method != "POST" or name not in acts:
            raise Refused(f"There is no switch {request.method} {request.path}.", status=404)
        return acts[name](_parsed(request.body))

    def set(self, body: dict[str, Any]) -> Thing:
        """`reset` first, then `faults` are added and `webhooks` changed; answers with what is on now."""
        if not set(body) <= {"reset", "faults", "webhooks"}:
            raise Refused("Give reset, faults, webhooks.")
        added = [switches.parsed(one) for one in body.get("faults", [])]
        if body.get("reset"):
            self._faults.clear()
            self._webhooks.reset()
        self._faults.add(added)
        if "webhooks" in body:
            self._webhooks.switch(body["webhooks"])
        return self.shown()

    def shown(self) -> Thing:
        """What is switched on."""
        return {"faults": self._faults.shown(), "webhooks": self._webhooks.shown()}

    def pay(self, body: dict[str, Any]) -> Thing:
        """A session is paid without a browser: `session`, `method`, `outcome`, `amount`, `force` (although over)."""
        _fields(body, "session", "method", "outcome", "amount", "force")
        outcome = body.get("outcome", "paid")
        if outcome not in OUTCOMES:
            raise Refused(f"outcome is one of {OUTCOMES}", param="outcome")
        with self._state.lock:
            sessions.expire_due(self._state)
            account, session = self._state.any("checkout.session", body.get("session", ""))
            underway = session["status"] == "complete" and session["payment_status"] == "unpaid"
            if session["status"] != "open" and not underway and not body.get("force"):
                raise Refused(f"This Checkout Session has a status of `{session['status']}`.", param="session")
            if outcome == "failed":
                payments.fail(self._state, account, session, body.get("method"))
            else:
                delayed = outcome == "processing"
                payments.pay(self._state, account, session, body.get("method"), body.get("amount"), delayed)
            self._state.save()
            return dict(session)

    def refund(self, body: dict[str, Any]) -> Thing:
        """Refunds a `payment_intent` (`amount`, `status`), or moves on a `refund` to `status` succeeded or failed."""
        _fields(body, "payment_intent", "amount", "status", "refund", "reason")
        with self._state.lock:
            if "refund" in body:
                account, one = self._state.any("refund", body["refund"])
                result = payments.settle_refund(self._state, account, one, body.get("status", "failed"))
            else:
                account, intent = self._state.any("payment_intent", body.get("payment_intent", ""))
                params: dict[str, Any] = {name: body[name] for name in ("amount", "reason") if name in body}
                result = payments.refund(
                    self._state, account, {**params, "payment_intent": intent["id"]}, body.get("status", "succeeded")
                )
            self._state.save()
            return dict(result)

    def dispute(self, body: dict[str, Any]) -> Thing:
        """A `payment_intent` is disputed: `state` withdrawn (with `amount`), reinstated or lost."""
        _fields(body, "payment_intent", "state", "amount")
        with self._state.lock:
            account, intent = self._state.any("payment_intent", body.get("payment_intent", ""))
            wanted = body.get("state")
            if wanted == "withdrawn":
                result = payments.withdraw(self._state, account, intent, body.get("amount"))
            elif wanted == "reinstated":
                result = payments.reinstate(self._state, account, intent)
            elif wanted == "lost":
                result = payments.lose(self._state, account, intent)
            else:
                raise Refused("state is withdrawn, reinstated or lost", param="state")
            self._state.save()
            return dict(result)

    def payout(self, body: dict[str, Any]) -> Thing:
        """All that an `account` holds is paid out, or a `payout` moves on, to `status` paid, in_transit or failed;
        with `fee` (minor units, in `currency`) Stripe takes money for itself instead, as a movement of this `type`."""
        _fields(body, "account", "payout", "status", "fee", "currency", "type")
        with self._state.lock:
            if "payout" in body:
                account, one = self._state.any("payout", body["payout"])
                made = [payouts.move_on(self._state, account, one, body.get("status", "paid"))]
            elif "fee" in body:
                kind = body.get("type", "stripe_fee")
                account = self._state.account(body["account"]).id
                made = [payouts.bill(self._state, account, body.get("currency", "CHF"), body["fee"], kind)]
            else:
                account = self._state.account(body.get("account", "")).id
                made = payouts.pay_out(self._state, account, body.get("status", "paid"))
            self._state.save()
            return {"made": [dict(one) for one in made]}

    def account(self, body: dict[str, Any]) -> Thing:
        """An `account` may do other things from now on: any field of `Standing`; `gone` takes it away from us."""
        names = tuple(Standing.__dataclass_fields__)
        _fields(body, "account", *names)
        with self._state.lock:
            found = self._state.accounts.get(body.get("account", ""))
            if found is None:
                raise Refused("There is no such account.", param="account")
            changes = {name: body[name] for name in names if name in body}
            if "currently_due" in changes:
                changes["currently_due"] = tuple(changes["currently_due"])
            self._state.book.change(found.id, **changes)
            shape = accounts.shape(found, self._state.clock.now(), self._state.book.standing(found.id))
            if body.get("gone"):
                application = {"id": "ca_standin", "object": "application", "name": "Kulanz"}
                self._state.happened(found.id, "account.application.deauthorized", application)
            else:
                self._state.happened(found.id, "account.updated", shape)
            self._state.save()
            return shape

    def everything(self) -> Thing:
        """All objects by kind (each with its account), the sums per payment, and every delivery so far."""
        with self._state.lock:
            sessions.expire_due(self._state)
            kinds = {
                kind: [{**thing, "_account": self._state.owner[id]} for id, thing in self._state.things[kind].items()]
                for kind in KINDS if kind != "event"
            }
            return {
                "now": self._state.clock.now(), "accounts": list(self._state.accounts), "objects": kinds,
                "totals": payments.totals(self._state), "events": len(self._state.things["event"]),
                "undelivered": list(self._state.undelivered), "deliveries": list(self._webhooks.log), **self.shown(),
            }

    def events(self) -> list[Thing]:
        """All events in the order in which they happened."""
        with self._state.lock:
            return [dict(event) for event in self._state.things["event"].values()]

    def _resend(self, body: dict[str, Any]) -> Thing:
        _fields(body, "event", "times")
        self._state.any("event", body.get("event", ""))
        self._webhooks.send_again(body["event"], body.get("times", 1))
        return {"event": body["event"]}


def _fields(body: dict[str, Any], *names: str) -> None:
    for name in body:
        if name not in names:
            raise Refused(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise Refused(f"This is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused("Send a JSON object.")
    return body
