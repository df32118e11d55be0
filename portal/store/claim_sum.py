"""What is owed on a claim on a day: its lines, its postings and its rests, read together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.rules.claims import Basis, PositionKind
from portal.rules.interest import DayCount
from portal.rules.ledger import ClaimSum, PositionFacts, PostingFact, sum_on
from portal.rules.money import Money
from portal.store.claims import Claim, Position, positions_of
from portal.store.disputes import disputed_lines
from portal.store.ledger import receivable_postings
from portal.store.letters import Letter, LetterClaim, last_letter
from portal.store.pauses import Pause


def facts_of(position: Position, currency: str) -> PositionFacts:
    """The line as the rules see it."""
    return PositionFacts(
        id=position.id,
        number=position.number,
        kind=PositionKind(position.kind),
        label=position.label,
        basis=Basis(position.basis),
        claimed=Money(position.claimed_minor, currency),
        due_on=position.due_on,
        evidence_id=position.evidence_id,
        rate=position.rate,
        interest_from=position.interest_from,
        interest_reason=position.interest_reason,
        day_count=DayCount(position.day_count or DayCount.THIRTY_E_360),
    )


def interest_day(letter: tuple[Letter, LetterClaim] | None, on: date) -> date:
    """The day up to which interest counts: a letter fixes its sum until its date (`decisions.md` 19)."""
    if letter is not None and letter[0].dated_on <= on <= letter[1].fixed_until:
        return letter[0].dated_on
    return on


def rests_of(session: Session, claim: Claim) -> list[Pause]:
    """The pauses of a claim in which no interest accrues, over or not."""
    return list(
        session.scalars(
            select(Pause).where(
                Pause.creditor_id == claim.creditor_id,
                Pause.claim_id == claim.id,
                Pause.stops_interest.is_(True),
            )
        )
    )


def claim_sum(session: Session, claim: Claim, *, on: date) -> ClaimSum:
    """The claim line by line as of a day, with the interest that a letter fixed or that has accrued by then."""
    return build_sum(
        claim,
        positions_of(session, claim),
        receivable_postings(session, claim.creditor_id, claim.id),
        rests_of(session, claim),
        disputed_lines(session, claim.creditor_id, claim.id),
        last_letter(session, claim.creditor_id, claim.id),
        on=on,
    )


def build_sum(
    claim: Claim,
    positions: Sequence[Position],
    postings: Sequence[PostingFact],
    rests: Sequence[Pause],
    disputed: frozenset[UUID],
    letter: tuple[Letter, LetterClaim] | None,
    *,
    on: date,
) -> ClaimSum:
    """The same sum from rows that were read already; pages use it to save questions to the database."""
    return sum_on(
        [facts_of(position, claim.currency) for position in positions],
        postings,
        until=interest_day(letter, on if claim.ended_on is None else min(on, claim.ended_on)),
        currency=claim.currency,
        disputed=disputed,
        resting=[(_rests_from(pause, letter), pause.until_on) for pause in rests],
    )


def _rests_from(pause: Pause, letter: tuple[Letter, LetterClaim] | None) -> date:
    """The day from which a pause holds interest: what was agreed while a letter fixed the sum keeps that sum."""
    if letter is not None and letter[0].dated_on <= pause.from_on <= letter[1].fixed_until:
        return letter[0].dated_on
    return pause.from_on
