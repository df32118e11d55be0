"""How does Stripe show objects: one, expanded on request, or a page of many, newest first?"""

import copy
from collections.abc import Callable
from typing import Any

from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State, Thing

EXPANDABLE = {
    ("checkout.session", "payment_intent"): "payment_intent",
    ("payment_intent", "latest_charge"): "charge",
    ("charge", "payment_intent"): "payment_intent",
    ("charge", "balance_transaction"): "balance_transaction",
    ("refund", "payment_intent"): "payment_intent",
    ("refund", "charge"): "charge",
    ("refund", "balance_transaction"): "balance_transaction",
    ("refund", "failure_balance_transaction"): "balance_transaction",
    ("payout", "balance_transaction"): "balance_transaction",
    ("dispute", "payment_intent"): "payment_intent",
    ("dispute", "charge"): "charge",
}
SOURCES = {"ch_": "charge", "re_": "refund", "du_": "dispute", "po_": "payout"}


def listed(url: str, data: list[Thing], has_more: bool = False) -> Thing:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(
    state: State, account: str, kind: str, params: dict[str, Any], url: str, keep: Callable[[Thing], bool]
) -> Thing:
    """One page of the account's objects that `keep` takes: `created`, `limit` 1 to 100, cursors, `expand` on data."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise Refused(f"Invalid integer: limit must be between 1 and 100, not {limit}", param="limit")
    if "starting_after" in params and "ending_before" in params:
        raise Refused("You may only specify one of these parameters: starting_after, ending_before.")
    for cursor in ("starting_after", "ending_before"):
        if cursor in params:
            state.find(account, kind, params[cursor], cursor)
    everything = state.of(account, kind)
    chosen, more = _window(everything, params, limit, lambda thing: keep(thing) and _in_time(thing, params))
    expand = params.get("expand", [])
    for path in expand:
        if not path.startswith("data."):
            raise _not_expandable(path)
    inside = [path.removeprefix("data.") for path in expand]
    return listed(url, [shown(state, thing, inside) for thing in chosen], more)


def _window(
    things: list[Thing], params: dict[str, Any], limit: int, keep: Callable[[Thing], bool]
) -> tuple[list[Thing], bool]:
    ids = [thing["id"] for thing in things]
    if "starting_after" in params:
        things = things[ids.index(params["starting_after"]) + 1:]
    if "ending_before" in params:
        before = [thing for thing in things[: ids.index(params["ending_before"])] if keep(thing)]
        return before[-limit:], len(before) > limit
    kept = [thing for thing in things if keep(thing)]
    return kept[:limit], len(kept) > limit


def _in_time(thing: Thing, params: dict[str, Any]) -> bool:
    wanted = params.get("created")
    if wanted is None:
        return True
    at: int = thing["created"]
    if isinstance(wanted, int):
        return at == wanted
    lowest, highest = max(wanted.get("gte", at), wanted.get("gt", at - 1) + 1), wanted.get("lte", at)
    return bool(lowest <= at <= min(highest, wanted.get("lt", at + 1) - 1))


def shown(state: State, thing: Thing, expand: list[str]) -> Thing:
    """A copy of the object in which the paths in `expand` hold objects instead of ids."""
    result = copy.deepcopy(thing)
    for path in expand:
        _expand(state, result, path.split("."), path)
    return result


def _expand(state: State, thing: Thing, steps: list[str], path: str) -> None:
    if len(steps) > 4:
        raise Refused(f"You cannot expand more than 4 levels of a property. Property: {path}", param="expand")
    if thing["object"] == "list":
        if steps[0] != "data":
            raise _not_expandable(path)
        for item in thing["data"]:
            if steps[1:]:
                _expand(state, item, steps[1:], path)
        return
    inner = _inner(state, thing, steps[0], path)
    if inner is not None:
        thing[steps[0]] = inner
        if steps[1:]:
            _expand(state, inner, steps[1:], path)


def _inner(state: State, thing: Thing, name: str, path: str) -> Thing | None:
    present: Any = thing.get(name)
    if isinstance(present, dict) and "object" in present:
        return present
    if (thing["object"], name) == ("charge", "refunds"):
        refunds = [refund for refund in state.of(state.owner[thing["id"]], "refund") if refund["charge"] == thing["id"]]
        return listed(f"/v1/charges/{thing['id']}/refunds", copy.deepcopy(refunds))
    if (thing["object"], name) == ("checkout.session", "line_items"):
        items = copy.deepcopy(state.extras[thing["id"]]["line_items"])
        return listed(f"/v1/checkout/sessions/{thing['id']}/line_items", items)
    kind = EXPANDABLE.get((thing["object"], name))
    if (thing["object"], name) == ("balance_transaction", "source"):
        kind = SOURCES[present[:3]] if present else "charge"
    if kind is None:
        raise _not_expandable(path)
    return copy.deepcopy(state.things[kind][present]) if present else None


def _not_expandable(path: str) -> Refused:
    return Refused(f"This property cannot be expanded ({path}).", param="expand")
