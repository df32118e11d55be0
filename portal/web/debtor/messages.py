"""How does the debtor write to the contact person, and read what was answered?"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from wtforms import TextAreaField

from portal.actions import messages as actions
from portal.rules.attachments import FilePurpose
from portal.rules.dates import promise_date
from portal.rules.history import Actor, ActorKind
from portal.rules.messages import MAX_TEXT
from portal.store.attachments import attachments_on
from portal.store.claims import Claim
from portal.store.messages import clerk_names, decision_words, messages_of
from portal.store.people import who_answers
from portal.store.timeline import events_for_debtor
from portal.web import traces
from portal.web.conversations import Item, conversation
from portal.web.debtor.claims import person_of
from portal.web.forms import DecidingForm
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.messages import ON, PROBLEMS
from portal.web.login import creditor, debtor, debtor_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import calendar_of, now, today
from portal.web.security import Who, who
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("messages", __name__)


class MessageForm(DecidingForm):
    text = TextAreaField(N_("Your message"))
    files = FilesField(N_("Photos or PDFs"))


@pages.get("/claims/<reference>/messages")
@who(Who.DEBTOR)
def write(reference: str) -> Response:
    """The conversation, the newest at the end, and the field to write."""
    claim = debtor_claim(reference)
    if debtor().in_file:
        traces.later(traces.read_by_debtor, claim.creditor_id, claim.id)
    return _page(claim, MessageForm())


@pages.post("/claims/<reference>/messages")
@who(Who.DEBTOR, uploads=True)
def send(reference: str) -> Response:
    """The message is with the desk, and the page says who answers by when."""
    claim = debtor_claim(reference)
    form = MessageForm()
    files = receive(form.files, claim, purpose=FilePurpose.MESSAGE)
    if not form.sent_well():
        return _page(claim, form)
    actor = Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)
    firm = creditor()
    promised_on = promise_date(today(), firm.answer_days, calendar_of(firm))
    text = form.text.data or ""
    sent = actions.send(
        db(), claim, text, op=form.op_id(), files=files, promised_on=promised_on, actor=actor, now=now()
    )
    if isinstance(sent, list):
        form.refuse(sent, PROBLEMS, ON, limit=MAX_TEXT)
        return _page(claim, form)
    return back_to("debtor.messages.write", reference=reference)


def _page(claim: Claim, form: MessageForm) -> Response:
    visitor = debtor()
    path = url_for("debtor.claims.claim", reference=claim.reference)
    person = who_answers(db(), claim.creditor_id, claim.clerk_id, today())
    items = _items(claim, path)
    return page_of(
        "debtor/messages/write.html",
        form=form,
        claim=claim,
        path=path,
        name=g.get("debtor_name", ""),
        items=items,
        contact=person_of(person, path) | {"href": ""},
        promised_on=claim.promised_on if items or visitor.in_file else None,
        answer_days=_usual_day(),
        whole_file=visitor.in_file,
        limit=MAX_TEXT,
    )


def _usual_day() -> date:
    firm = creditor()
    return promise_date(today(), firm.answer_days, calendar_of(firm))


def _items(claim: Claim, path: str) -> list[Item]:
    visitor = debtor()
    only = None if visitor.in_file else visitor.session_id
    messages = messages_of(db(), claim.creditor_id, claim.id, only_session=only)
    whole = visitor.in_file
    return conversation(
        messages,
        attachments_on(db(), claim.creditor_id, claim.id),
        events_for_debtor(db(), claim.creditor_id, claim.id) if whole else [],
        names=clerk_names(db(), claim.creditor_id),
        debtor=_("You"),
        desk=False,
        reasons=decision_words(db(), claim.creditor_id, claim.id) if whole else {},
        file_address=_file_address,
        page_address=lambda word: f"{path}/{word}",
    )


def _file_address(id: UUID) -> str:
    return url_for("debtor.evidence.sent_file", id=id)
