"""Does a stolen database open nothing, and does an unknown letter look like a wrong one?"""

from __future__ import annotations

import base64
import threading
from uuid import UUID

import pytest

from portal.gateways.hashing import (
    CHEAP_COST,
    FULL_COST,
    CodeHasher,
    Cost,
    FactHasher,
    HashGate,
    PasswordHasher,
    PasswordTooLong,
    Peppers,
    PeppersUnusable,
    PinHasher,
    TooBusy,
    cost_for,
)
from portal.rules.access import FactKind

OLD = "1:" + base64.b64encode(b"o" * 32).decode()
NEW = "2:" + base64.b64encode(b"n" * 32).decode()
HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("setting", ["", "1", "x:" + OLD[2:], "1:***", "1:" + base64.b64encode(b"short").decode()])
def test_unusable_peppers_are_refused(setting: str) -> None:
    with pytest.raises(PeppersUnusable):
        Peppers(setting)


def test_peppers_never_show_their_keys() -> None:
    assert repr(Peppers(f"{NEW},{OLD}")) == "Peppers(kids=(2, 1))"


def test_a_code_is_verified_at_the_real_cost() -> None:
    hasher = CodeHasher(Peppers(OLD))
    stored = hasher.hash("7K4M29", "QXABCDEFG")
    assert stored.kdf == "a2id:19456:2:1"
    assert (len(stored.salt), len(stored.hash), stored.kid) == (16, 32, 1)
    assert hasher.verify("7K4M29", "QXABCDEFG", stored)
    assert not hasher.verify("7K4M29", "QXABCDEFH", stored)
    assert not hasher.verify("7K4M28", "QXABCDEFG", stored)
    assert not hasher.dummy("dummy", "dummy")


def test_a_code_outlives_a_new_pepper_and_a_new_cost() -> None:
    stored = CodeHasher(Peppers(OLD), CHEAP_COST).hash("7K4M29", "QXABCDEFG")
    assert CodeHasher(Peppers(f"{NEW},{OLD}"), Cost(16, 2)).verify("7K4M29", "QXABCDEFG", stored)
    with pytest.raises(PeppersUnusable):
        CodeHasher(Peppers(NEW), CHEAP_COST).verify("7K4M29", "QXABCDEFG", stored)


def test_the_same_code_is_never_stored_twice_alike() -> None:
    hasher = CodeHasher(Peppers(OLD), CHEAP_COST)
    assert hasher.hash("7K4M29", "QXABCDEFG").hash != hasher.hash("7K4M29", "QXABCDEFG").hash


def test_a_pin_belongs_to_one_debtor() -> None:
    hasher = PinHasher(Peppers(OLD), CHEAP_COST)
    stored = hasher.hash(HERE, "583047")
    assert hasher.verify(HERE, "583047", stored)
    assert not hasher.verify(THERE, "583047", stored)
    assert not hasher.verify(HERE, "583048", stored)


def test_a_fact_is_the_same_bytes_inside_one_creditor_only() -> None:
    hasher = FactHasher(Peppers(OLD))
    fact = hasher.hash(HERE, FactKind.BIRTH_DATE, "1987-03-14")
    assert fact == hasher.hash(HERE, FactKind.BIRTH_DATE, "1987-03-14")
    assert fact != hasher.hash(THERE, FactKind.BIRTH_DATE, "1987-03-14")
    assert fact != hasher.hash(HERE, FactKind.CUSTOMER_NUMBER, "1987-03-14")
    rotated = FactHasher(Peppers(f"{NEW},{OLD}"))
    assert rotated.matches(HERE, FactKind.BIRTH_DATE, "1987-03-14", fact)
    assert not rotated.matches(HERE, FactKind.BIRTH_DATE, "1987-03-15", fact)


def test_a_password_is_checked_and_hashed_again_when_the_cost_rises() -> None:
    cheap = PasswordHasher(cost_for(cheap=True))
    stored = cheap.hash("correct horse battery")
    assert cheap.verify("correct horse battery", stored)
    assert not cheap.verify("correct horse batterz", stored)
    assert not cheap.verify("correct horse battery", None)
    assert not cheap.verify("correct horse battery", "not a hash")
    assert not cheap.needs_rehash(stored)
    assert PasswordHasher(FULL_COST).needs_rehash(stored)


def test_a_very_long_password_costs_nothing() -> None:
    hasher = PasswordHasher(CHEAP_COST)
    with pytest.raises(PasswordTooLong):
        hasher.hash("x" * 129)
    assert not hasher.verify("x" * 129, hasher.hash("x" * 128))


def test_the_gate_lets_half_the_threads_in() -> None:
    assert [HashGate(threads).places for threads in (1, 2, 4, 8)] == [1, 1, 2, 4]
    gate, held, leave = HashGate(1), threading.Event(), threading.Event()

    def hold() -> None:
        with gate.enter():
            held.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    with pytest.raises(TooBusy), gate.enter(seconds=0):
        pass
    leave.set()
    holder.join(10)
    with gate.enter(seconds=0):
        pass
