"""Is an amount exact, and is a typed amount read the one way it can be meant?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.money import (
    STEP,
    CannotSplit,
    CurrencyMismatch,
    Money,
    UnknownCurrency,
    exponent,
    parse_amount,
    total,
)

quick = settings(max_examples=100, deadline=None)


def chf(minor: int) -> Money:
    return Money(minor, "CHF")


def test_amounts_add_and_compare_in_one_currency_only() -> None:
    assert chf(150) + chf(50) - chf(20) == chf(180)
    assert -chf(5) * 3 == 3 * chf(-5) == chf(-15)
    assert chf(1) < chf(2) <= chf(2)
    assert chf(3) > chf(2) >= chf(2)
    assert Money.zero("EUR").is_zero
    assert not Money.zero("EUR").is_positive
    assert chf(1).is_positive
    assert total([chf(1), chf(2)], "CHF") == chf(3)
    assert total([], "EUR") == Money.zero("EUR")
    euro = Money(1, "EUR")
    for mixed in (
        lambda: chf(1) + euro,
        lambda: chf(1) - euro,
        lambda: chf(1) < euro,
        lambda: chf(1) <= euro,
        lambda: chf(1) > euro,
        lambda: chf(1) >= euro,
        lambda: total([chf(1)], "EUR"),
    ):
        with pytest.raises(CurrencyMismatch):
            mixed()
    assert chf(1) != euro


@pytest.mark.parametrize("minor", [1.0, Decimal(1), True, "1", None])
def test_only_whole_numbers_are_minor_units(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "CHF")  # type: ignore[arg-type]


def test_other_things_are_refused() -> None:
    with pytest.raises(TypeError):
        chf(1) + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        chf(1) - 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        chf(1) * 1.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        chf(1) < 1  # type: ignore[operator]  # noqa: B015
    for currency in ("chf", "", "CHFR", "ÄÖÜ"):
        with pytest.raises(UnknownCurrency):
            Money(1, currency)
    assert exponent("CHF") == exponent("EUR") == 2
    with pytest.raises(UnknownCurrency):
        exponent("JPY")


def test_the_examples_of_the_law_split_as_written() -> None:
    assert chf(100000).split(3, 5) == (chf(33335), chf(33335), chf(33330))
    assert chf(48735).split(6, 5) == (*[chf(8125)] * 5, chf(8110))
    assert chf(7).split(1, 5) == (chf(7),)


@quick
@given(st.integers(1, 10**9), st.integers(1, 60), st.sampled_from(sorted(STEP.values())))
def test_a_split_is_exact_on_the_step_and_the_last_is_above_zero(minor: int, parts: int, step: int) -> None:
    if minor <= (parts - 1) * step:
        with pytest.raises(CannotSplit):
            chf(minor).split(parts, step)
        return
    split = chf(minor).split(parts, step)
    assert len(split) == parts
    assert total(split, "CHF") == chf(minor)
    assert len(set(split[:-1])) <= 1
    assert all(part.minor % step == 0 for part in split[:-1])
    assert all(part.is_positive for part in split)


def test_nothing_cannot_be_split() -> None:
    for minor in (0, -100):
        with pytest.raises(CannotSplit):
            chf(minor).split(2, 5)
    with pytest.raises(ValueError, match="at least one part"):
        chf(100).split(0, 5)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("50", 5000),
        ("50.-", 5000),
        ("50.–", 5000),
        ("50.—", 5000),
        ("50,--", 5000),
        ("50.", 5000),
        ("50,00", 5000),
        ("50.5", 5050),
        ("0.05", 5),
        (".50", 50),
        ("0", 0),
        ("  50 ", 5000),
        ("CHF 50", 5000),
        ("CHF50.-", 5000),
        ("chf\u00a050", 5000),
        ("CHF  50", 5000),
        ("Fr. 50.-", 5000),
        ("Fr.50", 5000),
        ("50 Fr.", 5000),
        ("50 €", 5000),
        ("EUR 1.234,50", 123450),
        ("1'234.50", 123450),
        ("1’234.50", 123450),
        ("1'234", 123400),
        ("1'234.-", 123400),
        ("1 234,50", 123450),
        ("1\u202f234,50", 123450),
        ("1\u00a0234 567.05", 123456705),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234.567", 123456700),
        ("1234.50", 123450),
        ("1000000000", 10**11),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, minor: int) -> None:
    assert parse_amount(text) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-",
        ".-",
        "CHF",
        "-50",
        "−50",
        "+50",
        "(50)",
        "50-",
        "1.234",
        "1,234",
        "50.123",
        "50,1234",
        "1'23",
        "12'34",
        "1 23",
        "1'234 567",
        "1.234.50",
        "1,234,5",
        "1.23,4.5",
        "0'123",
        "5e3",
        "0x10",
        "1_000",
        "٥٠",
        "５０",
        "½",
        "50 50",
        "USD 50",
        "CHF 50 CHF",
        "fifty",
        "inf",
        "NaN",
        "50\n60",
        "1000000000.01",
        "9" * 30,
        "0" * 41,
        " " * 39 + "50",
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused(text: str) -> None:
    assert parse_amount(text) is None


def test_the_name_of_another_currency_is_refused_where_one_is_expected() -> None:
    assert parse_amount("CHF 50", currency="CHF") == parse_amount("50", currency="EUR") == 5000
    assert parse_amount("EUR 50", currency="CHF") is None
    assert parse_amount("Fr. 50", currency="EUR") is None


@quick
@given(st.integers(0, 10**11), st.sampled_from(["'", "’", " ", "\u00a0", "\u202f", ""]), st.sampled_from(".,"))
def test_every_written_amount_is_read_back(minor: int, groups: str, point: str) -> None:
    written = f"{minor // 100:,}".replace(",", groups) + f"{point}{minor % 100:02}"
    assert parse_amount(written) == minor


@quick
@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    answer = parse_amount(text)
    assert answer is None or 0 <= answer <= 10**11


@quick
@given(st.text(alphabet="0123456789.,' -", max_size=40))
def test_what_is_read_has_the_digits_that_were_typed(text: str) -> None:
    answer = parse_amount(text)
    if answer is not None:
        digits = "".join(char for char in text if char.isdigit()).lstrip("0")
        assert str(answer).rstrip("0") == digits.rstrip("0") or answer == 0
