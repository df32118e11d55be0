"""How does the desk read an objection and decide it, seeing what the debtor will read?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request
from wtforms import HiddenField, TextAreaField

from portal.actions.decisions import concerned_lines, decide
from portal.actions.disputes import is_live, rejection_ends
from portal.rules.access import Right
from portal.rules.attachments import FilePurpose
from portal.rules.claims import PositionKind
from portal.rules.disputes import MAX_TEXT, Decision, DecisionProblem, DisputeReason, DisputeStatus
from portal.rules.history import Actor, ActorKind
from portal.rules.ledger import Line
from portal.rules.money import Money, total
from portal.store.attachments import Attachment, attachments_of
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.disputes import Dispute, dispute_at
from portal.store.evidence import evidence_on
from portal.web.errors import SomethingChanged
from portal.web.forms import AmountField, DayField, DecidingForm
from portal.web.i18n import N_, day, digits, gettext_in, money, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.attachments import STATES
from portal.web.labels.claims import POSITIONS
from portal.web.labels.disputes import (
    BUTTONS,
    CHOICES,
    FIELDS,
    FOUND_TEXT,
    FOUND_TEXT_WITHOUT_DAY,
    LABELS,
    NOT_FOUND_TEXT,
    NOT_OWED_TEXT,
    PARTLY_TEXT,
    PAUSED_UNTIL_ANSWER,
    REASONS,
    STATUSES,
    STAYS_PAUSED,
)
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("disputes", __name__)

#: A payment is searched for from so long before the day that the person named.
SEARCHED_BEFORE = timedelta(days=10)


class DecisionForm(DecidingForm):
    """One decision: figures where there are some, the words the debtor reads, and documents."""

    to = HiddenField()
    found = AmountField(N_("Amount that arrived"))
    found_on = DayField(N_("Arrived on"))
    new_sum = AmountField(N_("What stays owed on these lines"))
    text = TextAreaField(N_("What the debtor reads"))
    files = FilesField(N_("Documents"))


@dataclass(frozen=True)
class Case:
    """What a decision is about: the objection, its lines and what they ask for now."""

    claim: Claim
    dispute: Dispute
    lines: list[Line]

    @property
    def owed(self) -> Money:
        return total((line.open for line in self.lines), self.claim.currency)

    @property
    def principal(self) -> Money:
        return total(
            (line.open for line in self.lines if line.position.kind is PositionKind.PRINCIPAL), self.claim.currency
        )

    @property
    def paid(self) -> bool:
        return self.dispute.reason == DisputeReason.PAID


@pages.route("/claims/<reference>/disputes/<uuid:dispute_id>", methods=["GET", "POST"])
@who(Who.CLERK, Right.DECIDE, uploads=True)
def decision(reference: str, dispute_id: UUID) -> Response:
    """First the four choices as links, then the form of one of them with the text that the debtor will read."""
    claim = desk_claim(reference)
    form = DecisionForm()
    to = _choice(request.values.get("to", ""))
    files: list[UUID] = []
    if request.method == "POST":
        files = receive(form.files, claim, purpose=FilePurpose.DISPUTE)
    case = _case(claim, dispute_id)
    if request.method == "POST" and to is not None and form.sent_well() and _decided(form, case, to, files):
        answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
        return answer
    if request.method == "GET" and to is not None:
        _suggest(form, case, to)
    return page(**_shown(form, case, to if is_live(case.dispute) else None))


def _case(claim: Claim, dispute_id: UUID) -> Case:
    found = dispute_at(db(), claim.creditor_id, claim.id, dispute_id)
    if found is None:
        abort(404)
    return Case(claim, found, concerned_lines(db(), found, claim_sum(db(), claim, on=today())))


def _choice(raw: str) -> DisputeStatus | None:
    return DisputeStatus(raw) if raw in {status.value for status in CHOICES} else None


def _decided(form: DecisionForm, case: Case, to: DisputeStatus, files: list[UUID]) -> bool:
    claim = case.claim
    if is_live(case.dispute) and form.seen_minor() not in (None, case.owed.minor):
        raise SomethingChanged
    unread = _unreadable(form, case, to)
    text = str(form.text.data or "").strip()
    if not text and (to in (DisputeStatus.UPHELD, DisputeStatus.PARTLY) or (files and case.paid)):
        text = _usual_text(case, to, form.found_on.day())
    made = Decision(
        to=to,
        text=text,
        found=form.found.money(claim.currency) if case.paid and to in WITH_MONEY else None,
        found_on=form.found_on.day() if case.paid and to in WITH_MONEY else None,
        new_sum=form.new_sum.money(claim.currency) if to is DisputeStatus.PARTLY and not case.paid else None,
        documents=len(files),
    )
    if unread:
        return False
    problems = decide(
        db(), claim, creditor(), case.dispute, made, op=form.op_id(), files=files,
        actor=Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id), now=now(), today=today(),
    )  # fmt: skip
    return not form.refuse(
        problems, LABELS[DecisionProblem], FIELDS[DecisionProblem], limit=MAX_TEXT, owed=money(case.owed),
        principal=money(case.principal),
    )  # fmt: skip


WITH_MONEY = frozenset({DisputeStatus.UPHELD, DisputeStatus.PARTLY})


def _unreadable(form: DecisionForm, case: Case, to: DisputeStatus) -> bool:
    """A sum that was typed but can't be read is said so, instead of "missing"."""
    found = False
    for field in (form.found, form.new_sum):
        if to in WITH_MONEY and str(field.data or "").strip() and field.money(case.claim.currency) is None:
            form.say(field.short_name, _("Enter an amount, for example 50"))
            found = True
    return found


def _suggest(form: DecisionForm, case: Case, to: DisputeStatus) -> None:
    """The form opens with the usual text in the debtor's language and what the person said about the payment."""
    form.to.data = to.value
    form.seen.data = str(case.owed.minor)
    form.text.data = _usual_text(case, to, case.dispute.paid_on)
    if case.paid and to is DisputeStatus.UPHELD:
        form.found.data = digits(case.principal.minor, case.claim.currency)
    if case.dispute.paid_on is not None:
        form.found_on.data = f"{case.dispute.paid_on:%d.%m.%Y}"
    if case.dispute.amount_minor is not None and case.dispute.amount_minor < case.owed.minor:
        form.new_sum.data = digits(case.dispute.amount_minor, case.claim.currency)


def _usual_text(case: Case, to: DisputeStatus, paid_on: Any) -> str:
    language = case.claim.debtor.language
    if to is DisputeStatus.UPHELD and case.paid:
        if paid_on is None:
            return gettext_in(language, FOUND_TEXT_WITHOUT_DAY)
        return gettext_in(language, FOUND_TEXT, day=day(paid_on, language))
    if to is DisputeStatus.UPHELD:
        return gettext_in(language, NOT_OWED_TEXT)
    if to is DisputeStatus.PARTLY:
        return gettext_in(language, PARTLY_TEXT)
    if to is DisputeStatus.REJECTED and case.paid:
        start = (case.dispute.paid_on or case.claim.invoice_on) - (
            SEARCHED_BEFORE if case.dispute.paid_on else timedelta()
        )
        return gettext_in(
            language, NOT_FOUND_TEXT, amount=money(case.principal), start=day(start, language),
            end=day(today(), language), day=weekday(rejection_ends(today()), language),
        )  # fmt: skip
    return ""


def _preview(case: Case, to: DisputeStatus, text: str) -> str:
    """What the debtor reads: our heading, the desk's words, and what follows; in the debtor's language."""
    language = case.claim.debtor.language
    parts = [gettext_in(language, STATUSES[to]), text]
    last = weekday(rejection_ends(today()), language)
    if to is DisputeStatus.REJECTED and last not in text:
        parts.append(gettext_in(language, STAYS_PAUSED, day=last))
    if to is DisputeStatus.ASKED:
        parts.append(gettext_in(language, PAUSED_UNTIL_ANSWER))
    return "\n\n".join(part for part in parts if part)


def _shown(form: DecisionForm, case: Case, to: DisputeStatus | None) -> dict[str, Any]:
    claim, dispute = case.claim, case.dispute
    files = attachments_of(db(), claim.creditor_id, dispute.id)
    path = f"/desk/claims/{claim.reference}/disputes/{dispute.id}"
    return {
        "form": form,
        "claim": claim,
        "dispute": dispute,
        "live": is_live(dispute),
        "path": path,
        "reason": _(REASONS[DisputeReason(dispute.reason)]),
        "state_word": _(STATUSES[DisputeStatus(dispute.status)]),
        "stated": None if dispute.amount_minor is None else Money(dispute.amount_minor, claim.currency),
        "lines": [(line.position.label or _(POSITIONS[line.position.kind]), line.open) for line in case.lines],
        "owed": case.owed,
        "files": [_file(row) for row in files],
        "evidence": [
            {"href": f"/desk/files/{row.id}", "name": paper.title, "detail": row.name}
            for paper, row in evidence_on(db(), claim.creditor_id, claim.id)
        ],
        "choices": [
            {"href": f"{path}?to={status}", "title": _(words), "key": str(place)}
            for place, (status, words) in enumerate(CHOICES.items(), start=1)
        ],
        "to": to,
        "choice": _(CHOICES[to]) if to else "",
        "button": _(BUTTONS[to]) if to else "",
        "asks_found": to in WITH_MONEY and case.paid,
        "asks_sum": to is DisputeStatus.PARTLY and not case.paid,
        "preview": _preview(case, to, str(form.text.data or "")) if to else None,
        "preview_lang": claim.debtor.language,
        "limit": MAX_TEXT,
    }


def _file(row: Attachment) -> dict[str, str]:
    ready = row.state == "ready"
    return {"href": f"/desk/files/{row.id}" if ready else "", "name": row.name, "detail": "" if ready else _state(row)}


def _state(row: Attachment) -> str:
    words = {state.value: sentence for state, sentence in STATES.items()}
    return _(words[row.state])
