"""How does the desk give money back, who else has to agree, and how far did it get?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort
from wtforms import StringField

from portal.actions import refunds
from portal.actions.refunds import RefundRefused, Wish
from portal.rules.access import Right
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.refunds import UNDER_WAY, RefundProblem, RefundReason, RefundStatus, RefundWay
from portal.store.claims import Claim
from portal.store.credits import takers_of
from portal.store.people import clerk_by_id
from portal.store.refunds import Refund, credit_left, refund_at, refunds_of, returnable
from portal.web import i18n
from portal.web.forms import AmountField, DayField, DecidingForm
from portal.web.i18n import N_, gettext_in
from portal.web.i18n import gettext as _
from portal.web.labels.refunds import FIELDS, PROBLEMS, REASONS, STATUSES, WAYS
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("refunds", __name__)

TRANSFER = "transfer"


class RefundForm(DecidingForm):
    """Which payment, how much and why; for a transfer also its day."""

    payment = StringField(N_("Which payment goes back"))
    amount = AmountField(N_("Amount"))
    reason = StringField(N_("Why"))
    day = DayField(N_("Day of the transfer"))

    def wish(self, currency: str) -> Wish:
        """What was chosen and typed; what can't be read is empty."""
        chosen = str(self.payment.data or "")
        reasons = {str(reason): reason for reason in RefundReason}
        way = RefundWay.TRANSFER if chosen == TRANSFER else RefundWay.ORIGINAL if _uuid(chosen) else None
        return Wish(
            way=way,
            attempt_id=_uuid(chosen),
            amount=self.amount.money(currency),
            reason=reasons.get(str(self.reason.data or "")),
            value_on=self.day.day() if way is RefundWay.TRANSFER else None,
        )


class StepForm(DecidingForm):
    """Nothing to fill in: pressing the button says it."""


@pages.route("/claims/<reference>/refund", methods=["GET", "POST"])
@who(Who.CLERK, Right.REFUND)
def give(reference: str) -> Response:
    """What can go back, payment by payment; below is what went back before."""
    claim = desk_claim(reference)
    form = RefundForm()
    if form.sent_well():
        try:
            row = refunds.ask(
                db(), claim, creditor(), form.wish(claim.currency),
                op=form.op_id(), seen_minor=form.seen_minor(), actor=_actor(), now=now(), today=today(),
            )  # fmt: skip
        except RefundRefused as refused:
            _say(form, refused)
        else:
            return back_to("creditor.refunds.one", reference=reference, refund_id=row.id)
    return _page(form, claim)


@pages.get("/claims/<reference>/refund/<uuid:refund_id>")
@who(Who.CLERK, Right.READ)
def one(reference: str, refund_id: UUID) -> Response:
    """One refund: how far it got, who asked for it, who agreed, and what can be done."""
    claim, row = _found(reference, refund_id)
    return _one(StepForm(formdata=None), claim, row)


@pages.post("/claims/<reference>/refund/<uuid:refund_id>/approve")
@who(Who.CLERK, Right.APPROVE)
def approve(reference: str, refund_id: UUID) -> Response:
    """The second person agrees, and the money goes back."""
    claim, row = _found(reference, refund_id)
    form = StepForm()
    try:
        refunds.approve(db(), claim, creditor(), row, actor=_actor(), now=now(), today=today())
    except RefundRefused as refused:
        _say(form, refused)
        return _one(form, claim, row)
    return back_to("creditor.refunds.one", reference=reference, refund_id=refund_id)


@pages.post("/claims/<reference>/refund/<uuid:refund_id>/decline")
@who(Who.CLERK, Right.APPROVE)
def decline(reference: str, refund_id: UUID) -> Response:
    """Nothing goes back."""
    claim, row = _found(reference, refund_id)
    refunds.decline(db(), claim, row, actor=_actor(), now=now())
    return back_to("creditor.refunds.one", reference=reference, refund_id=refund_id)


@pages.post("/claims/<reference>/refund/<uuid:refund_id>/again")
@who(Who.CLERK, Right.REFUND)
def again(reference: str, refund_id: UUID) -> Response:
    """The worker asks the provider once more, never for a second refund."""
    _claim, row = _found(reference, refund_id)
    refunds.ask_again(db(), row, op=StepForm().op_id(), now=now())
    return back_to("creditor.refunds.one", reference=reference, refund_id=refund_id)


@pages.post("/claims/<reference>/refund/<uuid:refund_id>/reverse")
@who(Who.CLERK, Right.REFUND)
def reverse(reference: str, refund_id: UUID) -> Response:
    """The transfer was not made after all."""
    claim, row = _found(reference, refund_id)
    if row.way != RefundWay.TRANSFER:
        abort(404)
    form = StepForm()
    try:
        refunds.take_back(db(), claim, creditor(), row, actor=_actor(), now=now(), today=today())
    except RefundRefused as refused:
        _say(form, refused)
        return _one(form, claim, row)
    return back_to("creditor.refunds.one", reference=reference, refund_id=refund_id)


def _found(reference: str, refund_id: UUID) -> tuple[Claim, Refund]:
    claim = desk_claim(reference)
    row = refund_at(db(), claim.creditor_id, claim.id, refund_id)
    if row is None:
        abort(404)
    return claim, row


def _say(form: DecidingForm, refused: RefundRefused) -> None:
    form.refuse(refused.problems, PROBLEMS, FIELDS[RefundProblem], example=f"{today():%d.%m.%Y}")


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _page(form: RefundForm, claim: Claim) -> Response:
    back = returnable(db(), claim)
    credit = credit_left(db(), claim)
    options = [(str(one.attempt.id), *_payment_words(one.attempt.amount_minor, one.left_minor, claim, one.attempt))
               for one in back]  # fmt: skip
    if credit:
        most = _("At most %(amount)s, the credit on this case", amount=i18n.money(Money(credit, claim.currency)))
        options.append((TRANSFER, _("Credit that you have returned by bank transfer"), most))
    if not form.is_submitted() and options:
        form.payment.data = options[0][0]
        form.day.data = f"{today():%d.%m.%Y}" if credit else ""
    form.seen.data = str(refunds.left_in_all(db(), claim))
    amount = form.amount.money(claim.currency)
    limit = Money(creditor().lead_refund_minor, claim.currency)
    return page_of(
        "creditor/refunds/give.html",
        form=form,
        reference=claim.reference,
        currency=claim.currency,
        credit=Money(credit, claim.currency),
        options=options,
        reasons=[(reason.value, _(REASONS[reason])) for reason in RefundReason],
        by_transfer=credit > 0,
        to_other=credit > 0 and bool(takers_of(db(), claim)),
        limit=limit,
        example=f"{today():%d.%m.%Y}",
        preview=_preview(claim, amount),
        preview_lang=claim.debtor.language,
        earlier=[_row(row) for row in refunds_of(db(), claim.creditor_id, claim.id)],
    )


def _payment_words(paid: int, left: int, claim: Claim, attempt: Any) -> tuple[str, str]:
    words = _("Payment of %(amount)s, begun on %(day)s", amount=i18n.money(Money(paid, claim.currency)),
              day=i18n.moment(attempt.created_at))  # fmt: skip
    return words, _("At most %(amount)s", amount=i18n.money(Money(left, claim.currency)))


def _one(form: StepForm, claim: Claim, row: Refund) -> Response:
    mine = row.requested_by == clerk().clerk_id
    waits = row.status == RefundStatus.REQUESTED
    may = clerk().may(Right.APPROVE)
    original = row.way == RefundWay.ORIGINAL
    return page_of(
        "creditor/refunds/one.html",
        form=form,
        reference=claim.reference,
        place=f"/desk/claims/{claim.reference}/refund/{row.id}",
        name=claim.debtor.name,
        money_back=Money(row.amount_minor, row.currency),
        rows=_facts(row),
        may_approve=waits and may and not mine,
        may_withdraw=waits and may and mine,
        may_ask=original and RefundStatus(row.status) in UNDER_WAY and clerk().may(Right.REFUND),
        may_reverse=not original and row.status == RefundStatus.SUCCEEDED and clerk().may(Right.REFUND),
    )


def _facts(row: Refund) -> list[tuple[str, str]]:
    asked, decided = _name(row.requested_by), _name(row.decided_by)
    facts = [
        (_("State"), _(STATUSES[RefundStatus(row.status)])),
        (_("Way"), _(WAYS[RefundWay(row.way)])),
        (_("Why"), _(REASONS[RefundReason(row.reason)])),
        (_("Asked for by"), f"{asked}, {i18n.moment(row.requested_at)}"),
    ]
    if row.decided_at is not None and not row.alone:
        facts.append((_("Decided by"), f"{decided}, {i18n.moment(row.decided_at)}"))
    if row.value_on is not None:
        facts.append((_("Day of the transfer"), i18n.day(row.value_on)))
    if row.failure:
        facts.append((_("The provider's reason"), row.failure))
    return facts


def _name(clerk_id: UUID | None) -> str:
    found = clerk_by_id(db(), clerk().creditor_id, clerk_id) if clerk_id is not None else None
    return found.name if found is not None else ""


def _row(row: Refund) -> dict[str, object]:
    return {
        "id": row.id,
        "money": Money(row.amount_minor, row.currency),
        "moment": i18n.moment(row.requested_at),
        "state": _(STATUSES[RefundStatus(row.status)]),
    }


def _preview(claim: Claim, amount: Money | None) -> str:
    """What the debtor will read in the timeline."""
    if amount is None:
        return gettext_in(claim.debtor.language, N_("Refund on its way"))
    return gettext_in(claim.debtor.language, N_("Refund of %(amount)s on its way"), amount=i18n.money(amount))


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None
