"""How does a clerk answer somebody who asked to pay later than the limits say?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from portal.actions import deferrals as actions
from portal.rules.access import Right
from portal.rules.deferrals import DeferralStatus
from portal.rules.history import Actor, ActorKind
from portal.rules.pauses import RESUME_NOTICE
from portal.rules.plans import MAX_REASON, DecisionProblem
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.deferrals import Deferral, deferral_at
from portal.web.forms import DecidingForm
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels import deferrals as words
from portal.web.labels.plans import DECISIONS as PROBLEMS
from portal.web.labels.plans import DECISIONS_ON
from portal.web.login import clerk, desk_claim
from portal.web.pages import page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("deferrals", __name__)

ACCEPT, DECLINE = "accept", "decline"
DECISIONS = {ACCEPT: N_("Give the time"), DECLINE: N_("Not possible, with a reason")}


class DecideForm(DecidingForm):
    """Yes, or no with a reason."""

    decision = StringField(N_("Your decision"))
    reason = TextAreaField(N_("Reason"))


@pages.route("/claims/<reference>/deferrals/<uuid:deferral_id>", methods=["GET", "POST"])
@who(Who.CLERK, Right.DECIDE)
def decide(reference: str, deferral_id: UUID) -> Response:
    """The day that was asked for, the two choices, and what the debtor will read."""
    claim = desk_claim(reference)
    deferral = deferral_at(db(), claim.creditor_id, claim.id, deferral_id)
    if deferral is None:
        abort(404)
    form = DecideForm()
    if request.method == "GET":
        form.decision.data = request.args.get("decision") or ACCEPT
    elif "look" not in request.form and _decided(form, claim, deferral):
        return redirect(f"/desk/claims/{claim.reference}", 303)
    return page(
        form=form,
        claim=claim,
        deferral=deferral,
        status_word=_(words.STATUSES[DeferralStatus(deferral.status)]),
        waits=deferral.status == DeferralStatus.PROPOSED,
        owed=claim_sum(db(), claim, on=today()).open,
        choices=[(value, _(label)) for value, label in DECISIONS.items()],
        preview=_preview(form, claim, deferral),
        preview_lang=claim.debtor.language,
    )


def _decided(form: DecideForm, claim: Claim, deferral: Deferral) -> bool:
    if form.decision.data == ACCEPT:
        actions.grant(db(), claim, deferral.id, op=form.op_id(), actor=_actor(), now=now(), today=today())
        return True
    if form.decision.data != DECLINE:
        form.say("decision", _(PROBLEMS[DecisionProblem.NOTHING_DECIDED]))
        return False
    done = actions.decline(
        db(), claim, deferral.id, reason=str(form.reason.data or ""), op=form.op_id(), actor=_actor(),
        now=now(), today=today(),
    )  # fmt: skip
    return isinstance(done, Deferral) or not form.refuse(done, PROBLEMS, DECISIONS_ON, limit=MAX_REASON)


def _preview(form: DecideForm, claim: Claim, deferral: Deferral) -> str | None:
    if deferral.status != DeferralStatus.PROPOSED:
        return None
    if form.decision.data == ACCEPT:
        return words.granted(claim.debtor.language, deferral.until_on)
    reason = str(form.reason.data or "").strip()
    if not reason:
        return None
    return words.declined(
        claim.debtor.language, clerk().name, deferral.until_on, reason, today() + RESUME_NOTICE
    )


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
