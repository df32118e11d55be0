"""Which of a claim's money earns goodwill: valued in its days, and still there?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from portal.rules.ledger import PAID, PostingFact
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.ledger import Account, Entry, Posting
from portal.store.offers import Offer
from portal.store.payments import PaymentAttempt

#: The table, not the class: a class can only be doubled once the modules of all its relatives are loaded.
Mirrored = Entry.__table__.alias("mirrored")
#: What an entry counts as: a mirror is of the kind, of the day and of the cause of what it takes back.
counts_as = func.coalesce(Mirrored.c.kind, Entry.kind)
valued_on = func.coalesce(Mirrored.c.effective_on, Entry.effective_on)
cause_of = func.coalesce(Mirrored.c.cause_id, Entry.cause_id)
cause_type = func.coalesce(Mirrored.c.cause_type, Entry.cause_type)
key_of = func.coalesce(Mirrored.c.idem_key, Entry.idem_key)
#: Money that has left again counts against an offer whenever it left.
GONE_BACK = frozenset({EntryKind.CHARGEBACK, EntryKind.REFUND})

#: What was dropped because somebody decided so, whenever that was; a small rest is counted again by itself.
DECIDED = frozenset({EntryKind.WAIVER, EntryKind.CREDIT})
#: Causes of a refund that gives back credit only: a transfer, or another claim that got it.
CREDIT_LEFT = (CauseType.REFUND, CauseType.CLAIM)


@dataclass(frozen=True, slots=True)
class InTime:
    """Which money earns goodwill: valued in these days, and not known before `since`.

    `kept` asks what still speaks for goodwill that was given: money that the creditor itself gave back does, and a card
    payment does until its dispute is lost.
    """

    creditor_id: UUID
    claim_id: UUID
    first: date
    last: date
    since: datetime | None = None
    kept: bool = False

    def counts(self) -> ColumnElement[bool]:
        """The entries of such money, and of its way back whenever that was."""
        left = counts_as.in_(sorted(GONE_BACK)) | key_of.contains(":disputed:", autoescape=True)
        came = and_(valued_on >= self.first, valued_on <= self.last)
        if not self.kept:
            return or_(counts_as.in_(sorted(GONE_BACK)), came) & self._of_it()
        lost = select(PaymentAttempt.id).where(
            PaymentAttempt.creditor_id == self.creditor_id,
            PaymentAttempt.claim_id == self.claim_id,
            PaymentAttempt.lost_at.is_not(None),
        )
        taken = and_(left, counts_as != EntryKind.REFUND, cause_of.in_(lost))
        return or_(taken, and_(came, not_(left))) & self._of_it()

    def _of_it(self) -> ColumnElement[bool]:
        """Neither money that came on other days first, with what became of it, nor credit that left otherwise."""
        others = or_(cause_of.in_(self.causes_before()), cause_of.in_(self.causes_after()))
        return and_(not_(others), not_(and_(counts_as == EntryKind.REFUND, cause_type.in_(CREDIT_LEFT))))

    def causes_before(self) -> Select[Any]:
        """The causes of money that came before these days, or was known before goodwill was offered."""
        before = func.min(Entry.effective_on) < self.first
        return self._causes(before if self.since is None else or_(before, func.min(Entry.recorded_at) < self.since))

    def causes_after(self) -> Select[Any]:
        """The causes of money that came after these days."""
        return self._causes(func.min(Entry.effective_on) > self.last)

    def _causes(self, having: ColumnElement[bool]) -> Select[Any]:
        return (
            select(Entry.cause_id)
            .where(
                Entry.creditor_id == self.creditor_id,
                Entry.claim_id == self.claim_id,
                Entry.kind == EntryKind.PAYMENT,
            )
            .group_by(Entry.cause_id)
            .having(having)
        )


def _came_in(creditor_id: UUID, claim_id: UUID, *columns: Any) -> Select[Any]:
    """What was paid on a claim and what went back, posting by posting."""
    return _posted(creditor_id, claim_id, *columns).where(Entry.kind.in_(sorted(PAID)))


def _posted(creditor_id: UUID, claim_id: UUID, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Posting)
        .join(Account, Account.id == Posting.account_id)
        .join(Entry, (Entry.creditor_id == Posting.creditor_id) & (Entry.id == Posting.entry_id))
        .outerjoin(Mirrored, (Mirrored.c.creditor_id == Entry.creditor_id) & (Mirrored.c.id == Entry.reverses_id))
        .where(Account.creditor_id == creditor_id, Account.claim_id == claim_id)
    )


def paid_for(session: Session, offer: Offer, *, kept: bool = False) -> int:
    """What came in since the offer was made with a value date inside its days, less what went back; minor units.

    What stands to the debtor's credit counts too: it came in for this claim. `kept` as in `InTime`.
    """
    money = InTime(offer.creditor_id, offer.claim_id, date.min, offer.until_on, since=offer.made_at, kept=kept)
    return paid_in_time(session, money)


def paid_in_time(session: Session, money: InTime) -> int:
    """What is left of such money on the claim and on the debtor's credit; minor units."""
    found = session.scalar(
        _came_in(money.creditor_id, money.claim_id, func.coalesce(func.sum(-Posting.amount_minor), 0)).where(
            Account.kind.in_((AccountKind.RECEIVABLE.value, AccountKind.DEBTOR_CREDIT.value)), money.counts()
        )
    )
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class View:
    """A claim's postings as they count by the last day of goodwill, and what of each line such money has paid."""

    postings: list[PostingFact]
    in_time: dict[UUID, int]


def view_of(session: Session, money: InTime) -> View:
    """What was taken back counts as never paid, also if that was later; money that came later is not there.

    What somebody has waived or credited since stands, so it can't be dropped a second time.
    """
    before, late = money.causes_before(), money.causes_after()
    rows = session.execute(
        _posted(
            money.creditor_id, money.claim_id, Account.position_id, Entry.kind, Entry.effective_on, cause_type,
            counts_as, valued_on, cause_of.in_(before), cause_of.in_(late), Posting.amount_minor,
        )
        .where(Account.kind == AccountKind.RECEIVABLE)
        .order_by(Entry.seq, Posting.line)
    )  # fmt: skip
    view = View([], {})
    for position_id, kind, effective_on, as_cause, as_kind, counted_on, is_before, is_late, minor in rows:
        day = counted_on if kind in PAID else effective_on
        gone = as_kind in GONE_BACK and not is_late and as_cause not in CREDIT_LEFT
        if gone or kind in DECIDED:
            day = min(day, money.last)
        if day > money.last:
            continue
        view.postings.append(PostingFact(position_id, EntryKind(kind), day, minor))
        if kind in PAID and day >= money.first and not is_before:
            view.in_time[position_id] = view.in_time.get(position_id, 0) - minor
    return view


def standing_waivers(
    session: Session, creditor_id: UUID, claim_id: UUID, note: NoteCode, cause_id: UUID
) -> list[Entry]:
    """What was dropped for this reason and cause and is not owed again."""
    mirror = aliased(Entry)
    return list(
        session.scalars(
            select(Entry)
            .where(
                Entry.creditor_id == creditor_id,
                Entry.claim_id == claim_id,
                Entry.kind == EntryKind.WAIVER,
                Entry.note_code == note.value,
                Entry.cause_id == cause_id,
                Entry.reverses_id.is_(None),
                not_(exists().where(mirror.creditor_id == Entry.creditor_id, mirror.reverses_id == Entry.id)),
            )
            .order_by(Entry.seq)
        )
    )


def paid_after(session: Session, creditor_id: UUID, claim_id: UUID, day: date) -> bool:
    """Whether money with a value date after this day stands on the claim's lines."""
    rows = session.execute(
        _came_in(creditor_id, claim_id, Account.position_id, func.sum(-Posting.amount_minor))
        .where(Account.kind == AccountKind.RECEIVABLE, valued_on > day)
        .group_by(Account.position_id)
    )
    return any(minor is not None and minor > 0 for _, minor in rows)
