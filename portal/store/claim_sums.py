"""What is owed on all claims of a creditor on a day: every sum line by line, read in batches of constant size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules.claims import Basis, PositionKind
from portal.rules.disputes import LIVE
from portal.rules.interest import DayCount
from portal.rules.ledger import ClaimSum, PositionFacts, PostingFact
from portal.rules.money import Money
from portal.rules.payments import AccountKind, EntryKind
from portal.store.claim_sum import Rest, resting, sum_of
from portal.store.claims import Claim, Position
from portal.store.disputes import Dispute, DisputeLine
from portal.store.ledger import Account, Entry, Posting
from portal.store.letters import Letter, LetterClaim
from portal.store.rates import own_rates

#: So many claims are in memory at once.
BATCH = 2_000
NO_RATE = Decimal(0)
#: Words as they are stored, so that each row looks its own up.
KINDS = {kind.value: kind for kind in PositionKind}
BASES = {basis.value: basis for basis in Basis}
DAY_COUNTS = {one.value: one for one in DayCount}
ENTRIES = {kind.value: kind for kind in EntryKind}


@dataclass(slots=True)
class _Batch:
    """The rows of some claims, by claim."""

    positions: dict[UUID, list[PositionFacts]] = field(default_factory=lambda: defaultdict(list))
    postings: dict[UUID, list[PostingFact]] = field(default_factory=lambda: defaultdict(list))
    rests: dict[UUID, list[Rest]] = field(default_factory=lambda: defaultdict(list))
    disputed: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    letters: dict[UUID, tuple[date, date]] = field(default_factory=dict)


def sums_on(session: Session, creditor_id: UUID, *, on: date) -> Iterator[tuple[UUID, ClaimSum]]:
    """Each claim that was not undone with its sum as of this day, in the order of the claims' ids.

    What was posted with effect after that day is left out; read in ranges of ids, so that a question never grows.
    """
    rates = own_rates(session, creditor_id)
    columns = select(Claim.id, Claim.currency, Claim.status, Claim.ended_on)
    mine = columns.where(Claim.creditor_id == creditor_id, Claim.undone_at.is_(None)).order_by(Claim.id).limit(BATCH)
    claims = session.execute(mine).all()
    while claims:
        first, last = claims[0].id, claims[-1].id
        batch = _read(session, creditor_id, first, last, {row.id: row.currency for row in claims}, on)
        for row in claims:
            yield (
                row.id,
                sum_of(
                    batch.positions[row.id],
                    batch.postings[row.id],
                    batch.rests[row.id],
                    frozenset(batch.disputed[row.id]),
                    batch.letters.get(row.id),
                    currency=row.currency,
                    status=row.status,
                    ended_on=row.ended_on,
                    on=on,
                    rates=rates,
                ),
            )
        claims = session.execute(mine.where(Claim.id > last)).all()


def _read(
    session: Session, creditor_id: UUID, first: UUID, last: UUID, currencies: dict[UUID, str], on: date
) -> _Batch:
    batch = _Batch()
    rows_of = session.connection().execute  # plain rows: nothing here is changed

    def within(column: Any, table: Any) -> Any:
        return (table.creditor_id == creditor_id) & column.between(first, last)

    for line in rows_of(
        select(
            Position.id, Position.claim_id, Position.number, Position.kind, Position.label, Position.basis,
            Position.claimed_minor, Position.due_on, Position.evidence_id, Position.rate_percent,
            Position.interest_from, Position.interest_reason, Position.day_count, Position.rate_table,
        )
        .where(Position.claim_id.between(first, last))  # by the claims' own index; a stranger's line is left out below
        .order_by(Position.claim_id, Position.number)
    ):  # fmt: skip
        if line.claim_id in currencies:
            batch.positions[line.claim_id].append(_facts(line, currencies[line.claim_id]))
    for row in rows_of(
        select(Account.claim_id, Account.position_id, Entry.kind, Entry.effective_on, Posting.amount_minor)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .where(
            within(Account.claim_id, Account),
            Account.kind == AccountKind.RECEIVABLE,
            Entry.kind != EntryKind.CLAIMED,
            Entry.effective_on <= on,
        )
        .order_by(Entry.seq, Posting.line)
    ):
        fact = PostingFact(row.position_id, ENTRIES[row.kind], row.effective_on, row.amount_minor)
        batch.postings[row.claim_id].append(fact)
    rests = resting(lambda table: within(table.claim_id, table))
    for rest in rows_of(rests):
        batch.rests[rest.claim_id].append(Rest(rest.from_on, rest.until_on, rest.agreed))
    for objection in rows_of(
        select(Dispute.claim_id, DisputeLine.position_id)
        .join(DisputeLine, (DisputeLine.dispute_id == Dispute.id) & (DisputeLine.creditor_id == Dispute.creditor_id))
        .where(within(Dispute.claim_id, Dispute), Dispute.status.in_(sorted(LIVE)))
    ):
        batch.disputed[objection.claim_id].add(objection.position_id)
    for letter in rows_of(
        select(LetterClaim.claim_id, Letter.dated_on, LetterClaim.fixed_until)
        .join(Letter, (Letter.id == LetterClaim.letter_id) & (Letter.creditor_id == LetterClaim.creditor_id))
        .where(within(LetterClaim.claim_id, LetterClaim))
        .order_by(Letter.issued_at)
    ):
        batch.letters[letter.claim_id] = (letter.dated_on, letter.fixed_until)
    return batch


def _facts(line: Any, currency: str) -> PositionFacts:
    return PositionFacts(
        id=line.id,
        number=line.number,
        kind=KINDS[line.kind],
        label=line.label,
        basis=BASES[line.basis],
        claimed=Money(line.claimed_minor, currency),
        due_on=line.due_on,
        evidence_id=line.evidence_id,
        rate=Decimal(line.rate_percent) if line.rate_percent else NO_RATE,
        interest_from=line.interest_from,
        interest_reason=line.interest_reason,
        day_count=DAY_COUNTS[line.day_count or "30E/360"],
        rate_table=line.rate_table,
    )
