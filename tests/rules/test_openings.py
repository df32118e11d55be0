"""Is a claim refused for everything that is missing or wrong, and for nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.rules.claims import Basis, InterestReason
from portal.rules.money import Money
from portal.rules.openings import Opening, OpeningProblem, problems, read_rate

TODAY = date(2026, 11, 23)
GOOD = Opening(
    name="Nina Graf", company=False, contact_name="", street="Gartenweg", postcode="4900", town="Langenthal",
    fact_unreadable=False, reference="2026-1", title="Service", invoice_number="1", invoice_on=date(2026, 7, 14),
    due_on=date(2026, 8, 13), pay_by=date(2026, 12, 14), principal=Money(28460, "CHF"), fee=None, fee_typed=False,
    fee_basis=None, cost=None, cost_typed=False, cost_basis=None, rate=None, rate_typed=False, interest_from=None,
    interest_reason=None,
)  # fmt: skip
P = OpeningProblem


def test_a_whole_claim_has_nothing_against_it() -> None:
    assert problems(GOOD, TODAY, pay_by_works=True) == []
    with_interest = replace(
        GOOD, rate=Decimal(5), rate_typed=True, interest_from=date(2026, 8, 14),
        interest_reason=InterestReason.AGREED_DUE_DATE, fee=Money(2000, "CHF"), fee_typed=True, fee_basis=Basis.NONE,
    )  # fmt: skip
    assert problems(with_interest, TODAY, pay_by_works=True) == []


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
        ({"rate_typed": True}, [P.RATE_UNREADABLE, P.INTEREST_FROM_MISSING, P.INTEREST_REASON_MISSING]),
        ({"interest_from": date(2026, 8, 13)}, [P.RATE_UNREADABLE, P.INTEREST_BEFORE_DUE, P.INTEREST_REASON_MISSING]),
    ],
)
def test_each_gap_has_its_own_name(change: dict[str, object], expected: list[OpeningProblem]) -> None:
    assert problems(replace(GOOD, **change), TODAY, pay_by_works=True) == expected  # type: ignore[arg-type]


def test_the_letters_day_is_a_working_day() -> None:
    assert problems(GOOD, TODAY, pay_by_works=False) == [P.PAY_BY_NO_WORKING_DAY]


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
