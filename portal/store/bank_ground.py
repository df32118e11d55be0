"""Which of many claims had no money, no agreement and no objection so far, and what do their sums rest on?

Read for all of them together, because a bank's file names thousands; whoever is not plain is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.rules.claims import ClaimStatus
from portal.rules.ledger import PostingFact
from portal.rules.payments import AccountKind, EntryKind
from portal.store.allocation import Allocation
from portal.store.claim_sum import rates_for
from portal.store.claims import Claim, Position
from portal.store.disputes import Dispute
from portal.store.history import Event
from portal.store.ledger import Account, Entry, EntryRow, Posting
from portal.store.letters import Letter, LetterClaim
from portal.store.offers import Offer
from portal.store.pauses import Pause, Turn
from portal.store.plans import Plan
from portal.store.reckoning import Reckoning


@dataclass(frozen=True, slots=True)
class PlainClaim:
    """A claim on which nothing but the claim itself stands in the ledger, with its lines as they were claimed."""

    claim: Claim
    reckoning: Reckoning
    postings: tuple[PostingFact, ...]


def lock_claims(session: Session, creditor_id: UUID, ids: Collection[UUID]) -> dict[UUID, Claim]:
    """Take the locks of these claims in the order of their ids, and read them anew."""
    query = (
        select(Claim)
        .where(Claim.creditor_id == creditor_id, Claim.id.in_(ids))
        .order_by(Claim.id)
        .with_for_update(of=Claim)
        .execution_options(populate_existing=True)
    )
    return {claim.id: claim for claim in session.scalars(query)}


def plain_claims(session: Session, creditor_id: UUID, claims: Sequence[Claim]) -> dict[UUID, PlainClaim]:
    """Those of these locked claims that are plain: open, nobody waits, and nothing was paid, agreed or contested."""
    ids = [claim.id for claim in claims]
    touched = _touched(session, creditor_id, ids)
    plain = [
        claim
        for claim in claims
        if claim.id not in touched and claim.status == ClaimStatus.OPEN and claim.waiting_since is None
    ]
    ids = [claim.id for claim in plain]
    positions: dict[UUID, list[Position]] = defaultdict(list)
    for position in session.scalars(
        select(Position)
        .where(Position.creditor_id == creditor_id, Position.claim_id.in_(ids))
        .order_by(Position.claim_id, Position.number)
    ):
        positions[position.claim_id].append(position)
    letters: dict[UUID, list[tuple[Letter, LetterClaim]]] = defaultdict(list)
    for letter, named in session.execute(
        select(Letter, LetterClaim)
        .join(LetterClaim, (LetterClaim.letter_id == Letter.id) & (LetterClaim.creditor_id == Letter.creditor_id))
        .where(LetterClaim.creditor_id == creditor_id, LetterClaim.claim_id.in_(ids))
        .order_by(Letter.issued_at.desc())
    ):
        letters[named.claim_id].append((letter, named))
    rates = rates_for(session, creditor_id, [one for lines in positions.values() for one in lines])
    postings = _postings(session, creditor_id, ids)
    return {
        claim.id: PlainClaim(
            claim,
            Reckoning(claim, positions[claim.id], (), frozenset(), letters[claim.id], rates),
            tuple(postings[claim.id]),
        )
        for claim in plain
    }


def _touched(session: Session, creditor_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Claims with a plan, an offer, an objection, a pause, a turn of the creditor, or any money."""
    arms: list[Any] = [
        select(table.claim_id).where(table.creditor_id == creditor_id, table.claim_id.in_(ids))
        for table in (Plan, Offer, Dispute, Pause, Turn)
    ]
    arms.append(
        select(Entry.claim_id).where(
            Entry.creditor_id == creditor_id, Entry.claim_id.in_(ids), Entry.kind != EntryKind.CLAIMED
        )
    )
    return {row[0] for row in session.execute(union_all(*arms))}


def _postings(session: Session, creditor_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[PostingFact]]:
    found: dict[UUID, list[PostingFact]] = defaultdict(list)
    rows: Any = session.execute(
        select(Account.claim_id, Account.position_id, Entry.kind, Entry.effective_on, Posting.amount_minor)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .where(
            Account.creditor_id == creditor_id,
            Account.claim_id.in_(ids),
            Account.kind == AccountKind.RECEIVABLE,
        )
        .order_by(Entry.seq, Posting.line)
    )
    for claim_id, position_id, kind, on, minor in rows:
        found[claim_id].append(PostingFact(position_id, EntryKind(kind), on, minor))
    return found


def known_keys(session: Session, creditor_id: UUID, keys: Sequence[str]) -> set[str]:
    """Those of these keys that have made an entry already."""
    query = select(Entry.idem_key).where(Entry.creditor_id == creditor_id, Entry.idem_key.in_(keys))
    return set(session.scalars(query))


def write_together(
    session: Session,
    entries: Sequence[EntryRow],
    allocations: Sequence[dict[str, Any]],
    events: Sequence[dict[str, Any]],
) -> None:
    """These entries with their divisions and events are added in this order; their keys are known to be new."""
    session.flush()
    accounts = {line.account_id(row.creditor_id): (row, line) for row in entries for line in row.lines}
    there = set(session.scalars(select(Account.id).where(Account.id.in_(accounts))))
    fresh = [
        {"id": identity, "creditor_id": row.creditor_id, "kind": line.kind, "claim_id": line.claim_id,
         "position_id": line.position_id, "currency": line.currency}
        for identity, (row, line) in accounts.items() if identity not in there
    ]  # fmt: skip
    insert_once = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    lines = [
        {"entry_id": row.id, "line": number, "creditor_id": row.creditor_id,
         "account_id": line.account_id(row.creditor_id), "amount_minor": line.amount_minor, "currency": line.currency}
        for row in entries for number, line in enumerate(row.lines, start=1)
    ]  # fmt: skip
    heads = [
        {"id": row.id, "creditor_id": row.creditor_id, "claim_id": row.claim_id, "kind": row.kind,
         "effective_on": row.effective_on, "recorded_at": row.recorded_at, "cause_type": row.cause_type,
         "cause_id": row.cause_id, "idem_key": row.idem_key, "reverses_id": row.reverses_id,
         "note_code": row.note_code}
        for row in entries
    ]  # fmt: skip
    for statement, rows in (
        (insert_once(Account.__table__).on_conflict_do_nothing(), fresh),  # type: ignore[arg-type]
        (insert(Posting.__table__), lines),  # type: ignore[arg-type]
        (insert(Entry.__table__), heads),  # type: ignore[arg-type]
        (insert(Allocation.__table__), allocations),  # type: ignore[arg-type]
        (insert(Event.__table__), events),  # type: ignore[arg-type]
    ):
        if rows:
            session.execute(statement, list(rows))
