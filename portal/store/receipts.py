"""What is printed on a claim's papers: its entries one by one, and its sum as it was on a past day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules.history import EventKind
from portal.rules.ledger import ClaimSum, PostingFact
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.rules.receipts import Movement, counts
from portal.store.claim_sum import build_sum, rates_for, rests_of
from portal.store.claims import Claim, Position, positions_of
from portal.store.history import Event
from portal.store.ledger import Account, Entry, Posting
from portal.store.letters import Letter, LetterClaim
from portal.store.offers import Offer, Waiver
from portal.store.people import Clerk


def movements_of(session: Session, claim: Claim) -> list[Movement]:
    """Everything that was posted to the claim's lines or to the debtor's credit on it, in the ledger's order."""
    found: dict[UUID, Movement] = {}
    rows = session.execute(
        select(Entry, Account.position_id, Posting.amount_minor)
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, (Account.creditor_id == Posting.creditor_id) & (Account.id == Posting.account_id))
        .where(
            Account.creditor_id == claim.creditor_id,
            Account.claim_id == claim.id,
            Account.kind.in_((AccountKind.RECEIVABLE.value, AccountKind.DEBTOR_CREDIT.value)),
        )
        .order_by(Entry.seq, Posting.line)
    )
    for entry, position_id, minor in rows:
        known = found.get(entry.id)
        lines, credit = (known.lines, known.credit_minor) if known else ((), 0)
        if position_id is None:
            credit += int(minor)
        else:
            lines = (*lines, (position_id, int(minor)))
        found[entry.id] = _movement(entry, lines, credit)
    for entry, minor in _missing(session, claim):
        found[entry.id] = replace(found.get(entry.id) or _movement(entry, (), 0), missing_minor=int(minor))
    return sorted(found.values(), key=lambda one: one.seq)


def _missing(session: Session, claim: Claim) -> Iterable[tuple[Entry, int]]:
    """The claim's entries with money that went back and was not there, or that makes up for it."""
    rows = session.execute(
        select(Entry, Posting.amount_minor)
        .join(Posting, (Posting.creditor_id == Entry.creditor_id) & (Posting.entry_id == Entry.id))
        .join(Account, (Account.creditor_id == Posting.creditor_id) & (Account.id == Posting.account_id))
        .where(Entry.creditor_id == claim.creditor_id, Entry.claim_id == claim.id, Account.kind == AccountKind.SUSPENSE)
    )
    return [(entry, minor) for entry, minor in rows]


def _movement(entry: Entry, lines: tuple[tuple[UUID, int], ...], credit: int) -> Movement:
    return Movement(
        seq=entry.seq,
        id=entry.id,
        kind=EntryKind(entry.kind),
        value_on=entry.effective_on,
        booked_at=entry.recorded_at,
        cause_type=entry.cause_type,
        cause_id=entry.cause_id,
        note=entry.note_code,
        reverses_id=entry.reverses_id,
        lines=lines,
        credit_minor=credit,
    )


def sum_then(session: Session, claim: Claim, *, on: date, zone: ZoneInfo) -> ClaimSum:
    """The claim line by line as it stood on a day: by value date, with the letter and the rests of that day.

    A line that was claimed only later, and was not due yet, is not there. What is disputed today is left open.
    """
    opened_on = claim.opened_at.astimezone(zone).date()
    return _sum(
        session,
        claim,
        [line for line in positions_of(session, claim) if opened_on <= on or line.due_on <= on or line.interest_from],
        [one for one in movements_of(session, claim) if counts(one.kind, one.value_on, on)],
        known_by=datetime.combine(on, time.max, zone),
        on=on,
    )


def sum_at_booking(session: Session, claim: Claim, entry: Movement, movements: Sequence[Movement]) -> ClaimSum:
    """The claim line by line on a payment's value date, by what was known when it was booked."""
    known = [one for one in movements if one.seq < entry.seq]
    return _sum(session, claim, positions_of(session, claim), known, known_by=entry.booked_at, on=entry.value_on)


def _sum(
    session: Session,
    claim: Claim,
    positions: Sequence[Position],
    movements: Sequence[Movement],
    *,
    known_by: datetime,
    on: date,
) -> ClaimSum:
    postings = [
        PostingFact(position_id, one.kind, one.value_on, minor) for one in movements for position_id, minor in one.lines
    ]
    rests = [rest for rest in rests_of(session, claim) if rest.from_on <= on]
    letter = _letter_then(session, claim, known_by)
    rates = rates_for(session, claim.creditor_id, positions)
    return build_sum(claim, positions, postings, rests, frozenset(), letter, rates=rates, on=on)


def _letter_then(session: Session, claim: Claim, known_by: datetime) -> tuple[Letter, LetterClaim] | None:
    row = session.execute(
        select(Letter, LetterClaim)
        .join(LetterClaim, (LetterClaim.letter_id == Letter.id) & (LetterClaim.creditor_id == Letter.creditor_id))
        .where(
            LetterClaim.creditor_id == claim.creditor_id,
            LetterClaim.claim_id == claim.id,
            Letter.issued_at <= known_by,
        )
        .order_by(Letter.issued_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


def paid_in_session(session: Session, claim: Claim, signed_in_id: UUID) -> frozenset[UUID]:
    """The entries of the payments that this very session made; room 1 sees their receipts and no others."""
    found = session.scalars(
        select(Event.subject_id).where(
            Event.creditor_id == claim.creditor_id,
            Event.claim_id == claim.id,
            Event.signed_in_id == signed_in_id,
            Event.kind == EventKind.PAYMENT_RECEIVED.value,
        )
    )
    return frozenset(one for one in found if one is not None)


def who_was_generous(session: Session, claim: Claim) -> dict[tuple[str, UUID], str]:
    """The clerk's name behind each waiver and each offer of a claim, by the cause that its entry names."""
    found: dict[tuple[str, UUID], str] = {}
    for kind, table in ((CauseType.WAIVER, Waiver), (CauseType.OFFER, Offer)):
        rows = session.execute(
            select(table.id, Clerk.name)
            .join(Clerk, (Clerk.id == table.clerk_id) & (Clerk.creditor_id == table.creditor_id))
            .where(table.creditor_id == claim.creditor_id, table.claim_id == claim.id)
        )
        found |= {(kind.value, identity): name for identity, name in rows}
    return found
