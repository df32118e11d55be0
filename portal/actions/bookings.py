"""What happens when a payment comes another way: the debtor says so, or the desk books it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.claims import after_money
from portal.actions.history import record
from portal.actions.ledger import Cause, book_payment, reverse, use_credit
from portal.rules.history import Actor, EventKind, MoveNotAllowed
from portal.rules.money import Money
from portal.rules.payments import AccountKind, BookingProblem, CauseType, NoteCode, booking_problems
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.history import told_in_session
from portal.store.ledger import entry_by_key
from portal.store.payments import Booking, booking_at
from portal.store.settings import creditor_by_id


class SumMoved(MoveNotAllowed):
    """The sum is not the one that the clerk saw; the answer is the 409 page."""

    def __init__(self) -> None:
        super().__init__("booking", "seen", "changed")


class BookingRefused(Exception):
    """This can't be booked; `problems` names every reason."""

    def __init__(self, problems: list[BookingProblem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Found:
    """A payment as the desk found it: how much, valued when, seen where, and come which way."""

    amount: Money | None
    value_on: date | None
    source: str
    note: NoteCode
    dispute_id: UUID | None = None


def told(session: Session, claim: Claim, *, until: date, actor: Actor, now: datetime) -> None:
    """The debtor has paid and said so: until that day nobody reminds him. Said twice in a session it is said once."""
    lock(session, claim.creditor_id, claim.id)
    said = actor.signed_in_id and told_in_session(session, claim.creditor_id, claim.id, actor.signed_in_id)
    if claim.announced_until == until and said:
        return
    claim.announced_until = until
    record(session, claim, EventKind.PAYMENT_TOLD, actor=actor, now=now, until=until)


def book(
    session: Session,
    claim: Claim,
    found: Found,
    *,
    op: UUID,
    seen_minor: int | None,
    actor: Actor,
    now: datetime,
    today: date,
) -> Booking:
    """The payment stands on the claim with its value date; the same `op` again gives the same booking.

    `seen_minor` is the sum that the clerk saw (None: nothing was shown, as in another decision). Raises SumMoved and
    BookingRefused.
    """
    lock(session, claim.creditor_id, claim.id)
    booking_id = uuid5(claim.id, str(op))
    known = booking_at(session, claim.creditor_id, claim.id, booking_id)
    if known is not None:
        return known
    if seen_minor is not None and seen_minor != claim_sum(session, claim, on=today).open.minor:
        raise SumMoved
    if stated := booking_problems(found.amount, found.value_on, today=today):
        raise BookingRefused(stated)
    if found.amount is None or found.value_on is None or actor.clerk_id is None:
        raise BookingRefused([BookingProblem.AMOUNT_MISSING])
    row = Booking(
        id=booking_id,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        clerk_id=actor.clerk_id,
        amount_minor=found.amount.minor,
        currency=found.amount.currency,
        value_on=found.value_on,
        source=found.source,
        note_code=found.note.value,
        dispute_id=found.dispute_id,
        booked_at=now,
    )
    session.add(row)
    book_payment(
        session, claim, found.amount,
        clearing=AccountKind.BANK_CLEARING,
        value_on=found.value_on,
        cause=Cause(CauseType.BOOKING, row.id, _key(row), found.note),
        actor=actor,
        now=now,
        today=today,
        method=found.note.value,
    )  # fmt: skip
    claim.announced_until = None
    creditor = creditor_by_id(session, claim.creditor_id)
    after_money(session, claim, creditor, value_on=found.value_on, actor=actor, now=now, today=today)
    return row


def take_back(session: Session, claim: Claim, booking: Booking, *, actor: Actor, now: datetime, today: date) -> None:
    """The booking was a mistake: its mirror stands in the ledger, once; the claim is open again where it paid it."""
    lock(session, claim.creditor_id, claim.id)
    session.refresh(booking)
    entry = entry_by_key(session, claim.creditor_id, _key(booking))
    if booking.reversed_at is not None or entry is None:
        raise BookingRefused([BookingProblem.ALREADY_REVERSED])
    cause = Cause(CauseType.BOOKING, booking.id, f"{_key(booking)}:reversed", NoteCode.MISTAKE)
    reverse(session, claim, entry, cause, now=now, on=None)
    booking.reversed_at = now
    amount = Money(booking.amount_minor, booking.currency)
    record(
        session,
        claim,
        EventKind.PAYMENT_REVERSED,
        actor=actor,
        now=now,
        subject="booking",
        subject_id=booking.id,
        amount=amount,
        value_on=booking.value_on,
    )
    settled_by = Cause(CauseType.BOOKING, booking.id, f"{_key(booking)}:credit")
    use_credit(session, claim, cause=settled_by, now=now, on=today)
    creditor = creditor_by_id(session, claim.creditor_id)
    after_money(session, claim, creditor, value_on=today, actor=actor, now=now, today=today)


def _key(booking: Booking) -> str:
    return f"booking {booking.id}"
