"""How does the desk let credit on one case pay another of the same person, and how does it take that back?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort
from wtforms import StringField

from portal.actions import credits as actions
from portal.actions.credits import Wish
from portal.rules.access import Right
from portal.rules.credits import CreditProblem
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.credits import moves_of, takers_of
from portal.store.refunds import credit_left
from portal.web import i18n
from portal.web.forms import AmountField, DecidingForm
from portal.web.i18n import N_, gettext_in
from portal.web.i18n import gettext as _
from portal.web.labels.credits import FIELDS, PROBLEMS
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("credits", __name__)


class CreditForm(DecidingForm):
    """Which case, how much; `sure` is set on the page that repeats both."""

    to = StringField(N_("Which case it pays"))
    amount = AmountField(N_("Amount"))
    sure = StringField()

    def wish(self, currency: str) -> Wish:
        """What was chosen and typed; what can't be read is empty."""
        return Wish(_uuid(self.to.data), self.amount.money(currency))


class BackForm(DecidingForm):
    """Which move goes back."""

    move = StringField()


@pages.route("/claims/<reference>/credit", methods=["GET", "POST"])
@who(Who.CLERK, Right.BOOK)
def move(reference: str) -> Response:
    """The person's other cases and how much each can take; what was chosen is repeated before it counts."""
    claim = desk_claim(reference)
    form = CreditForm()
    ready = False
    if form.sent_well():
        wish = form.wish(claim.currency)
        found = actions.problems_of(db(), claim, wish, today=today()) if not form.sure.data else actions.move_credit(
            db(), claim, creditor(), wish, op=form.op_id(), seen_minor=form.seen_minor(), actor=_actor(), now=now(),
            today=today(),
        )  # fmt: skip
        ready = not form.refuse(found, PROBLEMS, FIELDS[CreditProblem])
        if ready and form.sure.data:
            return back_to("creditor.credits.move", reference=reference)
    return _page(form, claim, ready=ready)


@pages.post("/claims/<reference>/credit/back")
@who(Who.CLERK, Right.BOOK)
def back(reference: str) -> Response:
    """The credit is on this case again."""
    claim = desk_claim(reference)
    form = BackForm()
    moved = next((one for one in moves_of(db(), claim) if one.id == _uuid(form.move.data)), None)
    if moved is None:
        abort(404)
    found = actions.move_back(db(), claim, creditor(), moved, actor=_actor(), now=now(), today=today())
    shown = CreditForm(formdata=None)
    if shown.refuse(found, PROBLEMS, FIELDS[CreditProblem]):
        return _page(shown, claim, ready=False)
    return back_to("creditor.credits.move", reference=reference)


def _page(form: CreditForm, claim: Claim, *, ready: bool) -> Response:
    credit = Money(credit_left(db(), claim), claim.currency)
    takers = [(one, claim_sum(db(), one, on=today()).open) for one in takers_of(db(), claim)] if credit.minor else []
    takers = [(one, still_open) for one, still_open in takers if still_open.minor > 0]
    if not form.is_submitted() and takers:
        form.to.data = str(takers[0][0].id)
        form.amount.data = i18n.digits(min(credit, takers[0][1]).minor, claim.currency)
    form.seen.data = str(credit.minor)
    chosen = next((one for one, _open in takers if str(one.id) == form.to.data), None) if ready else None
    amount = form.amount.money(claim.currency)
    return page_of(
        "creditor/credits/move.html",
        form=form,
        reference=claim.reference,
        currency=claim.currency,
        credit=credit,
        options=[
            (str(one.id), f"{one.reference} · {one.title}", _("At most %(amount)s", amount=i18n.money(still_open)))
            for one, still_open in takers
        ],
        chosen=chosen,
        moving=amount if chosen is not None else None,
        preview=gettext_in(claim.debtor.language, N_("Credit moved to another case")) if chosen is not None else None,
        preview_lang=claim.debtor.language,
        earlier=[
            {"id": one.id, "money": Money(one.minor, claim.currency), "to": one.reference,
             "moment": i18n.moment(one.moved_at), "back": one.back}
            for one in moves_of(db(), claim)
        ],
        backing=BackForm(formdata=None),
    )  # fmt: skip


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
