"""What does an answer of Stripe mean for us: a value, "not now", or "this can't be done"?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import stripe

from portal.gateways.stripe import StripeDown, StripeRefused

T = TypeVar("T")
#: Answers that say nothing about what can be done: asked again later.
PASSING = (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError)


def said(ask: Callable[[], T]) -> T:
    """Stripe's answer; what it can't say now is StripeDown, what it won't do StripeRefused with its code."""
    try:
        return ask()
    except stripe.StripeError as error:
        code = getattr(error.error, "code", None) if error.error is not None else None
        busy = error.http_status == 409 and code in ("idempotency_key_in_use", "lock_timeout")
        if busy or isinstance(error, PASSING) or (error.http_status or 0) >= 500:
            raise StripeDown(type(error).__name__) from error
        raise StripeRefused(code or type(error).__name__, str(error.user_message or "")) from error


def every(ask: Callable[[], stripe.ListObject[Any]]) -> Iterator[dict[str, Any]]:
    """All objects of a list, page by page, so that a long one is never in memory as a whole."""
    page = said(ask)
    while True:
        yield from (one.to_dict() for one in page.data)
        if not page.has_more:
            return
        page = said(page.next_page)
