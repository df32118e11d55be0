"""What does Stripe's API answer to this request, for whom, and what goes wrong on the way when a switch says so?"""

import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import stripe
from stripe import params as shapes
from stripe.params import checkout

from portal.demo.standin import accounts, lists, payments, sessions
from portal.demo.standin.accounts import Account
from portal.demo.standin.faults import Fault, Faults, Kind
from portal.demo.standin.idempotency import Keys, Stored
from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State, Thing
from portal.demo.standin.validate import checked, decoded
from portal.demo.standin.wire import Answer, Cut, Request, as_json

#: Whoever holds the key, where no account is named.
PLATFORM = Account("acct_platform")


@dataclass(frozen=True)
class Call:
    """A request that is in order: whose account, which object, with which typed parameters."""

    account: Account
    id: str
    params: dict[str, Any]
    path: str


@dataclass(frozen=True)
class Route:
    """One endpoint: method, path with at most one id, the SDK's type of its parameters, and what it does."""

    method: str
    path: re.Pattern[str]
    params: type
    run: Callable[[Call], Thing]


class Api:
    """Everything below `/v1`."""

    def __init__(self, state: State, faults: Faults, stopped: threading.Event, page_base: Callable[[], str]) -> None:
        self._state, self._faults, self._stopped, self._page_base = state, faults, stopped, page_base
        self._keys = Keys(state)
        self._routes = self._all_routes()

    def answer(self, request: Request) -> Answer:
        """Stripe's answer, always with a Request-Id."""
        try:
            answer = self._faulty(request)
        except Refused as refused:
            answer = as_json(refused.body(), refused.status)
        id = "req_" + secrets.token_hex(7)
        return replace(answer, headers={**answer.headers, "Request-Id": id, "Stripe-Version": stripe.api_version})

    def _faulty(self, request: Request) -> Answer:
        fault = self._faults.take(request.method, request.path)
        if fault is None:
            return self._in_order(request, None)
        if fault.kind is Kind.DELAY or (fault.kind is Kind.STATUS and fault.is_stored):
            return self._in_order(request, fault)
        answer = self._in_order(request, None) if fault.is_done else Answer(200, "{}")
        return self._spoiled(fault, answer)

    def _spoiled(self, fault: Fault, answer: Answer) -> Answer:
        if fault.kind is Kind.STATUS:
            return _failure(fault)
        if fault.kind is Kind.HALF_RESPONSE:
            return replace(answer, cut=Cut.HALF)
        if fault.kind is Kind.HANG:
            self._stopped.wait(fault.seconds or 60.0)
        return replace(answer, cut=Cut.DROP)

    def _in_order(self, request: Request, fault: Fault | None) -> Answer:
        _check_key(request)
        route, id = self._route(request)
        account = self._account(request, id)
        form = decoded(request.query if request.method == "GET" else request.body)
        call = Call(account, id, checked(route.params, form), request.path)
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return self._run(route, call, fault)
        return self._once(key, route, call, form, fault)

    def _once(self, key: str, route: Route, call: Call, form: dict[str, Any], fault: Fault | None) -> Answer:
        known = self._keys.begin(call.account.id, key, call.path, form)
        if known is not None:
            return Answer(known.status, known.body, headers={"Idempotent-Replayed": "true", "Idempotency-Key": key})
        try:
            answer = self._run(route, call, fault)
            self._keys.finish(call.account.id, key, call.path, form, Stored(answer.status, answer.body))
        finally:
            self._keys.abandon(call.account.id, key)
        return replace(answer, headers={**answer.headers, "Idempotency-Key": key})

    def _run(self, route: Route, call: Call, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind is Kind.DELAY:
            self._stopped.wait(fault.seconds)
        if fault is not None and fault.kind is Kind.STATUS and not fault.is_done:
            return _failure(fault)
        with self._state.lock:
            sessions.expire_due(self._state)
            try:
                answer = as_json(route.run(call))
            except Refused as refused:
                if refused.param:  # a request that was wrong is not stored under its key, one that came too late is
                    raise
                answer = as_json(refused.body(), refused.status)
            if route.method == "POST":
                self._state.save()
        return _failure(fault) if fault is not None and fault.kind is Kind.STATUS else answer

    def _route(self, request: Request) -> tuple[Route, str]:
        for route in self._routes:
            match = route.path.fullmatch(request.path)
            if match and route.method == request.method:
                return route, match.groupdict().get("id", "")
        raise Refused(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)

    def _account(self, request: Request, id: str) -> Account:
        name = request.headers.get("stripe-account")
        if name is None and request.path == f"/v1/accounts/{id}":
            return self._state.account(id)
        if name is None and request.method == "POST" and request.path in ("/v1/accounts", "/v1/account_links"):
            return PLATFORM
        if name is None:
            raise Refused("The stand-in takes direct charges only: send a Stripe-Account header.")
        return self._state.account(name)

    def _all_routes(self) -> list[Route]:
        table: list[tuple[str, str, type, Callable[[Call], Thing]]] = [
            ("POST", "checkout/sessions", checkout.SessionCreateParams, self._create_session),
            ("GET", "checkout/sessions", checkout.SessionListParams, self._list_sessions),
            ("GET", "checkout/sessions/ID", checkout.SessionRetrieveParams, self._one("checkout.session", "session")),
            ("POST", "checkout/sessions/ID/expire", checkout.SessionExpireParams, self._expire_session),
            ("GET", "payment_intents", shapes.PaymentIntentListParams, self._many("payment_intent")),
            ("GET", "payment_intents/ID", shapes.PaymentIntentRetrieveParams, self._one("payment_intent", "intent")),
            ("GET", "charges", shapes.ChargeListParams, self._many("charge", "payment_intent")),
            ("GET", "charges/ID", shapes.ChargeRetrieveParams, self._one("charge", "id")),
            ("POST", "refunds", shapes.RefundCreateParams, self._create_refund),
            ("GET", "refunds", shapes.RefundListParams, self._many("refund", "payment_intent", "charge")),
            ("GET", "refunds/ID", shapes.RefundRetrieveParams, self._one("refund", "id")),
            ("GET", "disputes", shapes.DisputeListParams, self._many("dispute", "payment_intent", "charge")),
            ("GET", "disputes/ID", shapes.DisputeRetrieveParams, self._one("dispute", "id")),
            ("GET", "events", shapes.EventListParams, self._list_events),
            ("GET", "events/ID", shapes.EventRetrieveParams, self._one("event", "id")),
            ("GET", "balance_transactions", shapes.BalanceTransactionListParams,
             self._list_movements),
            ("GET", "balance_transactions/ID", shapes.BalanceTransactionRetrieveParams,
             self._one("balance_transaction", "id")),
            ("GET", "payouts", shapes.PayoutListParams, self._many("payout", "status")),
            ("GET", "payouts/ID", shapes.PayoutRetrieveParams, self._one("payout", "id")),
            ("POST", "accounts", shapes.AccountCreateParams, self._open_account),
            ("POST", "account_links", shapes.AccountLinkCreateParams, self._link_account),
            ("GET", "accounts/ID", shapes.AccountRetrieveParams, self._show_account),
            ("GET", "account", shapes.AccountRetrieveCurrentParams, self._show_account),
        ]
        return [
            Route(method, re.compile("/v1/" + path.replace("ID", "(?P<id>[A-Za-z0-9_]+)")), params, run)
            for method, path, params, run in table
        ]

    def _one(self, kind: str, param: str) -> Callable[[Call], Thing]:
        def retrieve(call: Call) -> Thing:
            return lists.shown(
                self._state, self._state.find(call.account.id, kind, call.id, param), call.params.get("expand", [])
            )
        return retrieve

    def _many(self, kind: str, *filters: str) -> Callable[[Call], Thing]:
        def page(call: Call) -> Thing:
            _only(call.params, *filters)
            wanted = {name: call.params[name] for name in filters if name in call.params}
            return lists.page(
                self._state, call.account.id, kind, call.params, call.path,
                lambda thing: all(thing[name] == value for name, value in wanted.items()),
            )
        return page

    def _create_session(self, call: Call) -> Thing:
        made = sessions.create(self._state, call.account, call.params, self._page_base())
        return lists.shown(self._state, made, call.params.get("expand", []))

    def _list_sessions(self, call: Call) -> Thing:
        return self._many("checkout.session", "payment_intent", "status")(call)

    def _expire_session(self, call: Call) -> Thing:
        session = self._state.find(call.account.id, "checkout.session", call.id, "session")
        fault = None
        if session["status"] == "open":
            fault = self._faults.take("POST", call.path, late_pay=True)
        if fault is not None and fault.answer != "expired":
            payments.pay(self._state, call.account.id, session, delayed=fault.answer == "processing")
        sessions.expire(self._state, call.account.id, session)
        if fault is not None:
            payments.pay(self._state, call.account.id, session)
        return lists.shown(self._state, session, call.params.get("expand", []))

    def _create_refund(self, call: Call) -> Thing:
        made = payments.refund(self._state, call.account.id, call.params)
        return lists.shown(self._state, made, call.params.get("expand", []))

    def _list_events(self, call: Call) -> Thing:
        _only(call.params, "type", "types", "delivery_success")
        if "type" in call.params and "types" in call.params:
            raise Refused("You may only specify one of these parameters: type, types.", param="type")
        if len(call.params.get("types", [])) > 20:
            raise Refused("At most 20 types.", param="types")
        success = call.params.get("delivery_success")

        def keep(event: Thing) -> bool:
            wanted = success is None or success == (event["pending_webhooks"] == 0)
            return wanted and _has_type(event["type"], call.params)
        return lists.page(self._state, call.account.id, "event", call.params, call.path, keep)

    def _list_movements(self, call: Call) -> Thing:
        filters = ("source", "currency", "type")
        _only(call.params, *filters, "payout")
        wanted = {name: call.params[name] for name in filters if name in call.params}
        payout = call.params.get("payout")
        if payout is not None:
            self._state.find(call.account.id, "payout", payout, "payout")
        return lists.page(
            self._state, call.account.id, "balance_transaction", call.params, call.path,
            lambda thing: all(thing[name] == value for name, value in wanted.items())
            and payout in (None, self._state.paid_out.get(thing["id"])),
        )

    def _show_account(self, call: Call) -> Thing:
        if call.id and call.id != call.account.id:
            self._state.account(call.id)
            raise Refused("This account can't read another one.", status=403, code="account_invalid")
        return accounts.shape(call.account, int(time.time()), self._state.book.standing(call.account.id))

    def _open_account(self, call: Call) -> Thing:
        if call.params.get("type") != "standard":
            raise Refused("The stand-in opens standard accounts only.", param="type")
        name = call.params.get("business_profile", {}).get("name", "")
        account = Account("acct_1" + secrets.token_hex(8), ("CHF", "EUR"), ("card", "twint", "sepa_debit"), name)
        self._state.book.open(account)
        return accounts.shape(account, int(time.time()), accounts.FRESH)

    def _link_account(self, call: Call) -> Thing:
        account = self._state.account(call.params["account"])
        if call.params["type"] != "account_onboarding":
            raise Refused("The stand-in opens accounts only.", param="type")
        for name in ("return_url", "refresh_url"):
            if not call.params.get(name):
                raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
        link, now = "link_" + secrets.token_hex(12), self._state.clock.now()
        self._state.extras[link] = {"account": account.id, "return_url": call.params["return_url"]}
        url = f"{self._page_base()}/connect/{link}"
        return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}


def _has_type(type: str, params: dict[str, Any]) -> bool:
    names = params.get("types") or ([params["type"]] if "type" in params else [])
    return not names or any(
        re.fullmatch(".*".join(re.escape(part) for part in name.split("*")), type) for name in names
    )


def _only(params: dict[str, Any], *names: str) -> None:
    every = {*names, "created", "limit", "starting_after", "ending_before", "expand"}
    for name in params:
        if name not in every:
            raise Refused(f"The stand-in does not filter by {name}.", param=name)


def _check_key(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise Refused(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').", status=401,
        )
    if not re.fullmatch(r"sk_test_[A-Za-z0-9_]+", key):
        raise Refused(f"Invalid API Key provided: {key[:8]}****", status=401)
    version = request.headers.get("stripe-version", stripe.api_version)
    if version != stripe.api_version:
        raise Refused(f"Invalid Stripe API version: {version}. The stand-in speaks {stripe.api_version}.")


def _failure(fault: Fault) -> Answer:
    if fault.status == 429:
        body = Refused("Too many requests in this period.", code="rate_limit").body()
    else:
        body = Refused("An unknown error occurred", type="api_error").body()
    headers = {}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    if fault.should_retry is not None:
        headers["Stripe-Should-Retry"] = "true" if fault.should_retry else "false"
    return Answer(fault.status, json.dumps(body), headers=headers)
