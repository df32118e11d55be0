"""What happens when goodwill is offered, taken, or runs out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.goodwill import drop_in_front, fresh, owe_again, owed_by, room_on, waived
from portal.actions.history import move
from portal.actions.ledger import Cause, post_interest
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor, MoveNotAllowed, system
from portal.rules.ledger import ClaimSum
from portal.rules.money import Money, total
from portal.rules.offers import MOVES, OfferProblem, OfferStatus, OfferTerms, effect, problems, problems_of_withdrawal
from portal.rules.payments import CauseType, NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.goodwill import InTime, paid_after, paid_for, standing_waivers
from portal.store.offers import Offer, live_offer, offer_at, offers_over, offers_that_may_count, taken_offers

OPEN = frozenset({ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value})


def unfounded_costs(owed: ClaimSum) -> bool:
    """Say whether a cost is still asked for that nothing on file supports."""
    return any(line.open.minor > 0 and not line.evidenced for line in owed.lines)


def make(
    session: Session,
    claim: Claim,
    terms: OfferTerms,
    *,
    bank_day: bool,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
    on_letter: bool = False,
) -> Offer | list[OfferProblem]:
    """The offer stands until its last day, signed by the clerk; or everything that stands against it.

    `bank_day` says whether the last day is a bank working day. The same `op` again gives the offer that is there.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    known = offer_at(session, claim.creditor_id, claim.id, identity)
    if known is not None:
        return known
    if claim.status not in OPEN or actor.clerk_id is None:
        raise MoveNotAllowed("offer", claim.status, OfferStatus.LIVE)
    end_over(session, claim, now=now, today=today)
    owed = claim_sum(session, claim, on=today)
    live = live_offer(session, claim.creditor_id, claim.id) is not None
    found = problems(
        terms, owed=owed.open, today=today, bank_day=bank_day, live=live, unfounded=unfounded_costs(owed),
        rate_missing=owed.no_rate_from is not None,
    )  # fmt: skip
    if found or terms.amount is None or terms.until is None:
        return found
    offer = Offer(
        id=identity,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        clerk_id=actor.clerk_id,
        status="",
        version=0,
        live_flag=True,
        amount_minor=terms.amount.minor,
        owed_minor=owed.open.minor,
        currency=claim.currency,
        until_on=terms.until,
        on_letter=on_letter,
        made_on=today,
        made_at=now,
    )
    post_interest(session, claim, owed, _cause(offer, "made"), now=now, on=today)
    move(
        session,
        offer,
        OfferStatus.LIVE,
        MOVES,
        claim=claim,
        actor=actor,
        now=now,
        amount=terms.amount,
        owed=owed.open,
        until=terms.until,
    )
    return offer


def withdraw(session: Session, claim: Claim, offer: Offer, *, actor: Actor, now: datetime) -> list[OfferProblem]:
    """The offer is gone as if nobody had made it, which is only so while nobody has seen it."""
    lock(session, claim.creditor_id, claim.id)
    session.refresh(offer)
    found = problems_of_withdrawal(shown=offer.shown_at is not None or offer.on_letter)
    if not found:
        _end(session, claim, offer, OfferStatus.WITHDRAWN, actor=actor, now=now)
    return found


def take_if_paid(session: Session, claim: Claim, *, value_on: date, now: datetime, today: date) -> None:
    """If the offered sum came in with a value date inside the offer's days, the rest is dropped line by line.

    That holds for money that becomes known only when the offer is over; what was paid after its days meanwhile was not
    owed any more and stands to the debtor's credit.
    """
    for offer in offers_that_may_count(session, claim.creditor_id, claim.id, value_on):
        if paid_for(session, offer) < offer.amount_minor:
            continue
        later = paid_after(session, claim.creditor_id, claim.id, offer.until_on)
        if claim.status in OPEN or (claim.status == ClaimStatus.SETTLED and later):
            _take(session, claim, offer, value_on=value_on, now=now)
            if claim.status == ClaimStatus.SETTLED:  # by money that was not owed any more when it came
                claim.ended_on = value_on
            return


def undo_if_unpaid(session: Session, claim: Claim, *, now: datetime, today: date) -> None:
    """An offer whose money has left stands again until its day, or is over; what it had dropped is owed again.

    Card money has left once the dispute about it is lost; what the desk itself gave back changes nothing. The claim's
    lock is held by the caller.
    """
    if claim.status not in (*OPEN, ClaimStatus.SETTLED):
        return
    for offer in taken_offers(session, claim.creditor_id, claim.id):
        if paid_for(session, offer, kept=True) < offer.amount_minor:
            _undo(session, claim, offer, now=now, today=today)


def end_live(session: Session, claim: Claim, *, now: datetime) -> None:
    """The claim is closed, and with it an offer that still stood."""
    offer = live_offer(session, claim.creditor_id, claim.id)
    if offer is not None:
        _end(session, claim, offer, OfferStatus.EXPIRED, actor=system("claim closed"), now=now)


def end_over(session: Session, claim: Claim, *, now: datetime, today: date) -> None:
    """An offer whose last day is over stands no longer; the claim's lock is held by the caller."""
    offer = live_offer(session, claim.creditor_id, claim.id)
    if offer is not None and offer.until_on < today:
        _end(session, claim, offer, OfferStatus.EXPIRED, actor=system("offer ends by itself"), now=now)


def expire_due(session: Session, creditor_id: UUID, *, today: date, now: datetime) -> int:
    """Every offer of this creditor whose last day is over has ended; says how many. Twice a day does nothing more."""
    ended = 0
    for claim_id in sorted({offer.claim_id for offer in offers_over(session, creditor_id, today)}):
        claim = lock(session, creditor_id, claim_id)
        end_over(session, claim, now=now, today=today)
        ended += 1
    return ended


def _take(session: Session, claim: Claim, offer: Offer, *, value_on: date, now: datetime) -> None:
    first = offer.made_on or value_on
    owed, view = owed_by(session, claim, InTime(claim.creditor_id, claim.id, first, offer.until_on), on=value_on)
    left = sum(max(0, line.open.minor) for line in owed.lines)
    parts = effect(room_on(owed, view), left)
    rest = []
    cause = _cause(offer, "taken")
    if parts:
        cause = replace(cause, key=fresh(session, claim, cause.key))
        rest = drop_in_front(session, claim, parts, first, cause, now=now, on=value_on)
    for position, part in rest:
        identity = uuid5(offer.id, f"{cause.key}:{position.id}")
        waived(
            session, claim, position.id, part, NoteCode.OFFER_KEPT, identity=identity, now=now,
            clerk_id=offer.clerk_id, offer_id=offer.id,
        )  # fmt: skip
    _end(
        session,
        claim,
        offer,
        OfferStatus.TAKEN,
        actor=system("offer kept"),
        now=now,
        dropped=total((part for _, part in rest), claim.currency),
    )


def _undo(session: Session, claim: Claim, offer: Offer, *, now: datetime, today: date) -> None:
    given = standing_waivers(session, claim.creditor_id, claim.id, NoteCode.OFFER_KEPT, offer.id)
    back = Money.zero(claim.currency)
    if given:
        since = offer.made_on or given[0].effective_on
        back = owe_again(
            session, claim, given, NoteCode.OFFER_KEPT, since=since, now=now, today=today, offer_id=offer.id
        )
    stands = (
        offer.until_on >= today
        and live_offer(session, claim.creditor_id, claim.id) is None
        and claim_sum(session, claim, on=today).open.minor > 0
    )
    offer.live_flag, offer.ended_at = (True, None) if stands else (None, now)
    move(
        session, offer, OfferStatus.LIVE if stands else OfferStatus.EXPIRED, MOVES, claim=claim,
        actor=system("payment taken back"), now=now, amount=amount_of(offer) if stands else None,
        until=offer.until_on if stands else None, again=back if back.is_positive else None,
    )  # fmt: skip


def _end(
    session: Session,
    claim: Claim,
    offer: Offer,
    to: OfferStatus,
    *,
    actor: Actor,
    now: datetime,
    dropped: Money | None = None,
) -> None:
    offer.live_flag = None
    offer.ended_at = now
    move(
        session,
        offer,
        to,
        MOVES,
        claim=claim,
        actor=actor,
        now=now,
        amount=amount_of(offer),
        until=offer.until_on,
        dropped=dropped,
    )


def _cause(offer: Offer, step: str) -> Cause:
    return Cause(CauseType.OFFER, offer.id, f"offer {offer.id}:{step}", NoteCode.OFFER_KEPT)


def amount_of(offer: Offer) -> Money:
    """What is to be paid by the offer's last day."""
    return Money(offer.amount_minor, offer.currency)
