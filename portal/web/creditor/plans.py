"""How does a clerk answer a suggestion of instalments: yes, other instalments, or no with a reason?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from portal.actions import plans as actions
from portal.rules import plans as rules
from portal.rules.access import Right
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.pauses import RESUME_NOTICE
from portal.rules.plans import DecisionProblem, PlanProblem, PlanStatus, PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.plans import Plan, plan_at, plans_of, progress
from portal.web.debtor.terms import terms_of
from portal.web.errors import SomethingChanged
from portal.web.forms import AmountField, DecidingForm
from portal.web.i18n import N_, money
from portal.web.i18n import gettext as _
from portal.web.labels import plans as words
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import calendar_of, now, today
from portal.web.schedules import state_rows
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("plans", __name__)

ACCEPT, COUNTER, DECLINE = "accept", "counter", "decline"
DECISIONS = {
    ACCEPT: N_("Accept the instalments"),
    COUNTER: N_("Offer other instalments"),
    DECLINE: N_("Not possible, with a reason"),
}
FIELDS = {**words.ON, PlanProblem.NOTHING_OWED: "", PlanProblem.TOO_MANY_INSTALMENTS: "instalments"}


class DecideForm(DecidingForm):
    """What the clerk decides; the fields that belong to another choice are left alone."""

    decision = StringField(N_("Your decision"))
    instalments = StringField(N_("Number of instalments"))
    amount = AmountField(N_("Or: amount a month"))
    reason = TextAreaField(N_("Reason"))


@pages.route("/claims/<reference>/plans/<uuid:plan_id>", methods=["GET", "POST"])
@who(Who.CLERK, Right.DECIDE)
def decide(reference: str, plan_id: UUID) -> Response:
    """The suggestion beside the limits, the choices, and what the debtor will read in his language."""
    claim = desk_claim(reference)
    plan = plan_at(db(), claim.creditor_id, claim.id, plan_id)
    if plan is None:
        abort(404)
    form = DecideForm()
    if request.method == "GET":
        form.decision.data = request.args.get("decision") or ACCEPT
    elif "look" not in request.form and _decided(form, claim, plan):
        return redirect(f"/desk/claims/{claim.reference}", 303)
    return _page(form, claim, plan)


def _decided(form: DecideForm, claim: Claim, plan: Plan) -> bool:
    """Whether the decision is made; what stands against it is on the form."""
    common = {"op": form.op_id(), "actor": _actor(), "now": now(), "today": today()}
    if form.seen_minor() not in (None, plan.covered_minor):
        raise SomethingChanged
    chosen = form.decision.data
    if chosen == ACCEPT:
        agreed = actions.accept(db(), claim, plan.id, calendar=calendar_of(creditor()), **common)  # type: ignore[arg-type]
        return isinstance(agreed, Plan) or not form.refuse(agreed, words.DECISIONS, words.DECISIONS_ON)
    if chosen == DECLINE:
        done = actions.decline(db(), claim, plan.id, reason=str(form.reason.data or ""), **common)  # type: ignore[arg-type]
        return isinstance(done, Plan) or not form.refuse(
            done, words.DECISIONS, words.DECISIONS_ON, limit=rules.MAX_REASON
        )
    if chosen != COUNTER:
        form.say("decision", _(words.DECISIONS[DecisionProblem.NOTHING_DECIDED]))
        return False
    offered = actions.counter(
        db(), claim, plan.id, creditor(), _terms(form, plan), calendar=calendar_of(creditor()), **common  # type: ignore[arg-type]
    )
    return isinstance(offered, Plan) or not form.refuse(offered, words.BY_COUNT, FIELDS, **_limits(claim))


def _terms(form: DecideForm, plan: Plan) -> PlanTerms:
    return terms_of(str(form.instalments.data or ""), str(form.amount.data or ""), plan.day, plan.currency)


def _limits(claim: Claim) -> dict[str, str]:
    covered = actions.covered_sum(claim_sum(db(), claim, on=today()))
    policy = actions.desk_policy(creditor(), claim.currency)
    return {
        "least": money(policy.min_instalment),
        "most": money(covered),
        "example": "50",
        "months": str(policy.max_instalments),
        "days": str(policy.latest_start_in_days),
        "small": money(policy.small_claim),
    }


def _page(form: DecideForm, claim: Claim, plan: Plan) -> Response:
    owed = claim_sum(db(), claim, on=today())
    stands = progress(db(), plan, owed)
    form.seen.data = str(plan.covered_minor)
    policy = actions.policy_of(creditor(), claim.currency)
    before = [one for one in plans_of(db(), claim.creditor_id, claim.id) if one.id != plan.id]
    return page(
        form=form,
        claim=claim,
        status_word=_(words.STATUSES[PlanStatus(plan.status)]),
        waits=plan.status == PlanStatus.PROPOSED,
        rows=state_rows(stands),
        total=Money(plan.covered_minor, plan.currency),
        rest=rules.resting(owed),
        count=len(stands.instalments),
        policy=policy,
        earlier=[(day_asked(one), _(words.STATUSES[PlanStatus(one.status)])) for one in before],
        reason=plan.reason,
        choices=[(value, _(label)) for value, label in DECISIONS.items()],
        preview=_preview(form, claim, plan),
        preview_lang=claim.debtor.language,
    )


def _preview(form: DecideForm, claim: Claim, plan: Plan) -> str | None:
    """What the debtor will read, or nothing while something is missing."""
    language, chosen = claim.debtor.language, form.decision.data
    stands = progress(db(), plan, claim_sum(db(), claim, on=today()))
    if plan.status != PlanStatus.PROPOSED:
        return None
    if chosen == ACCEPT:
        return words.agreed(language, stands.instalments, plan.day)
    if chosen == DECLINE:
        reason = str(form.reason.data or "").strip()
        return words.declined(language, clerk().name, reason, today() + RESUME_NOTICE) if reason else None
    terms = _terms(form, plan)
    covered = actions.covered_sum(claim_sum(db(), claim, on=today()))
    if rules.problems(terms, covered, actions.desk_policy(creditor(), claim.currency), today()):
        return None
    offered = rules.schedule(terms, covered, today(), calendar_of(creditor()))
    return words.countered(language, offered, asked=len(stands.instalments), until=today() + rules.COUNTER_VALID)


def day_asked(plan: Plan) -> str:
    """How an earlier plan is called: by what was asked for."""
    if plan.asked_amount_minor is not None:
        return _("%(amount)s a month", amount=money(Money(plan.asked_amount_minor, plan.currency)))
    return _("%(count)s instalments", count=plan.asked_instalments)


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)
