"""What does the first block of the claim's page say: one short answer per standing, with one thing to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from portal.rules.claims import Standing
from portal.rules.disputes import DisputeStatus
from portal.rules.goodwill import Goodwill
from portal.rules.history import EventKind
from portal.rules.money import Money
from portal.rules.plans import MOVE_AT_MOST
from portal.store.claim_page import ClaimPage
from portal.store.standing import Matter
from portal.store.timeline import EventRow
from portal.web import i18n
from portal.web.i18n import N_, ngettext
from portal.web.i18n import gettext as _
from portal.web.labels import history
from portal.web.labels.goodwill import promise_in_short
from portal.web.threads import coming_instalments, schedule_of

#: So much of an answer stands on the claim's page; the rest is one tap away.
FIRST_LINES = 160
#: After these something of the debtor's is here, or has gone back.
TOO_MUCH = frozenset({EventKind.OVERPAID, EventKind.REFUND_REVERSED})
GIVEN_BACK = frozenset({EventKind.PAYMENT_REFUNDED, EventKind.PAYMENT_REVERSED})


@dataclass
class FirstBlock:
    """A grey line, a large sum, some sentences, one button and quieter links."""

    meta: str = ""
    amount: Money | None = None
    sentences: list[str] = field(default_factory=list)
    said: str = ""
    button: tuple[str, str] | None = None
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """What a block is made from: the page, the day, and the claim's own address."""

    page: ClaimPage
    today: date
    path: str
    promised: Goodwill | None = None

    @property
    def owed(self) -> Money:
        return self.page.owed.total.open

    @property
    def due(self) -> Money:
        """What settles the claim today: the promised or offered sum while one stands, else everything."""
        if self.goodwill is not None:
            return self.goodwill.pays
        offer = self.offer
        return Money(offer.minor, self.owed.currency) if offer and offer.minor else self.owed

    @property
    def offer(self) -> Matter | None:
        found = self.page.owed.matters.one("offer")
        stands = found is not None and found.until_on is not None and found.until_on >= self.today
        return found if stands and found is not None and (found.minor or 0) < self.owed.minor else None

    @property
    def goodwill(self) -> Goodwill | None:
        """What is promised to everybody, as long as no offer asks for less."""
        offer = self.offer
        less = self.promised is not None and (offer is None or (offer.minor or 0) > self.promised.pays.minor)
        return self.promised if less else None

    @property
    def name(self) -> str:
        return self.page.head.person.name

    def pay(self, amount: Money) -> tuple[str, str]:
        return _("Pay %(amount)s", amount=i18n.money(amount)), f"{self.path}/pay"

    def promise(self) -> str:
        day, facts = self.page.claim.promised_on, self.page.owed.facts
        if day is None or not (self.page.whole_file or facts.suggestion_waiting or facts.dispute_open):
            return _("%(name)s looks at it.", name=self.name)
        return _("%(name)s will answer by %(day)s.", name=self.name, day=i18n.weekday(day))


def first_block(page: ClaimPage, today: date, path: str, promised: Goodwill | None = None) -> FirstBlock:
    """The block for where this claim stands, as far as this person may know it."""
    return BLOCKS[page.owed.standing](Look(page, today, path, promised))


def _open(look: Look) -> FirstBlock:
    claim, paid = look.page.claim, look.page.owed.total.paid
    block = FirstBlock(amount=look.due, button=look.pay(look.due))
    until = look.offer.until_on if look.offer and look.offer.until_on else claim.pay_by
    until = look.goodwill.until if look.goodwill else until
    block.meta = _("To pay by %(day)s", day=i18n.weekday(until)) if until >= look.today else _("Still to pay")
    if look.goodwill:
        block.sentences.append(promise_in_short(look.goodwill))
    elif look.offer:
        rest = i18n.money(look.owed - look.due)
        block.sentences.append(_("We then waive %(amount)s. The matter is settled.", amount=rest))
    elif paid.minor:
        block.sentences.append(
            _("We have received %(paid)s. %(rest)s is still open.", paid=i18n.money(paid), rest=i18n.money(look.owed))
        )
    return block


def _answer(look: Look) -> FirstBlock:
    unread = look.page.owed.matters.unread
    block = FirstBlock(button=(_("Read the answer"), f"{look.path}/messages"))
    block.sentences.append(_("%(name)s has answered you.", name=(unread.name if unread else None) or look.name))
    if unread and unread.text:
        block.said = unread.text if len(unread.text) <= FIRST_LINES else unread.text[:FIRST_LINES].rstrip() + " …"
    if look.due.minor > 0:
        block.links.append(look.pay(look.due))
    return block


def _checking(look: Look) -> FirstBlock:
    raised = look.page.owed.matters.all("dispute")
    first = raised[0] if raised else None
    day = first.at.astimezone(i18n.zone()).date() if first and first.at else None
    block = FirstBlock(meta=_("Paused since %(day)s", day=i18n.day(day)) if day else _("Paused"))
    asked = any(row.status == DisputeStatus.ASKED for row in raised)
    question = _("%(name)s has a question about your objection.", name=look.name)
    words = _("The case is paused: no reminders, no new costs, no legal steps.")
    block.sentences = [words, question if asked else look.promise()]
    if first is not None:
        block.button = (_("See or add to your objection"), f"{look.path}/dispute/{first.id}")
    rest = look.page.owed.total.undisputed
    if 0 < rest.minor < look.owed.minor:
        words = _("Pay the part that is right: %(amount)s", amount=i18n.money(rest))
        block.links.append((words, f"{look.path}/pay"))
    return block


def _paused(look: Look) -> FirstBlock:
    pauses = look.page.owed.matters.open_pauses(look.today)
    block = FirstBlock(meta=_("Paused"))
    days = [row.until_on for row in pauses if row.until_on is not None]
    stops = _("The case is paused: no reminders, no new costs, no legal steps.")
    since = min((row.from_on for row in pauses if row.from_on is not None), default=None)
    if since is not None:
        words = N_("The case has been paused since %(day)s: no reminders, no new costs, no legal steps.")
        stops = _(words, day=i18n.day(since))
    writes = _("%(name)s gets in touch with you.", name=look.name)
    if days and len(days) == len(pauses) and look.page.whole_file:
        block.meta = _("Paused until %(day)s", day=i18n.weekday(max(days)))
        writes = _("%(name)s gets in touch with you before that day.", name=look.name)
    may = _("You do not have to pay anything today. You may, if you like.")
    block.sentences = [stops, writes, may]
    if look.page.owed.matters.one("hardship") is not None:
        block.links.append((_("See what you told us"), f"{look.path}/hardship"))
    block.links.append(look.pay(look.due))
    return block


def _step(look: Look) -> FirstBlock:
    block = _open(look)
    day = look.page.claim.step_announced_for
    if day is not None:
        block.meta = _("Step announced for %(day)s", day=i18n.weekday(day))
        block.sentences.append(_("A payment, a suggestion or an objection stops it. Each of them is open to you."))
    return block


def _counter(look: Look) -> FirstBlock:
    block = FirstBlock(meta=_("Other suggestion for you"))
    block.sentences = [_("%(name)s suggests other instalments.", name=look.name), *_instalment_words(look)]
    block.button = (_("Look at the suggestion"), f"{look.path}/plan")
    block.links.append(look.pay(look.due))
    return block


def _suggested(look: Look) -> FirstBlock:
    deferral, plan = look.page.owed.matters.one("deferral"), look.page.owed.matters.one("plan")
    block = FirstBlock(meta=_("Suggestion sent"))
    block.sentences = [_("We have your suggestion. Until the answer the case is paused."), look.promise()]
    if plan is not None:
        block.sentences += _instalment_words(look)
    elif deferral is not None and deferral.until_on is not None:
        block.sentences.append(_("Your suggestion: all at once, by %(day)s.", day=i18n.weekday(deferral.until_on)))
    known = plan is not None or deferral is not None
    page = "later" if deferral is not None and plan is None else "plan"
    block.button = (_("Change the suggestion"), f"{look.path}/{page}") if known else None
    block.links.append(look.pay(look.due))
    return block


def _late(look: Look) -> FirstBlock:
    coming = coming_instalments(look.page, look.today)
    block = FirstBlock(meta=_("Instalment still open"))
    if not coming:
        return _running(look)
    due, amount = coming[0]
    block.amount = amount
    block.sentences = [
        _("The instalment due on %(day)s has not arrived yet. Has something come up?", day=i18n.day(due)),
        _("You can move it once, to %(day)s at the latest.", day=i18n.weekday(due + MOVE_AT_MOST)),
    ]
    block.button = (_("Pay %(amount)s", amount=i18n.money(amount)), f"{look.path}/pay?amount={_plain(amount)}")
    block.links.append((_("Move the instalment"), f"{look.path}/plan"))
    return block


def _running(look: Look) -> FirstBlock:
    coming = coming_instalments(look.page, look.today)
    block = FirstBlock(meta=_("Instalments running"))
    if not coming:
        block.sentences.append(_("Something is agreed. As long as it is kept, we take no other step."))
        block.links.append(look.pay(look.due))
        return block
    due, amount = coming[0]
    every = len(schedule_of(look.page.owed.matters, look.owed.currency))
    block.meta = _("Next instalment: %(day)s", day=i18n.weekday(due))
    block.amount = amount
    paid = every - len(coming)
    words = ngettext("%(paid)s of %(num)s instalment paid.", "%(paid)s of %(num)s instalments paid.", every, paid=paid)
    block.sentences.append(words)
    block.button = (_("Pay %(amount)s", amount=i18n.money(amount)), f"{look.path}/pay?amount={_plain(amount)}")
    block.links.append((_("See all dates"), f"{look.path}/plan"))
    return block


def _announced(look: Look) -> FirstBlock:
    until = look.page.claim.announced_until
    block = FirstBlock(meta=_("Payment announced"))
    block.sentences.append(_("You told us that you have paid. Thank you."))
    if until is not None:
        block.sentences.append(_("Until %(day)s we send no reminder.", day=i18n.weekday(until)))
    block.links.append((_("The payment did not go out"), f"{look.path}/pay"))
    return block


def _in_progress(look: Look) -> FirstBlock:
    block = FirstBlock(meta=_("Payment under way"))
    attempt = look.page.owed.matters.one("attempt")
    if attempt is not None and attempt.at is not None and attempt.at.astimezone(i18n.zone()).date() < look.today:
        block.sentences.append(_("Your bank carries out the direct debit. That can take up to five bank working days."))
        block.sentences.append(_("You do not have to pay again, and we send no reminder meanwhile."))
        block.button = (_("Look again"), look.path)
        return block
    block.sentences.append(_("A payment was begun. As soon as it is here, you see it on this page."))
    block.button = (_("Look again"), look.path)
    block.links.append((_("Go on with the payment"), f"{look.path}/pay"))
    return block


def _deferred(look: Look) -> FirstBlock:
    until = look.page.owed.facts.deferred_until
    block = FirstBlock(meta=_("More time agreed"), amount=look.due, button=look.pay(look.due))
    if until is not None:
        block.sentences.append(_("You have until %(day)s.", day=i18n.weekday(until)))
    block.sentences.append(_("The amount stays the same. We send no reminder before that date."))
    block.links.append((_("See what is agreed"), f"{look.path}/later"))
    return block


def _settled(look: Look) -> FirstBlock:
    block = FirstBlock(meta=_("Paid"))
    thanks = _came_in(look) or _("Thank you. The case is closed.")
    block.sentences = [thanks, *_too_much(look), _("There is nothing more for you to do.")]
    own = any(event.kind is EventKind.PAYMENT_RECEIVED for event in look.page.events)
    if look.page.whole_file or own:
        block.button = (_("Save your receipt"), f"{look.path}/receipts")
    elif look.page.head.locked:
        block.button = (_("Open your file and save the receipt"), f"{look.path}/open")
    return block


def _too_much(look: Look) -> list[str]:
    """What was paid too much is the debtor's own, and nothing has been given back since."""
    moved = [row for row in look.page.events if row.kind in TOO_MUCH | GIVEN_BACK]
    if not moved or moved[-1].kind in GIVEN_BACK:
        return []
    sums = history.figures({"amount": moved[0].details.get("amount")}) if len(moved) == 1 else []
    if sums:
        return [_("You have paid %(amount)s more than was owed. It is yours and is given back to you.", amount=sums[0])]
    return [_("You have paid more than was owed. What is too much is yours and is given back to you.")]


def _came_in(look: Look) -> str:
    """The sum and the day that closed the claim (`ux.md` 3.6, `letter.closed`); nothing if nothing was paid."""
    paid, ended = look.page.owed.total.paid, look.page.claim.ended_on
    if paid.minor <= 0:
        return ""
    came = [row for row in look.page.events if row.kind is EventKind.PAYMENT_RECEIVED]
    if len(came) == 1:
        day = i18n.day(_value_day(came[0]))
        words = N_("Thank you. Your payment of %(amount)s arrived on %(day)s. The case is closed.")
        return _(words, amount=i18n.money(paid), day=day)
    if ended is None:
        return _("Thank you. We have received %(amount)s. The case is closed.", amount=i18n.money(paid))
    words = N_("Thank you. We have received %(amount)s. The case has been closed since %(day)s.")
    return _(words, amount=i18n.money(paid), day=i18n.day(ended))


def _value_day(event: EventRow) -> date:
    told = event.details.get("value_on")
    return date.fromisoformat(told) if isinstance(told, str) else event.at.astimezone(i18n.zone()).date()


def _withdrawn(look: Look) -> FirstBlock:
    block = FirstBlock(meta=_("Closed, nothing to pay"))
    block.sentences = [_("The case is closed. There is nothing to pay."), _("There is nothing more for you to do.")]
    return block


def _handed_over(look: Look) -> FirstBlock:
    block = FirstBlock(meta=_("Handed over"))
    block.sentences.append(_("The case is now with another office. %(name)s tells you with which.", name=look.name))
    block.links.append(look.pay(look.due))
    return block


BLOCKS: dict[Standing, Callable[[Look], FirstBlock]] = {
    Standing.SETTLED: _settled,
    Standing.WITHDRAWN: _withdrawn,
    Standing.HANDED_OVER: _handed_over,
    Standing.ANSWER_FOR_YOU: _answer,
    Standing.CHECKING: _checking,
    Standing.PAUSED: _paused,
    Standing.STEP_ANNOUNCED: _step,
    Standing.COUNTER_OFFER: _counter,
    Standing.SUGGESTION_WAITING: _suggested,
    Standing.INSTALMENT_LATE: _late,
    Standing.INSTALMENTS_RUNNING: _running,
    Standing.PAYMENT_ANNOUNCED: _announced,
    Standing.PAYMENT_IN_PROGRESS: _in_progress,
    Standing.DEFERRED: _deferred,
    Standing.STILL_OPEN: _open,
}


def _instalment_words(look: Look) -> list[str]:
    schedule = schedule_of(look.page.owed.matters, look.owed.currency)
    if not schedule:
        return []
    first, last = schedule[0], schedule[-1]
    words = ngettext(
        "%(num)s instalment of %(amount)s on %(first)s.",
        "%(num)s instalments of %(amount)s, the first on %(first)s, the last on %(last)s.",
        len(schedule),
        amount=i18n.money(first.amount),
        first=i18n.day(first.due),
        last=i18n.day(last.due),
    )
    if last.amount != first.amount:
        words += " " + _("The last one is %(amount)s.", amount=i18n.money(last.amount))
    return [words]


def _plain(amount: Money) -> str:
    return f"{amount.minor // 100}.{amount.minor % 100:02d}"
