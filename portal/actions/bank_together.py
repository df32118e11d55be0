"""What happens when a bank's file pays many plain claims: the same as one by one, written set by set.

The one place besides imports that writes entries and events for many claims together; a test holds that both ways
leave the same ledger, the same events and the same claims behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from portal.actions.bank_postings import cause_of, shift, waiting_entry
from portal.actions.ledger import Cause
from portal.actions.reallocation import entry_row, order_of, receivable
from portal.rules.allocation import Word
from portal.rules.bank import BankState, Why
from portal.rules.claims import MOVES, ClaimStatus
from portal.rules.history import INTERNAL, Actor, EventKind, system
from portal.rules.ledger import PostingFact
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.rules.reallocation import Ground, Movement, Way, plan
from portal.store.bank import BankTransaction
from portal.store.bank_ground import PlainClaim, known_keys, plain_claims, write_together
from portal.store.claims import Claim
from portal.store.ledger import EntryRow, LineRow
from portal.store.settings import Creditor


@dataclass
class _Set:
    creditor: Creditor
    actor: Actor
    now: datetime
    entries: list[EntryRow] = field(default_factory=list)
    allocations: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def event(self, claim: Claim, kind: EventKind, actor: Actor, subject: str | None, subject_id: UUID | None,
              **details: object) -> None:  # fmt: skip
        if actor.rule is not None:
            details["rule"] = actor.rule
        self.events.append({
            "creditor_id": claim.creditor_id, "claim_id": claim.id, "at": self.now, "kind": kind.value,
            "actor": actor.kind.value, "clerk_id": actor.clerk_id, "signed_in_id": actor.signed_in_id,
            "internal": kind in INTERNAL, "subject": subject, "subject_id": subject_id, "details": details,
        })  # fmt: skip
        claim.touched_at = self.now


def book_together(
    session: Session,
    creditor: Creditor,
    wanted: Sequence[tuple[BankTransaction, Claim]],
    waiting: Sequence[tuple[BankTransaction, Why]],
    *,
    actor: Actor,
    now: datetime,
) -> set[UUID]:
    """Money for plain claims stands on them, money without a claim waits; the ids of what is done.

    What is left out has to be booked one by one: claims that are not plain, that get money twice or more than is open,
    and all of a creditor with a standing rule of goodwill. The locks of claims and rows are held by the caller.
    """
    work = _Set(creditor, actor, now)
    done = {row.id for row, _ in waiting}
    for row, why in waiting:
        row.why = why.value
        shift(row, BankState.UNMATCHED)
        work.entries.append(waiting_entry(row, now=now, effect="waits", sign=1))
    once = Counter(claim.id for _, claim in wanted)
    single = [(row, claim) for row, claim in wanted if once[claim.id] == 1 and not creditor.goodwill_rules]
    known = known_keys(session, creditor.id, [cause_of(row, "booked").key for row, _ in single])
    single = [(row, claim) for row, claim in single if cause_of(row, "booked").key not in known]
    plain = plain_claims(session, creditor.id, [claim for _, claim in single]) if single else {}
    for row, claim in single:
        if claim.id in plain and _books(work, row, plain[claim.id]):
            done.add(row.id)
    write_together(session, work.entries, work.allocations, work.events)
    return done


def _books(work: _Set, row: BankTransaction, ground: PlainClaim) -> bool:
    """Interest to the value date, then the money by the country's order; False if some of it would be left over."""
    claim, cause = ground.claim, cause_of(row, "booked")
    policy, order = order_of(work.creditor.country)
    movement = Movement(uuid4(), EntryKind.PAYMENT, row.value_on, row.amount_minor, row.identity)
    found = plan(
        [movement],
        Ground(
            standing=list(ground.postings), credit=0, days=frozenset({row.value_on}), sum_at=ground.reckoning.sum_at,
            order=order, rest_limit=work.creditor.rest_drop_minor, rest_at_the_end=False,
        ),
    )  # fmt: skip
    way = found.ways[movement.id]
    if way.credit or way.nowhere or way.empty or any(day != row.value_on for day, _ in found.interest):
        return False
    made = list(ground.postings)
    for (day, position_id), minor in sorted(found.interest.items()):
        if minor:
            key = f"{cause.key}:interest:{position_id}"
            interest = LineRow(AccountKind.INTEREST_INCOME, -minor, claim.currency)
            _entry(work, claim, EntryKind.INTEREST, Cause(cause.type, cause.id, key),
                   (receivable(claim, position_id, minor), interest), day)  # fmt: skip
            made.append(PostingFact(position_id, EntryKind.INTEREST, day, minor))
    paid = _payment(work, row, claim, cause, way, policy)
    made += [PostingFact(position_id, EntryKind.PAYMENT, row.value_on, minor) for position_id, minor in way.lines]
    row.claim_id, row.why = claim.id, None
    shift(row, BankState.BOOKED)
    claim.announced_until = None
    work.event(
        claim, EventKind.PAYMENT_RECEIVED, work.actor, "entry", paid, amount=_plain(row.amount_minor, claim),
        value_on=row.value_on.isoformat(), method=NoteCode.BANK_TRANSFER.value,
    )  # fmt: skip
    _follows(work, claim, ground, made, row.value_on)
    return True


def _payment(work: _Set, row: BankTransaction, claim: Claim, cause: Cause, way: Way, policy: str) -> UUID:
    lines = [LineRow(AccountKind.BANK_CLEARING, row.amount_minor, claim.currency)]
    lines += [receivable(claim, position_id, minor) for position_id, minor in way.lines]
    entry = _entry(work, claim, EntryKind.PAYMENT, cause, tuple(lines), row.value_on)
    work.allocations.append({
        "entry_id": entry, "creditor_id": claim.creditor_id, "claim_id": claim.id, "policy": policy,
        "word": Word.LAW.value, "declared": [], "contested": [], "paid_at": None, "reference": row.identity,
        "replaced_by": None, "replaced_at": None,
    })  # fmt: skip
    return entry


def _follows(work: _Set, claim: Claim, ground: PlainClaim, made: Sequence[PostingFact], on: date) -> None:
    """A small rest is dropped, and a claim on which nothing is open any more is settled."""
    total = ground.reckoning.sum_at(made, on)
    owed = total.open.minor
    if 0 < owed <= work.creditor.rest_drop_minor:
        key = f"rest {uuid5(claim.id, f'{on}|{owed}|{total.paid.minor}')}"
        lines: list[LineRow] = []
        for line in total.lines:
            if line.open.minor > 0:
                lines.append(receivable(claim, line.position.id, -line.open.minor))
                lines.append(LineRow(AccountKind.WRITEOFF, line.open.minor, claim.currency, claim_id=claim.id))
        cause = Cause(CauseType.SYSTEM, claim.id, key, NoteCode.SMALL_REST)
        _entry(work, claim, EntryKind.REST_DROPPED, cause, tuple(lines), on)
        work.event(claim, EventKind.REST_DROPPED, system("small rest"), None, None, amount=_plain(owed, claim))
        owed = 0
    if owed <= 0:
        kind = MOVES[ClaimStatus.OPEN, ClaimStatus.SETTLED]
        claim.status = ClaimStatus.SETTLED.value
        claim.ended_on, claim.promised_on = on, None
        work.event(claim, kind, work.actor, "claim", claim.id)


def _entry(work: _Set, claim: Claim, kind: EntryKind, cause: Cause, lines: tuple[LineRow, ...], on: date) -> UUID:
    row = entry_row(claim, kind, cause, lines, now=work.now, on=on)
    work.entries.append(row)
    return row.id


def _plain(minor: int, claim: Claim) -> dict[str, object]:
    return {"minor": minor, "currency": claim.currency}
