"""How does a person say that something is not right, and read what came of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, request
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField

from portal.actions.disputes import answer as answer_objection
from portal.actions.disputes import is_live, may_answer_again, raise_objection
from portal.actions.disputes import withdraw as withdraw_objection
from portal.rules.attachments import FilePurpose, FileState
from portal.rules.claims import COST_KINDS
from portal.rules.dates import from_parts, promise_date
from portal.rules.disputes import MAX_TEXT, AnswerProblem, DisputeProblem, DisputeReason, DisputeStatus, Objection
from portal.rules.history import Actor, ActorKind
from portal.rules.ledger import ClaimSum, Line
from portal.rules.money import total
from portal.store.attachments import Attachment, attachments_of
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.disputes import Dispute, dispute_at, disputes_of, lines_of
from portal.store.pauses import pauses_of_cause
from portal.store.people import Clerk, clerk_by_id, who_answers
from portal.web.forms import AmountField, DecidingForm
from portal.web.i18n import N_, file_size, money, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.attachments import STATES
from portal.web.labels.claims import POSITIONS
from portal.web.labels.disputes import DETAILS, FIELDS, LABELS, QUESTIONS, REASONS, STATUSES
from portal.web.login import creditor, debtor, debtor_claim
from portal.web.pages import back_to, page, page_of
from portal.web.parts import calendar_of, now, today
from portal.web.security import Who, who
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("disputes", __name__)

DAY_NOT_THERE = N_("Enter a day that is not in the future, for example 11 8 2026, or leave it empty.")


class ObjectionForm(DecidingForm):
    """What is not right, on which lines, with which sum, words and files."""

    reason = HiddenField()
    lines = SelectMultipleField(N_("Which lines is it about?"), validate_choice=False)
    amount = AmountField(N_("The amount you think is right"))
    paid_day = StringField(N_("Day"))
    paid_month = StringField(N_("Month"))
    paid_year = StringField(N_("Year"))
    text = TextAreaField(N_("What is not right"))
    files = FilesField(N_("Photos or PDFs"))

    def objection(self, reason: DisputeReason, currency: str) -> Objection:
        """The form as the rules see it; a line that is no id of ours becomes one that exists nowhere."""
        return Objection(
            reason=reason,
            lines=frozenset(_line_id(raw) for raw in self.lines.data or []),
            text=str(self.text.data or ""),
            amount=self.amount.money(currency) if reason is DisputeReason.AMOUNT else None,
        )

    def paid_on(self) -> date | None:
        """The day of the payment, if one was given; a sentence stands on the field when it can't be."""
        given = [str(field.data or "").strip() for field in (self.paid_day, self.paid_month, self.paid_year)]
        if not any(given):
            return None
        found = from_parts(*given)
        if found is None or found > today():
            self.say("paid_day", _(DAY_NOT_THERE))
            return None
        return found


class AnswerForm(DecidingForm):
    """What the person answers to a question or to a rejection."""

    text = TextAreaField(N_("Your answer"))
    files = FilesField(N_("Photos or PDFs"))


@dataclass(frozen=True)
class ShownFile:
    """A sent file: its name, and a link as soon as our copy is ready and the whole file is open."""

    name: str
    detail: str
    href: str | None


@pages.route("/claims/<reference>/dispute", methods=["GET", "POST"])
@who(Who.DEBTOR, uploads=True)
def begin(reference: str) -> Response:
    """First the reasons as links, then one question for the reason; sent, the claim is paused at once."""
    claim = debtor_claim(reference)
    reason = _reason(request.values.get("reason", ""))
    form = ObjectionForm()
    if request.method == "POST":
        files = receive(form.files, claim, purpose=FilePurpose.DISPUTE)
        if reason is not None and form.sent_well():
            sent = _send(form, claim, reason, files)
            if sent is not None:
                return back_to("debtor.disputes.shows", reference=reference, dispute_id=sent.id)
    if reason is None:
        return page(claim=claim, rows=_rows(claim), earlier=_earlier(claim), status=_status_of_list())
    return ask(form, claim, reason)


@pages.route("/claims/<reference>/dispute/<uuid:dispute_id>")
@who(Who.DEBTOR)
def shows(reference: str, dispute_id: UUID) -> Response:
    """What was sent, what was asked, what was decided, and what the person can still do."""
    claim = debtor_claim(reference)
    return page(form=AnswerForm(), **_shown(claim, _own(claim, dispute_id)))


@pages.route("/claims/<reference>/dispute/<uuid:dispute_id>/answer", methods=["POST"])
@who(Who.DEBTOR, uploads=True)
def answer(reference: str, dispute_id: UUID) -> Response:
    """Answer the desk's question, or once its rejection."""
    claim = debtor_claim(reference)
    form = AnswerForm()
    files = receive(form.files, claim, purpose=FilePurpose.DISPUTE)
    dispute = _own(claim, dispute_id)
    if form.sent_well():
        done = answer_objection(
            db(), claim, dispute, str(form.text.data or ""), op=form.op_id(), files=files,
            promised_on=_promised(), actor=_actor(), now=now(), today=today(),
        )  # fmt: skip
        if isinstance(done, Dispute):
            return back_to("debtor.disputes.shows", reference=reference, dispute_id=dispute_id)
        form.refuse(done, LABELS[AnswerProblem], FIELDS[AnswerProblem], limit=MAX_TEXT)
    return page_of("debtor/disputes/shows.html", form=form, **_shown(claim, dispute))


@pages.route("/claims/<reference>/dispute/<uuid:dispute_id>/withdraw", methods=["POST"])
@who(Who.DEBTOR)
def withdraw(reference: str, dispute_id: UUID) -> Response:
    """Take the objection back."""
    claim = debtor_claim(reference)
    dispute = _own(claim, dispute_id)
    withdraw_objection(db(), claim, dispute, actor=_actor(), now=now(), today=today())
    return back_to("debtor.disputes.shows", reference=reference, dispute_id=dispute_id)


def ask(form: ObjectionForm, claim: Claim, reason: DisputeReason) -> Response:
    """The one question that belongs to a reason, with everything but the answer left out."""
    form.reason.data = reason.value
    form.text.label.text = _(QUESTIONS[reason].text)
    owed = claim_sum(db(), claim, on=today())
    return page_of(
        "debtor/disputes/ask.html",
        form=form,
        claim=claim,
        reason=reason,
        question=QUESTIONS[reason],
        lines=_choices(reason, owed),
        asks_amount=reason is DisputeReason.AMOUNT,
        asks_day=reason is DisputeReason.PAID,
        limit=MAX_TEXT,
    )


def _send(form: ObjectionForm, claim: Claim, reason: DisputeReason, files: Sequence[UUID]) -> Dispute | None:
    paid_on = form.paid_on() if reason is DisputeReason.PAID else None
    if form.errors:
        return None
    done = raise_objection(
        db(), claim, form.objection(reason, claim.currency), op=form.op_id(), files=files, paid_on=paid_on,
        promised_on=_promised(), actor=_actor(), now=now(), today=today(),
    )  # fmt: skip
    if isinstance(done, Dispute):
        return done
    owed = claim_sum(db(), claim, on=today()).open
    form.refuse(done, LABELS[DisputeProblem], FIELDS[DisputeProblem], limit=MAX_TEXT, owed=money(owed))
    return None


def _own(claim: Claim, dispute_id: UUID) -> Dispute:
    """The objection, in room 1 only if this very session raised it; else the same 404 as for one that is not there."""
    found = dispute_at(db(), claim.creditor_id, claim.id, dispute_id)
    visitor = debtor()
    if found is None or not (visitor.in_file or found.signed_in_id == visitor.session_id):
        abort(404)
    return found


def _actor() -> Actor:
    return Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)


def _promised() -> date:
    firm = creditor()
    return promise_date(today(), firm.answer_days, calendar_of(firm))


def _reason(raw: str) -> DisputeReason | None:
    return DisputeReason(raw) if raw in {reason.value for reason in DisputeReason} else None


def _line_id(raw: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError:
        return UUID(int=0)


def _rows(claim: Claim) -> list[dict[str, str]]:
    """The reasons as rows to tap; the costs only where there are some."""
    owed = claim_sum(db(), claim, on=today())
    costs = any(line.position.kind in COST_KINDS and line.open.minor > 0 for line in owed.lines)
    return [
        {
            "href": f"/claims/{claim.reference}/dispute?reason={reason}",
            "title": _(REASONS[reason]),
            "detail": _(DETAILS[reason]),
        }
        for reason in DisputeReason
        if costs or reason is not DisputeReason.COSTS
    ]


def _earlier(claim: Claim) -> list[dict[str, object]]:
    """What this person may see of earlier objections: all of them in room 2, this session's in room 1."""
    visitor = debtor()
    return [
        {
            "href": f"/claims/{claim.reference}/dispute/{found.id}",
            "title": _(REASONS[DisputeReason(found.reason)]),
            "detail": _(STATUSES[DisputeStatus(found.status)]) if visitor.in_file or is_live(found) else "",
        }
        for found in disputes_of(db(), claim.creditor_id, claim.id)
        if visitor.in_file or found.signed_in_id == visitor.session_id
    ]


def _status_of_list() -> int:
    """A form without a reason was refused: the list asks for it again."""
    return 422 if request.method == "POST" else 200


def line_label(line: Line) -> str:
    """What the line is called on the page: its own words, else the word for its kind."""
    return line.position.label or _(POSITIONS[line.position.kind])


def _choices(reason: DisputeReason, owed: ClaimSum) -> list[tuple[str, str, str]]:
    """The lines that can be contested one by one; none where there is only one, or where the reason says which."""
    shown = not debtor().in_file  # with the letter alone, what somebody else objected to is not told by a gap
    open_lines = [line for line in owed.lines if line.open.minor > 0 and (shown or not line.disputed)]
    if len(open_lines) < 2 or reason is DisputeReason.COSTS:
        return []
    return [(str(line.position.id), line_label(line), money(line.open)) for line in open_lines]


def _shown(claim: Claim, dispute: Dispute) -> dict[str, Any]:
    visitor = debtor()
    status = DisputeStatus(dispute.status)
    owed = claim_sum(db(), claim, on=today())
    ids = {row.position_id for row in lines_of(db(), dispute)}
    lines = [line for line in owed.lines if line.position.id in ids]
    reads = visitor.in_file
    files = attachments_of(db(), claim.creditor_id, dispute.id)
    return {
        "claim": claim,
        "dispute": dispute,
        "live": is_live(dispute),
        "asked": status is DisputeStatus.ASKED,
        "open": status is DisputeStatus.OPEN,
        "title": _title(dispute, status, reads=reads),
        "reason": _(REASONS[DisputeReason(dispute.reason)]),
        "person": _person(claim, dispute, status),
        "promised_on": claim.promised_on or _promised(),
        "said": dispute.text if reads or dispute.signed_in_id == visitor.session_id else "",
        "answer": dispute.answer if reads and status is not DisputeStatus.OPEN else "",
        "locked": not reads and status not in (DisputeStatus.OPEN, DisputeStatus.WITHDRAWN),
        "lines": [(line_label(line), line.claimed, line.open) for line in lines],
        "lines_open": total((line.open for line in lines), claim.currency),
        "corrected": reads and status in (DisputeStatus.UPHELD, DisputeStatus.PARTLY),
        "mine": [_file(row) for row in files if row.clerk_id is None],
        "theirs": [_file(row) for row in files if row.clerk_id is not None] if reads else [],
        "may_answer": reads and (status is DisputeStatus.ASKED or may_answer_again(dispute)),
        "rejected": reads and status is DisputeStatus.REJECTED,
        "paused_until": _paused_until(claim, dispute),
        "payable": owed.undisputed if owed.undisputed.minor > 0 else None,
        "limit": MAX_TEXT,
    }


def _title(dispute: Dispute, status: DisputeStatus, *, reads: bool) -> str:
    if not reads and status not in (DisputeStatus.OPEN, DisputeStatus.WITHDRAWN):
        return _("There is an answer for you")
    if status is DisputeStatus.OPEN:
        return _("Your answer is with us") if dispute.reopened else _("Your objection is with us")
    return _(STATUSES[status])


def _person(claim: Claim, dispute: Dispute, status: DisputeStatus) -> Clerk:
    """Who answers today, or who has answered."""
    if dispute.clerk_id is not None and status is not DisputeStatus.OPEN:
        answered_by = clerk_by_id(db(), claim.creditor_id, dispute.clerk_id)
        if answered_by is not None:
            return answered_by
    return who_answers(db(), claim.creditor_id, claim.clerk_id, today())


def _file(row: Attachment) -> ShownFile:
    ready = row.state == FileState.READY
    size = file_size(row.ready_size if ready and row.ready_size else row.size)
    detail = size if ready else f"{size}, {_(STATES[FileState(row.state)])}"
    return ShownFile(row.name, detail, f"/files/{row.id}" if ready and debtor().in_file else None)


def _paused_until(claim: Claim, dispute: Dispute) -> date | None:
    """The last day of rest after a rejection, unless the desk's own words name it already."""
    ends = [row.until_on for row in pauses_of_cause(db(), claim.creditor_id, claim.id, dispute.id) if row.until_on]
    last = max(ends, default=None)
    named = last is not None and weekday(last, g.get("debtor_language")) in dispute.answer
    return last if last is not None and last >= today() and not named else None
