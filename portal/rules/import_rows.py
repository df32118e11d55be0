"""What does one row of a file of claims say, what stands against it, and what should a clerk look at?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from portal.rules import imports
from portal.rules.access import FactKind, normalise_fact, normalise_postcode
from portal.rules.countries import Profile
from portal.rules.dates import months_later
from portal.rules.import_evidence import MOST_NAMED, file_key, names_in
from portal.rules.imports import Column, read_day
from portal.rules.interest import RateChange
from portal.rules.money import LONGEST_TYPED, Money, parse_amount
from portal.rules.openings import COST_BASES, FEE_BASES, LONGEST_TEXT, Opening, OpeningProblem, problems, read_rate
from portal.rules.people import DebtorKind
from portal.rules.references import IBAN_LENGTHS, is_iban


class RowProblem(StrEnum):
    """What stands against a row besides what stands against any claim (`OpeningProblem`)."""

    TEXT_TOO_LONG = "text_too_long"
    REFERENCE_IS_ACCOUNT = "reference_is_account"
    TWICE_IN_FILE = "twice_in_file"
    KIND_UNKNOWN = "kind_unknown"
    COUNTRY_UNKNOWN = "country_unknown"
    LANGUAGE_UNKNOWN = "language_unknown"
    CURRENCY_UNKNOWN = "currency_unknown"
    PAID_UNREADABLE = "paid_unreadable"
    PAID_TOO_HIGH = "paid_too_high"
    DIFFERS = "differs"
    MONEY_DIFFERS = "money_differs"
    TOO_MANY_DOCUMENTS = "too_many_documents"


class Light(StrEnum):
    """What a clerk should look at in a claim that was taken; none of them: it is ready."""

    EVIDENCE_MISSING = "evidence_missing"
    ADDRESS_UNCLEAR = "address_unclear"
    LOOKS_LIKE_A_DUPLICATE = "looks_like_a_duplicate"
    LANGUAGE_GUESSED = "language_guessed"
    LIMITATION_NEAR = "limitation_near"
    SMALL = "small"


Problem = OpeningProblem | RowProblem | imports.RowFault


@dataclass(frozen=True, slots=True)
class Setting:
    """What a row is measured by: the firm's country and people, the day, and the documents handed in, by `file_key`."""

    country: str
    language: str
    profile: Profile
    today: date
    pay_by: date
    currencies: tuple[str, ...]
    clerks: Mapping[str, UUID]
    own_rates: Mapping[str, tuple[RateChange, ...]]
    small_minor: int = 0
    clerk_id: UUID | None = None
    evidence: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """One row as the portal understands it, with everything that stands against it."""

    line: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]
    lights: tuple[Light, ...] = ()
    opening: Opening | None = None
    currency: str = ""
    country: str = ""
    language: str = ""
    house_number: str = ""
    customer_number: str = ""
    fact: tuple[FactKind, str] | None = None
    email: str = ""
    phone: str = ""
    clerk_id: UUID | None = None
    evidence: tuple[str, ...] = ()


#: Whom a letter to a company names where the file names nobody.
ACCOUNTS = {"de": "Buchhaltung", "fr": "Comptabilité", "it": "Contabilità", "en": "Accounts department"}
#: How a case is called where the file has no column that says what the invoice is for.
CALLED = {"de": "Rechnung", "fr": "Facture", "it": "Fattura", "en": "Invoice"}
#: How the line reads that takes off what was paid before the portal.
PAID_BEFORE = {"de": "Bereits bezahlt", "fr": "Déjà payé", "it": "Già pagato", "en": "Already paid"}
_NUMBERED = re.compile(r"(.*\D[. ]) *([0-9]{1,5}(?: ?[a-zA-Z])?(?:[-/][0-9]{1,5}[a-zA-Z]?)?)")
_POSTCODES = {
    "CH": re.compile(r"[1-9][0-9]{3}"), "LI": re.compile(r"94(?:8[5-9]|9[0-8])"), "DE": re.compile(r"[0-9]{5}"),
    "AT": re.compile(r"[1-9][0-9]{3}"), "FR": re.compile(r"[0-9]{5}"), "IT": re.compile(r"[0-9]{5}"),
}  # fmt: skip
_FRENCH = ((1000, 2499), (2800, 2999))
_ITALIAN = ((6500, 6999),)
_SPOKEN = {"DE": "de", "AT": "de", "LI": "de", "FR": "fr", "IT": "it"}
#: No account number is shorter.
SHORTEST_IBAN = min(IBAN_LENGTHS.values())
#: So many months before a claim is out of time a clerk is told.
NEAR_MONTHS = 6


class _Said(NamedTuple):
    """The cells of one row by what their columns say, in the order of `Column`; empty where there is no column."""

    reference: str
    debtor_name: str
    debtor_kind: str
    contact_name: str
    street: str
    house_number: str
    postcode: str
    town: str
    country: str
    language: str
    birth_date: str
    customer_number: str
    email: str
    phone: str
    title: str
    invoice_number: str
    invoice_date: str
    due_date: str
    currency: str
    principal: str
    interest_from: str
    interest_reason: str
    interest_rate: str
    reminder_fee: str
    collection_cost: str
    fee_basis: str
    paid_so_far: str
    evidence: str
    contact: str

    @property
    def texts(self) -> tuple[str, ...]:
        """What is kept as it was written."""
        return (
            self.debtor_name, self.contact_name, self.street, self.town, self.title, self.invoice_number,
            self.customer_number, self.email, self.phone,
        )  # fmt: skip


def read_row(row: imports.Row, columns: Mapping[Column, int], width: int, setting: Setting) -> Read:
    """What the row says, in whole; with a problem nothing of it is taken."""
    return Reader(columns, width, setting).read(row)


class Reader:
    """Reads the rows of one file, whose columns are found once."""

    def __init__(self, columns: Mapping[Column, int], width: int, setting: Setting) -> None:
        self.width, self.setting, self.titled = width, setting, Column.TITLE in columns
        self.span = max(columns.values(), default=-1) + 1
        self.pick = itemgetter(*(columns.get(column, self.span) for column in Column))
        self.first_currency = next(iter(setting.currencies), "")
        tables = ((company, setting.profile.rate_table(consumer=not company)) for company in (False, True))
        self.own_rates = {company: setting.own_rates.get(table.key, ()) if table else () for company, table in tables}

    def read(self, row: imports.Row) -> Read:
        """What the row says, in whole; with a problem nothing of it is taken."""
        fault = row.fault or imports.fault_of(row.cells, self.width)
        if fault is not None:
            return Read(row.line, row.cells, (fault,))
        cells = imports.all_tidy(row.cells)[: self.span]
        cells += [""] * (self.span + 1 - len(cells))
        return self._whole(row, _Said._make(self.pick(cells)))

    def _whole(self, row: imports.Row, said: _Said) -> Read:
        setting = self.setting
        found: list[Problem] = []
        kind = _word(said.debtor_kind, imports.KINDS, DebtorKind.PERSON, RowProblem.KIND_UNKNOWN, found)
        country = _word(said.country, imports.COUNTRIES, setting.country, RowProblem.COUNTRY_UNKNOWN, found)
        currency = _word(
            said.currency, imports.CURRENCIES, self.first_currency, RowProblem.CURRENCY_UNKNOWN, found
        )  # fmt: skip
        postcode = _postcode(said.postcode)
        guess = _guessed(country, postcode or "", setting.language)
        language = _word(said.language, imports.LANGUAGES, guess, RowProblem.LANGUAGE_UNKNOWN, found)
        company = kind == DebtorKind.COMPANY
        street, house_number = (said.street, said.house_number) if said.house_number else _street(said.street)
        opening = self._opening(said, street, company, postcode, language, currency or "CHF")
        self._check(said, opening, currency, found)
        clerk_id = setting.clerks.get(said.contact.lower()) if said.contact else setting.clerk_id
        if clerk_id is None:
            found.append(OpeningProblem.CLERK_MISSING)
        evidence = names_in(said.evidence) if said.evidence else ()
        if len(evidence) > MOST_NAMED:
            found.append(RowProblem.TOO_MANY_DOCUMENTS)
        return Read(
            row.line, row.cells, tuple(dict.fromkeys(found)), self._lights(said, opening, country, evidence), opening,
            currency, country, language, house_number, said.customer_number, _fact(said, company), said.email,
            said.phone, clerk_id, evidence,
        )  # fmt: skip

    def _opening(
        self, said: _Said, street: str, company: bool, postcode: str | None, language: str, currency: str
    ) -> Opening:
        fee, cost = _money(said.reminder_fee, currency), _money(said.collection_cost, currency)
        paid = _money(said.paid_so_far, currency)
        rate, start = said.interest_rate, said.interest_from
        by_law = imports.plain(rate) in imports.BY_LAW if rate else bool(start)
        basis = imports.BASES.get(imports.plain(said.fee_basis)) if said.fee_basis else None
        reason = imports.REASONS.get(imports.plain(said.interest_reason)) if said.interest_reason else None
        born, due_on = read_day(said.birth_date), read_day(said.due_date)
        return Opening(
            name=said.debtor_name,
            company=company,
            contact_name=said.contact_name or (ACCOUNTS[language] if company else ""),
            street=street,
            postcode=postcode,
            town=said.town,
            fact_unreadable=bool(said.birth_date) and (born is None or born > self.setting.today),
            reference=said.reference or said.invoice_number,
            title=said.title if self.titled else f"{CALLED[language]} {said.invoice_number}".strip(),
            invoice_number=said.invoice_number,
            invoice_on=read_day(said.invoice_date),
            due_on=due_on,
            pay_by=self.setting.pay_by,
            principal=_money(said.principal, currency),
            fee=fee,
            fee_typed=_typed(said.reminder_fee, fee),
            fee_basis=basis if basis in FEE_BASES else None,
            cost=cost,
            cost_typed=_typed(said.collection_cost, cost),
            cost_basis=basis if basis in COST_BASES else None,
            rate=None if by_law or not rate else read_rate(rate),
            rate_typed=bool(rate) and not by_law,
            interest_from=read_day(start),
            interest_reason=reason,
            rate_by_law=by_law,
            credit=paid,
            credit_typed=_typed(said.paid_so_far, paid),
            credit_on=due_on,
        )

    def _check(self, said: _Said, opening: Opening, currency: str, found: list[Problem]) -> None:
        setting = self.setting
        if max(map(len, said)) > LONGEST_TEXT and max(map(len, said.texts)) > LONGEST_TEXT:
            found.append(RowProblem.TEXT_TOO_LONG)
        if len(opening.reference) >= SHORTEST_IBAN and is_iban(opening.reference):
            found.append(RowProblem.REFERENCE_IS_ACCOUNT)
        if currency not in setting.currencies and RowProblem.CURRENCY_UNKNOWN not in found:
            found.append(OpeningProblem.CURRENCY_WITHOUT_ACCOUNT)
        own = self.own_rates[opening.company] if opening.rate_by_law else ()
        against = problems(opening, setting.today, setting.profile, pay_by_works=True, own_rates=own)
        if against:
            found += [_AS_PAID.get(problem, problem) for problem in against if problem not in _NOT_SAID]

    def _lights(
        self, said: _Said, opening: Opening, country: str, evidence: tuple[str, ...]
    ) -> tuple[Light, ...]:  # fmt: skip
        setting, lights = self.setting, []
        if not evidence or not setting.evidence.issuperset(map(file_key, evidence)):
            lights.append(Light.EVIDENCE_MISSING)
        if not _is_postcode(country, opening.postcode) or not any(map(str.isalpha, opening.town)):
            lights.append(Light.ADDRESS_UNCLEAR)
        if not said.language:
            lights.append(Light.LANGUAGE_GUESSED)
        if _is_near(opening.due_on, setting):
            lights.append(Light.LIMITATION_NEAR)
        if opening.principal is not None and opening.principal.minor < setting.small_minor:
            lights.append(Light.SMALL)
        return tuple(lights)


def _word(
    typed: str, words: Mapping[str, str], otherwise: str, problem: RowProblem, found: list[Problem]
) -> str:  # fmt: skip
    """What the typed word means; an unknown one is a problem of the row."""
    if not typed:
        return otherwise
    meant = words.get(imports.plain(typed) or typed)
    if meant is None:
        found.append(problem)
    return meant or otherwise


@lru_cache(maxsize=4096)
def _is_postcode(country: str, postcode: str | None) -> bool:
    form = _POSTCODES.get(country)
    return form is None or form.fullmatch(postcode or "") is not None


def _postcode(typed: str) -> str | None:
    return _known_postcode(typed) if len(typed) <= imports.REMEMBERED else normalise_postcode(typed)


_known_postcode = lru_cache(maxsize=4096)(normalise_postcode)


@lru_cache(maxsize=4096)
def _split(street: str) -> tuple[str, str]:
    numbered = _NUMBERED.fullmatch(street)
    return (numbered[1].strip(), numbered[2]) if numbered else (street, "")


def _street(typed: str) -> tuple[str, str]:
    """Street and house number out of one cell."""
    return _split(typed) if len(typed) <= LONGEST_TEXT else (typed, "")


def _fact(said: _Said, company: bool) -> tuple[FactKind, str] | None:
    if company:
        value = normalise_fact(FactKind.CUSTOMER_NUMBER, said.customer_number) if said.customer_number else None
        return (FactKind.CUSTOMER_NUMBER, value) if value else None
    born = read_day(said.birth_date)
    return (FactKind.BIRTH_DATE, born.isoformat()) if born else None


#: What was paid before is taken off like a credit note, and is called by its own name.
_AS_PAID: dict[Problem, Problem] = {
    OpeningProblem.CREDIT_UNREADABLE: RowProblem.PAID_UNREADABLE,
    OpeningProblem.CREDIT_TOO_HIGH: RowProblem.PAID_TOO_HIGH,
}
#: These follow from another problem that is said already.
_NOT_SAID = frozenset({OpeningProblem.CREDIT_ON_MISSING, OpeningProblem.CREDIT_ON_LATER})


def _money(text: str, currency: str) -> Money | None:
    return _amount(text, currency) if text and len(text) <= LONGEST_TYPED else None


@lru_cache(maxsize=16_384)
def _amount(text: str, currency: str) -> Money | None:
    minor = parse_amount(text, currency=currency)
    return None if minor is None else Money(minor, currency)


def _typed(text: str, amount: Money | None) -> bool:
    """Exports write 0.00 where there is nothing."""
    return bool(text) and not (amount is not None and amount.minor == 0)


@lru_cache(maxsize=4096)
def _guessed(country: str, postcode: str, otherwise: str) -> str:
    if country != "CH":
        return _SPOKEN.get(country, otherwise)
    number = int(postcode) if postcode.isdigit() else 0
    if any(first <= number <= last for first, last in _FRENCH):
        return "fr"
    return "it" if any(first <= number <= last for first, last in _ITALIAN) else otherwise


@lru_cache(maxsize=20_000)
def _near_day(due_on: date, years: int, from_year_end: bool) -> date:
    start = date(due_on.year, 12, 31) if from_year_end else due_on
    return months_later(start, 12 * years - NEAR_MONTHS, anchor=start.day)


def _is_near(due_on: date | None, setting: Setting) -> bool:
    """Whether this claim is near the end of its limitation period or past it, as far as no interruption is known."""
    limit = setting.profile.limitation
    return due_on is not None and setting.today >= _near_day(due_on, limit.years, limit.from_year_end)
