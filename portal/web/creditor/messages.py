"""How does a clerk answer in the debtor's words, and note something that never leaves the desk?"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from wtforms import TextAreaField

from portal.actions import messages as actions
from portal.rules.access import Right
from portal.rules.attachments import FilePurpose
from portal.rules.history import Actor, ActorKind
from portal.rules.messages import MAX_TEXT
from portal.store import claim_page
from portal.store.claim_page import ClaimPage
from portal.store.claims import Claim
from portal.web import traces
from portal.web.creditor.claims import said_on
from portal.web.forms import DecidingForm
from portal.web.i18n import N_, gettext_in
from portal.web.labels.messages import AT_DESK, ON
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("messages", __name__)


class AnswerForm(DecidingForm):
    text = TextAreaField(N_("Your answer"))
    files = FilesField(N_("Photos or PDFs"))


class NoteForm(DecidingForm):
    text = TextAreaField(N_("Internal note"), id="note-text")


@pages.get("/claims/<reference>/messages")
@who(Who.CLERK, Right.READ)
def write(reference: str) -> Response:
    """The conversation with the form to answer and, apart from it, the form for a note."""
    claim = desk_claim(reference)
    if clerk().may(Right.ANSWER):
        traces.later(traces.read_by_clerk, claim.creditor_id, claim.id)
    return _page(claim, AnswerForm(), NoteForm())


@pages.post("/claims/<reference>/messages")
@who(Who.CLERK, Right.ANSWER, uploads=True)
def answer(reference: str) -> Response:
    """The debtor can read the answer; "look" only shows it as the debtor will read it."""
    claim = desk_claim(reference)
    form = AnswerForm()
    files = receive(form.files, claim, purpose=FilePurpose.MESSAGE)
    if not form.sent_well() or request.form.get("look"):
        return _page(claim, form, NoteForm(formdata=None), preview=form.text.data or "")
    sent = actions.answer(
        db(), claim, form.text.data or "", op=form.op_id(), files=files, actor=_actor(), now=now()
    )
    if isinstance(sent, list):
        form.refuse(sent, AT_DESK, ON, limit=MAX_TEXT)
        return _page(claim, form, NoteForm(formdata=None))
    return back_to("creditor.messages.write", reference=reference)


@pages.post("/claims/<reference>/notes")
@who(Who.CLERK, Right.ANSWER)
def note(reference: str) -> Response:
    """The note stands at the desk, and only there."""
    claim = desk_claim(reference)
    form = NoteForm()
    if not form.sent_well():
        return _page(claim, AnswerForm(formdata=None), form, refused=form)
    noted = actions.note(db(), claim, form.text.data or "", op=form.op_id(), actor=_actor(), now=now())
    if isinstance(noted, list):
        form.refuse(noted, AT_DESK, ON, limit=MAX_TEXT)
        return _page(claim, AnswerForm(formdata=None), form, refused=form)
    return back_to("creditor.messages.write", reference=reference)


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _page(
    claim: Claim, form: AnswerForm, note_form: NoteForm, *, preview: str = "", refused: NoteForm | None = None
) -> Response:
    shown = claim_page.at_desk(db(), claim.creditor_id, claim.reference, today=today())
    if shown is None:
        abort(404)
    language = shown.head.debtor.language
    return page_of(
        "creditor/messages/write.html",
        form=refused or form,
        answer_form=form,
        note_form=note_form,
        claim=claim,
        debtor=shown.head.debtor,
        path=url_for("creditor.claims.claim", reference=claim.reference),
        items=said_on(shown),
        preview=_preview(shown, preview) if preview.strip() else None,
        language=language,
        promised_on=claim.promised_on,
        may_answer=clerk().may(Right.ANSWER),
        limit=MAX_TEXT,
    )


def _preview(shown: ClaimPage, text: str) -> str:
    """The answer as the debtor reads it on the claim's page, in the debtor's language."""
    words = gettext_in(shown.head.debtor.language, "%(name)s has answered you.", name=clerk().name)
    return f"{words}\n{text.strip()}\n\n{clerk().name}, {creditor().name}"
