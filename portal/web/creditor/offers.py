"""How does the desk offer a lower amount until a day, and take an offer back that nobody has read?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from flask import Blueprint, Response, abort, redirect, request

from portal.actions import offers
from portal.rules.access import Right
from portal.rules.claims import COST_KINDS
from portal.rules.history import Actor, ActorKind
from portal.rules.ledger import ClaimSum
from portal.rules.money import total
from portal.rules.offers import LONGEST, SHORTEST, OfferProblem, OfferTerms
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.offers import Offer, live_offer, offer_at
from portal.store.people import clerk_by_id
from portal.web.errors import SomethingChanged
from portal.web.forms import AmountField, DayField, DecidingForm
from portal.web.i18n import N_, digits, money, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.claims import POSITIONS
from portal.web.labels.offers import FIELDS, PROBLEMS, offer_sentence
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import calendar_of, now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("offers", __name__)

#: The day that the form suggests.
USUAL = timedelta(days=14)


class OfferForm(DecidingForm):
    """Pay this much by that day."""

    amount = AmountField(N_("Amount to pay"))
    until = DayField(N_("Last day"))


@pages.route("/claims/<reference>/offer", methods=["GET", "POST"])
@who(Who.CLERK, Right.OFFER)
def make(reference: str) -> Response:
    """Make an offer, with the sentence that the debtor will read."""
    claim = desk_claim(reference)
    if claim.status not in offers.OPEN and request.method == "GET":
        abort(404)
    form = OfferForm()
    if request.method == "POST":
        lock(db(), claim.creditor_id, claim.id)
    owed = claim_sum(db(), claim, on=today())
    if request.method == "GET":
        _suggest(form, owed)
    elif form.sent_well() and "look" not in request.form and _made(form, claim, owed):
        return _to_claim(claim)
    return _page(form, claim, owed)


@pages.route("/claims/<reference>/offer/<uuid:offer_id>/withdraw", methods=["POST"])
@who(Who.CLERK, Right.OFFER)
def withdraw(reference: str, offer_id: UUID) -> Response:
    """Take an offer back that nobody has read."""
    claim = desk_claim(reference)
    offer = offer_at(db(), claim.creditor_id, claim.id, offer_id)
    if offer is None:
        abort(404)
    if offers.withdraw(db(), claim, offer, actor=_actor(), now=now()):
        raise SomethingChanged
    return _to_claim(claim)


def _made(form: OfferForm, claim: Claim, owed: ClaimSum) -> bool:
    there = offer_at(db(), claim.creditor_id, claim.id, uuid5(claim.id, str(form.op_id())))
    if there is None and form.seen_minor() != owed.open.minor:
        raise SomethingChanged
    until = form.until.day()
    made = offers.make(
        db(),
        claim,
        OfferTerms(form.amount.money(claim.currency), until),
        bank_day=until is not None and calendar_of(creditor()).is_working_day(until),
        op=form.op_id(),
        actor=_actor(),
        now=now(),
        today=today(),
    )
    if isinstance(made, Offer):
        return True
    form.refuse(
        made,
        PROBLEMS,
        FIELDS[OfferProblem],
        owed=money(owed.open),
        example=f"{today() + USUAL:%d.%m.%Y}",
        earliest=weekday(today() + SHORTEST),
        latest=weekday(today() + LONGEST),
    )
    return False


def _suggest(form: OfferForm, owed: ClaimSum) -> None:
    """The form opens with the costs dropped, two weeks ahead."""
    costs = total((line.open for line in owed.lines if line.position.kind in COST_KINDS), owed.currency)
    if 0 < costs.minor < owed.open.minor:
        form.amount.data = digits((owed.open - costs).minor, owed.currency)
    form.until.data = f"{calendar_of(creditor()).next_working_day(today() + USUAL):%d.%m.%Y}"
    form.seen.data = str(owed.open.minor)


def _page(form: OfferForm, claim: Claim, owed: ClaimSum) -> Response:
    amount, until = form.amount.money(claim.currency), form.until.day()
    language = claim.debtor.language
    live = live_offer(db(), claim.creditor_id, claim.id)
    if live is not None and live.until_on < today():
        live = None
    readable = amount is not None and until is not None and 0 < amount.minor < owed.open.minor
    return page(
        form=form,
        claim=claim,
        lines=[
            {"label": line.position.label or _(POSITIONS[line.position.kind]), "money": line.open}
            for line in owed.lines
            if line.open.minor > 0
        ],
        total={"label": _("Open today"), "money": owed.open},
        unfounded=offers.unfounded_costs(owed),
        live=live,
        live_amount=None if live is None else money(offers.amount_of(live)),
        maker=None if live is None else clerk_by_id(db(), claim.creditor_id, live.clerk_id),
        preview=offer_sentence(owed, amount, until, language) if readable and amount and until else None,
        preview_lang=language,
    )


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _to_claim(claim: Claim) -> Response:
    answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
    return answer
