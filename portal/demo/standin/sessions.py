"""What is a Checkout Session, from its creation until it is complete or expired?"""

from typing import Any
from urllib.parse import urlsplit

from portal.demo.standin.accounts import Account, offered
from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State, Thing

KIND = "checkout.session"
MIN_MINOR = 50  # docs.stripe.com/currencies: CHF 0.50, EUR 0.50
MAX_MINOR = 99_999_999
SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60


def create(state: State, account: Account, params: dict[str, Any], page_base: str) -> Thing:
    """An open session of this account exists, with a page under `page_base` where its sum can be paid."""
    _check_kind(params)
    if not state.book.standing(account.id).charges_enabled:
        raise Refused("Your account cannot currently make charges.", code="account_invalid", status=403)
    for name in ("success_url", "cancel_url"):
        _check_url(name, params.get(name))
    if len(params.get("client_reference_id", "")) > 200:
        raise Refused("Invalid string: at most 200 characters", param="client_reference_id")
    items, currency, amount = _items(account, params)
    now = state.clock.now()
    methods = offered(
        account, currency, amount,
        params.get("allowed_payment_method_types"), params.get("excluded_payment_method_types", []),
    )
    if not methods:
        raise Refused(
            "No valid payment method types for this Checkout Session. Check the account's payment methods, the "
            "currency and the amount.", param="allowed_payment_method_types",
        )
    id = state.new_id(KIND)
    session = _shape(id, params, now, _expiry(params, now), currency, amount, methods, f"{page_base}/pay/{id}")
    state.extras[id] = {"line_items": items, "payment_intent_data": params.get("payment_intent_data", {})}
    return state.keep(account.id, KIND, session)


def _check_kind(params: dict[str, Any]) -> None:
    if "mode" not in params:
        raise Refused("Missing required param: mode.", code="parameter_missing", param="mode")
    if params["mode"] != "payment":
        raise Refused("The stand-in takes payments only.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refused("The stand-in has hosted pages only.", param="ui_mode")
    for name in ("success_url", "line_items"):
        if not params.get(name):
            raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)


def _check_url(name: str, url: str | None) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refused("Not a valid URL", code="url_invalid", param=name)


def _items(account: Account, params: dict[str, Any]) -> tuple[list[Thing], str, int]:
    items: list[Thing] = []
    for at, item in enumerate(params["line_items"]):
        where = f"line_items[{at}]"
        if "price_data" not in item:
            raise Refused("The stand-in keeps no prices: give price_data.", param=f"{where}[price]")
        items.append(_item(account, item, where))
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise Refused("All line items must have the same currency.", param="line_items")
    amount = sum(item["amount_total"] for item in items)
    if amount < MIN_MINOR:
        raise Refused(
            "The Checkout Session's total amount due must add up to at least 0.50.",
            code="amount_too_small", param="line_items",
        )
    if amount > MAX_MINOR:
        raise Refused("The total amount due is too large.", code="amount_too_large", param="line_items")
    return items, currencies.pop(), amount


def _item(account: Account, item: dict[str, Any], where: str) -> Thing:
    price, quantity = item["price_data"], item.get("quantity")
    if quantity is None or quantity < 1:
        raise Refused("Quantity is required.", code="parameter_missing", param=f"{where}[quantity]")
    currency = price["currency"].lower()
    if currency.upper() not in account.currencies:
        raise Refused(
            f"Invalid currency: {currency}. This account takes {', '.join(account.currencies)}.",
            param=f"{where}[price_data][currency]",
        )
    if "unit_amount" not in price or price["unit_amount"] < 0:
        raise Refused(
            "Give a unit_amount of at least 0.", code="parameter_missing", param=f"{where}[price_data][unit_amount]"
        )
    if "name" not in price.get("product_data", {}):
        name = f"{where}[price_data][product_data][name]"
        raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
    total = price["unit_amount"] * quantity
    return {
        "id": f"li_{where}", "object": "item", "amount_discount": 0, "amount_subtotal": total, "amount_tax": 0,
        "amount_total": total, "currency": currency, "description": price["product_data"]["name"],
        "price": {"object": "price", "currency": currency, "unit_amount": price["unit_amount"], "type": "one_time"},
        "quantity": quantity,
    }


def _expiry(params: dict[str, Any], now: int) -> int:
    at: int = params.get("expires_at", now + LONGEST)
    if at - now < SHORTEST:
        raise Refused(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if at - now > LONGEST:
        raise Refused(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return at


def _shape(
    id: str, params: dict[str, Any], now: int, expires_at: int, currency: str, amount: int, methods: list[str], url: str
) -> Thing:
    return {
        "id": id, "object": KIND, "adaptive_pricing": None, "after_expiration": None, "allow_promotion_codes": None,
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": amount, "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None, "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"), "client_secret": None,
        "collected_information": None, "consent": None, "consent_collection": None, "created": now,
        "currency": currency, "currency_conversion": None, "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                        "terms_of_service_acceptance": None},
        "customer": None, "customer_account": None, "customer_creation": "if_required", "customer_details": None,
        "customer_email": params.get("customer_email"), "discounts": [],
        "excluded_payment_method_types": params.get("excluded_payment_method_types"), "expires_at": expires_at,
        "invoice": None, "livemode": False, "locale": params.get("locale"), "metadata": params.get("metadata", {}),
        "mode": "payment", "payment_intent": None, "payment_link": None, "payment_method_collection": "if_required",
        "payment_method_configuration_details": None, "payment_method_options": {}, "payment_method_types": methods,
        "payment_status": "unpaid", "permissions": None, "phone_number_collection": {"enabled": False},
        "recovered_from": None, "saved_payment_method_options": None, "setup_intent": None,
        "shipping_address_collection": None, "shipping_cost": None, "shipping_options": [], "status": "open",
        "submit_type": params.get("submit_type"), "subscription": None, "success_url": params.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}, "ui_mode": "hosted_page",
        "url": url, "wallet_options": None,
    }


def expire(state: State, account: str, session: Thing) -> Thing:
    """The open session is expired; one that is complete or expired is refused as Stripe refuses it."""
    if session["status"] != "open":
        raise not_open(session["status"])
    return _close(state, account, session)


def not_open(status: str) -> Refused:
    """Stripe's answer to the expiry of a session that is over or being paid."""
    return Refused(
        'Only Checkout Sessions with a status in ["open"] can be expired. '
        f"This Checkout Session has a status of `{status}`.",
    )


def expire_due(state: State) -> None:
    """Every open session whose time is over is expired, and its event is on its way."""
    now = state.clock.now()
    due = [one for one in state.things[KIND].values() if one["status"] == "open" and one["expires_at"] <= now]
    for session in due:
        _close(state, state.owner[session["id"]], session)
    if due:
        state.save()


def _close(state: State, account: str, session: Thing) -> Thing:
    session["status"], session["url"] = "expired", None
    state.happened(account, "checkout.session.expired", session)
    return session
