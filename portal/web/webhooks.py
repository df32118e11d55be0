"""What comes in from the payment provider: a verified row in the inbox, and nothing else happens here."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from portal.actions.provider_events import receive_event
from portal.gateways.stripe import EventForged
from portal.gateways.stripe_client import verify_event
from portal.web.parts import now, parts
from portal.web.security import Who, who
from portal.web.transaction import db

log = logging.getLogger("portal.webhooks")
pages = Blueprint("webhooks", __name__)


@pages.post("/webhooks/stripe")
@who(Who.MACHINE)
def stripe() -> Response:
    """200 once the event waits in the inbox, also for the hundredth time; 400 and no row for what is not Stripe's."""
    have = parts()
    try:
        event = verify_event(
            request.get_data(cache=False),
            request.headers.get("Stripe-Signature", ""),
            have.settings.stripe_webhook_secrets,
            have.real_clock(),
        )
    except EventForged as forged:
        log.warning("a webhook was refused: %s", forged)
        return _said("refused", 400)
    if not receive_event(db(), event, live=have.stripe.live, now=now()):
        log.warning("a webhook for an account that is none of ours was refused")
        return _said("refused", 400)
    return _said("received", 200)


def _said(word: str, status: int) -> Response:
    return Response(word + "\n", status=status, mimetype="text/plain")
