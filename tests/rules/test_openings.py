"""Is a claim refused for everything that is missing or wrong, and for nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.rules.claims import Basis, InterestReason
from portal.rules.countries import profile_of
from portal.rules.interest import RateChange
from portal.rules.money import Money
from portal.rules.openings import Opening, OpeningProblem, problems, read_rate

TODAY = date(2026, 11, 23)
GOOD = Opening(
    name="Nina Graf", company=False, contact_name="", street="Gartenweg", postcode="4900", town="Langenthal",
    fact_unreadable=False, reference="2026-1", title="Service", invoice_number="1", invoice_on=date(2026, 7, 14),
    due_on=date(2026, 8, 13), pay_by=date(2026, 12, 14), principal=Money(28460, "CHF"), fee=None, fee_typed=False,
    fee_basis=None, cost=None, cost_typed=False, cost_basis=None, rate=None, rate_typed=False, interest_from=None,
    interest_reason=None, cost_anyway=True,
)  # fmt: skip
P = OpeningProblem
CH = profile_of("CH")


def test_a_whole_claim_has_nothing_against_it() -> None:
    assert problems(GOOD, TODAY, CH, pay_by_works=True) == []
    with_interest = replace(
        GOOD, rate=Decimal(5), rate_typed=True, interest_from=date(2026, 8, 14),
        interest_reason=InterestReason.AGREED_DUE_DATE, fee=Money(2000, "CHF"), fee_typed=True, fee_basis=Basis.NONE,
    )  # fmt: skip
    assert problems(with_interest, TODAY, CH, pay_by_works=True) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": ""}, [P.NAME_MISSING]),
        ({"company": True}, [P.CONTACT_MISSING]),
        ({"street": ""}, [P.STREET_MISSING]),
        ({"postcode": None}, [P.POSTCODE_UNREADABLE]),
        ({"town": ""}, [P.TOWN_MISSING]),
        ({"fact_unreadable": True}, [P.FACT_UNREADABLE]),
        ({"reference": "a/b"}, [P.REFERENCE_UNUSABLE]),
        ({"reference": "New"}, [P.REFERENCE_UNUSABLE]),
        ({"title": ""}, [P.TITLE_MISSING]),
        ({"invoice_number": ""}, [P.INVOICE_NUMBER_MISSING]),
        ({"invoice_on": None}, [P.INVOICE_ON_MISSING]),
        ({"invoice_on": TODAY + timedelta(days=1)}, [P.INVOICE_ON_LATER, P.DUE_BEFORE_INVOICE]),
        ({"invoice_on": date(2010, 1, 1)}, [P.INVOICE_ON_TOO_OLD]),
        ({"due_on": None}, [P.DUE_ON_MISSING]),
        ({"due_on": date(2026, 7, 13)}, [P.DUE_BEFORE_INVOICE]),
        ({"due_on": TODAY}, [P.NOT_DUE_YET]),
        ({"pay_by": None}, [P.PAY_BY_MISSING]),
        ({"pay_by": TODAY + timedelta(days=9)}, [P.PAY_BY_TOO_SOON]),
        ({"principal": None}, [P.PRINCIPAL_UNREADABLE]),
        ({"principal": Money(0, "CHF")}, [P.PRINCIPAL_UNREADABLE]),
        ({"fee_typed": True}, [P.FEE_UNREADABLE]),
        ({"fee_typed": True, "fee": Money(2000, "CHF")}, [P.FEE_BASIS_MISSING]),
        ({"cost_typed": True}, [P.COST_UNREADABLE]),
        ({"cost_typed": True, "cost": Money(2000, "CHF")}, [P.COST_BASIS_MISSING]),
        (
            {"cost_typed": True, "cost": Money(1, "CHF"), "cost_basis": Basis.NONE, "cost_anyway": False},
            [P.COST_NOT_BY_DEFAULT],
        ),
        ({"lump": True}, [P.LUMP_OF_CONSUMER]),
        ({"company": True, "contact_name": "Ada", "lump": True}, [P.LUMP_OF_CONSUMER]),
        ({"credit_typed": True}, [P.CREDIT_UNREADABLE]),
        ({"credit_typed": True, "credit": Money(28461, "CHF")}, [P.CREDIT_TOO_HIGH, P.CREDIT_ON_MISSING]),
        (
            {"credit_typed": True, "credit": Money(1, "CHF"), "credit_on": TODAY + timedelta(days=1)},
            [P.CREDIT_ON_LATER],
        ),
        ({"rate_by_law": True}, [P.INTEREST_FROM_MISSING, P.INTEREST_REASON_MISSING]),
        ({"rate_typed": True}, [P.RATE_UNREADABLE, P.INTEREST_FROM_MISSING, P.INTEREST_REASON_MISSING]),
        ({"interest_from": date(2026, 8, 13)}, [P.RATE_UNREADABLE, P.INTEREST_BEFORE_DUE, P.INTEREST_REASON_MISSING]),
    ],
)
def test_each_gap_has_its_own_name(change: dict[str, object], expected: list[OpeningProblem]) -> None:
    assert problems(replace(GOOD, **change), TODAY, CH, pay_by_works=True) == expected  # type: ignore[arg-type]


def of(country: str, **change: object) -> list[OpeningProblem]:
    euros = {"principal": Money(28460, "EUR"), "interest_reason": InterestReason.REMINDER_RECEIVED, "rate": None}
    new = replace(GOOD, **{**euros, "interest_from": date(2026, 8, 14), "rate_by_law": True, **change})  # type: ignore[arg-type]
    return problems(new, TODAY, profile_of(country), pay_by_works=True)


def test_the_law_of_the_country_says_what_may_be_asked() -> None:
    fee = {"fee_typed": True, "fee": Money(2000, "EUR"), "fee_basis": Basis.TERMS_CLAUSE}
    cost = {"cost_typed": True, "cost": Money(4000, "EUR"), "cost_basis": Basis.PROVEN_DAMAGE}
    firm = {"company": True, "contact_name": "Ada"}
    assert of("AT", **fee, **cost) == []
    assert of("FR", **fee, **cost, interest_from=date(2025, 8, 14), rate=None)[:2] == [
        P.FEE_FORBIDDEN,
        P.COST_FORBIDDEN,
    ]
    assert of("FR", **fee, **cost, **firm, rate_by_law=False, rate=Decimal(5), rate_typed=True, lump=True) == []
    assert of("DE", lump=True, rate_by_law=False, interest_from=None, interest_reason=None) == [P.LUMP_OF_CONSUMER]


def test_a_rate_nobody_knows_is_refused_and_one_of_ones_own_is_taken() -> None:
    assert of("IT") == of("AT") == of("CH") == []
    assert of("DE") == of("FR") == [P.RATE_NOT_KNOWN]
    assert of("FR", company=True, contact_name="Ada") == [P.NO_RATE_BY_LAW]
    assert of("DE", rate_typed=True, rate=Decimal(5)) == [P.RATE_TWICE]
    new = replace(GOOD, rate_by_law=True, interest_from=date(2026, 8, 14), interest_reason=InterestReason.CONTRACT)
    own = (RateChange(date(2026, 7, 1), Decimal("6.27"), date(2027, 1, 1)),)
    assert problems(new, TODAY, profile_of("DE"), pay_by_works=True, own_rates=own) == []
    short = (RateChange(date(2026, 7, 1), Decimal("6.27"), TODAY),)
    assert problems(new, TODAY, profile_of("DE"), pay_by_works=True, own_rates=short) == [P.RATE_NOT_KNOWN]


def test_the_letters_day_is_a_working_day() -> None:
    assert problems(GOOD, TODAY, CH, pay_by_works=False) == [P.PAY_BY_NO_WORKING_DAY]


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("5", "5"),
        ("5 %", "5"),
        ("5,25", "5.25"),
        ("0", None),
        ("15.01", None),
        ("1e1", None),
        ("-5", None),
        ("10.555", None),
        ("nan", None),
        ("", None),
    ],
)
def test_a_rate_as_people_type_it(typed: str, rate: str | None) -> None:
    assert read_rate(typed) == (None if rate is None else Decimal(rate))
