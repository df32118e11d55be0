"""What must be known before a claim can be opened, and what stands against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.rules.claims import Basis, InterestReason, PositionKind, reference_problems
from portal.rules.countries import Asked, Profile
from portal.rules.interest import RateChange
from portal.rules.money import Money
from portal.rules.rates import RateTable, filled, first_without

#: First segments under the desk's claims that no reference may take.
RESERVED_REFERENCES = frozenset({"new"})
#: A letter is on its way for some days, so nobody is asked to pay sooner.
SHORTEST_TO_PAY = timedelta(days=10)
#: Claims older than this are out of time everywhere we work (`law.md` 1.4), so an older day is a typing error.
OLDEST_INVOICE = timedelta(days=3653)
#: The lump sum between businesses is set in euros (directive 2011/7/EU, art. 6).
LUMP_CURRENCY = "EUR"
HIGHEST_RATE = Decimal(15)
LONGEST_TEXT = 200
_RATE = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?")

FEE_BASES = (Basis.TERMS_CLAUSE, Basis.CONTRACT, Basis.NONE)
COST_BASES = (Basis.PROVEN_DAMAGE, Basis.TERMS_CLAUSE, Basis.NONE)


class OpeningProblem(StrEnum):
    NAME_MISSING = "name_missing"
    CONTACT_MISSING = "contact_missing"
    STREET_MISSING = "street_missing"
    POSTCODE_UNREADABLE = "postcode_unreadable"
    TOWN_MISSING = "town_missing"
    FACT_UNREADABLE = "fact_unreadable"
    NUMBER_OF_ANOTHER = "number_of_another"
    REFERENCE_UNUSABLE = "reference_unusable"
    REFERENCE_TAKEN = "reference_taken"
    TITLE_MISSING = "title_missing"
    INVOICE_NUMBER_MISSING = "invoice_number_missing"
    INVOICE_ON_MISSING = "invoice_on_missing"
    INVOICE_ON_LATER = "invoice_on_later"
    INVOICE_ON_TOO_OLD = "invoice_on_too_old"
    DUE_ON_MISSING = "due_on_missing"
    DUE_BEFORE_INVOICE = "due_before_invoice"
    NOT_DUE_YET = "not_due_yet"
    PAY_BY_MISSING = "pay_by_missing"
    PAY_BY_TOO_SOON = "pay_by_too_soon"
    PAY_BY_NO_WORKING_DAY = "pay_by_no_working_day"
    CURRENCY_WITHOUT_ACCOUNT = "currency_without_account"
    PRINCIPAL_UNREADABLE = "principal_unreadable"
    FEE_UNREADABLE = "fee_unreadable"
    FEE_BASIS_MISSING = "fee_basis_missing"
    COST_UNREADABLE = "cost_unreadable"
    COST_BASIS_MISSING = "cost_basis_missing"
    FEE_FORBIDDEN = "fee_forbidden"
    COST_FORBIDDEN = "cost_forbidden"
    COST_NOT_BY_DEFAULT = "cost_not_by_default"
    LUMP_OF_CONSUMER = "lump_of_consumer"
    CREDIT_UNREADABLE = "credit_unreadable"
    CREDIT_TOO_HIGH = "credit_too_high"
    CREDIT_ON_MISSING = "credit_on_missing"
    CREDIT_ON_LATER = "credit_on_later"
    RATE_UNREADABLE = "rate_unreadable"
    RATE_TWICE = "rate_twice"
    RATE_NOT_KNOWN = "rate_not_known"
    NO_RATE_BY_LAW = "no_rate_by_law"
    INTEREST_FROM_MISSING = "interest_from_missing"
    INTEREST_BEFORE_DUE = "interest_before_due"
    INTEREST_REASON_MISSING = "interest_reason_missing"
    CLERK_MISSING = "clerk_missing"


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody typed about an open invoice; None where it is missing or can't be read."""

    name: str
    company: bool
    contact_name: str
    street: str
    postcode: str | None
    town: str
    fact_unreadable: bool
    reference: str
    title: str
    invoice_number: str
    invoice_on: date | None
    due_on: date | None
    pay_by: date | None
    principal: Money | None
    fee: Money | None
    fee_typed: bool
    fee_basis: Basis | None
    cost: Money | None
    cost_typed: bool
    cost_basis: Basis | None
    rate: Decimal | None
    rate_typed: bool
    interest_from: date | None
    interest_reason: InterestReason | None
    rate_by_law: bool = False
    cost_anyway: bool = False
    lump: bool = False
    credit: Money | None = None
    credit_typed: bool = False
    credit_on: date | None = None


def read_rate(raw: str) -> Decimal | None:
    """The yearly rate in percent ("5", "5,25", "5 %") between 0 and 15 with at most two decimals, or None."""
    text = raw.strip().removesuffix("%").strip().replace(",", ".")
    if not _RATE.fullmatch(text):
        return None
    rate = Decimal(text)
    return rate if 0 < rate <= HIGHEST_RATE else None


def problems(
    new: Opening,
    today: date,
    profile: Profile,
    *,
    pay_by_works: bool,
    own_rates: tuple[RateChange, ...] = (),
) -> list[OpeningProblem]:
    """Say everything that stands against opening this claim in the creditor's country.

    `pay_by_works` says whether the letter's day is a working day; `own_rates` are the creditor's own for the days on
    which the statutory table is silent.
    """
    return [
        *_of_person(new),
        *_of_invoice(new, today),
        *_of_pay_by(new, today, pay_by_works),
        *_of_lines(new, profile),
        *_of_credit(new, today),
        *_of_interest(new, today, profile, own_rates),
    ]


def rate_known_until(table: RateTable, own_rates: tuple[RateChange, ...], start: date, today: date) -> date | None:
    """The first day from `start` up to today for which the statutory rate is not known; None if it always is."""
    return first_without(filled(table.changes, own_rates), start, today + timedelta(days=1))


def _of_person(new: Opening) -> list[OpeningProblem]:
    checks = (
        (not new.name, OpeningProblem.NAME_MISSING),
        (new.company and not new.contact_name, OpeningProblem.CONTACT_MISSING),
        (not new.street, OpeningProblem.STREET_MISSING),
        (new.postcode is None, OpeningProblem.POSTCODE_UNREADABLE),
        (not new.town, OpeningProblem.TOWN_MISSING),
        (new.fact_unreadable, OpeningProblem.FACT_UNREADABLE),
    )
    return [problem for holds, problem in checks if holds]


def _of_invoice(new: Opening, today: date) -> list[OpeningProblem]:
    found = []
    if reference_problems(new.reference) or new.reference.lower() in RESERVED_REFERENCES:
        found.append(OpeningProblem.REFERENCE_UNUSABLE)
    if not new.title:
        found.append(OpeningProblem.TITLE_MISSING)
    if not new.invoice_number:
        found.append(OpeningProblem.INVOICE_NUMBER_MISSING)
    if new.invoice_on is None:
        found.append(OpeningProblem.INVOICE_ON_MISSING)
    elif new.invoice_on > today:
        found.append(OpeningProblem.INVOICE_ON_LATER)
    elif new.invoice_on < today - OLDEST_INVOICE:
        found.append(OpeningProblem.INVOICE_ON_TOO_OLD)
    if new.due_on is None:
        found.append(OpeningProblem.DUE_ON_MISSING)
    elif new.invoice_on is not None and new.due_on < new.invoice_on:
        found.append(OpeningProblem.DUE_BEFORE_INVOICE)
    elif new.due_on >= today:
        found.append(OpeningProblem.NOT_DUE_YET)
    return found


def _of_pay_by(new: Opening, today: date, works: bool) -> list[OpeningProblem]:
    if new.pay_by is None:
        return [OpeningProblem.PAY_BY_MISSING]
    if new.pay_by < today + SHORTEST_TO_PAY:
        return [OpeningProblem.PAY_BY_TOO_SOON]
    return [] if works else [OpeningProblem.PAY_BY_NO_WORKING_DAY]


def _of_lines(new: Opening, profile: Profile) -> list[OpeningProblem]:
    found = []
    if new.principal is None or new.principal.minor <= 0:
        found.append(OpeningProblem.PRINCIPAL_UNREADABLE)
    extras = (
        (new.fee_typed, new.fee, new.fee_basis, OpeningProblem.FEE_UNREADABLE, OpeningProblem.FEE_BASIS_MISSING),
        (new.cost_typed, new.cost, new.cost_basis, OpeningProblem.COST_UNREADABLE, OpeningProblem.COST_BASIS_MISSING),
    )
    for typed, amount, basis, unreadable, without in extras:
        if typed and (amount is None or amount.minor <= 0):
            found.append(unreadable)
        elif typed and basis is None:
            found.append(without)
    return [*found, *_not_to_be_asked(new, profile)]


def _not_to_be_asked(new: Opening, profile: Profile) -> list[OpeningProblem]:
    """What the law of the country keeps a consumer from being asked for."""
    consumer = not new.company
    fee = profile.asked(PositionKind.REMINDER_FEE, consumer=consumer)
    cost = profile.asked(PositionKind.AGENCY_COST, consumer=consumer)
    checks = (
        (new.fee_typed and fee is Asked.NEVER, OpeningProblem.FEE_FORBIDDEN),
        (new.cost_typed and cost is Asked.NEVER, OpeningProblem.COST_FORBIDDEN),
        (
            new.cost_typed and cost is Asked.NOT_BY_DEFAULT and not new.cost_anyway,
            OpeningProblem.COST_NOT_BY_DEFAULT,
        ),
        (
            new.lump and (consumer or not profile.business_lump_minor or _not_in(LUMP_CURRENCY, new.principal)),
            OpeningProblem.LUMP_OF_CONSUMER,
        ),
    )
    return [problem for holds, problem in checks if holds]


def _not_in(currency: str, amount: Money | None) -> bool:
    return amount is not None and amount.currency != currency


def _of_credit(new: Opening, today: date) -> list[OpeningProblem]:
    if not new.credit_typed:
        return []
    if new.credit is None or new.credit.minor <= 0:
        return [OpeningProblem.CREDIT_UNREADABLE]
    found = []
    if new.principal is not None and new.credit.minor > new.principal.minor:
        found.append(OpeningProblem.CREDIT_TOO_HIGH)
    if new.credit_on is None:
        found.append(OpeningProblem.CREDIT_ON_MISSING)
    elif new.credit_on > today:
        found.append(OpeningProblem.CREDIT_ON_LATER)
    return found


def _of_interest(
    new: Opening, today: date, profile: Profile, own_rates: tuple[RateChange, ...]
) -> list[OpeningProblem]:
    """Interest needs a rate, a first day and a reason, all three or none (`law.md` 1.1)."""
    if not (new.rate_by_law or new.rate_typed or new.interest_from or new.interest_reason):
        return []
    found = _of_rate(new, today, profile, own_rates)
    if new.interest_from is None:
        found.append(OpeningProblem.INTEREST_FROM_MISSING)
    elif new.due_on is not None and new.interest_from <= new.due_on:
        found.append(OpeningProblem.INTEREST_BEFORE_DUE)
    if new.interest_reason is None:
        found.append(OpeningProblem.INTEREST_REASON_MISSING)
    return found


def _of_rate(new: Opening, today: date, profile: Profile, own_rates: tuple[RateChange, ...]) -> list[OpeningProblem]:
    if new.rate_by_law and new.rate_typed:
        return [OpeningProblem.RATE_TWICE]
    if not new.rate_by_law:
        return [OpeningProblem.RATE_UNREADABLE] if new.rate is None else []
    table = profile.rate_table(consumer=not new.company)
    if table is None:
        return [OpeningProblem.NO_RATE_BY_LAW]
    if new.interest_from is not None and rate_known_until(table, own_rates, new.interest_from, today) is not None:
        return [OpeningProblem.RATE_NOT_KNOWN]
    return []
