"""What does the ledger say as a whole, in a form that is the same for every way that led there (`decisions.md` 26)?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, func, not_, select
from sqlalchemy.orm import Session, aliased

from portal.rules.ledger_dump import DumpedSum, canonical_lines
from portal.store.claims import Claim, Position
from portal.store.ledger import Account, Entry, Posting
from portal.store.settings import Creditor


def canonical(session: Session) -> list[str]:
    """Sums per claim, line, kind of account and value date as text; an entry and its mirror are not there.

    Money that stands on no claim's account (clearing, fees, suspense) is summed under the claim its entry names.
    """
    return canonical_lines(sums(session))


def sums(session: Session) -> list[DumpedSum]:
    """The same as values."""
    mirror, again = aliased(Entry), aliased(Entry)
    reversed_by_a_mirror = exists().where(
        mirror.creditor_id == Entry.creditor_id,
        mirror.reverses_id == Entry.id,
        not_(exists().where(again.creditor_id == mirror.creditor_id, again.reverses_id == mirror.id)),
    )
    stands = and_(Entry.reverses_id.is_(None), not_(reversed_by_a_mirror))
    amount: Any = func.sum(Posting.amount_minor)
    of_claim = func.coalesce(Account.claim_id, Entry.claim_id)
    keys: tuple[Any, ...] = (
        Creditor.slug,
        Claim.reference,
        Position.number,
        Position.kind,
        Account.kind,
        Posting.currency,
        Entry.effective_on,
    )
    rows = session.execute(
        select(*keys, amount)
        .select_from(Posting)
        .join(Entry, and_(Entry.creditor_id == Posting.creditor_id, Entry.id == Posting.entry_id))
        .join(Account, and_(Account.creditor_id == Posting.creditor_id, Account.id == Posting.account_id))
        .join(Creditor, Creditor.id == Posting.creditor_id)
        .outerjoin(Claim, and_(Claim.creditor_id == Posting.creditor_id, Claim.id == of_claim))
        .outerjoin(Position, and_(Position.creditor_id == Posting.creditor_id, Position.id == Account.position_id))
        .where(stands)
        .group_by(*keys)
        .having(amount != 0)
    )
    return [DumpedSum(*row[:7], minor=int(row[7])) for row in rows]
