"""How does the desk open a case by hand, with everything the rules want to know and a sentence on each field?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from flask import Blueprint, Response, redirect, request
from wtforms import StringField

from portal.actions.opening import NewClaim, NewLine, open_claim
from portal.actions.people import NewDebtor, answerers, find_or_create, number_of_another
from portal.rules.access import FactKind, Right, normalise_fact, normalise_postcode
from portal.rules.claims import Basis, InterestReason, PositionKind
from portal.rules.history import Actor, ActorKind
from portal.rules.money import Money
from portal.rules.openings import (
    COST_BASES,
    FEE_BASES,
    LONGEST_TEXT,
    SHORTEST_TO_PAY,
    Opening,
    OpeningProblem,
    problems,
    read_rate,
)
from portal.rules.people import DebtorKind
from portal.store.claims import Claim, claim_at_desk
from portal.store.people import clerks_of
from portal.store.settings import currencies_of
from portal.web.forms import AmountField, DayField, DecidingForm, no_longer_than
from portal.web.i18n import LANGUAGES, N_, NAMES, weekday
from portal.web.i18n import gettext as _
from portal.web.labels.openings import BASIS_CHOICES, FIELDS, PROBLEMS, REASON_CHOICES
from portal.web.login import clerk, creditor
from portal.web.pages import page
from portal.web.parts import calendar_of, now, parts, today
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("openings", __name__)

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
    rate = _short(N_("Interest in percent a year"))
    interest_from = DayField(N_("First day of interest"))
    interest_reason = _short(N_("Why interest begins on that day"))
    fee = AmountField(N_("Reminder fee"))
    fee_basis = _short(N_("What the reminder fee rests on"))
    cost = AmountField(N_("Collection costs"))
    cost_basis = _short(N_("What the collection costs rest on"))
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
            rate_typed=bool(self.typed("rate")),
            interest_from=self.interest_from.day(),
            interest_reason=next((r for r in InterestReason if r.value == self.typed("interest_reason")), None),
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
        clerks=[(str(row.id), row.name) for row in answerers(clerks_of(db(), creditor().id))],
    )


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
    if form.refuse(_problems(form, opening, debtor, answering), PROBLEMS, FIELDS[OpeningProblem], **_examples()):
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
    found = problems(opening, today(), pay_by_works=works)
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
    if opening.rate is not None:
        lines.append(_interest(opening, opening.rate, zero, due_on))
    extras = (
        (PositionKind.REMINDER_FEE, opening.fee, opening.fee_basis),
        (PositionKind.AGENCY_COST, opening.cost, opening.cost_basis),
    )
    lines += [NewLine(kind, basis, amount, due_on) for kind, amount, basis in extras if amount and basis]
    return lines


def _interest(opening: Opening, rate: Decimal, zero: Money, due_on: date) -> NewLine:
    reason = opening.interest_reason
    by_law = reason not in (InterestReason.CONTRACT, InterestReason.JUDGMENT)
    return NewLine(
        PositionKind.DEFAULT_INTEREST,
        Basis.LAW_DEFAULT_INTEREST if by_law else Basis.CONTRACT,
        zero,
        due_on,
        rate_percent=str(rate),
        interest_from=opening.interest_from,
        interest_reason=reason,
    )


def _basis(raw: str, choices: tuple[Basis, ...]) -> Basis | None:
    return next((basis for basis in choices if basis.value == raw), None)


def _examples() -> dict[str, str]:
    return {"example": _written(today()), "earliest": weekday(today() + SHORTEST_TO_PAY)}


def _written(day: date) -> str:
    return f"{day:%d.%m.%Y}"
