"""What happens when a person proves who she is: the whole file opens by the fact on file or by the PIN she set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions import codes as letter_codes
from portal.actions import sessions
from portal.actions.codes import LONG
from portal.actions.history import record
from portal.actions.throttles import TooOften
from portal.gateways.hashing import FactHasher, HashedCode, HashGate, PinHasher, TooBusy
from portal.rules.access import FRESH_PROOF, FactKind
from portal.rules.history import Actor, ActorKind, EventKind
from portal.store import claims
from portal.store.access import codes_locked, session_by_id
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.people import Debtor, debtor_by_id


class Proof(StrEnum):
    """What opens this person's whole file (`decisions.md` 1)."""

    FACT = "fact"
    PIN = "pin"
    LETTER = "letter"
    CLOSED = "closed"


def proof_of(debtor: Debtor, *, strict: bool) -> Proof:
    """The fact on file, else the PIN, else the letter alone unless the creditor is strict; never a weaker one."""
    if debtor.fact_hash is not None:
        return Proof.FACT
    if debtor.pin_hash is not None:
        return Proof.PIN
    return Proof.CLOSED if strict else Proof.LETTER


def open_by_fact(
    database: Database, *, session_id: UUID, claim_id: UUID, value: str, facts: FactHasher, token_hash: bytes,
    now: datetime,
) -> bool:  # fmt: skip
    """The whole file is open under a new token if the (normalised) fact is the one on file. Raises TooOften."""

    def is_right(debtor: Debtor) -> bool:
        if debtor.fact_kind is None or debtor.fact_hash is None:
            return False
        return facts.matches(debtor.creditor_id, FactKind(debtor.fact_kind), value, debtor.fact_hash)

    return _open(database, session_id, claim_id, is_right, token_hash=token_hash, now=now)


def open_by_pin(
    database: Database, *, session_id: UUID, claim_id: UUID, pin: str, pins: PinHasher, gate: HashGate,
    token_hash: bytes, now: datetime,
) -> bool:  # fmt: skip
    """The whole file is open under a new token if the (normalised) PIN is the person's. Raises TooOften and TooBusy."""

    def is_right(debtor: Debtor) -> bool:
        if debtor.pin_hash is None or debtor.fact_hash is not None:
            return False
        with gate.enter():
            return pins.verify(debtor.id, pin, pin_from(debtor.pin_hash))

    return _open(database, session_id, claim_id, is_right, token_hash=token_hash, now=now)


def _open(
    database: Database, session_id: UUID, claim_id: UUID, is_right: Callable[[Debtor], bool], *, token_hash: bytes,
    now: datetime,
) -> bool:  # fmt: skip
    with database.writing() as session:
        debtor = _reserve(session, session_id, now=now)
    try:
        right = is_right(debtor)
    except TooBusy:
        with database.writing() as session:
            _settle(session, session_id, right=True, now=now, forgive=False)
        raise
    with database.writing() as session:
        _settle(session, session_id, right=right, now=now)
        if right:
            _rotate(session, session_id, claim_id, token_hash=token_hash, now=now)
    return right


def _reserve(session: Session, session_id: UUID, *, now: datetime) -> Debtor:
    """Every letter in the session has one try of a fact less; a second letter gives no second ten tries."""
    row = session_by_id(session, session_id)
    if row is None or row.ended_at is not None or row.debtor_id is None:
        raise TooOften(LONG)
    letters = frozenset(UUID(letter) for letter in row.letters)
    codes = codes_locked(session, row.creditor_id, row.debtor_id, letters)
    if not codes:
        raise TooOften(LONG)
    for code in codes:
        letter_codes.reserve_fact(code, now=now)
    debtor = debtor_by_id(session, row.creditor_id, row.debtor_id)
    if debtor is None:
        raise TooOften(LONG)
    return debtor


def _settle(session: Session, session_id: UUID, *, right: bool, now: datetime, forgive: bool = True) -> None:
    """A right fact gives the tries back: whoever knows it is the person, and her slips are forgotten too."""
    row = session_by_id(session, session_id)
    if row is None or row.debtor_id is None:
        return
    letters = frozenset(UUID(letter) for letter in row.letters)
    for code in codes_locked(session, row.creditor_id, row.debtor_id, letters):
        if not right:
            letter_codes.fact_was_wrong(session, code, now=now)
        else:
            letter_codes.give_fact_back(code, code.locked_until)
            if forgive:
                code.fail_fact = 0


def _rotate(session: Session, session_id: UUID, claim_id: UUID, *, token_hash: bytes, now: datetime) -> None:
    old = session_by_id(session, session_id)
    if old is None or old.ended_at is not None:
        raise TooOften(LONG)
    new = sessions.into_file(session, old, token_hash=token_hash, now=now)
    claim = claims.lock(session, old.creditor_id, claim_id)
    record(session, claim, EventKind.FILE_OPENED, actor=Actor(ActorKind.DEBTOR, signed_in_id=new.id), now=now)


def set_pin(
    session: Session, claim: Claim, debtor: Debtor, hashed: HashedCode, *, session_id: UUID, now: datetime
) -> None:
    """From now on the whole file opens with this PIN; everybody else who was in is out, and both sides see it."""
    claim = claims.lock(session, claim.creditor_id, claim.id)
    debtor.pin_hash, debtor.pin_set_at = pin_text(hashed), now
    row = session_by_id(session, session_id)
    if row is not None:
        row.proved_at = now
    sessions.end_others(session, debtor.creditor_id, debtor.id, keep=session_id, now=now)
    record(session, claim, EventKind.PIN_SET, actor=Actor(ActorKind.DEBTOR, signed_in_id=session_id), now=now)


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether the last proof is young enough for a step that changes the protection itself."""
    return proved_at is not None and now - proved_at < FRESH_PROOF


def pin_text(hashed: HashedCode) -> str:
    """A hashed PIN as it stands in `debtor.pin_hash`."""
    return f"{hashed.kdf}${hashed.kid}${hashed.salt.hex()}${hashed.hash.hex()}"


def pin_from(text: str) -> HashedCode:
    """A hashed PIN read from `debtor.pin_hash`."""
    kdf, kid, salt, found = text.split("$")
    return HashedCode(bytes.fromhex(salt), bytes.fromhex(found), kdf, int(kid))
