"""How does a clerk answer somebody who can pay nothing: a longer pause on proof, a question, or no with a reason?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from portal.actions import hardship as actions
from portal.rules import hardship as rules
from portal.rules.access import Right
from portal.rules.dates import months_later
from portal.rules.hardship import HardshipStatus, Need
from portal.rules.history import Actor, ActorKind
from portal.rules.pauses import RESUME_NOTICE
from portal.rules.plans import DecisionProblem
from portal.store.attachments import attachments_on
from portal.store.claims import Claim
from portal.store.hardship import Hardship, hardship_at
from portal.web.forms import DecidingForm
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels import hardship as words
from portal.web.labels.plans import DECISIONS as PROBLEMS
from portal.web.login import clerk, desk_claim
from portal.web.pages import page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("hardship", __name__)

ACCEPT, ASK, DECLINE = "accept", "ask", "decline"
DECISIONS = {
    ACCEPT: N_("The proof is enough: pause for 12 months"),
    ASK: N_("Ask a question"),
    DECLINE: N_("No longer pause, with a reason"),
}
OPEN = frozenset({HardshipStatus.TOLD, HardshipStatus.ASKED})


class DecideForm(DecidingForm):
    """What the clerk decides, with a question or a reason."""

    decision = StringField(N_("Your decision"))
    text = TextAreaField(N_("Question or reason"))


@pages.route("/claims/<reference>/hardship/<uuid:matter_id>", methods=["GET", "POST"])
@who(Who.CLERK, Right.DECIDE)
def decide(reference: str, matter_id: UUID) -> Response:
    """What somebody told and sent, the three choices, and what the debtor will read."""
    claim = desk_claim(reference)
    matter = hardship_at(db(), claim.creditor_id, claim.id, matter_id)
    if matter is None:
        abort(404)
    form = DecideForm()
    if request.method == "GET":
        form.decision.data = request.args.get("decision") or ASK
    elif "look" not in request.form and _decided(form, claim, matter):
        return redirect(f"/desk/claims/{claim.reference}", 303)
    return page(
        form=form,
        claim=claim,
        matter=matter,
        status_word=_(words.STATUSES[HardshipStatus(matter.status)]),
        waits=matter.status in OPEN,
        needs=[_(words.NEEDS[Need(one)]) for one in matter.needs],
        files=[one for one in attachments_on(db(), claim.creditor_id, claim.id) if one.subject_id == matter.id],
        choices=[(value, _(label)) for value, label in DECISIONS.items()],
        preview=_preview(form, claim, matter),
        preview_lang=claim.debtor.language,
    )


def _decided(form: DecideForm, claim: Claim, matter: Hardship) -> bool:
    text, chosen = str(form.text.data or ""), form.decision.data
    common = {"op": form.op_id(), "actor": _actor(), "now": now(), "today": today()}
    if chosen == ACCEPT:
        actions.accept(db(), claim, matter.id, **common)  # type: ignore[arg-type]
        return True
    if chosen == ASK:
        done = actions.ask(db(), claim, matter.id, question=text, **common)  # type: ignore[arg-type]
    elif chosen == DECLINE:
        done = actions.decline(db(), claim, matter.id, reason=text, **common)  # type: ignore[arg-type]
    else:
        form.say("decision", _(PROBLEMS[DecisionProblem.NOTHING_DECIDED]))
        return False
    return isinstance(done, Hardship) or not form.refuse(done, words.PROBLEMS, words.ON, limit=rules.MAX_TEXT)


def _preview(form: DecideForm, claim: Claim, matter: Hardship) -> str | None:
    if matter.status not in OPEN:
        return None
    language, text = claim.debtor.language, str(form.text.data or "").strip()
    if form.decision.data == ACCEPT:
        return words.accepted(language, months_later(today(), rules.PAUSE_ON_PROOF_MONTHS, anchor=today().day))
    if not text:
        return None
    if form.decision.data == ASK:
        until = max(matter.until_on, rules.paused_until(today()))
        return words.asked(language, clerk().name, text, until)
    return words.declined(language, clerk().name, text, today() + RESUME_NOTICE)


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
