"""What was owed on a claim on each of many days, if these postings stood in its ledger?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.rules.claims import ClaimStatus
from portal.rules.ledger import ClaimSum, OwnRates, PostingFact
from portal.store.claim_sum import Rest, facts_of, rates_for, rests_of, sum_of
from portal.store.claims import Claim, Position, positions_of
from portal.store.disputes import disputed_lines
from portal.store.letters import Letter, LetterClaim, letters_naming


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Everything but the postings that a claim's sum rests on, read once."""

    claim: Claim
    positions: Sequence[Position]
    rests: Sequence[Rest]
    contested: frozenset[UUID]
    letters: Sequence[tuple[Letter, LetterClaim]]
    rates: OwnRates

    def sum_at(self, postings: Sequence[PostingFact], on: date, closed: date | None = None) -> ClaimSum:
        """The claim as of that day with these postings; the letter that had gone out by then fixes its sum.

        If nothing was open since the day `closed`, posted interest counts and no other.
        """
        letter = next(((one.dated_on, named.fixed_until) for one, named in self.letters if one.dated_on <= on), None)
        return sum_of(
            [facts_of(position, self.claim.currency) for position in self.positions],
            postings,
            self.rests,
            self.contested,
            letter,
            currency=self.claim.currency,
            status=ClaimStatus.OPEN if closed is None else ClaimStatus.SETTLED,
            ended_on=self.claim.ended_on if closed is None else closed,
            on=on,
            rates=self.rates,
        )

    def closed_since(self, postings: Sequence[PostingFact]) -> date | None:
        """Since which day nothing is open any more, with these postings; None if something still is."""
        closed: date | None = None
        for day in sorted({fact.effective_on for fact in postings}):
            total = self.sum_at([fact for fact in postings if fact.effective_on <= day], day, closed)
            nothing = all(line.open.minor <= 0 for line in total.lines)
            closed = (closed or day) if nothing else None
        return closed


def reckoning_of(session: Session, claim: Claim) -> Reckoning:
    """What the sums of this claim rest on now."""
    positions = positions_of(session, claim)
    return Reckoning(
        claim,
        positions,
        rests_of(session, claim),
        disputed_lines(session, claim.creditor_id, claim.id),
        letters_naming(session, claim.creditor_id, claim.id),
        rates_for(session, claim.creditor_id, positions),
    )
