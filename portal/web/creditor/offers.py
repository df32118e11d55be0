"""How does the desk offer a lower amount until a day, on one case or many, and take back what nobody has read?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, Response, abort, redirect, request
from wtforms import SelectMultipleField, StringField

from portal.actions import many_offers, offers
from portal.rules.access import Right
from portal.rules.claims import COST_KINDS
from portal.rules.history import Actor, ActorKind
from portal.rules.ledger import ClaimSum
from portal.rules.money import total
from portal.rules.offers import (
    AT_ONCE,
    LARGEST_SHARE,
    LONGEST,
    SHORTEST,
    SMALLEST_SHARE,
    Drops,
    LeftOut,
    ManyProblem,
    OfferProblem,
    OfferTerms,
    SameOffer,
    problems_of_many,
)
from portal.store.claim_page import Owed
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.offers import Offer, live_offer, offer_at
from portal.store.people import clerk_by_id
from portal.store.settings import currencies_of
from portal.store.today import Task, task_at
from portal.web.errors import SomethingChanged
from portal.web.forms import AmountField, DayField, DecidingForm
from portal.web.i18n import LANGUAGES, N_, digits, gettext_in, language, money, ngettext, weekday
from portal.web.i18n import NAMES as SPOKEN
from portal.web.i18n import gettext as _
from portal.web.labels.claims import POSITIONS
from portal.web.labels.offers import (
    DROPS,
    FIELDS,
    LEFT_OUT,
    MANY_PROBLEMS,
    PROBLEMS,
    offer_lines,
    offer_sentence,
)
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import calendar_of, now, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("offers", __name__)

#: The day that the form suggests.
USUAL = timedelta(days=14)


class OfferForm(DecidingForm):
    """Pay this much by that day."""

    amount = AmountField(N_("Amount to pay"))
    until = DayField(N_("Last day"))


@pages.route("/claims/<reference>/offer", methods=["GET", "POST"])
@who(Who.CLERK, Right.OFFER)
def make(reference: str) -> Response:
    """Make an offer, with the sentence that the debtor will read."""
    claim = desk_claim(reference)
    if claim.status not in offers.OPEN and request.method == "GET":
        abort(404)
    form = OfferForm()
    if request.method == "POST":
        lock(db(), claim.creditor_id, claim.id)
    owed = claim_sum(db(), claim, on=today())
    if request.method == "GET":
        _suggest(form, owed)
    elif form.sent_well() and "look" not in request.form and _made(form, claim, owed):
        return _to_claim(claim)
    return _page(form, claim, owed)


@pages.route("/claims/<reference>/offer/<uuid:offer_id>/withdraw", methods=["POST"])
@who(Who.CLERK, Right.OFFER)
def withdraw(reference: str, offer_id: UUID) -> Response:
    """Take an offer back that nobody has read."""
    claim = desk_claim(reference)
    offer = offer_at(db(), claim.creditor_id, claim.id, offer_id)
    if offer is None:
        abort(404)
    if offers.withdraw(db(), claim, offer, actor=_actor(), now=now()):
        raise SomethingChanged
    return _to_claim(claim)


def _made(form: OfferForm, claim: Claim, owed: ClaimSum) -> bool:
    there = offer_at(db(), claim.creditor_id, claim.id, uuid5(claim.id, str(form.op_id())))
    if there is None and form.seen_minor() != owed.open.minor:
        raise SomethingChanged
    until = form.until.day()
    made = offers.make(
        db(),
        claim,
        OfferTerms(form.amount.money(claim.currency), until),
        bank_day=until is not None and calendar_of(creditor()).is_working_day(until),
        op=form.op_id(),
        actor=_actor(),
        now=now(),
        today=today(),
    )
    if isinstance(made, Offer):
        return True
    form.refuse(
        made,
        PROBLEMS,
        FIELDS[OfferProblem],
        owed=money(owed.open),
        **_days(until),
    )
    return False


def _days(until: date | None) -> dict[str, str]:
    """What the sentences about the last day name: examples, bounds, and the next day on which banks work."""
    return {
        "example": f"{today() + USUAL:%d.%m.%Y}",
        "earliest": weekday(today() + SHORTEST),
        "latest": weekday(today() + LONGEST),
        "next": weekday(calendar_of(creditor()).next_working_day(until)) if until else "",
    }


def _suggest(form: OfferForm, owed: ClaimSum) -> None:
    """The form opens with the costs dropped, two weeks ahead."""
    costs = total((line.open for line in owed.lines if line.position.kind in COST_KINDS), owed.currency)
    if 0 < costs.minor < owed.open.minor:
        form.amount.data = digits((owed.open - costs).minor, owed.currency)
    form.until.data = f"{calendar_of(creditor()).next_working_day(today() + USUAL):%d.%m.%Y}"
    form.seen.data = str(owed.open.minor)


def _page(form: OfferForm, claim: Claim, owed: ClaimSum) -> Response:
    amount, until = form.amount.money(claim.currency), form.until.day()
    tongue = claim.debtor.language
    live = live_offer(db(), claim.creditor_id, claim.id)
    if live is not None and live.until_on < today():
        live = None
    readable = amount is not None and until is not None and 0 < amount.minor < owed.open.minor
    return page(
        form=form,
        claim=claim,
        lines=[
            {"label": line.position.label or _(POSITIONS[line.position.kind]), "money": line.open}
            for line in owed.lines
            if line.open.minor > 0
        ],
        total={"label": _("Open today"), "money": owed.open},
        unfounded=offers.unfounded_costs(owed),
        live=live,
        live_amount=None if live is None else money(offers.amount_of(live)),
        maker=None if live is None else clerk_by_id(db(), claim.creditor_id, live.clerk_id),
        preview=offer_sentence(owed, amount, until, tongue) if readable and amount and until else None,
        preview_lang=tongue,
        falls=[{"label": label, "money": part, "minus": True} for label, part in offer_lines(owed, amount, tongue)]
        if readable and amount
        else [],
        total_read={"label": gettext_in(tongue, N_("Open today")), "money": owed.open},
        pays={"label": gettext_in(tongue, N_("You pay")), "money": amount},
    )


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _to_claim(claim: Claim) -> Response:
    answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
    return answer


class ManyForm(DecidingForm):
    """The same offer on all cases that fit: what falls away, until when, and which cases it is about."""

    drops = StringField(N_("What is waived"))
    share = StringField(N_("How much of it, in percent"))
    until = DayField(N_("Last day"))
    currency = StringField(N_("Currency"))
    least = AmountField(N_("Open at least"))
    most = AmountField(N_("Open at most"))
    age = StringField(N_("Days since the invoice at least"))
    language = StringField(N_("Language of the person"))
    pick = SelectMultipleField(N_("Cases that get the offer"), choices=[], validate_choice=False)

    def what(self) -> Drops | None:
        """What falls away, None if nothing of ours was chosen."""
        return next((one for one in Drops if one.value == self.drops.data), None)

    def picked(self) -> dict[UUID, int]:
        """The chosen cases with the sum that was shown, in minor units; what can't be read is left out."""
        found = {}
        for value in (self.pick.data or [])[:AT_ONCE]:
            identity, _colon, minor = str(value).partition(":")
            try:
                found[UUID(identity)] = int(minor)
            except ValueError:
                continue
        return found


@pages.route("/offers", methods=["GET", "POST"])
@who(Who.CLERK, Right.OFFER)
def many() -> Response:
    """Offer the same to many: first the filter, then each case with what it would get, then one press."""
    form = ManyForm()
    if request.method == "GET":
        form.drops.data, form.language.data = Drops.COSTS.value, ""
        form.currency.data = currencies_of(db(), creditor().id)[0]
        form.until.data = f"{calendar_of(creditor()).next_working_day(today() + USUAL):%d.%m.%Y}"
        return _many_page(form, None)
    offer = _same_offer(form)
    if offer is None or "look" in request.form:
        return _many_page(form, offer)
    if not form.picked():
        form.refuse([ManyProblem.NOTHING_CHOSEN], MANY_PROBLEMS, FIELDS[ManyProblem])
        return _many_page(form, offer)
    record = many_offers.make(
        db(), creditor(), form.picked(), offer, op=form.op_id(), actor=_actor(), now=now(), today=today()
    )
    answer: Response = redirect(f"/desk/offers/{record.id}", 303)  # type: ignore[assignment]
    return answer


@pages.get("/offers/<uuid:record_id>")
@who(Who.CLERK, Right.OFFER)
def made(record_id: UUID) -> Response:
    """What one press has made, and what it left out with the reason."""
    record = task_at(db(), creditor().id, record_id)
    if record is None or record.kind != many_offers.MADE_TASK:
        abort(404)
    number = len(record.details["made"])
    return page(
        title=ngettext("%(num)s offer made", "%(num)s offers made", number),
        made=record.details["made"], left=_left(record), until=date.fromisoformat(record.details["until"]),
    )  # fmt: skip


def _left(record: Task) -> list[tuple[dict[str, str], str]]:
    return [(_link(reference), _(LEFT_OUT[LeftOut(reason)])) for reference, reason in record.details["left_out"]]


def _link(reference: str) -> dict[str, str]:
    return {"text": reference, "href": f"/desk/claims/{reference}"}


def _same_offer(form: ManyForm) -> SameOffer | None:
    """The offer as it was typed; None after everything against it was said on its field."""
    until, share, drops = form.until.day(), _whole(form.share.data), form.what()
    bank_day = until is not None and calendar_of(creditor()).is_working_day(until)
    found = problems_of_many(drops, until, share, today=today(), bank_day=bank_day)
    for field in ("least", "most"):
        if str(form[field].data or "").strip() and form[field].money(_currency(form)) is None:
            form.say(field, _(MANY_PROBLEMS[ManyProblem.AMOUNT_UNREADABLE]))
    if str(form.age.data or "").strip() and _whole(form.age.data) is None:
        found.append(ManyProblem.DAYS_UNREADABLE)
    values = {"lowest": SMALLEST_SHARE, "highest": LARGEST_SHARE, **_days(until)}
    form.refuse(found, {**PROBLEMS, **MANY_PROBLEMS}, {**FIELDS[OfferProblem], **FIELDS[ManyProblem]}, **values)
    if form.errors or drops is None or until is None:
        return None
    return SameOffer(drops, until, share or 0)


def _whole(raw: object) -> int | None:
    text = str(raw or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _currency(form: ManyForm) -> str:
    known = currencies_of(db(), creditor().id)
    return str(form.currency.data) if form.currency.data in known else known[0]


def _many_page(form: ManyForm, offer: SameOffer | None) -> Response:
    given: dict[str, Any] = {"shown": False}
    if offer is not None:
        given = _preview(form, offer)
    currencies = currencies_of(db(), creditor().id)
    return page(
        form=form,
        drops=[(one.value, _(words), "") for one, words in DROPS.items()],
        currency=_currency(form),
        currencies=[(one, one, "") for one in currencies] if len(currencies) > 1 else [],
        tongues=[("", _("All languages"), ""), *((one, SPOKEN[one], "") for one in LANGUAGES)],
        at_once=AT_ONCE,
        **given,
    )


def _preview(form: ManyForm, offer: SameOffer) -> dict[str, Any]:
    currency = _currency(form)
    least, most = form.least.money(currency), form.most.money(currency)
    fitting = many_offers.found(
        db(), creditor().id,
        currency=currency,
        language=str(form.language.data or "") if form.language.data in LANGUAGES else "",
        invoiced_until=today() - timedelta(days=_whole(form.age.data) or 0),
        least=0 if least is None else least.minor,
        most=None if most is None else most.minor,
        today=today(),
    )  # fmt: skip
    gets: list[tuple[Claim, Owed]] = []
    left = []
    for claim, owed in fitting:
        reason = many_offers.reason_against(claim, owed, offer, today())
        if reason is None:
            gets.append((claim, owed))
        else:
            left.append((claim.debtor.name, _link(claim.reference), _(LEFT_OUT[reason])))
    options = [_option(claim, owed, offer) for claim, owed in gets[:AT_ONCE]]
    if "look" in request.form:
        form.pick.data = [option[0] for option in options]
    spoken = {claim.debtor.language: owed for claim, owed in reversed(gets[:AT_ONCE])}
    return {
        "shown": True,
        "options": options,
        "more": len(gets) - len(options),
        "left": left,
        "read": [
            (code, SPOKEN[code], offer_sentence(owed.total, offer.amount(owed.total), offer.until, code))
            for code, owed in sorted(spoken.items())
        ],
    }


def _option(claim: Claim, owed: Owed, offer: SameOffer) -> tuple[str, str, str]:
    """One case: whose it is, what is open and what would be paid, and what falls away of each line."""
    total, pays = owed.total, offer.amount(owed.total)
    falls = ", ".join(f"{label} {money(part)}" for label, part in offer_lines(total, pays, language()))
    words = _(
        "%(name)s, %(reference)s: %(pays)s instead of %(open)s",
        name=claim.debtor.name, reference=claim.reference, pays=money(pays), open=money(total.open),
    )  # fmt: skip
    return f"{claim.id}:{total.open.minor}", words, _("Falls away: %(lines)s", lines=falls)
