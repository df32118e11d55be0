"""What happens when a claim is opened, whoever brings it: the desk by hand, an import, or the demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions.history import move
from portal.actions.ledger import open_lines
from portal.rules.claims import INTEREST_KINDS, MOVES, Basis, ClaimStatus, InterestReason, PositionKind
from portal.rules.countries import Asked, Profile, profile_of
from portal.rules.history import Actor
from portal.rules.interest import DayCount
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind
from portal.rules.references import qr_reference_from, scor_reference_from
from portal.store.claims import Claim, Position
from portal.store.ledger import EntryRow, LineRow, write
from portal.store.people import Debtor
from portal.store.settings import BankAccount, Creditor, bank_account


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line of a claim to open; interest lines claim nothing at first and accrue by their rate or their table.

    A credit has a negative amount, and `due_on` is the day from which it lowers the invoice.
    """

    kind: PositionKind
    basis: Basis
    amount: Money
    due_on: date
    label: str = ""
    evidence_id: UUID | None = None
    rate_percent: str | None = None
    interest_from: date | None = None
    interest_reason: InterestReason | None = None
    day_count: DayCount | None = None
    rate_table: str | None = None


class LineNotAllowed(ValueError):
    """This kind of line can't be asked of a consumer in the creditor's country, by this article."""

    def __init__(self, kind: PositionKind, law: str) -> None:
        super().__init__(f"{kind} can't be asked of a consumer ({law})")
        self.kind, self.law = kind, law


@dataclass(frozen=True, slots=True)
class NewClaim:
    """What the creditor says about an open invoice."""

    reference: str
    title: str
    invoice_number: str
    invoice_on: date
    due_on: date
    pay_by: date
    currency: str
    lines: tuple[NewLine, ...]
    consumer: bool = True
    next_writing_on: date | None = None


def open_claim(
    session: Session,
    creditor: Creditor,
    debtor: Debtor,
    clerk_id: UUID,
    new: NewClaim,
    *,
    actor: Actor,
    now: datetime,
    today: date,
    claim_id: UUID | None = None,
) -> Claim:
    """The claim is open with its lines, stands in the ledger, and has a payment reference of its own.

    Raises `LineNotAllowed` for what the creditor's country keeps a consumer from being asked for.
    """
    profile = profile_of(creditor.country)
    for line in new.lines:
        if profile.asked(line.kind, consumer=new.consumer) is Asked.NEVER:
            raise LineNotAllowed(line.kind, profile.consumer_law[line.kind])
    claim = unwritten(
        creditor,
        bank_account(session, creditor.id, new.currency),
        debtor.id,
        clerk_id,
        new,
        claim_id or uuid4(),
        now=now,
    )
    move(session, claim, ClaimStatus.OPEN, MOVES, claim=claim, actor=actor, now=now)
    positions = lines_of(claim, new, profile)
    session.add_all(positions)
    session.flush()
    open_lines(session, claim, positions, now=now, today=today)
    write(session, credit_rows(claim, positions, now=now))
    return claim


def unwritten(
    creditor: Creditor,
    account: BankAccount | None,
    debtor_id: UUID,
    clerk_id: UUID,
    new: NewClaim,
    identity: UUID,
    *,
    now: datetime,
) -> Claim:
    """The claim's row before its first move, with a payment reference of its own; no session knows it yet."""
    return Claim(
        id=identity,
        creditor_id=creditor.id,
        debtor_id=debtor_id,
        clerk_id=clerk_id,
        reference=new.reference,
        status="",
        currency=new.currency,
        title=new.title,
        invoice_number=new.invoice_number,
        invoice_on=new.invoice_on,
        due_on=new.due_on,
        pay_by=new.pay_by,
        next_writing_on=new.next_writing_on,
        qr_reference=payment_reference(creditor, account, identity),
        consumer=new.consumer,
        opened_at=now,
        touched_at=now,
    )


def lines_of(claim: Claim, new: NewClaim, profile: Profile) -> list[Position]:
    """The claim's lines in their order; no session knows them yet."""
    return [_position(claim, number, line, profile) for number, line in enumerate(new.lines, start=1)]


def credit_rows(claim: Claim, positions: Sequence[Position], *, now: datetime) -> list[EntryRow]:
    """The entries by which each credit lowers the invoice from its own day on, so that no interest runs on it."""
    rows = []
    left = {row.id: row.claimed_minor for row in positions if row.kind == PositionKind.PRINCIPAL}
    for credit in (row for row in positions if row.kind == PositionKind.CREDIT):
        lines = [_receivable(claim, credit.id, -credit.claimed_minor)]
        rest = -credit.claimed_minor
        for position_id, open_minor in left.items():
            part = min(rest, open_minor)
            if part:
                lines.append(_receivable(claim, position_id, -part))
                left[position_id] -= part
                rest -= part
        if rest:
            raise ValueError("a credit is not higher than the invoice")
        rows.append(
            EntryRow(
                creditor_id=claim.creditor_id,
                claim_id=claim.id,
                kind=EntryKind.ALLOCATION,
                effective_on=credit.due_on,
                recorded_at=now,
                cause_type=CauseType.CLAIM,
                cause_id=claim.id,
                idem_key=f"position {credit.id}:credited",
                lines=tuple(lines),
            )
        )
    return rows


def _receivable(claim: Claim, position_id: UUID, minor: int) -> LineRow:
    return LineRow(AccountKind.RECEIVABLE, minor, claim.currency, claim_id=claim.id, position_id=position_id)


def payment_reference(creditor: Creditor, account: BankAccount | None, claim_id: UUID) -> str:
    """The claim's own reference for transfers: QRR where there is a QR-IBAN, else ISO 11649 (`law.md` 4.1)."""
    if account is not None and account.qr_iban:
        return qr_reference_from(creditor.number, claim_id)
    return scor_reference_from(creditor.number, claim_id)


def _position(claim: Claim, number: int, line: NewLine, profile: Profile) -> Position:
    interest = line.kind in INTEREST_KINDS
    return Position(
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        number=number,
        kind=line.kind.value,
        label=line.label,
        basis=line.basis.value,
        evidence_id=line.evidence_id,
        claimed_minor=line.amount.minor,
        due_on=line.due_on,
        rate_percent=line.rate_percent if interest else None,
        rate_table=line.rate_table if interest else None,
        interest_from=line.interest_from if interest else None,
        interest_reason=line.interest_reason.value if interest and line.interest_reason else None,
        day_count=(line.day_count or profile.day_count).value if interest else None,
    )
