"""How does a debtor suggest instalments, see what became of them, and move, accept or take them back?"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, request, url_for
from wtforms import StringField

from portal.actions import plans as actions
from portal.rules import plans as rules
from portal.rules.claims import ClaimStatus
from portal.rules.dates import promise_date
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.plans import Instalment, PlanProblem, PlanStatus, PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.history import done_in_session
from portal.store.people import who_answers
from portal.store.plans import Plan, Progress, as_instalments, instalments_of, live_plan, plans_of, progress
from portal.web.calendar_file import Entry, calendar_file
from portal.web.debtor.terms import (
    DAYS,
    LATER,
    NOTHING,
    OTHER,
    USUAL_DAY,
    CheckForm,
    ChooseForm,
    OtherForm,
    limits,
    prefilled,
    refused,
    terms_of,
)
from portal.web.errors import SomethingChanged
from portal.web.forms import DayField, DecidingForm, day_of
from portal.web.i18n import N_, digits, language, money, weekday
from portal.web.i18n import gettext as _
from portal.web.labels import plans as words
from portal.web.login import creditor, debtor, debtor_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import calendar_of, now, today
from portal.web.schedules import contact_block, in_short, paid_sentence, state_rows, table
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("plans", __name__)

TITLES = {
    PlanStatus.PROPOSED: N_("We have your suggestion"),
    PlanStatus.COUNTERED: N_("Another suggestion for you"),
    PlanStatus.AGREED: N_("Your plan is agreed"),
    PlanStatus.LATE: N_("An instalment has not arrived yet"),
}
BEFORE = {
    PlanStatus.WITHDRAWN: N_("You took your suggestion back. Nothing is agreed."),
    PlanStatus.DECLINED: N_("Your last suggestion was not possible. You can suggest something else."),
    PlanStatus.EXPIRED: N_("Your last suggestion ended without an answer. You can suggest something else."),
    PlanStatus.BROKEN: N_("Your last plan ended because an instalment was missing. You can suggest another one."),
    PlanStatus.ENDED: N_("Your last plan has ended."),
}


class PlanForm(DecidingForm):
    """Accept or take back."""


class MoveForm(DecidingForm):
    """Another day for the next instalment."""

    date = DayField()
    date_day = StringField()
    date_month = StringField()
    date_year = StringField()


@pages.route("/claims/<reference>/plan", methods=["GET", "POST"])
@who(Who.DEBTOR)
def propose(reference: str) -> Response:
    """The ways to pay that fit, nothing chosen; or the plan that is under way."""
    claim = debtor_claim(reference)
    plan = live_plan(db(), claim.creditor_id, claim.id)
    wants_new = request.method == "POST" or bool(request.args.get("new"))
    if plan is not None and not (wants_new and plan.status in rules.WAITING):
        return show(claim, plan) if request.method == "GET" else back_to("debtor.plans.propose", reference=reference)
    form = ChooseForm()
    if request.method == "GET":
        return _choices(claim, form)
    chosen = str(form.instalments.data or "").strip()
    elsewhere = {LATER: "debtor.deferrals.ask", NOTHING: "debtor.hardship.tell", OTHER: "debtor.plans.other"}
    if chosen in elsewhere:
        return back_to(elsewhere[chosen], reference=reference)
    if not chosen and not str(form.amount.data or "").strip():
        form.say("instalments", _(words.PROBLEMS[PlanProblem.NOTHING_CHOSEN]))
        return _choices(claim, form)
    return _on_to_check(claim, OtherForm(), chosen, str(form.day.data or USUAL_DAY).strip())


@pages.route("/claims/<reference>/plan/other", methods=["GET", "POST"])
@who(Who.DEBTOR)
def other(reference: str) -> Response:
    """An amount a month or a number of instalments, and the day of the month."""
    claim = debtor_claim(reference)
    if request.method == "POST":
        form = OtherForm()
        day = str(form.other_day.data or form.day.data or USUAL_DAY).strip()
        return _on_to_check(claim, form, str(form.instalments.data or "").strip(), day)
    return _others(claim, prefilled(request.args))


@pages.route("/claims/<reference>/plan/check", methods=["GET", "POST"])
@who(Who.DEBTOR)
def check(reference: str) -> Response:
    """Every date and every sum, the notice, and a button that says what happens; sent, the plan is agreed or waits."""
    claim = debtor_claim(reference)
    form = CheckForm(request.form if request.method == "POST" else request.args)
    terms = terms_of(
        str(form.instalments.data or ""), str(form.amount.data or ""), str(form.day.data or USUAL_DAY), claim.currency
    )
    if request.method == "GET":
        plan = live_plan(db(), claim.creditor_id, claim.id)
        nothing_chosen = terms.instalments is None and terms.amount is None
        if nothing_chosen or (plan is not None and plan.status in rules.RUNNING):
            return back_to("debtor.plans.propose", reference=reference)
        return _check_page(claim, form, terms)
    try:
        done = actions.propose(
            db(), claim, creditor(), terms, seen_minor=form.seen_minor(), op=form.op_id(), actor=_actor(),
            now=now(), today=today(), calendar=calendar_of(creditor()),
        )  # fmt: skip
    except rules.SumChanged:
        raise SomethingChanged from None
    if isinstance(done, list):
        return _check_page(claim, form, terms)
    return back_to("debtor.plans.propose", reference=reference)


def show(claim: Claim, plan: Plan, form: MoveForm | None = None) -> Response:
    """The plan that is under way, in the words of its state; room 1 sees only what this very session did."""
    if not _may_see(claim, plan):
        return hidden(claim, plan)
    owed = claim_sum(db(), claim, on=today())
    stands = progress(db(), plan, owed)
    answers = who_answers(db(), claim.creditor_id, claim.clerk_id, today())
    waiting = rules.next_open(stands.instalments, stands.paid, today())
    running = plan.status in rules.RUNNING
    return page_of(
        "debtor/plans/show.html",
        claim=claim,
        form=form,
        plan_form=PlanForm(formdata=None, data={"seen": str(plan.covered_minor)}),
        move_form=form or MoveForm(formdata=None),
        in_file=debtor().in_file,
        state=PlanStatus(plan.status),
        running=running,
        title=_(TITLES[PlanStatus(plan.status)]),
        sentences=_sentence(claim, plan, stands, waiting, answers.name).split("\n\n"),
        rows=state_rows(stands) if running else table(stands.instalments),
        asked=table(as_instalments(instalments_of(db(), plan, of_round=1), plan.currency)) if plan.round > 1 else (),
        total=Money(plan.covered_minor, plan.currency),
        paid=paid_sentence(stands) if running else "",
        rest=rules.resting(owed),
        suspended=plan.suspended,
        withdraw_until=plan.agreed_at + rules.WITHDRAW_WITHIN if plan.agreed_at else None,
        may_withdraw=_may_withdraw(claim, plan),
        movable=waiting[0] if waiting and running and not plan.moved_once and not plan.suspended else None,
        latest=rules.latest_move(waiting[0]) if waiting else None,
        contact=contact_block(claim.reference, answers),
    )


def hidden(claim: Claim, plan: Plan) -> Response:
    """Something is under way that another session did: room 1 learns no more (`decisions.md` 1)."""
    return page_of("debtor/plans/hidden.html", claim=claim, waits=plan.status in rules.WAITING, form=None)


@pages.post("/claims/<reference>/plan/accept")
@who(Who.DEBTOR_FILE)
def accept(reference: str) -> Response:
    """The debtor says yes to the counter-offer that was shown."""
    claim, plan, form = _live(reference, PlanForm())
    if form.seen_minor() != plan.covered_minor:
        raise SomethingChanged
    actions.accept(
        db(), claim, plan.id, op=form.op_id(), actor=_actor(), now=now(), today=today(),
        calendar=calendar_of(creditor()),
    )  # fmt: skip
    return back_to("debtor.plans.propose", reference=reference)


@pages.post("/claims/<reference>/plan/withdraw")
@who(Who.DEBTOR)
def withdraw(reference: str) -> Response:
    """The debtor takes the suggestion back, or within 24 hours the plan."""
    claim, plan, form = _live(reference, PlanForm())
    actions.withdraw(db(), claim, plan.id, op=form.op_id(), actor=_actor(), now=now(), today=today())
    return back_to("debtor.plans.propose", reference=reference)


@pages.post("/claims/<reference>/plan/move")
@who(Who.DEBTOR)
def move(reference: str) -> Response:
    """The next instalment is due later, once in a plan."""
    claim, plan, form = _live(reference, MoveForm())
    to = day_of(form.date.data, form.date_day.data, form.date_month.data, form.date_year.data)
    done = actions.move_instalment(
        db(), claim, plan.id, to, op=form.op_id(), actor=_actor(), now=now(), today=today(),
        calendar=calendar_of(creditor()), grace_days=creditor().grace_days,
    )  # fmt: skip
    if isinstance(done, list):
        stands = progress(db(), plan, claim_sum(db(), claim, on=today()))
        waiting = rules.next_open(stands.instalments, stands.paid, today())
        if waiting is None:
            raise SomethingChanged
        first = max(waiting[0].due + timedelta(days=1), today())
        values = {"first": weekday(first), "last": weekday(rules.latest_move(waiting[0]))}
        form.refuse(done[:1], words.MOVES, words.MOVES_ON, **values)
        return show(claim, plan, form)
    return back_to("debtor.plans.propose", reference=reference)


@pages.get("/claims/<reference>/plan/dates.ics")
@who(Who.DEBTOR)
def dates(reference: str) -> Response:
    """The open instalments as dates for a calendar."""
    claim = debtor_claim(reference)
    plan = live_plan(db(), claim.creditor_id, claim.id)
    if plan is None or plan.status not in rules.RUNNING or not _may_see(claim, plan):
        abort(404)
    stands = progress(db(), plan, claim_sum(db(), claim, on=today()))
    still_open = rules.open_amounts(stands.instalments, stands.paid, today())
    entries = [
        Entry(
            f"{plan.id}-{one.number}",
            one.due,
            _("%(name)s: instalment of %(amount)s", name=creditor().name, amount=money(rest)),
            claim.reference,
        )
        for one, rest in zip(stands.instalments, still_open, strict=True)
        if rest.is_positive
    ]
    answer = make_response(calendar_file(entries, now=now()))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="instalments.ics"'
    return answer


def _choices(claim: Claim, form: ChooseForm) -> Response:
    if claim.status != ClaimStatus.OPEN:
        return back_to("debtor.claims.claim", reference=claim.reference)
    owed = claim_sum(db(), claim, on=today())
    covered, policy = actions.covered_sum(owed), actions.policy_of(creditor(), claim.currency)
    calendar = calendar_of(creditor())
    fitting = rules.suggestions(covered, policy, today(), calendar)
    options = [
        (str(one.terms.instalments), _("%(count)s instalments", count=one.terms.instalments), in_short(one.schedule))
        for one in fitting
    ]
    if covered > policy.small_claim:
        options.append((OTHER, _("Another amount a month"), ""))
    options.append((LATER, _("Everything at once, but later"), ""))
    options.append((NOTHING, _("I cannot pay anything at the moment"), ""))
    answers = who_answers(db(), claim.creditor_id, claim.clerk_id, today())
    return page_of(
        "debtor/plans/propose.html",
        claim=claim,
        form=form,
        covered=covered if covered.is_positive else owed.open,
        options=options,
        small=covered <= policy.small_claim,
        at_once=policy.at_once_instalments,
        contact=answers,
        promised=promise_date(today(), creditor().answer_days, calendar),
        before=_what_became_of_the_last(claim),
    )


def _others(claim: Claim, form: OtherForm) -> Response:
    covered = actions.covered_sum(claim_sum(db(), claim, on=today()))
    values = limits(claim, covered)
    return page_of(
        "debtor/plans/other.html",
        claim=claim,
        form=form,
        covered=covered,
        amount_hint=_("Between %(least)s and %(most)s", **{name: values[name] for name in ("least", "most")}),
        days=[
            *((day, _("on the %(day)s", day=words.nth(int(day), language()))) for day in DAYS if day != "last"),
            ("last", _("on the last day of the month")),
        ],
    )


def _on_to_check(claim: Claim, form: OtherForm, number: str, day: str) -> Response:
    terms = terms_of(number, str(form.amount.data or ""), day, claim.currency)
    if refused(claim, form, terms):
        return _others(claim, form)
    chosen = {"amount": digits(terms.amount.minor, claim.currency).replace("’", "")} if terms.amount else {}
    if terms.instalments is not None:
        chosen["instalments"] = str(terms.instalments)
    return back_to("debtor.plans.check", reference=claim.reference, day=str(terms.day), **chosen)


def _check_page(claim: Claim, form: CheckForm, terms: PlanTerms) -> Response:
    typed = prefilled(request.values)
    if refused(claim, typed, terms):
        return _others(claim, typed)
    owed = claim_sum(db(), claim, on=today())
    covered, policy = actions.covered_sum(owed), actions.policy_of(creditor(), claim.currency)
    calendar = calendar_of(creditor())
    chosen = {"amount": form.amount.data or "", "instalments": form.instalments.data or "", "day": str(terms.day)}
    again = {name: value for name, value in chosen.items() if value}
    schedule = rules.schedule(terms, covered, today(), calendar)
    return page_of(
        "debtor/plans/check.html",
        claim=claim,
        form=CheckForm(formdata=None, data={**chosen, "seen": str(covered.minor)}),
        rows=table(schedule),
        last=schedule[-1].amount if schedule[-1].amount != schedule[0].amount else None,
        total=covered,
        rest=rules.resting(owed),
        at_once=rules.within_limits(terms, covered, policy) and owed.no_rate_from is None,
        change_url=f"{url_for('debtor.plans.other', reference=claim.reference)}?{urlencode(again)}",
        contact=who_answers(db(), claim.creditor_id, claim.clerk_id, today()),
        promised=promise_date(today(), creditor().answer_days, calendar),
        fair=_(words.FAIR),
        notice=_(words.NOTICE),
    )


def _live(reference: str, form: PlanForm | MoveForm) -> tuple[Claim, Plan, PlanForm | MoveForm]:
    """The claim and the plan that this person may decide about: live, or just decided by the same click."""
    claim = debtor_claim(reference)
    plan = live_plan(db(), claim.creditor_id, claim.id) or next(iter(plans_of(db(), claim.creditor_id, claim.id)), None)
    if plan is None or not _may_see(claim, plan):
        abort(404)
    return claim, plan, form


def _may_see(claim: Claim, plan: Plan) -> bool:
    visitor = debtor()
    return visitor.in_file or done_in_session(db(), claim.creditor_id, claim.id, plan.id, visitor.session_id)


def _may_withdraw(claim: Claim, plan: Plan) -> bool:
    if plan.status == PlanStatus.PROPOSED:
        return True
    return plan.status == PlanStatus.AGREED and actions.can_withdraw(db(), claim, plan, now=now(), today=today())


def _sentence(
    claim: Claim, plan: Plan, stands: Progress, waiting: tuple[Instalment, Money] | None, name: str
) -> str:
    """What is told about the plan as it is now, in paragraphs."""
    state = PlanStatus(plan.status)
    if state is PlanStatus.PROPOSED:
        promised = claim.promised_on or promise_date(today(), creditor().answer_days, calendar_of(creditor()))
        return _(words.WAITING, name=name, day=weekday(promised))
    if state is PlanStatus.COUNTERED:
        asked = len(instalments_of(db(), plan, of_round=1))
        return words.countered(language(), stands.instalments, asked=asked, until=plan.valid_until or today())
    if state is PlanStatus.LATE and waiting is not None:
        latest = None if plan.moved_once else rules.latest_move(waiting[0])
        return words.missed(language(), waiting[0], waiting[1], latest=latest)
    return words.agreed(language(), stands.instalments, plan.day)


def _what_became_of_the_last(claim: Claim) -> str:
    """A sentence about the plan before, for whoever may see it."""
    last = next(iter(plans_of(db(), claim.creditor_id, claim.id)), None)
    if last is None or last.status not in BEFORE or not _may_see(claim, last):
        return ""
    told = _(BEFORE[PlanStatus(last.status)])
    reason = _("The reason: %(reason)s", reason=last.reason)
    return f"{told} {reason}" if last.reason else told


def _actor() -> Actor:
    return Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)
