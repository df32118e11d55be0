"""How does a person pay: how much, which way, what the page says afterwards, and "I have just paid"?"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, abort, g, redirect
from wtforms import StringField

from portal.actions import bookings, payments
from portal.actions.disputes import is_live
from portal.actions.goodwill import promise_of
from portal.actions.payments import PAYABLE, Wish
from portal.gateways.stripe import StripeDown, StripeRefused
from portal.rules import plans as plan_rules
from portal.rules.claims import COST_KINDS, ClaimStatus
from portal.rules.goodwill import Goodwill, announced
from portal.rules.history import Actor, ActorKind
from portal.rules.ledger import ClaimSum
from portal.rules.money import Money
from portal.rules.money import total as money_total
from portal.rules.payments import (
    SMALLEST_MINOR,
    AttemptStatus,
    PayProblem,
    ReturnStanding,
    methods_for,
    problems,
    return_standing,
)
from portal.rules.transfers import decimal_amount
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, claims_for
from portal.store.disputes import disputes_of
from portal.store.history import done_in_session, told_in_session
from portal.store.offers import first_letter_on, live_offer
from portal.store.payments import PaymentAttempt, attempt_by_return_ref
from portal.store.plans import live_plan, progress
from portal.web import i18n
from portal.web.debtor.transfers import asked_amount, transfer_of
from portal.web.errors import SomethingChanged
from portal.web.forms import AmountField, DecidingForm
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.goodwill import promise_sentence
from portal.web.labels.payments import FIELDS, PAY_AT_ONCE, PAY_BY, PROBLEMS, RETURNED
from portal.web.login import DebtorVisitor, creditor, debtor, debtor_claim, visible_claims
from portal.web.pages import back_to, page, page_of
from portal.web.parts import calendar_of, now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import commit_then, db, release

log = logging.getLogger("portal.payments")
pages = Blueprint("payments", __name__)

CARD, TRANSFER, OTHER = "card", "transfer", "other"
UNDISPUTED, WITHOUT_COSTS = "undisputed", "without_costs"
#: How long it takes until a bank payment is seen (`pay.told`).
BANK_DAYS = 3


class PayForm(DecidingForm):
    """How much and which way; an amount that is not typed is taken from the choice, else it is everything."""

    method = StringField()
    part = AmountField(N_("How much would you like to pay?"))
    amount = AmountField(N_("Another amount"))
    only = StringField()

    def chosen(self, currency: str, owed: Money) -> Money | None:
        """The sum that was chosen or typed; None where it can't be read."""
        part = str(self.part.data or "")
        if part and part != OTHER:
            return self.part.money(currency)
        if not part and not str(self.amount.data or "").strip():
            return owed
        return self.amount.money(currency)

    def two_amounts(self, currency: str) -> bool:
        """Whether one sum is chosen and another one typed: nobody is asked for more than he typed."""
        part, typed = str(self.part.data or ""), str(self.amount.data or "").strip()
        return bool(part and part != OTHER and typed) and self.part.money(currency) != self.amount.money(currency)


class ToldForm(DecidingForm):
    """I have just paid."""


@dataclass(frozen=True)
class Choice:
    """One sum that can be paid, what it is, and why."""

    amount: Money
    title: str
    detail: str = ""


@dataclass(frozen=True)
class Named:
    """A part of the sum that can be paid by name: these lines, and none before them (OR 86)."""

    key: str
    amount: Money
    lines: tuple[UUID, ...]
    button: str
    detail: str

    @property
    def plain(self) -> str:
        return decimal_amount(self.amount)


@pages.get("/claims/<reference>/pay")
@who(Who.DEBTOR)
def pay(reference: str) -> Response:
    """The sum once more, the QR-bill, the rows to copy, and card or TWINT where the creditor has them."""
    claim = debtor_claim(reference)
    total = claim_sum(db(), claim, on=today())
    if not _can_be_paid(claim, total):
        return back_to("debtor.claims.claim", reference=reference)
    form = PayForm(formdata=None)
    return _page(claim, total, form)


@pages.post("/claims/<reference>/pay")
@who(Who.DEBTOR)
def send(reference: str) -> Response:
    """On to the provider's page for this sum, or back to this page with the transfer's details for it."""
    claim = debtor_claim(reference)
    total = claim_sum(db(), claim, on=today())
    form = PayForm()
    amount = form.chosen(claim.currency, total.open)
    two = form.two_amounts(claim.currency)
    if form.method.data == TRANSFER and not two and amount is not None and 0 < amount.minor <= total.open.minor:
        return back_to("debtor.payments.pay", reference=reference, amount=decimal_amount(amount))
    sent_before = _sent_before(claim, form)
    if not sent_before and (not _can_be_paid(claim, total) or form.seen_minor() != total.open.minor):
        raise SomethingChanged
    named = None if sent_before else _the_named(claim, total, form, amount)
    found = [] if sent_before else problems(amount, total.open)
    found += [PayProblem.TWO_AMOUNTS] if two else []
    if form.method.data not in (CARD, TRANSFER):
        found.append(PayProblem.METHOD_MISSING)
    smallest = i18n.money(Money(SMALLEST_MINOR, claim.currency))
    if form.refuse(found, PROBLEMS, FIELDS[PayProblem], owed=i18n.money(total.open), smallest=smallest):
        return _page(claim, total, form)
    if amount is None or not creditor().stripe_account:
        abort(404)
    return _to_provider(reference, form, _wish(claim, amount, form, named))


def _sent_before(claim: Claim, form: PayForm) -> bool:
    """A double click is answered with what the first click has made, whatever changed since."""
    return payments.sent_before(db(), claim, form.op_id())


def _wish(claim: Claim, amount: Money, form: PayForm, named: Named | None) -> Wish:
    return Wish(
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        amount=amount,
        seen_minor=form.seen_minor() or 0,
        op=form.op_id(),
        language=i18n.language(),
        signed_in_id=debtor().session_id,
        label=_("Invoice %(number)s", number=claim.invoice_number),
        base_url=parts().settings.base_url,
        declared=named.lines if named is not None else (),
    )


def _to_provider(reference: str, form: PayForm, wish: Wish) -> Response:
    have = parts()
    try:
        address = commit_then(lambda: payments.start(have.database, have.stripe, wish, now=now(), today=today()))
    except (StripeDown, StripeRefused) as problem:
        log.warning("a payment page could not be opened: %s", type(problem).__name__)
        return _without_provider(reference, form)
    answer: Response = redirect(address, 303)  # type: ignore[assignment]
    return answer


def _without_provider(reference: str, form: PayForm) -> Response:
    """No money was taken; the page with everything that is needed for a transfer."""
    claim = debtor_claim(reference)
    total = claim_sum(db(), claim, on=today())
    return _page(claim, total, form, provider_down=True)


def _can_be_paid(claim: Claim, total: ClaimSum) -> bool:
    return ClaimStatus(claim.status) in PAYABLE and total.open.minor > 0


def _page(claim: Claim, total: ClaimSum, form: PayForm, *, provider_down: bool = False) -> Response:
    choices = _choices(claim, total)
    typed = form.chosen(claim.currency, total.open) if form.is_submitted() else None
    usual = asked_amount(claim, choices[0].amount)
    amount = usual if typed is None or problems(typed, total.open) else typed
    if not form.is_submitted():
        form.part.data = next((decimal_amount(one.amount) for one in choices if one.amount == amount), OTHER)
        form.amount.data = decimal_amount(amount) if form.part.data == OTHER else ""
    form.seen.data = str(total.open.minor)
    shown = {
        "form": form,
        "reference": claim.reference,
        "amount": amount,
        "plain": decimal_amount(amount),
        "owed": total.open,
        "invoice_on": claim.invoice_on,
        "transfer": transfer_of(claim, amount),
        "options": _options(choices, total.open),
        "currency": claim.currency,
        "told": ToldForm(formdata=None),
    }
    named = _named(claim, total)
    lead = next((one for one in named if one.key == UNDISPUTED and one.amount == amount), None)
    shown["lead"] = lead
    shown["named"] = [one for one in named if one is not lead]
    account = creditor().stripe_account
    release()
    shown["card"] = "" if not account else _card(account, amount) if not provider_down else None
    return page_of("debtor/payments/pay.html", status=503 if provider_down else None, **shown)


def _named(claim: Claim, total: ClaimSum) -> list[Named]:
    """What can be paid without the rest: what nobody contests, and the invoice with its interest but no costs.

    Where the costs fall away for that very sum, nothing is left to be chosen.
    """
    found = []
    if _knows_objections(claim) and 0 < total.undisputed.minor < total.open.minor:
        words = _("Pay %(amount)s, only what you agree with", amount=i18n.money(total.undisputed))
        lines = tuple(line.position.id for line in total.lines if line.open.minor > 0 and not line.disputed)
        detail = _("The money goes to nothing else. We are still checking the rest.")
        found.append(Named(UNDISPUTED, total.undisputed, lines, words, detail))
    costs = [line for line in total.lines if line.position.kind in COST_KINDS and line.open.minor > 0]
    others = [line for line in total.lines if line.position.kind not in COST_KINDS and line.open.minor > 0]
    amount = money_total((line.open for line in others), claim.currency)
    promised = _promised(claim, total)
    dropped = promised is not None and promised.pays == amount
    if costs and amount.minor > 0 and not dropped and not any(one.amount == amount for one in found):
        words = _("Pay %(amount)s without the costs", amount=i18n.money(amount))
        left = i18n.money(money_total((line.open for line in costs), claim.currency))
        detail = _("The money goes to the invoice and its interest. Costs of %(costs)s stay open.", costs=left)
        lines = tuple(line.position.id for line in others)
        found.append(Named(WITHOUT_COSTS, amount, lines, words, detail))
    return found


def _the_named(claim: Claim, total: ClaimSum, form: PayForm, amount: Money | None) -> Named | None:
    """The part that the pressed button names, with the very sum that it showed."""
    key = str(form.only.data or "")
    if not key:
        return None
    found = next((one for one in _named(claim, total) if one.key == key and one.amount == amount), None)
    if found is None:
        raise SomethingChanged
    return found


def _knows_objections(claim: Claim) -> bool:
    raised = [row for row in disputes_of(db(), claim.creditor_id, claim.id) if is_live(row)]
    return all(_may_know(claim, row.id) for row in raised)


def _options(choices: list[Choice], owed: Money) -> list[tuple[str, str, str]]:
    made = [
        (
            decimal_amount(one.amount),
            _("%(what)s: %(amount)s", what=one.title, amount=i18n.money(one.amount)),
            one.detail,
        )
        for one in choices
    ]
    return [*made, (OTHER, _("Another amount"), _("At most %(owed)s", owed=i18n.money(owed)))]


def _choices(claim: Claim, total: ClaimSum) -> list[Choice]:
    """The sums that make sense now, the usual one first; each sum once."""
    found = []
    plan = live_plan(db(), claim.creditor_id, claim.id)
    if plan is not None and plan.status in plan_rules.RUNNING and _may_know(claim, plan.id):
        so_far = progress(db(), plan, total)
        coming = plan_rules.next_open(so_far.instalments, so_far.paid, today())
        if coming is not None:
            due = _("Due on %(day)s", day=i18n.weekday(coming[0].due))
            found.append(Choice(coming[1], _("The next instalment"), due))
    offer = live_offer(db(), claim.creditor_id, claim.id)
    if offer is not None and offer.until_on >= today() and (debtor().in_file or offer.on_letter):
        until = _("Paid by %(day)s, the case is closed", day=i18n.weekday(offer.until_on))
        found.append(Choice(Money(offer.amount_minor, offer.currency), _("The offer"), until))
    promised = _promised(claim, total)
    if promised is not None:
        words = N_("Without the costs") if promised.only_costs else N_("Without costs and interest")
        found.append(Choice(promised.pays, _(words), promise_sentence(promised)))
    if _knows_objections(claim) and 0 < total.undisputed.minor < total.open.minor:
        found.append(Choice(total.undisputed, _("What you agree with"), _("We are still checking the rest.")))
    found.append(Choice(total.open, _("Everything"), ""))
    once = {choice.amount: choice for choice in reversed(found) if choice.amount.minor <= total.open.minor}
    return [choice for choice in found if once.get(choice.amount) is choice]


def _promised(claim: Claim, total: ClaimSum) -> Goodwill | None:
    """What the creditor promises everybody; the letter is asked for only where there is such a promise."""
    if not creditor().goodwill_rules:
        return None
    return announced(total, promise_of(creditor(), first_letter_on(db(), claim.creditor_id, claim.id)), today())


def _may_know(claim: Claim, thing_id: UUID) -> bool:
    """Room 1 knows of a plan or an objection only what this very session did (`decisions.md` 1)."""
    visitor = debtor()
    return visitor.in_file or done_in_session(db(), claim.creditor_id, claim.id, thing_id, visitor.session_id)


def _card(account: str, amount: Money) -> str | None:
    """What the button says, "" where the account takes nothing now, None where the provider does not answer."""
    try:
        offered = parts().stripe.offers(account)
    except StripeRefused:
        return ""
    except StripeDown:
        return None
    methods = methods_for(amount, offered)
    words = PAY_BY.get(methods[:2], PAY_AT_ONCE) if methods else ""
    return _(words, amount=i18n.money(amount)) if words else ""


@pages.post("/claims/<reference>/told")
@who(Who.DEBTOR)
def tell(reference: str) -> Response:
    """Nobody reminds of this claim until the bank has had time."""
    claim = debtor_claim(reference)
    if ClaimStatus(claim.status) not in PAYABLE:
        raise SomethingChanged
    until = calendar_of(creditor()).add_working_days(today(), BANK_DAYS)
    actor = Actor(ActorKind.DEBTOR, signed_in_id=debtor().session_id)
    bookings.told(db(), claim, until=until, actor=actor, now=now())
    return back_to("debtor.payments.told", reference=reference)


@pages.get("/claims/<reference>/told")
@who(Who.DEBTOR)
def told(reference: str) -> Response:
    """Thank you, and the day until which no reminder goes out."""
    claim = debtor_claim(reference)
    visitor = debtor()
    known = visitor.in_file or told_in_session(db(), claim.creditor_id, claim.id, visitor.session_id)
    if claim.announced_until is None or claim.announced_until < today() or not known:
        return back_to("debtor.payments.pay", reference=reference)
    return page(reference=claim.reference, until=claim.announced_until)


@pages.get("/paid/<return_ref>")
@who(Who.ANYONE)
def returned(return_ref: str) -> Response:
    """How far the payment got: reads, names nobody and no sum, and needs no sign-in."""
    attempt = attempt_by_return_ref(db(), return_ref[:80])
    if attempt is None:
        abort(404)
    if i18n.chosen() is None and g.get("visitor") is None:
        i18n.set_language(attempt.language)
    standing = return_standing(AttemptStatus(attempt.status))
    return page(
        title=_(RETURNED[standing]),
        received=standing is ReturnStanding.RECEIVED,
        waiting=standing is ReturnStanding.IN_PROGRESS,
        at_the_bank=standing is ReturnStanding.IN_PROGRESS and bool(attempt.session_id) and not attempt.session_url,
        again=f"/paid/{attempt.return_ref}",
        receipts=_receipts_of(attempt) if standing is ReturnStanding.RECEIVED else "",
    )


def _receipts_of(attempt: PaymentAttempt) -> str:
    """Where the receipt lies, for somebody who is signed in and whose claim this is; the page itself says nothing."""
    visitor = g.get("visitor")
    if not isinstance(visitor, DebtorVisitor) or visitor.creditor_id != attempt.creditor_id:
        return ""
    own = claims_for(db(), creditor_id=visitor.creditor_id, debtor_id=visitor.debtor_id, only=visible_claims(visitor))
    reference = next((claim.reference for claim in own if claim.id == attempt.claim_id), None)
    return f"/claims/{reference}/receipts" if reference else ""
