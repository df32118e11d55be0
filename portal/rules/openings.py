"""What must be known before a claim can be opened, and what stands against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.rules.claims import Basis, InterestReason, reference_problems
from portal.rules.money import Money

#: First segments under the desk's claims that no reference may take.
RESERVED_REFERENCES = frozenset({"new"})
#: A letter is on its way for some days, so nobody is asked to pay sooner.
SHORTEST_TO_PAY = timedelta(days=10)
#: Claims older than this are out of time everywhere we work (`law.md` 1.4), so an older day is a typing error.
OLDEST_INVOICE = timedelta(days=3653)
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
    RATE_UNREADABLE = "rate_unreadable"
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


def read_rate(raw: str) -> Decimal | None:
    """The yearly rate in percent ("5", "5,25", "5 %") between 0 and 15 with at most two decimals, or None."""
    text = raw.strip().removesuffix("%").strip().replace(",", ".")
    if not _RATE.fullmatch(text):
        return None
    rate = Decimal(text)
    return rate if 0 < rate <= HIGHEST_RATE else None


def problems(new: Opening, today: date, *, pay_by_works: bool) -> list[OpeningProblem]:
    """Say everything that stands against opening this claim; `pay_by_works` says whether that is a working day."""
    return [*_of_person(new), *_of_invoice(new, today), *_of_pay_by(new, today, pay_by_works), *_of_lines(new)]


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


def _of_lines(new: Opening) -> list[OpeningProblem]:
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
    return [*found, *_of_interest(new)]


def _of_interest(new: Opening) -> list[OpeningProblem]:
    """Interest needs a rate, a first day and a reason, all three or none (`law.md` 1.1)."""
    if not new.rate_typed and new.interest_from is None and new.interest_reason is None:
        return []
    found = []
    if new.rate is None:
        found.append(OpeningProblem.RATE_UNREADABLE)
    if new.interest_from is None:
        found.append(OpeningProblem.INTEREST_FROM_MISSING)
    elif new.due_on is not None and new.interest_from <= new.due_on:
        found.append(OpeningProblem.INTEREST_BEFORE_DUE)
    if new.interest_reason is None:
        found.append(OpeningProblem.INTEREST_REASON_MISSING)
    return found
