"""Does the door open for the right letter only, on both engines, whoever tries at the same time?"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.actions import rooms
from portal.actions.access import Entered, Expired, enter, not_me
from portal.actions.rooms import Proof, proof_of
from portal.actions.throttles import TooOften
from portal.gateways.hashing import FactHasher, HashGate, TooBusy
from portal.rules.access import CLEAN_LETTER, FACT_TRIES, FactKind
from portal.rules.letter_code import Code, make_code, normalise
from portal.rules.letters import LetterTask, NotMeReason, RevokeReason
from portal.store.access import LetterCode, SignedIn, Throttle
from portal.store.claims import Claim
from portal.store.letters import Letter
from portal.store.pauses import open_pauses
from portal.store.people import Debtor
from portal.store.today import Task
from portal.web.parts import Parts
from tests.examples import DORA, STEFAN, VELO, Clock, Known, ident

Outcome = Entered | Expired | None


def code_of(known: Known) -> Code:
    found = normalise(known.code)
    assert isinstance(found, Code)
    return found


def wrong_secret(known: Known) -> Code:
    """A code with the same first six symbols and another secret, its check symbol right."""
    other = make_code(random.Random("wrong").randrange)
    return replace(code_of(known), secret=other.secret)


def token() -> bytes:
    return secrets.token_bytes(32)


def tries(
    parts: Parts, code: Code, postcode: str, *, network: str = "192.0.2.1/32", current: UUID | None = None
) -> Outcome:
    return enter(
        parts.database, code, postcode, codes=parts.codes, gate=parts.gate, network=network, current=current,
        token_hash=token(), now=parts.clock(),
    )  # fmt: skip


def row_of(parts: Parts, known: Known) -> LetterCode:
    with parts.database.reading() as session:
        return session.scalars(select(LetterCode).where(LetterCode.lookup == code_of(known).lookup)).one()


def sessions_of(parts: Parts, known: Known) -> list[SignedIn]:
    with parts.database.reading() as session:
        return list(session.scalars(select(SignedIn).where(SignedIn.debtor_id == known.debtor_id)))


def test_code_and_postcode_open_what_the_letter_names(parts: Parts) -> None:
    outcome = tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(outcome, Entered)
    assert outcome.references == (DORA.reference,)
    (row,) = sessions_of(parts, DORA)
    assert (row.room, row.letters, row.ended_at) == ("letter", [str(DORA.letter_id)], None)
    code = row_of(parts, DORA)
    assert (code.fail_code, code.fail_fact, code.last_fail_at, code.success_count) == (0, 0, None, 1)
    with parts.database.reading() as session:
        assert {row.weight for row in session.scalars(select(Throttle))} <= {0}


def test_without_fact_pin_and_strictness_the_letter_opens_the_file(parts: Parts) -> None:
    assert isinstance(tries(parts, code_of(STEFAN), STEFAN.postcode), Entered)
    assert [row.room for row in sessions_of(parts, STEFAN)] == ["file"]


def test_a_strict_creditor_keeps_the_file_closed(parts: Parts) -> None:
    debtor = Debtor(fact_hash=None, pin_hash=None)
    assert proof_of(debtor, strict=True) is Proof.CLOSED
    assert proof_of(debtor, strict=False) is Proof.LETTER
    assert proof_of(Debtor(fact_hash=None, pin_hash="x"), strict=True) is Proof.PIN
    assert proof_of(Debtor(fact_hash=b"x", pin_hash="x"), strict=False) is Proof.FACT


def test_everything_wrong_gets_the_same_answer(parts: Parts) -> None:
    unknown = make_code(random.Random("unknown").randrange)
    assert tries(parts, unknown, "4900") is None
    assert tries(parts, wrong_secret(DORA), DORA.postcode) is None
    assert tries(parts, code_of(DORA), "9999") is None
    with parts.database.writing() as session:
        session.get_one(LetterCode, row_of(parts, STEFAN).id).revoked_at = parts.clock()
    assert tries(parts, code_of(STEFAN), STEFAN.postcode) is None
    assert sessions_of(parts, DORA) == sessions_of(parts, STEFAN) == []


def test_an_unknown_code_slows_down_like_a_known_one(parts: Parts) -> None:
    for code in (make_code(random.Random("unknown").randrange), wrong_secret(DORA)):
        for number in range(5):
            assert tries(parts, code, "4900", network=f"{number}") is None
        with pytest.raises(TooOften):
            tries(parts, code, "4900", network="other")


def test_wrong_secrets_slow_a_letter_and_never_retire_it(parts: Parts, clock: Clock) -> None:
    for number in range(30):
        clock.move(hours=2)
        assert tries(parts, wrong_secret(DORA), "4900", network=f"{number}") is None
    assert row_of(parts, DORA).revoked_at is None
    clock.move(hours=2)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)


def test_ten_wrong_postcodes_retire_the_letter(parts: Parts, clock: Clock) -> None:
    for _ in range(FACT_TRIES):
        clock.move(hours=25)
        assert tries(parts, code_of(DORA), "9999", network=str(clock.at)) is None
    row = row_of(parts, DORA)
    assert (row.fail_fact, row.revoke_reason) == (FACT_TRIES, RevokeReason.TOO_MANY_FACTS)
    clock.move(days=3)
    with pytest.raises(TooOften):
        tries(parts, code_of(DORA), DORA.postcode)
    with parts.database.reading() as session:
        assert [task.kind for task in session.scalars(select(Task))] == [LetterTask.LETTER_RETIRED]


def test_the_fifth_wrong_postcode_locks_for_a_quarter_of_an_hour_and_a_lock_counts_nothing(
    parts: Parts, clock: Clock
) -> None:
    for number in range(5):
        assert tries(parts, code_of(DORA), "9999", network=f"{number}") is None
    for _ in range(3):
        with pytest.raises(TooOften):
            tries(parts, code_of(DORA), DORA.postcode)
    assert row_of(parts, DORA).fail_fact == 5
    clock.move(minutes=15)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)


def test_an_exhausted_network_lets_only_right_codes_of_clean_letters_through(parts: Parts, clock: Clock) -> None:
    assert tries(parts, code_of(DORA), "9999") is None
    for number in range(19):
        assert tries(parts, make_code(random.Random(f"u{number}").randrange), "4900") is None
    with pytest.raises(TooOften):
        tries(parts, make_code(random.Random("one more").randrange), "4900")
    assert isinstance(tries(parts, code_of(STEFAN), STEFAN.postcode), Entered)
    with pytest.raises(TooOften):
        tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode, network="198.51.100.7/32"), Entered)
    clock.move(minutes=CLEAN_LETTER.total_seconds() / 60)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)


def test_a_busy_house_counts_nothing(parts: Parts) -> None:
    full = HashGate(2)
    with full.enter(), pytest.raises(TooBusy):
        enter(
            parts.database, code_of(DORA), DORA.postcode, codes=parts.codes, gate=full, network="n", current=None,
            token_hash=token(), now=parts.clock(),
        )  # fmt: skip
    assert (row_of(parts, DORA).fail_code, row_of(parts, DORA).last_fail_at) == (0, None)


def test_an_expired_letter_says_so_only_behind_the_right_postcode(parts: Parts, clock: Clock) -> None:
    clock.move(days=100)
    assert tries(parts, code_of(DORA), "9999") is None
    outcome = tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(outcome, Expired)
    assert outcome.letter_id == DORA.letter_id
    assert sessions_of(parts, DORA) == []


def test_a_letter_ends_thirty_days_after_its_claims(parts: Parts, clock: Clock) -> None:
    with parts.database.writing() as session:
        session.get_one(Claim, DORA.claim_id).ended_on = clock.today
    clock.move(days=30)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)
    clock.move(days=1)
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Expired)


def test_another_person_ends_the_session_and_a_fourth_one_the_oldest(parts: Parts, clock: Clock) -> None:
    first = tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(first, Entered)
    assert isinstance(tries(parts, code_of(STEFAN), STEFAN.postcode, current=first.session_id), Entered)
    assert [row.ended_at is None for row in sessions_of(parts, DORA)] == [False]
    for _ in range(4):
        clock.move(minutes=1)
        assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)
    assert sum(row.ended_at is None for row in sessions_of(parts, DORA)) == 3


def opens(parts: Parts, session_id: UUID, value: str, facts: FactHasher) -> bool:
    return rooms.open_by_fact(
        parts.database, session_id=session_id, claim_id=DORA.claim_id, value=value, facts=facts, token_hash=token(),
        now=parts.clock(),
    )  # fmt: skip


class Counting(FactHasher):
    """Counts how many facts are compared."""

    def __init__(self, real: FactHasher) -> None:
        self.real, self.compared = real, 0

    def matches(self, creditor_id: UUID, kind: FactKind, value: str, stored: bytes) -> bool:
        self.compared += 1
        return self.real.matches(creditor_id, kind, value, stored)


def at_once(work: Callable[[int], object], times: int) -> list[object]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, range(times)))


def test_of_forty_wrong_facts_at_once_at_most_ten_are_compared(parts: Parts) -> None:
    inside = tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(inside, Entered)
    facts = Counting(parts.facts)

    def guess(number: int) -> bool:
        try:
            return opens(parts, inside.session_id, f"19{60 + number // 2}-01-01", facts)
        except TooOften:
            return False

    assert not any(at_once(guess, 40))
    assert 0 < facts.compared <= FACT_TRIES
    assert row_of(parts, DORA).fail_fact == facts.compared


def test_of_forty_wrong_postcodes_at_once_at_most_ten_count(parts: Parts) -> None:
    def guess(number: int) -> Outcome:
        try:
            return tries(parts, code_of(DORA), str(5000 + number), network=f"{number}")
        except (TooOften, TooBusy):
            return None

    assert not any(at_once(guess, 40))
    assert row_of(parts, DORA).fail_fact <= FACT_TRIES


def test_the_fact_opens_the_file_under_a_new_token(parts: Parts) -> None:
    inside = tries(parts, code_of(DORA), DORA.postcode)
    assert isinstance(inside, Entered)
    assert DORA.fact is not None
    assert not opens(parts, inside.session_id, "1987-03-15", parts.facts)
    assert opens(parts, inside.session_id, DORA.fact, parts.facts)
    assert sorted((row.room, row.ended_at is None) for row in sessions_of(parts, DORA)) == [
        ("file", True),
        ("letter", False),
    ]
    assert row_of(parts, DORA).fail_fact == 0


def test_a_pin_protects_from_then_on(parts: Parts) -> None:
    with parts.database.writing() as session:
        debtor, claim = session.get_one(Debtor, STEFAN.debtor_id), session.get_one(Claim, STEFAN.claim_id)
        first = session.scalars(select(Letter).where(Letter.debtor_id == STEFAN.debtor_id)).one()
        hashed = parts.pins.hash(debtor.id, "739154")
        rooms.set_pin(session, claim, debtor, hashed, session_id=ident("nobody"), now=parts.clock())
        assert first.creditor_id == VELO
    inside = tries(parts, code_of(STEFAN), STEFAN.postcode)
    assert isinstance(inside, Entered)

    def by_pin(pin: str) -> bool:
        return rooms.open_by_pin(
            parts.database, session_id=inside.session_id, claim_id=STEFAN.claim_id, pin=pin, pins=parts.pins,
            gate=parts.gate, token_hash=token(), now=parts.clock(),
        )  # fmt: skip

    assert [row.room for row in sessions_of(parts, STEFAN)] == ["letter"]
    assert not by_pin("739155")
    assert by_pin("739154")


def says_not_me(parts: Parts, code: Code | None) -> None:
    not_me(
        parts.database, code, NotMeReason.MOVED, creditor_id=VELO, codes=parts.codes, gate=parts.gate, network="n",
        now=parts.clock(), today=parts.clock().date(),
    )  # fmt: skip


def test_not_me_with_the_code_stops_everything(parts: Parts, clock: Clock) -> None:
    assert isinstance(tries(parts, code_of(DORA), DORA.postcode), Entered)
    says_not_me(parts, code_of(DORA))
    assert row_of(parts, DORA).revoke_reason == RevokeReason.NOT_ME
    assert all(row.ended_at for row in sessions_of(parts, DORA))
    assert tries(parts, code_of(DORA), DORA.postcode) is None
    with parts.database.reading() as session:
        assert [pause.reason for pause in open_pauses(session, VELO, DORA.claim_id, clock.today)] == ["wrong_person"]
        assert session.get_one(Debtor, DORA.debtor_id).address_unclear
        assert [task.claim_id for task in session.scalars(select(Task))] == [DORA.claim_id]


@pytest.mark.parametrize("with_wrong_code", [False, True])
def test_not_me_without_the_right_code_is_only_a_note(parts: Parts, with_wrong_code: bool) -> None:
    says_not_me(parts, wrong_secret(DORA) if with_wrong_code else None)
    assert row_of(parts, DORA).revoked_at is None
    with parts.database.reading() as session:
        assert [(task.kind, task.claim_id) for task in session.scalars(select(Task))] == [(LetterTask.NOT_ME, None)]
