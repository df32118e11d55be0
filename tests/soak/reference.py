"""What should a claim's figures be, counted in another way: cash in and out, interest one day after the other?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules.claims import INTEREST_KINDS, PositionKind
from portal.rules.payments import AccountKind
from portal.store.claims import Claim, positions_of
from portal.store.ledger import Account, Entry, Posting


def cash_of(session: Session, claim: Claim) -> int:
    """What came in and stayed, by the two clearing accounts, without the provider's fees; minor units."""
    rows = session.execute(
        select(Posting.amount_minor)
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.claim_id == claim.id,
            Entry.kind != "fee",
            Account.kind.in_([AccountKind.PROVIDER_CLEARING, AccountKind.BANK_CLEARING]),
        )
    )
    return sum(minor for (minor,) in rows)


def owed_back(session: Session, claim: Claim) -> int:
    """What the desk has given back of money that was taken back later; it belongs to no line and waits in suspense.

    Money that was paid too much afterwards makes up for it.
    """
    rows = session.execute(
        select(Posting.amount_minor)
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.claim_id == claim.id,
            Entry.kind.in_(["payment", "refund", "chargeback", "reversal"]),
            Account.kind == AccountKind.SUSPENSE,
        )
    )
    return sum(minor for (minor,) in rows)


def balances(session: Session, claim: Claim) -> dict[str, int]:
    """What stands on the claim's own accounts, per kind."""
    found: dict[str, int] = {}
    rows = session.execute(
        select(Account.kind, Posting.amount_minor)
        .join(Posting, Posting.account_id == Account.id)
        .where(Account.claim_id == claim.id)
    )
    for kind, minor in rows:
        found[kind] = found.get(kind, 0) + minor
    return found


def interest_of(session: Session, claim: Claim, until: date, rests: Callable[[date], bool]) -> int:
    """Simple interest on what was open of the principal each day, 30E/360, one day after the other, rounded once."""
    lines = {line.id: line for line in positions_of(session, claim)}
    moves: dict[date, int] = {}
    rows = session.execute(
        select(Account.position_id, Entry.kind, Entry.effective_on, Posting.amount_minor)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Account.claim_id == claim.id, Account.kind == AccountKind.RECEIVABLE)
    )
    for position_id, kind, on, minor in rows:
        if lines[position_id].kind == PositionKind.PRINCIPAL and kind != "claimed":
            moves[on] = moves.get(on, 0) + minor
    owed = sum(line.claimed_minor for line in lines.values() if line.kind == PositionKind.PRINCIPAL)
    total = 0
    for line in lines.values():
        if line.kind in INTEREST_KINDS and line.interest_from is not None:
            total += _half_up(_accrued(owed, moves, line.interest_from, until, Fraction(line.rate), rests))
    return total


def _accrued(
    owed: int, moves: dict[date, int], start: date, until: date, rate: Fraction, rests: Callable[[date], bool]
) -> Fraction:
    level = owed + sum(minor for on, minor in moves.items() if on <= start)
    total, day = Fraction(0), start
    while day < until:
        if day > start:
            level += moves.get(day, 0)
        if level > 0 and not rests(day):
            total += level * rate / 100 * Fraction(_thirty(day + timedelta(days=1)) - _thirty(day), 360)
        day += timedelta(days=1)
    return total


def _thirty(day: date) -> int:
    return 360 * day.year + 30 * day.month + min(30, day.day)


def _half_up(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))
