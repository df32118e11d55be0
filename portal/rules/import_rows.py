"""What does one row of a file of claims say, what stands against it, and what should a clerk look at?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from portal.rules import imports
from portal.rules.access import FactKind, normalise_fact, normalise_postcode
from portal.rules.countries import Profile
from portal.rules.dates import months_later
from portal.rules.import_evidence import MOST_NAMED, file_key, names_in
from portal.rules.imports import Column, read_day
from portal.rules.interest import RateChange
from portal.rules.money import Money, parse_amount
from portal.rules.openings import COST_BASES, FEE_BASES, LONGEST_TEXT, Opening, OpeningProblem, problems, read_rate
from portal.rules.people import DebtorKind
from portal.rules.references import is_iban


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
#: So many months before a claim is out of time a clerk is told.
NEAR_MONTHS = 6
_TEXTS = (
    Column.DEBTOR_NAME, Column.CONTACT_NAME, Column.STREET, Column.TOWN, Column.TITLE, Column.INVOICE_NUMBER,
    Column.CUSTOMER_NUMBER, Column.EMAIL, Column.PHONE,
)  # fmt: skip


def read_row(row: imports.Row, columns: Mapping[Column, int], width: int, setting: Setting) -> Read:
    """What the row says, in whole; with a problem nothing of it is taken."""
    fault = row.fault or imports.fault_of(row.cells, width)
    if fault is not None:
        return Read(row.line, row.cells, (fault,))
    count = len(row.cells)
    said = {column: imports.tidy(row.cells[at]) for column, at in columns.items() if at < count}
    return _Reading(row, said, setting).whole()


class _Reading:
    """One row while it is read."""

    def __init__(self, row: imports.Row, said: dict[Column, str], setting: Setting) -> None:
        self.row, self.said, self.setting = row, said, setting
        self.found: list[Problem] = []

    def text(self, column: Column) -> str:
        return self.said.get(column, "")

    def word(self, column: Column, words: Mapping[str, str], otherwise: str, problem: RowProblem) -> str:
        typed = self.text(column)
        if not typed:
            return otherwise
        meant = words.get(imports.plain(typed) or typed)
        if meant is None:
            self.found.append(problem)
        return meant or otherwise

    def whole(self) -> Read:
        setting = self.setting
        kind = self.word(Column.DEBTOR_KIND, imports.KINDS, DebtorKind.PERSON, RowProblem.KIND_UNKNOWN)
        country = self.word(Column.COUNTRY, imports.COUNTRIES, setting.country, RowProblem.COUNTRY_UNKNOWN)
        first = next(iter(setting.currencies), "")
        currency = self.word(Column.CURRENCY, imports.CURRENCIES, first, RowProblem.CURRENCY_UNKNOWN)
        postcode = normalise_postcode(self.text(Column.POSTCODE))
        guess = _guessed(country, postcode or "", setting.language)
        language = self.word(Column.LANGUAGE, imports.LANGUAGES, guess, RowProblem.LANGUAGE_UNKNOWN)
        company = kind == DebtorKind.COMPANY
        opening = self._opening(company, postcode, language, currency or "CHF")
        self._check(opening, currency)
        clerk_id = setting.clerks.get(self.text(Column.CONTACT).lower(), None)
        if clerk_id is None and not self.text(Column.CONTACT):
            clerk_id = setting.clerk_id
        if clerk_id is None:
            self.found.append(OpeningProblem.CLERK_MISSING)
        evidence = names_in(self.text(Column.EVIDENCE))
        if len(evidence) > MOST_NAMED:
            self.found.append(RowProblem.TOO_MANY_DOCUMENTS)
        customer_number = self.text(Column.CUSTOMER_NUMBER)
        return Read(
            line=self.row.line, cells=self.row.cells, problems=tuple(dict.fromkeys(self.found)),
            lights=self._lights(opening, country, evidence), opening=opening, currency=currency, country=country,
            language=language, house_number=self._house_number(), customer_number=customer_number,
            fact=self._fact(company, customer_number), email=self.text(Column.EMAIL), phone=self.text(Column.PHONE),
            clerk_id=clerk_id, evidence=evidence,
        )  # fmt: skip

    def _opening(self, company: bool, postcode: str | None, language: str, currency: str) -> Opening:
        fee, cost, paid = (self.text(c) for c in (Column.REMINDER_FEE, Column.COLLECTION_COST, Column.PAID_SO_FAR))
        fee_money, cost_money, paid_money = (_money(text, currency) for text in (fee, cost, paid))
        rate, start = self.text(Column.INTEREST_RATE), self.text(Column.INTEREST_FROM)
        by_law = imports.plain(rate) in imports.BY_LAW if rate else bool(start)
        basis = imports.BASES.get(imports.plain(self.text(Column.FEE_BASIS)))
        born = self.text(Column.BIRTH_DATE)
        due_on = read_day(self.text(Column.DUE_DATE))
        birth = read_day(born)
        return Opening(
            name=self.text(Column.DEBTOR_NAME),
            company=company,
            contact_name=self.text(Column.CONTACT_NAME) or (ACCOUNTS[language] if company else ""),
            street=self._street(),
            postcode=postcode,
            town=self.text(Column.TOWN),
            fact_unreadable=bool(born) and (birth is None or birth > self.setting.today),
            reference=self.text(Column.REFERENCE) or self.text(Column.INVOICE_NUMBER),
            title=self._title(language),
            invoice_number=self.text(Column.INVOICE_NUMBER),
            invoice_on=read_day(self.text(Column.INVOICE_DATE)),
            due_on=due_on,
            pay_by=self.setting.pay_by,
            principal=_money(self.text(Column.PRINCIPAL), currency),
            fee=fee_money,
            fee_typed=_typed(fee, fee_money),
            fee_basis=basis if basis in FEE_BASES else None,
            cost=cost_money,
            cost_typed=_typed(cost, cost_money),
            cost_basis=basis if basis in COST_BASES else None,
            rate=None if by_law else read_rate(rate),
            rate_typed=bool(rate) and not by_law,
            interest_from=read_day(start),
            interest_reason=imports.REASONS.get(imports.plain(self.text(Column.INTEREST_REASON))),
            rate_by_law=by_law,
            credit=paid_money,
            credit_typed=_typed(paid, paid_money),
            credit_on=due_on,
        )

    def _title(self, language: str) -> str:
        """What the invoice is for; a file that never says it names the invoice itself."""
        if Column.TITLE in self.said or not self.text(Column.INVOICE_NUMBER):
            return self.text(Column.TITLE)
        return f"{CALLED[language]} {self.text(Column.INVOICE_NUMBER)}"

    def _street(self) -> str:
        street = self.text(Column.STREET)
        if self.text(Column.HOUSE_NUMBER):
            return street
        split = _NUMBERED.fullmatch(street)
        return split[1].strip() if split else street

    def _house_number(self) -> str:
        own = self.text(Column.HOUSE_NUMBER)
        split = None if own else _NUMBERED.fullmatch(self.text(Column.STREET))
        return split[2] if split else own

    def _fact(self, company: bool, customer_number: str) -> tuple[FactKind, str] | None:
        if company:
            value = normalise_fact(FactKind.CUSTOMER_NUMBER, customer_number)
            return (FactKind.CUSTOMER_NUMBER, value) if value else None
        born = read_day(self.text(Column.BIRTH_DATE))
        return (FactKind.BIRTH_DATE, born.isoformat()) if born else None

    def _check(self, opening: Opening, currency: str) -> None:
        setting, words = self.setting, self.said
        if any(len(words.get(column, "")) > LONGEST_TEXT for column in _TEXTS):
            self.found.append(RowProblem.TEXT_TOO_LONG)
        if is_iban(opening.reference):
            self.found.append(RowProblem.REFERENCE_IS_ACCOUNT)
        if currency not in setting.currencies and RowProblem.CURRENCY_UNKNOWN not in self.found:
            self.found.append(OpeningProblem.CURRENCY_WITHOUT_ACCOUNT)
        table = setting.profile.rate_table(consumer=not opening.company)
        own = setting.own_rates.get(table.key, ()) if table and opening.rate_by_law else ()
        against = problems(opening, setting.today, setting.profile, pay_by_works=True, own_rates=own)
        self.found += [_AS_PAID.get(problem, problem) for problem in against if problem not in _NOT_SAID]

    def _lights(self, opening: Opening, country: str, evidence: tuple[str, ...]) -> tuple[Light, ...]:
        setting = self.setting
        form = _POSTCODES.get(country)
        checks = (
            (not evidence or not setting.evidence.issuperset(map(file_key, evidence)), Light.EVIDENCE_MISSING),
            (
                (bool(form) and not (form and form.fullmatch(opening.postcode or "")))
                or not any(map(str.isalpha, opening.town)),
                Light.ADDRESS_UNCLEAR,
            ),
            (not self.text(Column.LANGUAGE), Light.LANGUAGE_GUESSED),
            (_is_near(opening.due_on, setting), Light.LIMITATION_NEAR),
            (opening.principal is not None and opening.principal.minor < setting.small_minor, Light.SMALL),
        )  # fmt: skip
        return tuple(light for holds, light in checks if holds)


#: What was paid before is taken off like a credit note, and is called by its own name.
_AS_PAID: dict[Problem, Problem] = {
    OpeningProblem.CREDIT_UNREADABLE: RowProblem.PAID_UNREADABLE,
    OpeningProblem.CREDIT_TOO_HIGH: RowProblem.PAID_TOO_HIGH,
}
#: These follow from another problem that is said already.
_NOT_SAID = frozenset({OpeningProblem.CREDIT_ON_MISSING, OpeningProblem.CREDIT_ON_LATER})


def _money(text: str, currency: str) -> Money | None:
    minor = parse_amount(text, currency=currency) if text else None
    return None if minor is None else Money(minor, currency)


def _typed(text: str, amount: Money | None) -> bool:
    """Exports write 0.00 where there is nothing."""
    return bool(text) and not (amount is not None and amount.minor == 0)


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
