"""What happens when the same offer is made on many claims with one press."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions import offers
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor
from portal.rules.offers import LeftOut, OfferTerms, SameOffer, left_out
from portal.store.claim_page import Owed, owed_on
from portal.store.claims import Claim, lock_all
from portal.store.offers import Offer, claims_for_offers, own_claims
from portal.store.settings import Creditor
from portal.store.today import Task, task_at

#: A task that is done already: it keeps what one press has made and what it has left out, and why.
MADE_TASK = "offers_made"
#: So many claims are looked through for one preview.
LOOKED_AT = 1_000


def found(
    session: Session,
    creditor_id: UUID,
    *,
    currency: str,
    language: str,
    invoiced_until: date,
    least: int,
    most: int | None,
    today: date,
) -> list[tuple[Claim, Owed]]:
    """The running claims that fit, with what is owed on each; `least` and `most` are what is open, in minor units."""
    claims = claims_for_offers(
        session, creditor_id, currency=currency, language=language, invoiced_until=invoiced_until, limit=LOOKED_AT
    )
    owed = owed_on(session, claims, today=today)
    fits = [(claim, owed[claim.id]) for claim in claims]
    return [
        (claim, one)
        for claim, one in fits
        if one.total.open.minor >= max(1, least) and (most is None or one.total.open.minor <= most)
    ]


def reason_against(claim: Claim, owed: Owed, offer: SameOffer, today: date) -> LeftOut | None:
    """Why this claim gets none of this offer; None: it does."""
    running = claim.status in (ClaimStatus.OPEN, ClaimStatus.HANDED_OVER)
    live = owed.matters.one("offer")
    stands = live is not None and live.until_on is not None and live.until_on >= today
    return left_out(offer, owed.total, owed.facts, running=running, live=stands)


def make(
    session: Session,
    creditor: Creditor,
    seen: Mapping[UUID, int],
    offer: SameOffer,
    *,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Task:
    """Each of these claims has the offer, signed by the clerk, or stands in the record with the reason why not.

    `seen` is what was open on each claim when the clerk chose it, in minor units. The last day was looked at by the
    caller. All claims are locked in the order of their ids; the same `op` again gives the record that is there.
    """
    identity = uuid5(creditor.id, f"offers {op}")
    known = task_at(session, creditor.id, identity)
    if known is not None:
        return known
    claims = lock_all(session, creditor.id, own_claims(session, creditor.id, seen))
    owed = owed_on(session, claims, today=today)
    made: list[str] = []
    not_made: list[list[str]] = []
    for claim in claims:
        one = owed[claim.id]
        reason = reason_against(claim, one, offer, today)
        if reason is None and one.total.open.minor != seen[claim.id]:
            reason = LeftOut.SUM_CHANGED
        if reason is None:
            terms = OfferTerms(offer.amount(one.total), offer.until)
            row = offers.make(session, claim, terms, bank_day=True, op=op, actor=actor, now=now, today=today)
            reason = None if isinstance(row, Offer) else LeftOut.SUM_CHANGED
        if reason is None:
            made.append(claim.reference)
        else:
            not_made.append([claim.reference, reason.value])
    task = Task(
        id=identity,
        creditor_id=creditor.id,
        kind=MADE_TASK,
        subject_id=actor.clerk_id,
        details={"made": made, "left_out": not_made, "until": offer.until.isoformat()},
        since=now,
        done_at=now,
        done_by=actor.clerk_id,
    )
    session.add(task)
    session.flush()
    return task
