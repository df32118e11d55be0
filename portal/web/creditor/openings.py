"""How does the desk open a case by hand, with everything the rules want to know and a sentence on each field?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, Response, redirect, request
from wtforms import StringField

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.people import NewDebtor, answerers, find_or_create, number_of_another
from portal.rules.access import FactKind, Right, normalise_fact, normalise_postcode
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.countries import Asked, Profile, profile_of
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.openings import (
    COST_BASES,
    FEE_BASES,
    LONGEST_TEXT,
    LUMP_CURRENCY,
    SHORTEST_TO_PAY,
    Opening,
    OpeningProblem,
    problems,
    rate_known_until,
    read_rate,
)
from portal.rules.people import DebtorKind
from portal.store.claims import Claim, claim_at_desk
from portal.store.people import clerks_of
from portal.store.rates import own_rates
from portal.store.settings import currencies_of
from portal.web.forms import AmountField, DayField, DecidingForm, no_longer_than
from portal.web.i18n import LANGUAGES, N_, NAMES, money, weekday
from portal.web.i18n import day as day_words
from portal.web.i18n import gettext as _
from portal.web.labels.countries import rate_words
from portal.web.labels.openings import BASIS_CHOICES, FIELDS, PROBLEMS, REASON_CHOICES
from portal.web.login import clerk, creditor
from portal.web.pages import page
from portal.web.parts import calendar_of, now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("openings", __name__)

#: Where the rate comes from.
BY_LAW, OWN_RATE, NO_INTEREST = "law", "own", ""
SHORT = no_longer_than(LONGEST_TEXT, N_("That is more than %(limit)s characters."))


def _short(label: str) -> StringField:
    return StringField(label, validators=[SHORT])


class OpeningForm(DecidingForm):
    """An open invoice and who owes it."""

    kind = _short(N_("Who owes"))
    name = _short(N_("Name"))
    contact_name = _short(N_("Contact person at the company"))
    street = _short(N_("Street"))
    house_number = _short(N_("Number"))
    postcode = _short(N_("Postcode"))
    town = _short(N_("Town"))
    language = _short(N_("Language of the letter"))
    customer_number = _short(N_("Customer number"))
    birth_date = _short(N_("Date of birth"))
    reference = _short(N_("Case number"))
    title = _short(N_("What the invoice is for"))
    invoice_number = _short(N_("Invoice number"))
    invoice_on = DayField(N_("Date of the invoice"))
    due_on = DayField(N_("Due date"))
    pay_by = DayField(N_("Day that the letter names"))
    currency = _short(N_("Currency"))
    principal = AmountField(N_("Amount of the invoice"))
    rate_kind = _short(N_("Interest"))
    rate = _short(N_("Interest in percent a year"))
    interest_from = DayField(N_("First day of interest"))
    interest_reason = _short(N_("Why interest begins on that day"))
    fee = AmountField(N_("Reminder fee"))
    fee_basis = _short(N_("What the reminder fee rests on"))
    cost = AmountField(N_("Collection costs"))
    cost_basis = _short(N_("What the collection costs rest on"))
    cost_anyway = _short(N_("Collection costs of a private person"))
    lump = _short(N_("Lump sum between businesses"))
    credit = AmountField(N_("Credit note"))
    credit_on = DayField(N_("Date of the credit note"))
    clerk = _short(N_("Who answers this person"))

    def typed(self, name: str) -> str:
        """What stands in this field, without spaces around it."""
        return str(self[name].data or "").strip()

    def fact(self) -> tuple[FactKind, str] | None:
        """What only this person should know: the birth date, or a company's customer number."""
        company = self.typed("kind") == DebtorKind.COMPANY
        kind = FactKind.CUSTOMER_NUMBER if company else FactKind.BIRTH_DATE
        value = normalise_fact(kind, self.typed("customer_number" if company else "birth_date"))
        return None if value is None else (kind, value)

    def opening(self) -> Opening:
        """The form as the rules see it."""
        currency = self.typed("currency") or "CHF"
        return Opening(
            name=self.typed("name"),
            company=self.typed("kind") == DebtorKind.COMPANY,
            contact_name=self.typed("contact_name"),
            street=self.typed("street"),
            postcode=normalise_postcode(self.typed("postcode")),
            town=self.typed("town"),
            fact_unreadable=bool(self.typed("birth_date"))
            and normalise_fact(FactKind.BIRTH_DATE, self.typed("birth_date")) is None,
            reference=self.typed("reference"),
            title=self.typed("title"),
            invoice_number=self.typed("invoice_number"),
            invoice_on=self.invoice_on.day(),
            due_on=self.due_on.day(),
            pay_by=self.pay_by.day(),
            principal=self.principal.money(currency),
            fee=self.fee.money(currency),
            fee_typed=bool(self.typed("fee")),
            fee_basis=_basis(self.typed("fee_basis"), FEE_BASES),
            cost=self.cost.money(currency),
            cost_typed=bool(self.typed("cost")),
            cost_basis=_basis(self.typed("cost_basis"), COST_BASES),
            rate=read_rate(self.typed("rate")),
            rate_typed=bool(self.typed("rate")) or self.typed("rate_kind") == OWN_RATE,
            interest_from=self.interest_from.day(),
            interest_reason=next((r for r in InterestReason if r.value == self.typed("interest_reason")), None),
            rate_by_law=self.typed("rate_kind") == BY_LAW,
            cost_anyway=bool(self.typed("cost_anyway")),
            lump=bool(self.typed("lump")),
            credit=self.credit.money(currency),
            credit_typed=bool(self.typed("credit")),
            credit_on=self.credit_on.day(),
        )


@pages.route("/claims/new", methods=["GET", "POST"])
@who(Who.CLERK, Right.IMPORT)
def new() -> Response:
    """Open a case by hand; evidence is added afterwards on its page."""
    form = OpeningForm()
    if request.method == "GET":
        _suggest(form)
    elif form.sent_well():
        claim = _opened(form)
        if claim is not None:
            answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
            return answer
    return page(
        form=form,
        kinds=[(DebtorKind.PERSON, _("A person")), (DebtorKind.COMPANY, _("A company"))],
        spoken=[(code, NAMES[code]) for code in LANGUAGES],
        currencies=[(code, code) for code in currencies_of(db(), creditor().id)],
        fee_bases=[(basis, _(BASIS_CHOICES[basis])) for basis in FEE_BASES],
        cost_bases=[(basis, _(BASIS_CHOICES[basis])) for basis in COST_BASES],
        reasons=[(reason, _(text)) for reason, text in REASON_CHOICES.items()],
        **_by_law(),
        clerks=[(str(row.id), row.name) for row in answerers(clerks_of(db(), creditor().id))],
    )


def _by_law() -> dict[str, Any]:
    """What the law of this country sets: the rates that can be chosen, the lump sum, and what is not asked for."""
    profile, own = _profile(), own_rates(db(), creditor().id)
    said = []
    for who_owes, table in ((_("A person"), profile.consumer_rate), (_("A company"), profile.business_rate)):
        entered = own.get(table.key, ()) if table else ()
        said.append(f"{who_owes}: {rate_words(table, entered, today())}")
    lump = Money(profile.business_lump_minor, LUMP_CURRENCY)
    cost = profile.asked(PositionKind.AGENCY_COST, consumer=True)
    return {
        "rates": [
            (NO_INTEREST, _("No interest is asked for")),
            (BY_LAW, _("The rate of the law"), " · ".join(said)),
            (OWN_RATE, _("Another rate, named below")),
        ],
        "anyway": [("yes", _("Ask a private person for them all the same"))] if cost is Asked.NOT_BY_DEFAULT else [],
        "lumps": [("yes", f"{money(lump)} ({profile.business_lump_law})")] if lump.minor else [],
        "forbidden": profile.consumer_law.get(PositionKind.AGENCY_COST) if cost is Asked.NEVER else None,
    }


def _profile() -> Profile:
    return profile_of(creditor().country)


def _suggest(form: OpeningForm) -> None:
    form.kind.data = DebtorKind.PERSON.value
    form.language.data = creditor().language
    form.pay_by.data = _written(calendar_of(creditor()).next_working_day(today() + timedelta(days=20)))
    form.currency.data = next(iter(currencies_of(db(), creditor().id)), "CHF")
    here = [str(row.id) for row in answerers(clerks_of(db(), creditor().id))]
    form.clerk.data = str(clerk().clerk_id) if str(clerk().clerk_id) in here else next(iter(here), "")


def _opened(form: OpeningForm) -> Claim | None:
    """The claim that is open now (or was by the same click before); None if something stands against it."""
    identity = uuid5(creditor().id, f"claim {form.op_id()}")
    known = db().get(Claim, identity)
    if known is not None:
        return known
    opening, debtor = form.opening(), _debtor(form)
    answering = {str(row.id): row.id for row in answerers(clerks_of(db(), creditor().id))}
    if form.refuse(_problems(form, opening, debtor, answering), PROBLEMS, FIELDS[OpeningProblem], **_examples(opening)):
        return None
    invoice_on, due_on, pay_by = opening.invoice_on, opening.due_on, opening.pay_by
    if invoice_on is None or due_on is None or pay_by is None:
        return None
    return open_claim(
        db(),
        creditor(),
        find_or_create(db(), creditor().id, debtor, parts().facts, now=now()),
        answering[form.typed("clerk")],
        NewClaim(
            reference=opening.reference,
            title=opening.title,
            invoice_number=opening.invoice_number,
            invoice_on=invoice_on,
            due_on=due_on,
            pay_by=pay_by,
            currency=form.typed("currency"),
            lines=tuple(_lines(opening, due_on, form.typed("currency"))),
            consumer=not opening.company,
        ),
        actor=Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id),
        now=now(),
        today=today(),
        claim_id=identity,
    )


def _problems(
    form: OpeningForm, opening: Opening, debtor: NewDebtor, answering: dict[str, UUID]
) -> list[OpeningProblem]:
    works = opening.pay_by is not None and calendar_of(creditor()).is_working_day(opening.pay_by)
    table = _profile().rate_table(consumer=not opening.company)
    entered = own_rates(db(), creditor().id).get(table.key, ()) if table and opening.rate_by_law else ()
    found = problems(opening, today(), _profile(), pay_by_works=works, own_rates=entered)
    checks = (
        (number_of_another(db(), creditor().id, debtor), OpeningProblem.NUMBER_OF_ANOTHER),
        (
            bool(opening.reference)
            and claim_at_desk(db(), creditor_id=creditor().id, reference=opening.reference) is not None,
            OpeningProblem.REFERENCE_TAKEN,
        ),
        (form.typed("currency") not in currencies_of(db(), creditor().id), OpeningProblem.CURRENCY_WITHOUT_ACCOUNT),
        (form.typed("clerk") not in answering, OpeningProblem.CLERK_MISSING),
    )
    return found + [problem for holds, problem in checks if holds]


def _debtor(form: OpeningForm) -> NewDebtor:
    language = form.typed("language")
    return NewDebtor(
        kind=DebtorKind.COMPANY if form.typed("kind") == DebtorKind.COMPANY else DebtorKind.PERSON,
        name=form.typed("name"),
        contact_name=form.typed("contact_name"),
        street=form.typed("street"),
        house_number=form.typed("house_number"),
        postcode=normalise_postcode(form.typed("postcode")) or "",
        town=form.typed("town"),
        country=creditor().country,
        language=language if language in LANGUAGES else creditor().language,
        customer_number=form.typed("customer_number") or None,
        fact=form.fact(),
    )


def _lines(opening: Opening, due_on: date, currency: str) -> list[NewLine]:
    zero = Money.zero(currency)
    lines = [NewLine(PositionKind.PRINCIPAL, Basis.INVOICE, opening.principal or zero, due_on)]
    if opening.credit is not None and opening.credit_on is not None:
        lowered = Money(-opening.credit.minor, currency)
        lines.append(NewLine(PositionKind.CREDIT, Basis.INVOICE, lowered, opening.credit_on))
    if opening.rate is not None or opening.rate_by_law:
        lines.append(_interest(opening, zero, due_on))
    extras = (
        (PositionKind.REMINDER_FEE, opening.fee, opening.fee_basis),
        (PositionKind.AGENCY_COST, opening.cost, opening.cost_basis),
    )
    lines += [NewLine(kind, basis, amount, due_on) for kind, amount, basis in extras if amount and basis]
    if opening.lump:
        lump = Money(_profile().business_lump_minor, LUMP_CURRENCY)
        lines.append(NewLine(PositionKind.DAMAGE, Basis.LAW_LUMP_SUM, lump, due_on, label=""))
    return lines


def _interest(opening: Opening, zero: Money, due_on: date) -> NewLine:
    reason = opening.interest_reason
    by_law = opening.rate_by_law or reason not in (InterestReason.CONTRACT, InterestReason.JUDGMENT)
    table = _profile().rate_table(consumer=not opening.company) if opening.rate_by_law else None
    return NewLine(
        PositionKind.DEFAULT_INTEREST,
        Basis.LAW_DEFAULT_INTEREST if by_law else Basis.CONTRACT,
        zero,
        due_on,
        rate_percent=None if table else str(opening.rate),
        rate_table=table.key if table else None,
        interest_from=opening.interest_from,
        interest_reason=reason,
    )


def _basis(raw: str, choices: tuple[Basis, ...]) -> Basis | None:
    return next((basis for basis in choices if basis.value == raw), None)


def _examples(opening: Opening) -> dict[str, str]:
    profile = _profile()
    table = profile.rate_table(consumer=not opening.company)
    missing = None
    if table is not None and opening.interest_from is not None:
        entered = own_rates(db(), creditor().id).get(table.key, ())
        missing = rate_known_until(table, entered, opening.interest_from, today())
    return {
        "example": _written(today()),
        "earliest": weekday(today() + SHORTEST_TO_PAY),
        "missing": day_words(missing or today()),
        "rate_law": table.law if table else "",
        "cost_law": profile.consumer_law.get(PositionKind.AGENCY_COST, ""),
        "lump_law": profile.business_lump_law,
    }


def _written(day: date) -> str:
    return f"{day:%d.%m.%Y}"
