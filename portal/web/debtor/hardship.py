"""How does somebody tell that nothing can be paid now, and see how long the case rests?"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from wtforms import SelectMultipleField, TextAreaField

from portal.actions import hardship as actions
from portal.actions.attachments import attach
from portal.rules.attachments import FilePurpose
from portal.rules.claims import ClaimStatus
from portal.rules.dates import promise_date
from portal.rules.hardship import MAX_TEXT, HardshipStatus, Need
from portal.rules.history import Actor, ActorKind
from portal.store.attachments import attachments_on
from portal.store.claims import Claim
from portal.store.hardship import Hardship, hardships_of, live_hardship
from portal.store.history import done_in_session
from portal.store.people import clerk_by_id, who_answers
from portal.web.forms import DecidingForm
from portal.web.i18n import N_, language, weekday
from portal.web.i18n import gettext as _
from portal.web.labels import hardship as words
from portal.web.login import creditor, debtor, debtor_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import calendar_of, now, today
from portal.web.schedules import contact_block
from portal.web.security import Who, who
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("hardship", __name__)


class TellForm(DecidingForm):
    """Needs, never causes; a text and documents if the person likes."""

    needs = SelectMultipleField(N_("What would help you?"), choices=[], validate_choice=False)
    text = TextAreaField(N_("Would you like to tell us more?"))
    files = FilesField(N_("Documents that show your situation"))


class BackForm(DecidingForm):
    """The person can pay again."""


@pages.route("/claims/<reference>/hardship", methods=["GET", "POST"])
@who(Who.DEBTOR, uploads=True)
def tell(reference: str) -> Response:
    """Nothing has to be paid today; what was told stands here again, and more can be added."""
    claim = debtor_claim(reference)
    if claim.status != ClaimStatus.OPEN:
        return back_to("debtor.claims.claim", reference=reference)
    form = TellForm()
    if request.method == "GET":
        live = live_hardship(db(), claim.creditor_id, claim.id)
        if live is not None and not request.args.get("more") and _may_see(claim, live):
            return show(claim, live)
        return _page(claim, form)
    sent = receive(form.files, claim, purpose=FilePurpose.HARDSHIP) if debtor().in_file else []
    if not form.sent_well():
        return _page(claim, form)
    needs = [need for need in Need if need.value in (form.needs.data or [])]
    done = actions.tell(
        db(), claim, creditor(), needs, str(form.text.data or ""), op=form.op_id(), actor=_actor(),
        now=now(), today=today(), calendar=calendar_of(creditor()),
    )  # fmt: skip
    if isinstance(done, list):
        form.refuse(done, words.PROBLEMS, words.ON, limit=MAX_TEXT)
        return _page(claim, form)
    attach(db(), claim, sent, purpose=FilePurpose.HARDSHIP, subject_id=done.id, actor=_actor(), now=now())
    return back_to("debtor.hardship.tell", reference=reference)


@pages.post("/claims/<reference>/hardship/withdraw")
@who(Who.DEBTOR)
def withdraw(reference: str) -> Response:
    """The person can pay again, and the case goes on."""
    claim = debtor_claim(reference)
    last = next(iter(hardships_of(db(), claim.creditor_id, claim.id)), None)
    if last is None or not _may_see(claim, last):
        abort(404)
    actions.withdraw(db(), claim, last.id, op=BackForm().op_id(), actor=_actor(), now=now(), today=today())
    return back_to("debtor.plans.propose", reference=reference)


def show(claim: Claim, matter: Hardship) -> Response:
    """Until when the case rests, what was told, and who answers by when."""
    answers = who_answers(db(), claim.creditor_id, claim.clerk_id, today())
    files = attachments_on(db(), claim.creditor_id, claim.id) if debtor().in_file else []
    return page_of(
        "debtor/hardship/show.html",
        claim=claim,
        form=None,
        back_form=BackForm(formdata=None),
        sentences=_sentences(claim, matter, answers.name),
        asked=matter.status == HardshipStatus.ASKED,
        needs=[_(words.NEEDS[Need(one)]) for one in matter.needs],
        text=matter.text,
        files=[one for one in files if one.subject_id == matter.id],
        contact=contact_block(claim.reference, answers),
    )


def _sentences(claim: Claim, matter: Hardship, name: str) -> list[str]:
    clerk = clerk_by_id(db(), claim.creditor_id, matter.clerk_id) if matter.clerk_id else None
    by = clerk.name if clerk is not None else name
    if matter.status == HardshipStatus.ACCEPTED:
        return [words.accepted(language(), matter.until_on)]
    if matter.status == HardshipStatus.ASKED:
        return words.asked(language(), by, matter.reason, matter.until_on).split("\n\n")
    promised = claim.promised_on or promise_date(today(), creditor().answer_days, calendar_of(creditor()))
    return [_(words.TOLD, day=weekday(matter.until_on)), _(words.ANSWERS, name=name, day=weekday(promised))]


def _page(claim: Claim, form: TellForm) -> Response:
    return page_of(
        "debtor/hardship/tell.html",
        claim=claim,
        form=form,
        needs=[(need.value, _(label), "") for need, label in words.NEEDS.items()],
        limit=MAX_TEXT,
        in_file=debtor().in_file,
        before=_what_was_decided(claim),
    )


def _what_was_decided(claim: Claim) -> str:
    last = next(iter(hardships_of(db(), claim.creditor_id, claim.id)), None)
    if last is None or last.status != HardshipStatus.DECLINED or not _may_see(claim, last):
        return ""
    return _("We cannot pause the case for longer. The reason: %(reason)s", reason=last.reason)


def _may_see(claim: Claim, matter: Hardship) -> bool:
    visitor = debtor()
    return visitor.in_file or done_in_session(db(), claim.creditor_id, claim.id, matter.id, visitor.session_id)


def _actor() -> Actor:
    return Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)
