"""What happens when somebody comes with a letter: the door opens for code and postcode, or says always the same."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import codes as letter_codes
from portal.actions import sessions
from portal.actions.codes import LONG, Tried, try_code
from portal.actions.history import record
from portal.actions.pauses import pause
from portal.actions.throttles import TooOften, count, give_back
from portal.gateways.hashing import CodeHasher, HashGate
from portal.rules.access import CODE_LIFE_AFTER_CLOSING, NETWORK_WINDOWS, Room, normalise_postcode
from portal.rules.history import Actor, ActorKind, EventKind
from portal.rules.letter_code import Code
from portal.rules.letters import CALLED_BACK, NEW_LETTER_EVERY, LetterTask, NotMeReason, RevokeReason
from portal.rules.pauses import PauseReason
from portal.store import claims
from portal.store.access import LetterCode, SignedIn, codes_of_debtor
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.letters import claims_named
from portal.store.people import Debtor, debtor_by_id
from portal.store.settings import Creditor, creditor_by_id
from portal.store.today import Task, task_since


@dataclass(frozen=True, slots=True)
class Entered:
    """The person is in; the references of the claims that are now to be seen, the oldest first."""

    session_id: UUID
    creditor_id: UUID
    debtor_id: UUID
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """Code and postcode were right, and the letter's time is over: a new letter can be asked for."""

    creditor_id: UUID
    debtor_id: UUID
    letter_id: UUID


def enter(
    database: Database,
    code: Code,
    postcode: str,
    *,
    codes: CodeHasher,
    gate: HashGate,
    network: str,
    current: UUID | None,
    token_hash: bytes,
    now: datetime,
) -> Entered | Expired | None:
    """A session is open under this token; None if code and (normalised) postcode are not those of one letter of ours.

    `current` is the session the browser had. Raises TooOften, and TooBusy, which counts nothing.
    """
    tried = try_code(database, code, codes=codes, gate=gate, network=network, now=now)
    if not tried.right:
        return None
    with database.writing() as session:
        outcome = _behind_the_code(session, tried, postcode, current=current, token_hash=token_hash, now=now)
    if outcome is None and tried.counted.over is not None:
        raise TooOften(tried.counted.over)
    return outcome


def _behind_the_code(
    session: Session, tried: Tried, postcode: str, *, current: UUID | None, token_hash: bytes, now: datetime
) -> Entered | Expired | None:
    row = letter_codes.take_back(session, tried, now=now)
    if row is None:
        return None
    if row.revoked_at is not None and row.revoke_reason not in CALLED_BACK:
        if row.revoke_reason == RevokeReason.TOO_MANY_FACTS:
            raise TooOften(LONG)
        return None
    lock = letter_codes.reserve_fact(row, now=now)
    debtor = debtor_by_id(session, row.creditor_id, row.debtor_id)
    if debtor is None or not _same(normalise_postcode(debtor.postcode), postcode):
        letter_codes.fact_was_wrong(session, row, now=now)
        return None
    letter_codes.give_fact_back(row, lock)
    give_back(session, tried.counted, now=now)
    return _let_in(session, row, debtor, current=current, token_hash=token_hash, now=now)


def _let_in(
    session: Session, row: LetterCode, debtor: Debtor, *, current: UUID | None, token_hash: bytes, now: datetime
) -> Entered | Expired | None:
    named = _claims(session, row.creditor_id, debtor.id, frozenset({row.letter_id}))
    if not named:
        return None
    if letter_codes.is_dead(row, now) or _closed_long_ago(named, now):
        return Expired(row.creditor_id, debtor.id, row.letter_id)
    creditor = creditor_by_id(session, row.creditor_id)
    begun = sessions.start_debtor(
        session,
        creditor_id=row.creditor_id,
        debtor_id=debtor.id,
        letter_id=row.letter_id,
        room=room_at_the_door(debtor, creditor),
        current=current,
        token_hash=token_hash,
        now=now,
    )
    row.success_count += 1
    row.last_used_at = now
    if row.first_used_at is None:
        row.first_used_at = now
        _old_codes_end(session, row, now)
    return Entered(begun.id, row.creditor_id, row.debtor_id, tuple(claim.reference for claim in _seen(session, begun)))


def room_at_the_door(debtor: Debtor, creditor: Creditor) -> Room:
    """What code and postcode alone open: the whole file only where nothing better protects it (`decisions.md` 1)."""
    protected = debtor.fact_hash is not None or debtor.pin_hash is not None or creditor.strict
    return Room.LETTER if protected else Room.FILE


def not_me(
    database: Database,
    code: Code | None,
    why: NotMeReason,
    *,
    creditor_id: UUID,
    codes: CodeHasher,
    gate: HashGate,
    network: str,
    now: datetime,
    today: date,
) -> None:
    """A wrong recipient has told us: with the right code all rests and the code is dead, else the desk has a note.

    Whoever tells us hears the same in both cases. Raises TooOften and TooBusy.
    """
    tried = None
    if code is not None:
        tried = try_code(database, code, codes=codes, gate=gate, network=network, now=now)
    with database.writing() as session:
        row = letter_codes.take_back(session, tried, now=now) if tried is not None and tried.right else None
        if row is not None and row.revoked_at is None and tried is not None:
            give_back(session, tried.counted, now=now)
            _wrong_person(session, row, why, now=now, today=today)
            return
        if tried is None:
            counted = count(session, network, NETWORK_WINDOWS, scope="note", now=now)
            if counted.over is not None:
                raise TooOften(counted.over)
        session.add(Task(creditor_id=creditor_id, kind=LetterTask.NOT_ME.value, details={"why": why.value}, since=now))


def _wrong_person(session: Session, row: LetterCode, why: NotMeReason, *, now: datetime, today: date) -> None:
    named = _claims(session, row.creditor_id, row.debtor_id, frozenset({row.letter_id}))
    debtor = debtor_by_id(session, row.creditor_id, row.debtor_id)
    actor = Actor(ActorKind.DEBTOR)
    for claim in claims.lock_all(session, row.creditor_id, {claim.id for claim in named if claim.ended_on is None}):
        pause(session, claim, PauseReason.WRONG_PERSON, cause_id=row.letter_id, actor=actor, now=now, today=today)
        record(
            session,
            claim,
            EventKind.WRONG_PERSON,
            actor=actor,
            now=now,
            subject="letter",
            subject_id=row.letter_id,
            why=why,
        )
        record(session, claim, EventKind.ADDRESS_UNCLEAR, actor=actor, now=now)
        session.add(
            Task(
                creditor_id=row.creditor_id, claim_id=claim.id, kind=LetterTask.NOT_ME.value,
                subject_id=row.letter_id, details={"why": why.value}, since=now,
            )
        )  # fmt: skip
    if debtor is not None:
        debtor.address_unclear = True
    letter_codes.retire(session, row, RevokeReason.NOT_ME, now=now)


def ask_for_new_letter(session: Session, creditor_id: UUID, debtor_id: UUID, letter_id: UUID, *, now: datetime) -> None:
    """A clerk sends a new letter to the address on file; asking again within seven days changes nothing."""
    if task_since(session, creditor_id, LetterTask.NEW_LETTER, letter_id, since=now - NEW_LETTER_EVERY) is not None:
        return
    named = _claims(session, creditor_id, debtor_id, frozenset({letter_id}))
    session.add(
        Task(
            creditor_id=creditor_id, claim_id=named[0].id if named else None, kind=LetterTask.NEW_LETTER.value,
            subject_id=letter_id, details={}, since=now,
        )
    )  # fmt: skip


def _same(known: str | None, typed: str) -> bool:
    return known is not None and hmac.compare_digest(known.encode(), typed.encode())


def _claims(session: Session, creditor_id: UUID, debtor_id: UUID, letters: frozenset[UUID]) -> list[Claim]:
    only = claims_named(session, creditor_id, letters)
    return claims.claims_for(session, creditor_id=creditor_id, debtor_id=debtor_id, only=only)


def _seen(session: Session, begun: SignedIn) -> list[Claim]:
    if begun.debtor_id is None:
        return []
    if begun.room == Room.FILE:
        return claims.claims_for(session, creditor_id=begun.creditor_id, debtor_id=begun.debtor_id)
    return _claims(session, begun.creditor_id, begun.debtor_id, frozenset(UUID(letter) for letter in begun.letters))


def _closed_long_ago(named: list[Claim], now: datetime) -> bool:
    ends = [claim.ended_on for claim in named]
    return all(end is not None and end + CODE_LIFE_AFTER_CLOSING < now.date() for end in ends)


def _old_codes_end(session: Session, new: LetterCode, now: datetime) -> None:
    """The first use of a reissued letter proves that it arrived: the codes it replaces end now."""
    for old in codes_of_debtor(session, new.creditor_id, new.debtor_id):
        if old.superseded_at is not None and old.superseded_at > now and old.issued_at < new.issued_at:
            old.superseded_at = now
