"""Which claims could waiting money be for: found by name, number and amount, with what the rules compare."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from portal.rules.bank import BankState
from portal.rules.bank_proposals import Candidate, Incoming, Proposal, Reason, name_words, proposals
from portal.rules.claims import ClaimStatus, PositionKind
from portal.rules.offers import OfferStatus
from portal.rules.plans import LIVE
from portal.store.bank import BankTransaction
from portal.store.claim_page import Owed, owed_on
from portal.store.claims import Claim, Position
from portal.store.letters import LetterClaim
from portal.store.offers import Offer
from portal.store.people import Debtor
from portal.store.plans import Plan, PlanInstalment

MOST = 30
PAYABLE = (ClaimStatus.OPEN, ClaimStatus.HANDED_OVER)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A claim that the money could be for, whose it is, what is open, and what speaks for it."""

    claim: Claim
    debtor: Debtor
    owed: Owed
    reasons: tuple[Reason, ...]


def proposed(
    session: Session, creditor_id: UUID, rows: Sequence[BankTransaction], *, today: date
) -> dict[UUID, list[Proposed]]:
    """For each of these amounts the claims that it could be for, the best first."""
    found: dict[UUID, tuple[Claim, Debtor]] = {}
    of_row: dict[UUID, set[UUID]] = {}
    for row in rows:
        if row.credit:
            pairs = _claims_for(session, creditor_id, row)
            of_row[row.id] = {claim.id for claim, _ in pairs}
            found.update({claim.id: (claim, debtor) for claim, debtor in pairs})
    owed = owed_on(session, [claim for claim, _ in found.values()], today=today)
    amounts = _amounts(session, creditor_id, set(found))
    paid = _paid_before(session, creditor_id, {row.payer_iban for row in rows if row.payer_iban})
    answer: dict[UUID, list[Proposed]] = {}
    for row in rows:
        before = paid.get(row.payer_iban, set())
        candidates = [
            _candidate(*found[claim_id], owed[claim_id], amounts[claim_id], before, today)
            for claim_id in of_row.get(row.id, ())
        ]
        money = Incoming(row.amount_minor, row.value_on, row.reference, row.payer, row.message)
        answer[row.id] = [_proposed(one, found, owed) for one in proposals(money, candidates)]
    return answer


def _proposed(one: Proposal, found: dict[UUID, tuple[Claim, Debtor]], owed: dict[UUID, Owed]) -> Proposed:
    claim, debtor = found[one.claim_id]
    return Proposed(claim, debtor, owed[claim.id], one.reasons)


def _candidate(
    claim: Claim, debtor: Debtor, owed: Owed, amounts: Iterable[tuple[Reason, int]], before: set[UUID], today: date
) -> Candidate:
    return Candidate(
        claim_id=claim.id,
        numbers=(claim.reference, claim.invoice_number),
        qr_reference=claim.qr_reference,
        debtor=debtor.name,
        contact=debtor.contact_name,
        open_minor=owed.total.open.minor,
        amounts=tuple(amounts),
        invoice_on=claim.invoice_on,
        announced=claim.announced_until is not None and claim.announced_until >= today,
        paid_before=debtor.id in before,
    )


def _claims_for(session: Session, creditor_id: UUID, row: BankTransaction) -> list[tuple[Claim, Debtor]]:
    """Claims that share a number, a name or an amount with this money, in its currency."""
    alike = [*_by_words(row), *_by_amount(row)]
    query = (
        select(Claim, Debtor)
        .join(Debtor, (Debtor.creditor_id == Claim.creditor_id) & (Debtor.id == Claim.debtor_id))
        .where(
            Claim.creditor_id == creditor_id,
            Claim.currency == row.currency,
            Claim.undone_at.is_(None),
            Claim.invoice_on <= row.value_on,
            or_(
                (Claim.qr_reference == row.reference) & (Claim.qr_reference != ""),
                Claim.status.in_(PAYABLE) & or_(*alike),
            ),
        )
        .order_by(Claim.invoice_on, Claim.id)
        .limit(MOST)
    )
    return [(found[0], found[1]) for found in session.execute(query)]


def _by_words(row: BankTransaction) -> list[Any]:
    said = f"{row.message} {row.reference}".lower()
    tokens = sorted(set(re.findall(r"[0-9a-z]+(?:[./_-][0-9a-z]+)*", said)) | {re.sub(r"\s", "", said)})[:40]
    found: list[Any] = [func.lower(Claim.reference).in_(tokens), func.lower(Claim.invoice_number).in_(tokens)]
    words = sorted((word for word in re.findall(r"\w+", row.payer) if len(word) >= 4), key=len, reverse=True)[:3]
    if name_words(row.payer):
        for word in words:
            found.append(Debtor.name.icontains(word, autoescape=True))
            found.append(Debtor.contact_name.icontains(word, autoescape=True))
    return found


def _by_amount(row: BankTransaction) -> list[Any]:
    of_claim = {table: (table.creditor_id == Claim.creditor_id) & (table.claim_id == Claim.id)
                for table in (Position, LetterClaim, Offer)}  # fmt: skip
    return [
        exists().where(
            of_claim[Position], Position.kind == PositionKind.PRINCIPAL, Position.claimed_minor == row.amount_minor
        ),
        exists().where(of_claim[LetterClaim], LetterClaim.amount_minor == row.amount_minor),
        exists().where(of_claim[Offer], Offer.status == OfferStatus.LIVE, Offer.amount_minor == row.amount_minor),
    ]


def _amounts(session: Session, creditor_id: UUID, ids: Collection[UUID]) -> dict[UUID, list[tuple[Reason, int]]]:
    """The sums that somebody was asked for on each of these claims."""
    found: dict[UUID, list[tuple[Reason, int]]] = defaultdict(list)
    if not ids:
        return found
    questions = (
        (Reason.PRINCIPAL_AMOUNT, select(Position.claim_id, func.sum(Position.claimed_minor)).where(
            Position.creditor_id == creditor_id, Position.claim_id.in_(ids), Position.kind == PositionKind.PRINCIPAL
        ).group_by(Position.claim_id)),
        (Reason.LETTER_AMOUNT, select(LetterClaim.claim_id, LetterClaim.amount_minor).where(
            LetterClaim.creditor_id == creditor_id, LetterClaim.claim_id.in_(ids)
        )),
        (Reason.OFFER_AMOUNT, select(Offer.claim_id, Offer.amount_minor).where(
            Offer.creditor_id == creditor_id, Offer.claim_id.in_(ids), Offer.status == OfferStatus.LIVE
        )),
        (Reason.INSTALMENT_AMOUNT, select(Plan.claim_id, PlanInstalment.amount_minor).join(
            PlanInstalment, PlanInstalment.plan_id == Plan.id
        ).where(Plan.creditor_id == creditor_id, Plan.claim_id.in_(ids), Plan.status.in_(sorted(LIVE)))),
    )  # fmt: skip
    for reason, query in questions:
        rows: Any = session.execute(query)
        for claim_id, minor in rows:
            found[claim_id].append((reason, int(minor)))
    return found


def _paid_before(session: Session, creditor_id: UUID, ibans: Collection[str]) -> dict[str, set[UUID]]:
    """For whom these accounts have paid before."""
    found: dict[str, set[UUID]] = defaultdict(set)
    if not ibans:
        return found
    rows = session.execute(
        select(BankTransaction.payer_iban, Claim.debtor_id)
        .join(Claim, (Claim.creditor_id == BankTransaction.creditor_id) & (Claim.id == BankTransaction.claim_id))
        .where(
            BankTransaction.creditor_id == creditor_id,
            BankTransaction.payer_iban.in_(ibans),
            BankTransaction.status == BankState.BOOKED,
        )
        .distinct()
        .limit(200)
    )
    for iban, debtor_id in rows:
        found[iban].add(debtor_id)
    return found
