"""What does an offer mean for the person, until when does it stand, and who signed it?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort

from portal.actions.offers import amount_of
from portal.rules.money import Money
from portal.rules.offers import OfferStatus
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.offers import Offer, offer_at
from portal.store.people import clerk_by_id
from portal.web import traces
from portal.web.i18n import language
from portal.web.labels.offers import offer_sentence
from portal.web.login import debtor, debtor_claim
from portal.web.pages import page
from portal.web.parts import now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import db, release

pages = Blueprint("offers", __name__)


@pages.route("/claims/<reference>/offer/<uuid:offer_id>")
@who(Who.DEBTOR)
def show(reference: str, offer_id: UUID) -> Response:
    """The offer with its day and its name; with the letter alone only one that the letter prints."""
    claim = debtor_claim(reference)
    offer = offer_at(db(), claim.creditor_id, claim.id, offer_id)
    if offer is None or offer.status == OfferStatus.WITHDRAWN or not (debtor().in_file or offer.on_letter):
        abort(404)
    answer = page(**_shown(claim, offer))
    if offer.shown_at is None:
        creditor_id = claim.creditor_id
        release()
        traces.offer_shown(parts().database, creditor_id, offer_id, now())
    return answer


def _shown(claim: Claim, offer: Offer) -> dict[str, Any]:
    owed = claim_sum(db(), claim, on=today())
    amount = amount_of(offer)
    stands = offer.status == OfferStatus.LIVE and offer.until_on >= today()
    return {
        "claim": claim,
        "offer": offer,
        "amount": amount,
        "owed": owed.open,
        "falls_away": owed.open - amount if owed.open > amount else Money.zero(claim.currency),
        "stands": stands and owed.open > amount,
        "taken": offer.status == OfferStatus.TAKEN,
        "nothing_open": owed.open.minor <= 0,
        "sentence": offer_sentence(owed, amount, offer.until_on, language()),
        "signed": clerk_by_id(db(), claim.creditor_id, offer.clerk_id),
        "pay": f"/claims/{claim.reference}/pay?offer={offer.id}",
    }
