"""What happens when a file of claims is taken back: its claims are withdrawn, and the ledger says so by mirrors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.rules.claims import MOVES, ClaimStatus
from portal.rules.history import INTERNAL, Actor, MoveNotAllowed
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.imports import ClaimImport, count_open, entries_of, import_at, untouched, write_reversals
from portal.store.ledger import EntryRow, LineRow

#: So long after an import everything can be taken back.
UNDO_FOR = timedelta(hours=24)
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many claims are withdrawn, and how many stay because something has happened on them."""

    withdrawn: int
    stay: int


class ImportUnknown(LookupError):
    """This firm has no such import."""


class TooLate(Exception):
    """The import is older than a day; its claims are withdrawn one by one."""


def may_undo(row: ClaimImport, now: datetime) -> bool:
    """Whether this import can be taken back: one that broke off always, a whole one for a day."""
    return row.state == "writing" or (row.state == "done" and row.done_at is not None and now - row.done_at < UNDO_FOR)


def undo(
    database: Database, creditor_id: UUID, import_id: UUID, *, actor: Actor, now: datetime, today: date
) -> TakenBack:
    """The import's claims are withdrawn and seen by nobody, and the file may come again; touched ones stay.

    Raises `ImportUnknown`, `TooLate`. Again it goes on where it broke off.
    """
    withdrawn = 0
    while True:
        with database.writing() as session:
            row = import_at(session, creditor_id, import_id)
            if row is None:
                raise ImportUnknown
            if not may_undo(row, now):
                raise TooLate
            row.owner = None  # whoever still writes stops
            claims = untouched(session, row, AT_ONCE)
            withdraw(session, claims, actor=actor, now=now, today=today)
            withdrawn += len(claims)
            if len(claims) < AT_ONCE:
                row.state, row.undone_at = "undone", now
                session.flush()
                return TakenBack(withdrawn, count_open(session, row))


def withdraw(session: Session, claims: Sequence[Claim], *, actor: Actor, now: datetime, today: date) -> None:
    """These claims are withdrawn and seen by nobody, and their entries have mirrors."""
    by_id = {claim.id: claim for claim in claims}
    events = [_moved(claim, actor=actor, now=now, today=today) for claim in claims]
    mirrors: dict[UUID, EntryRow] = {}
    lines: dict[UUID, list[LineRow]] = {}
    for entry, account, posting in entries_of(session, claims[0].creditor_id, by_id) if claims else ():
        lines.setdefault(entry.id, []).append(
            LineRow(
                AccountKind(account.kind), -posting.amount_minor, posting.currency,
                claim_id=account.claim_id, position_id=account.position_id,
            )
        )  # fmt: skip
        mirrors[entry.id] = EntryRow(
            creditor_id=entry.creditor_id,
            claim_id=entry.claim_id,
            kind=EntryKind.REVERSAL,
            effective_on=entry.effective_on,
            recorded_at=now,
            cause_type=CauseType.CLAIM,
            cause_id=entry.cause_id,
            idem_key=f"entry {entry.id}:undone",
            lines=tuple(lines[entry.id]),
            reverses_id=entry.id,
            id=uuid4(),
        )
    write_reversals(session, list(mirrors.values()), events)


def _moved(claim: Claim, *, actor: Actor, now: datetime, today: date) -> dict[str, Any]:
    """The claim is withdrawn; the row of the event that belongs to the move."""
    kind = MOVES.get((ClaimStatus(claim.status), ClaimStatus.WITHDRAWN))
    if kind is None:
        raise MoveNotAllowed("claim", claim.status, ClaimStatus.WITHDRAWN)
    claim.status, claim.ended_on = ClaimStatus.WITHDRAWN.value, today
    claim.undone_at = claim.touched_at = now
    details = {"rule": actor.rule} if actor.rule else {}
    return {
        "creditor_id": claim.creditor_id, "claim_id": claim.id, "at": now, "kind": kind.value,
        "actor": actor.kind.value, "clerk_id": actor.clerk_id, "signed_in_id": actor.signed_in_id,
        "internal": kind in INTERNAL, "subject": "claim", "subject_id": claim.id, "details": details,
    }  # fmt: skip
