"""What happened in each demo person's case after the letter: every step is one of the portal's own actions."""

from __future__ import annotations

from datetime import date, timedelta

from portal.actions import bookings, decisions, deferrals, disputes, hardship, messages, offers, plans, waivers
from portal.actions.bookings import Found
from portal.demo import papers
from portal.demo.cases import send_letter
from portal.demo.documents import draft
from portal.demo.scene import DEBTOR, Moment, Story, Telling, must, new_op, none_against
from portal.demo.words import WORDS
from portal.rules.access import Role
from portal.rules.claims import PositionKind
from portal.rules.dates import promise_date
from portal.rules.disputes import Decision, DisputeReason, DisputeStatus, Objection
from portal.rules.hardship import Need
from portal.rules.letters import LetterKind
from portal.rules.money import Money
from portal.rules.offers import OfferTerms
from portal.rules.payments import NoteCode
from portal.rules.plans import PlanTerms
from portal.store.claim_sum import claim_sum
from portal.store.disputes import Dispute
from portal.store.plans import Plan, instalments_of

LATEST_DAY = 28


def _nothing(story: Story) -> None:
    """The letter has arrived, and nothing has happened yet."""


# --- what both sides do ---


def _writes(story: Story, name: str, days_ago: int, clock: str) -> None:
    at = story.at(days_ago, clock)
    must(name, messages.send(
        story.session, story.claim, WORDS[name], op=new_op(), promised_on=_promise(story, at), actor=DEBTOR, now=at.now,
    ))  # fmt: skip


def _answers(story: Story, name: str, days_ago: int, clock: str) -> None:
    at = story.at_work(days_ago, clock)
    must(name, messages.answer(story.session, story.claim, WORDS[name], op=new_op(), actor=story.clerk, now=at.now))


def _promise(story: Story, at: Moment) -> date:
    return promise_date(at.today, story.creditor.answer_days, story.calendar)


def _owed(story: Story, at: Moment) -> Money:
    return claim_sum(story.session, story.claim, on=at.today).open


def _covered(story: Story, at: Moment) -> int:
    return plans.covered_sum(claim_sum(story.session, story.claim, on=at.today)).minor


def _proposes(story: Story, instalments: int, day: int, at: Moment) -> Plan:
    return must("a plan", plans.propose(
        story.session, story.claim, story.creditor, PlanTerms(instalments, None, day),
        seen_minor=_covered(story, at), op=new_op(), actor=DEBTOR, now=at.now, today=at.today, calendar=story.calendar,
    ))  # fmt: skip


def _objects(
    story: Story, objection: Objection, at: Moment, *, photo: tuple[str, bytes] | None = None,
    paid_on: date | None = None,
) -> Dispute:  # fmt: skip
    files = [draft(story, *photo, DEBTOR, at.now)] if photo is not None else []
    return must("an objection", disputes.raise_objection(
        story.session, story.claim, objection, op=new_op(), files=files, paid_on=paid_on,
        promised_on=_promise(story, at), actor=DEBTOR, now=at.now, today=at.today,
    ))  # fmt: skip


def _pays(story: Story, amount: Money, at: Moment) -> None:
    """A transfer arrives, and the desk books it the same day."""
    bookings.book(
        story.session, story.claim, Found(amount, at.today, "", NoteCode.BANK_TRANSFER), op=new_op(),
        seen_minor=None, actor=story.lead, now=at.now, today=at.today,
    )  # fmt: skip


def _pays_instalments(story: Story, plan: Plan, count: int) -> None:
    for one in instalments_of(story.session, plan)[:count]:
        days_ago = max(0, (story.at_day(0) - one.due).days)
        _pays(story, Money(one.amount_minor, plan.currency), story.at_work(days_ago, "11:05"))


def _recent_due(story: Story, days_ago: int) -> date:
    """A day about so long ago that every month has."""
    day = story.at_day(days_ago)
    while day.day > LATEST_DAY:
        day -= timedelta(days=1)
    return day


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=day.day)


def _asked_before(story: Story, due: date) -> Moment:
    """The evening on which a plan must be suggested so that its first instalment is due a month before `due`."""
    return story.at((story.at_day(0) - _month_before(due)).days + 8, "20:40")


# --- the workshop ---


def _plan_running(story: Story) -> None:
    due = _recent_due(story, 9)
    plan = _proposes(story, 3, due.day, _asked_before(story, due))
    _pays_instalments(story, plan, 2)


def _instalment_late(story: Story) -> None:
    due = _recent_due(story, 8)
    plan = _proposes(story, 3, due.day, _asked_before(story, due))
    _pays_instalments(story, plan, 1)


def _plan_proposed(story: Story) -> None:
    _writes(story, "plan_proposed", 2, "19:20")
    _proposes(story, 8, 1, story.at(1, "19:45"))


def _counter_offer(story: Story) -> None:
    plan = _proposes(story, 10, 25, story.at(7, "21:10"))
    at = story.at_work(4, "09:25")
    must("a counter-offer", plans.counter(
        story.session, story.claim, plan.id, story.creditor, PlanTerms(6, None, 25), op=new_op(), actor=story.clerk,
        now=at.now, today=at.today, calendar=story.calendar,
    ))  # fmt: skip
    _answers(story, "counter_offer", 4, "09:32")


def _already_paid(story: Story) -> None:
    at = story.at(1, "18:05")
    name, data = papers.photo(papers.PhotoKind.RECEIPT)
    objection = Objection(DisputeReason.PAID, frozenset(), WORDS["already_paid"], None)
    _objects(story, objection, at, photo=(name, data), paid_on=story.at_day(82))


def _paid(story: Story) -> None:
    _writes(story, "paid_question", 24, "17:30")
    _answers(story, "paid_answer", 23, "08:50")
    at = story.at_work(22, "09:05")
    total = claim_sum(story.session, story.claim, on=at.today)
    fee = next((line for line in total.lines if line.position.kind is PositionKind.REMINDER_FEE), None)
    if fee is not None:
        none_against("the fee", waivers.waive(
            story.session, story.claim, story.creditor, fee.position.id, None, whole=True, role=Role.AGENT,
            op=new_op(), actor=story.clerk, now=at.now, today=at.today,
        ))  # fmt: skip
    at = story.at_work(16, "10:40")
    _pays(story, _owed(story, at), at)


# --- the dental practice ---


def _hardship(story: Story) -> None:
    _writes(story, "hardship_message", 8, "22:05")
    at = story.at(8, "22:15")
    must("hardship", hardship.tell(
        story.session, story.claim, story.creditor, [Need.MORE_TIME], WORDS["hardship"], op=new_op(), actor=DEBTOR,
        now=at.now, today=at.today, calendar=story.calendar,
    ))  # fmt: skip
    _answers(story, "hardship_answer", 7, "10:30")


def _costs_upheld(story: Story) -> None:
    at = story.at(20, "12:25")
    objection = Objection(DisputeReason.COSTS, frozenset(), WORDS["costs"], None)
    dispute = _objects(story, objection, at)
    at = story.at_work(18, "14:10")
    none_against("the decision", decisions.decide(
        story.session, story.claim, story.creditor, dispute, Decision(DisputeStatus.UPHELD, WORDS["costs_answer"]),
        op=new_op(), actor=story.clerk, now=at.now, today=at.today,
    ))  # fmt: skip


def _offer(story: Story) -> None:
    at = story.at_work(story.person.bills[0].letter_days, "09:20")
    owed = _owed(story, at)
    until = story.calendar.next_working_day(story.at_day(0) + timedelta(days=18))
    offer = must("the offer", offers.make(
        story.session, story.claim, OfferTerms(Money(owed.minor * 7 // 10 // 100 * 100, owed.currency), until),
        bank_day=True, op=new_op(), actor=story.lead, now=at.now, today=at.today, on_letter=True,
    ))  # fmt: skip
    send_letter(story, story.person.bills[0].letter_days, LetterKind.FIRST, offers={story.claim.id: offer.id})


def _deferred(story: Story) -> None:
    at = story.at(3, "07:50")
    must("more time", deferrals.ask(
        story.session, story.claim, story.creditor, story.at_day(0) + timedelta(days=21), op=new_op(), actor=DEBTOR,
        now=at.now, today=at.today, calendar=story.calendar,
    ))  # fmt: skip


# --- the garden centre ---


def _eur_claim(story: Story) -> None:
    _writes(story, "eur_question", 5, "13:40")
    _answers(story, "eur_answer", 4, "09:15")


def _one_line(story: Story) -> None:
    at = story.at(2, "19:55")
    table = next(position for position in story.claim.positions if position.label.startswith("Tavolo"))
    name, data = papers.photo(papers.PhotoKind.DAMAGE)
    objection = Objection(DisputeReason.QUALITY, frozenset({table.id}), WORDS["damaged"], None)
    _objects(story, objection, at, photo=(name, data))


def _plan_accepted(story: Story) -> None:
    due = _recent_due(story, 8)
    asked = _asked_before(story, due)
    plan = _proposes(story, 6, due.day, asked)
    at = story.at_work((story.at_day(0) - asked.today).days - 1, "08:40")
    plans.accept(
        story.session, story.claim, plan.id, op=new_op(), actor=story.clerk, now=at.now, today=at.today,
        calendar=story.calendar,
    )  # fmt: skip
    _pays_instalments(story, plan, 2)


def _paid_at_once(story: Story) -> None:
    at = story.at_work(15, "10:55")
    _pays(story, _owed(story, at), at)


#: By the reference of the first claim.
STORIES: dict[str, Telling] = {
    "2026-0418": _nothing,
    "2026-0377": _plan_running,
    "2026-0352": _instalment_late,
    "2026-0431": _plan_proposed,
    "2026-0402": _counter_offer,
    "2026-0389": _already_paid,
    "2026-0366": _nothing,
    "2026-0325": _paid,
    "F-2201": _hardship,
    "F-2176": _costs_upheld,
    "F-2098": _offer,
    "F-2240": _deferred,
    "F-2252": _nothing,
    "G-1187": _eur_claim,
    "G-1203": _one_line,
    "G-1169": _plan_accepted,
    "G-1212": _nothing,
    "G-1154": _paid_at_once,
}
