"""How does a debtor ask to pay everything later, and see what became of it?"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, request
from wtforms import StringField

from portal.actions import deferrals as actions
from portal.rules import deferrals as rules
from portal.rules.claims import ClaimStatus
from portal.rules.dates import promise_date
from portal.rules.deferrals import DeferralStatus
from portal.rules.history import Actor, ActorKind
from portal.rules.plans import RUNNING
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.deferrals import Deferral, deferrals_of, live_deferral
from portal.store.history import done_in_session
from portal.store.people import who_answers
from portal.store.plans import live_plan
from portal.web.forms import DayField, DecidingForm, day_of
from portal.web.i18n import N_, language, weekday
from portal.web.i18n import gettext as _
from portal.web.labels import deferrals as words
from portal.web.labels.plans import NOTICE
from portal.web.login import creditor, debtor, debtor_claim
from portal.web.pages import back_to, page_of
from portal.web.parts import calendar_of, now, today
from portal.web.schedules import contact_block
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("deferrals", __name__)

OTHER = "other"
BEFORE = {
    DeferralStatus.WITHDRAWN: N_("You took your suggestion back. Nothing is agreed."),
    DeferralStatus.DECLINED: N_("Your last suggestion was not possible. You can suggest something else."),
    DeferralStatus.ENDED: N_("The time that was agreed is over. You can suggest something else."),
}


class LaterForm(DecidingForm):
    """One of three days, or another one."""

    date = DayField(N_("Until when do you need time?"))
    date_day = StringField()
    date_month = StringField()
    date_year = StringField()


class BackForm(DecidingForm):
    """Take a suggestion back."""


@pages.route("/claims/<reference>/later", methods=["GET", "POST"])
@who(Who.DEBTOR)
def ask(reference: str) -> Response:
    """Three real dates and an own one; or what became of the day that was asked for."""
    claim = debtor_claim(reference)
    if claim.status != ClaimStatus.OPEN:
        return back_to("debtor.claims.claim", reference=reference)
    plan = live_plan(db(), claim.creditor_id, claim.id)
    if plan is not None and plan.status in RUNNING:
        return back_to("debtor.plans.propose", reference=reference)
    form = LaterForm()
    if request.method == "GET":
        live = live_deferral(db(), claim.creditor_id, claim.id)
        if live is not None and not request.args.get("new") and _may_see(claim, live):
            return show(claim, live)
        return _choices(claim, form)
    whole = str(form.date.data or "")
    day = day_of("" if whole == OTHER else whole, form.date_day.data, form.date_month.data, form.date_year.data)
    done = actions.ask(
        db(), claim, creditor(), day, op=form.op_id(), actor=_actor(), now=now(), today=today(),
        calendar=calendar_of(creditor()),
    )  # fmt: skip
    if isinstance(done, list):
        last = rules.latest(today(), creditor().deferral_latest_days)
        fields = dict.fromkeys(done, "date_day" if whole == OTHER else "date")
        values = {"first": weekday(today() + timedelta(days=1)), "last": weekday(last)}
        form.refuse(done, words.PROBLEMS, fields, **values)
        return _choices(claim, form)
    asked = f"{day:%Y-%m-%d}" if day is not None and day != done.until_on else None
    return back_to("debtor.deferrals.ask", reference=reference, asked=asked)


@pages.post("/claims/<reference>/later/withdraw")
@who(Who.DEBTOR)
def withdraw(reference: str) -> Response:
    """The debtor takes a suggestion back that nobody answered yet."""
    claim = debtor_claim(reference)
    last = next(iter(deferrals_of(db(), claim.creditor_id, claim.id)), None)
    if last is None or not _may_see(claim, last):
        abort(404)
    form = BackForm()
    actions.withdraw(db(), claim, last.id, op=form.op_id(), actor=_actor(), now=now(), today=today())
    return back_to("debtor.deferrals.ask", reference=reference)


def show(claim: Claim, deferral: Deferral) -> Response:
    """What became of the wish: more time, or who answers by when."""
    answers = who_answers(db(), claim.creditor_id, claim.clerk_id, today())
    waits = deferral.status == DeferralStatus.PROPOSED
    if waits:
        promised = claim.promised_on or promise_date(today(), creditor().answer_days, calendar_of(creditor()))
        sentence = _(words.WAITING, name=answers.name, day=weekday(promised))
    else:
        sentence = words.granted(language(), deferral.until_on)
    typed = LaterForm(formdata=None, data={"date": request.args.get("asked", "")}).date.day()
    return page_of(
        "debtor/deferrals/show.html",
        claim=claim,
        form=None,
        back_form=BackForm(formdata=None),
        waits=waits,
        title=_("We have your suggestion") if waits else _("You have more time"),
        sentence=sentence,
        until=deferral.until_on,
        typed=typed if typed is not None and typed < deferral.until_on else None,
        contact=contact_block(claim.reference, answers),
    )


def _choices(claim: Claim, form: LaterForm) -> Response:
    calendar = calendar_of(creditor())
    last = rules.latest(today(), creditor().deferral_latest_days)
    days = [day for day in rules.choices(today(), calendar) if day <= last]
    before = next(iter(deferrals_of(db(), claim.creditor_id, claim.id)), None)
    told = ""
    if before is not None and before.status in BEFORE and _may_see(claim, before):
        told = _(BEFORE[DeferralStatus(before.status)])
        if before.reason:
            told += " " + _("The reason: %(reason)s", reason=before.reason)
    return page_of(
        "debtor/deferrals/ask.html",
        claim=claim,
        form=form,
        owed=claim_sum(db(), claim, on=today()).open,
        options=[*((f"{day:%Y-%m-%d}", weekday(day), "") for day in days), (OTHER, _("Another day"), "")],
        last=last,
        at_once=rules.latest(today(), creditor().deferral_at_once_days),
        contact=who_answers(db(), claim.creditor_id, claim.clerk_id, today()),
        promised=promise_date(today(), creditor().answer_days, calendar),
        notice=_(NOTICE),
        before=told,
    )


def _may_see(claim: Claim, deferral: Deferral) -> bool:
    visitor = debtor()
    return visitor.in_file or done_in_session(
        db(), claim.creditor_id, claim.id, deferral.id, visitor.session_id
    )


def _actor() -> Actor:
    return Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)
