"""What is owed on a claim on a day: its lines, its postings and its rests, read together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, CompoundSelect, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from portal.rules.claims import Basis, ClaimStatus, PositionKind
from portal.rules.countries import rate_table
from portal.rules.interest import DayCount
from portal.rules.ledger import ClaimSum, OwnRates, PositionFacts, PostingFact, sum_on
from portal.rules.money import Money
from portal.store.claims import Claim, Position, positions_of
from portal.store.disputes import disputed_lines
from portal.store.ledger import receivable_postings
from portal.store.letters import Letter, LetterClaim, last_letter
from portal.store.offers import HOLDS, Offer
from portal.store.pauses import Pause, Turn
from portal.store.rates import own_rates


@dataclass(frozen=True, slots=True)
class Rest:
    """A stretch without interest, first and last day counted; `agreed` if a pause began it, not a waiting debtor."""

    from_on: date
    until_on: date | None
    agreed: bool = True


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
        rate_table=position.rate_table,
    )


def resting(within: Callable[[Any], ColumnElement[bool]]) -> CompoundSelect[UUID, date, date | None, bool]:
    """The stretches without interest: pauses that say so, the creditor's turns, and offers; `within` picks claims."""

    def arm(table: Any, from_on: Any, agreed: bool) -> Select[Any]:
        asked = literal(agreed, Boolean()).label("agreed")
        return select(table.claim_id, from_on, table.until_on, asked).where(within(table))

    return union_all(
        arm(Pause, Pause.from_on, True).where(Pause.stops_interest.is_(True)),
        arm(Turn, Turn.from_on, False),
        arm(Offer, Offer.made_on.label("from_on"), True).where(HOLDS),
    )


#: Put together once, because that takes ten times as long as asking; so are the other questions behind each sum.
RESTS = resting(lambda table: (table.creditor_id == bindparam("creditor")) & (table.claim_id == bindparam("claim")))


def rests_of(session: Session, claim: Claim) -> list[Rest]:
    """The stretches of a claim in which no interest accrues."""
    rows = session.execute(RESTS, {"creditor": claim.creditor_id, "claim": claim.id})
    return [Rest(row.from_on, row.until_on, row.agreed) for row in rows]


def rates_for(session: Session, creditor_id: UUID, positions: Sequence[Position]) -> OwnRates:
    """What the creditor entered itself, asked for only if one of these lines follows a table that ends."""
    followed = {position.rate_table for position in positions if position.rate_table}
    ends = any(rate_table(key).last_day_known is not None for key in followed)
    return own_rates(session, creditor_id) if ends else {}


def claim_sum(session: Session, claim: Claim, *, on: date) -> ClaimSum:
    """The claim line by line as of a day, with the interest that a letter fixed or that has accrued by then."""
    positions = positions_of(session, claim)
    return build_sum(
        claim,
        positions,
        receivable_postings(session, claim.creditor_id, claim.id),
        rests_of(session, claim),
        disputed_lines(session, claim.creditor_id, claim.id),
        last_letter(session, claim.creditor_id, claim.id),
        on=on,
        rates=rates_for(session, claim.creditor_id, positions),
    )


def build_sum(
    claim: Claim,
    positions: Sequence[Position],
    postings: Sequence[PostingFact],
    rests: Sequence[Rest],
    disputed: frozenset[UUID],
    letter: tuple[Letter, LetterClaim] | None,
    *,
    on: date,
    rates: OwnRates | None = None,
) -> ClaimSum:
    """The same sum from rows that were read already; pages use it to save questions to the database."""
    return sum_of(
        [facts_of(position, claim.currency) for position in positions],
        postings,
        rests,
        disputed,
        None if letter is None else (letter[0].dated_on, letter[1].fixed_until),
        currency=claim.currency,
        status=claim.status,
        ended_on=claim.ended_on,
        on=on,
        rates=rates,
    )


def sum_of(
    positions: Sequence[PositionFacts],
    postings: Sequence[PostingFact],
    rests: Sequence[Rest],
    disputed: frozenset[UUID],
    letter: tuple[date, date] | None,
    *,
    currency: str,
    status: str,
    ended_on: date | None,
    on: date,
    rates: OwnRates | None = None,
) -> ClaimSum:
    """The sum of a claim from plain facts; `letter` has the newest letter's date and the day until which it fixes."""
    return sum_on(
        positions,
        postings,
        until=_interest_until(letter, on if ended_on is None else min(on, ended_on)),
        currency=currency,
        disputed=disputed,
        resting=[(_rests_from(rest, letter), _day_after(rest.until_on)) for rest in rests],
        own_rates=rates,
        settled=ended_on is not None and ended_on <= on and status == ClaimStatus.SETTLED,
    )


def _interest_until(letter: tuple[date, date] | None, on: date) -> date:
    """The day up to which interest counts: a letter fixes its sum until its date (`decisions.md` 19)."""
    if letter is not None and letter[0] <= on <= letter[1]:
        return letter[0]
    return on


def _rests_from(rest: Rest, letter: tuple[date, date] | None) -> date:
    """The day from which interest rests: what was agreed while a letter fixed the sum keeps that sum."""
    if rest.agreed and letter is not None and letter[0] <= rest.from_on <= letter[1]:
        return letter[0]
    return rest.from_on


def _day_after(last: date | None) -> date | None:
    return None if last is None else last + timedelta(days=1)
