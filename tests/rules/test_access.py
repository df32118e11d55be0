"""Do codes catch typing errors, are facts compared fairly, and do throttles and roles say what the decisions say?"""

from __future__ import annotations

import random
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import access, letter_code
from portal.rules.access import RETIRE, FactKind, PinProblem, Right, Role, RoleLimits
from portal.rules.letter_code import ALPHABET, Code, CodeProblem, CodeReason, GeneratorBroken, make_code, normalise

codes = st.integers(0, 2**32).map(lambda seed: make_code(random.Random(seed).randrange))


@given(codes)
def test_a_printed_code_is_read_back(code: Code) -> None:
    assert len(code.printed) == 19
    assert normalise(code.printed) == code
    assert normalise(f"  {code.compact.lower()}\u00a0\u200b") == code
    assert normalise("-".join(code.compact)) == code


@given(codes, st.integers(0, 15), st.integers(1, 31))
def test_every_single_wrong_symbol_is_found(code: Code, place: int, shift: int) -> None:
    text = code.compact
    wrong = ALPHABET[(ALPHABET.index(text[place]) + shift) % 32]
    assert normalise(text[:place] + wrong + text[place + 1 :]) == CodeProblem(CodeReason.CHECK)


@given(codes, st.integers(0, 15), st.integers(0, 15))
def test_every_swap_of_two_symbols_is_found(code: Code, one: int, other: int) -> None:
    symbols = list(code.compact)
    symbols[one], symbols[other] = symbols[other], symbols[one]
    swapped = normalise("".join(symbols))
    assert swapped == (code if "".join(symbols) == code.compact else CodeProblem(CodeReason.CHECK))


def test_o_i_and_l_are_read_as_digits() -> None:
    text = "0110" * 3 + "011"
    code = text + letter_code.check_symbol(text)
    assert normalise(code.replace("0", "o").replace("1", "l")) == normalise(code.replace("1", "I")) == normalise(code)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", CodeProblem(CodeReason.EMPTY)),
        (" - ", CodeProblem(CodeReason.EMPTY)),
        ("A" * 65, CodeProblem(CodeReason.TOO_LONG)),
        ("7K4M 29U", CodeProblem(CodeReason.CHARACTER, position=7)),
        ("7K4\u041c", CodeProblem(CodeReason.CHARACTER, position=4)),
        ("\uff17K4M", CodeProblem(CodeReason.CHARACTER, position=1)),
        ("\u0131K4M", CodeProblem(CodeReason.CHARACTER, position=1)),
        ("7K4M 29Q", CodeProblem(CodeReason.LENGTH, count=7)),
    ],
)
def test_a_problem_names_its_place(raw: str, problem: CodeProblem) -> None:
    assert normalise(raw) == problem


def test_a_code_never_shows_its_secret() -> None:
    code = make_code(secrets.randbelow)
    assert code.secret not in repr(code)


def test_the_generator_is_tested_before_it_is_used() -> None:
    letter_code.self_test(secrets.randbelow)
    for broken in (lambda _: 7, lambda _: 32, lambda n: secrets.randbelow(n) & ~1):
        with pytest.raises(GeneratorBroken):
            letter_code.self_test(broken)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("8001", "8001"),
        (" CH-8001 ", "8001"),
        ("ch 8001", "8001"),
        ("D-79539", "79539"),
        ("01067", "01067"),
        ("FL-9490", "9490"),
        ("sw1a 1aa", "SW1A1AA"),
        ("1012 AB", "1012AB"),
        ("NL-1012 AB", "1012AB"),
        ("\uff18\uff10\uff10\uff11", "8001"),
        ("", None),
        ("Bern", None),
        ("8001; drop", None),
        ("8" * 65, None),
    ],
)
def test_postcodes_are_compared_in_one_form(raw: str, kept: str | None) -> None:
    assert access.normalise_postcode(raw) == kept


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        (FactKind.BIRTH_DATE, "14.3.1987", "1987-03-14"),
        (FactKind.BIRTH_DATE, "14/03/1987", "1987-03-14"),
        (FactKind.BIRTH_DATE, "1987-03-14", "1987-03-14"),
        (FactKind.BIRTH_DATE, "31.02.1987", None),
        (FactKind.BIRTH_DATE, "14.3.87", None),
        (FactKind.BIRTH_DATE, "1987", None),
        (FactKind.CUSTOMER_NUMBER, "k-00.123 a", "K00123A"),
        (FactKind.CONTRACT_NUMBER, "", None),
        (FactKind.CONTRACT_NUMBER, "1" * 70, None),
        (FactKind.PHONE_LAST4, "4567", "4567"),
        (FactKind.PHONE_LAST4, "+41 79 123 45 67", "4567"),
        (FactKind.PHONE_LAST4, "456", None),
    ],
)
def test_facts_are_compared_in_one_form(kind: FactKind, raw: str, kept: str | None) -> None:
    assert access.normalise_fact(kind, raw) == kept


@pytest.mark.parametrize("pin", ["583047", "9027461", "730195826"])
def test_a_good_pin_is_taken(pin: str) -> None:
    assert access.pin_problems(access.normalise_pin(f" {pin[:3]} {pin[3:]} ")) == []


@pytest.mark.parametrize(
    ("pin", "problem"),
    [
        ("58304", PinProblem.TOO_SHORT),
        ("5830475830471", PinProblem.TOO_LONG),
        ("58304A", PinProblem.NOT_DIGITS),
        *[
            (easy, PinProblem.TOO_EASY)
            for easy in (
                "111111", "121212", "123123", "123456", "654321", "135791", "123321", "112211",
                "140387", "870314", "14031987", "19870314", "031987", "198703", "19872014",
            )
        ],
    ],
)  # fmt: skip
def test_a_weak_pin_is_refused(pin: str, problem: PinProblem) -> None:
    assert access.pin_problems(pin) == [problem]


def test_wrong_facts_lock_a_letter_and_then_retire_it() -> None:
    steps = [access.lock_after(count) for count in range(12)]
    assert steps[5] == timedelta(minutes=15)
    assert steps[8] == timedelta(hours=24)
    assert steps[10] is steps[11] is RETIRE
    assert [steps[count] for count in (0, 1, 2, 3, 4, 6, 7, 9)] == [None] * 8


def test_wrong_secrets_slow_a_letter_and_never_retire_it() -> None:
    assert [access.slow_after(count) for count in range(5)] == [None] * 5
    assert {access.slow_after(count) for count in range(5, 10)} == {timedelta(minutes=15)}
    assert access.slow_after(10) == access.slow_after(1000) == timedelta(hours=1)
    assert [count for count in range(250) if access.alert_after(count)] == [100, 200]


def test_a_network_runs_out_after_20_failures_or_100_typing_errors() -> None:
    windows = access.NETWORK_WINDOWS
    assert access.network_wait(windows, (99, 99)) is None
    assert access.network_wait(windows, (20 * access.FAILURE_WEIGHT, 100)) == timedelta(minutes=10)
    assert access.network_wait(windows, (100 * access.TYPING_ERROR_WEIGHT, 500)) == timedelta(days=1)


def test_the_alarm_is_for_all_networks_together() -> None:
    assert not access.global_alarm(600, 0)
    assert access.global_alarm(601, 0)
    assert access.global_alarm(41, 2)


def test_staff_accounts_rest_longer_each_time_up_to_an_hour() -> None:
    assert access.staff_wait(4) is None
    assert [access.staff_wait(count) for count in (5, 6, 7)] == [timedelta(seconds=s) for s in (60, 120, 240)]
    assert access.staff_wait(11) == access.staff_wait(10**6) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_the_network_is_what_one_customer_gets(address: str, key: str) -> None:
    assert access.network_key(address) == key


def test_a_session_ends_by_rest_and_by_age() -> None:
    start = datetime(2026, 11, 21, 9, tzinfo=UTC)
    life = access.DEBTOR_SESSION
    assert not life.is_over(started_at=start, seen_at=start, now=start + timedelta(minutes=19, seconds=59))
    assert life.is_over(started_at=start, seen_at=start, now=start + timedelta(minutes=20))
    late = start + timedelta(hours=2)
    assert life.is_over(started_at=start, seen_at=late - timedelta(minutes=1), now=late)


def test_roles_do_what_the_decisions_say() -> None:
    assert not access.allowed(Role.ADMIN, Right.DECIDE)
    assert access.allowed(Role.ADMIN, Right.REISSUE)
    assert access.RIGHTS[Role.AGENT] < access.RIGHTS[Role.LEAD]
    assert access.RIGHTS[Role.AUDITOR] == {Right.READ, Right.EXPORT}
    assert set(access.RIGHTS) == set(Role)


def test_sums_have_limits() -> None:
    limits = RoleLimits()
    assert access.may_waive(Role.AGENT, 100_00, limits)
    assert not access.may_waive(Role.AGENT, 100_01, limits)
    assert access.may_waive(Role.LEAD, 5_000_00, limits)
    assert not access.may_waive(Role.ADMIN, 1, limits)
    assert not access.refund_needs_second(500_00, limits)
    assert access.refund_needs_second(500_01, limits)
    assert access.export_needs_second(101, limits)
