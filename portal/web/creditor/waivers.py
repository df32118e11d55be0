"""How does the desk drop a line, a part of one, or everything that is still open?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request
from wtforms import StringField

from portal.actions import waivers
from portal.rules.access import Right
from portal.rules.claims import COST_KINDS
from portal.rules.history import Actor, ActorKind
from portal.rules.ledger import ClaimSum, Line
from portal.rules.money import Money
from portal.rules.offers import WaiverProblem
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.web.errors import SomethingChanged
from portal.web.forms import AmountField, DecidingForm
from portal.web.i18n import N_, gettext_in, money
from portal.web.i18n import gettext as _
from portal.web.labels.claims import BASES, POSITIONS
from portal.web.labels.offers import FIELDS, WAIVER_PROBLEMS, waiver_sentence
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("waivers", __name__)

ALL = "all"


class WaiveForm(DecidingForm):
    """Which line, and how much of it; nothing typed means the whole line."""

    line = StringField(N_("What is waived"))
    amount = AmountField(N_("Only a part of it"))

    def position(self) -> UUID | None:
        """The line that was chosen, or None."""
        try:
            return UUID(str(self.line.data or ""))
        except ValueError:
            return None

    @property
    def whole(self) -> bool:
        return not str(self.amount.data or "").strip()


@pages.route("/claims/<reference>/waive", methods=["GET", "POST"])
@who(Who.CLERK, Right.WAIVE)
def waive(reference: str) -> Response:
    """Waive, with the sentence that the debtor will read."""
    claim = desk_claim(reference)
    if claim.status not in waivers.OPEN and request.method == "GET":
        abort(404)
    form = WaiveForm()
    if request.method == "POST":
        lock(db(), claim.creditor_id, claim.id)
    owed = claim_sum(db(), claim, on=today())
    if request.method == "GET":
        _suggest(form, owed)
    elif form.sent_well() and "look" not in request.form and _waived(form, claim, owed):
        return _to_claim(claim)
    return _page(form, claim, owed)


def _waived(form: WaiveForm, claim: Claim, owed: ClaimSum) -> bool:
    if form.line.data == ALL and not clerk().may(Right.WAIVE_ALL):
        abort(404)
    if not waivers.waived_already(db(), claim, form.op_id()) and form.seen_minor() != owed.open.minor:
        raise SomethingChanged
    actor = Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
    if form.line.data == ALL:
        found = waivers.waive_all(
            db(), claim, creditor(), role=clerk().role, op=form.op_id(), actor=actor, now=now(), today=today()
        )
    else:
        found = waivers.waive(
            db(), claim, creditor(), form.position(), form.amount.money(claim.currency), whole=form.whole,
            role=clerk().role, op=form.op_id(), actor=actor, now=now(), today=today(),
        )  # fmt: skip
    limit = Money(creditor().agent_waive_minor, claim.currency)
    return not form.refuse(found, WAIVER_PROBLEMS, FIELDS[WaiverProblem], limit=money(limit))


def _suggest(form: WaiveForm, owed: ClaimSum) -> None:
    """The form opens with the line that a link named, else with a cost that nothing supports, else with a cost."""
    named = request.args.get("line", "")
    open_lines = [line for line in owed.lines if line.open.minor > 0]
    costs = [line for line in open_lines if line.position.kind in COST_KINDS]
    first = next((line for line in open_lines if not line.evidenced), costs[0] if costs else None)
    if any(str(line.position.id) == named for line in open_lines):
        form.line.data = named
    elif first is not None:
        form.line.data = str(first.position.id)
    form.seen.data = str(owed.open.minor)


def _page(form: WaiveForm, claim: Claim, owed: ClaimSum) -> Response:
    return page(
        form=form,
        claim=claim,
        lines=_choices(owed),
        owed=owed.open,
        limit=None if clerk().may(Right.WAIVE_ALL) else Money(creditor().agent_waive_minor, claim.currency),
        preview=_preview(form, claim, owed),
        preview_lang=claim.debtor.language,
    )


def _choices(owed: ClaimSum) -> list[tuple[str, str, str]]:
    """The open lines with what they rest on; everything at once only for those who may."""
    found = [
        (str(line.position.id), f"{_named(line)}: {money(line.open)}", _basis(line))
        for line in owed.lines
        if line.open.minor > 0
    ]
    if clerk().may(Right.WAIVE_ALL):
        everything = _("Everything that is still open: %(amount)s", amount=money(owed.open))
        found.append((ALL, everything, _("The case is then closed.")))
    return found


def _named(line: Line) -> str:
    return line.position.label or _(POSITIONS[line.position.kind])


def _basis(line: Line) -> str:
    if not line.evidenced:
        return _("Nothing on file supports this line. It can only be waived as a whole.")
    return _(BASES[line.position.basis])


def _preview(form: WaiveForm, claim: Claim, owed: ClaimSum) -> str | None:
    language, name = claim.debtor.language, clerk().name
    if form.line.data == ALL:
        return waiver_sentence(None, owed.open, Money.zero(claim.currency), name, language)
    position = form.position()
    line = owed.line(position) if position is not None else None
    if line is None:
        return None
    amount = line.open if form.whole else form.amount.money(claim.currency)
    if amount is None or not 0 < amount.minor <= line.open.minor:
        return None
    what = gettext_in(language, POSITIONS[line.position.kind])
    return waiver_sentence(what, amount, owed.open - amount, name, language)


def _to_claim(claim: Claim) -> Response:
    answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
    return answer
