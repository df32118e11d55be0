"""What happens when somebody pays at the provider: one attempt in the claim's one open place, and its page there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.convergence import StillMoving, converge
from portal.actions.history import move
from portal.gateways.stripe import StripeDown, StripeGateway, StripeRefused
from portal.rules.claims import ClaimStatus
from portal.rules.history import Actor, ActorKind, MoveNotAllowed
from portal.rules.money import Money
from portal.rules.payments import LIVE, MOVES, AttemptStatus, methods_for, problems
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.payments import PaymentAttempt, attempt_by_id, open_attempt
from portal.store.settings import creditor_by_id

LASTS = timedelta(minutes=60)
#: Stripe wants at least 30 minutes until the end, so the same words can be sent again for so long.
REPLAYED_FOR = timedelta(minutes=25)
ROUNDS = 4
PAYABLE = frozenset({ClaimStatus.OPEN, ClaimStatus.HANDED_OVER})


class SumChanged(MoveNotAllowed):
    """The sum is not the one that the person saw; the answer is the 409 page."""

    def __init__(self) -> None:
        super().__init__("payment", "seen", "changed")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to pay, as the page showed it: which claim, how much, and which sum stood there."""

    creditor_id: UUID
    claim_id: UUID
    amount: Money
    seen_minor: int
    op: UUID
    language: str
    signed_in_id: UUID | None
    label: str
    base_url: str
    #: The lines that the payer names, which the money then pays before all others (OR 86).
    declared: tuple[UUID, ...] = ()

    @property
    def named(self) -> list[str] | None:
        return sorted(map(str, self.declared)) or None


@dataclass(frozen=True, slots=True)
class _Started:
    """The attempt that stands in the claim's one open place, as it was when the lock was given back."""

    id: UUID
    status: AttemptStatus
    account: str
    return_ref: str
    session_url: str | None
    expires_at: datetime
    ours: bool


def start(database: Database, stripe: StripeGateway, wish: Wish, *, now: datetime, today: date) -> str:
    """The address where this sum can be paid, at the provider or, where it was paid already, our own return page.

    One open attempt per claim: the same sum uses its page again, another sum ends that page first. Raises
    SumChanged, StripeDown, StripeRefused.
    """
    for _ in range(ROUNDS):
        with database.writing() as session:
            started = _take_place(session, wish, now=now, today=today)
        try:
            address = _go_on(database, stripe, wish, started, now=now)
        except StillMoving:  # others press at the same time, and each press asks Stripe anew
            continue
        if address is not None:
            return address
    raise StripeDown("the open place stayed taken")


def _go_on(
    database: Database, stripe: StripeGateway, wish: Wish, started: _Started, *, now: datetime
) -> str | None:
    """Where this person goes with what has the open place; None if the place is free now and is to be taken."""
    if not started.ours:
        status = converge(database, stripe, started.id, now=now, close=True)
        # one that stays live is complete at Stripe, but its money is still under way
        return _return_page(wish, started) if status in LIVE else None
    if started.status is AttemptStatus.CREATED:
        return _open_page(database, stripe, wish, started, now=now)
    if started.status in LIVE and started.session_url:
        status = converge(database, stripe, started.id, now=now)
        if status is AttemptStatus.OPEN:
            return started.session_url
    return _return_page(wish, started)


def sent_before(session: Session, claim: Claim, op: UUID) -> bool:
    """Whether this very form has made an attempt already."""
    return attempt_by_id(session, uuid5(claim.id, str(op))) is not None


def _return_page(wish: Wish, started: _Started) -> str:
    return f"{wish.base_url}/paid/{started.return_ref}"


def _take_place(session: Session, wish: Wish, *, now: datetime, today: date) -> _Started:
    claim = lock(session, wish.creditor_id, wish.claim_id)
    attempt_id = uuid5(claim.id, str(wish.op))
    mine = attempt_by_id(session, attempt_id)
    if mine is not None and AttemptStatus(mine.status) not in LIVE:
        return _as_started(mine, ours=True)
    older = open_attempt(session, claim.creditor_id, claim.id)
    _check(session, claim, wish, today)
    if older is not None:
        if _same(older, wish, now):
            return _as_started(older, ours=True)
        if older.status != AttemptStatus.CLOSING:
            move(session, older, AttemptStatus.CLOSING, MOVES, claim=claim, actor=_debtor(wish), now=now)
        return _as_started(older, ours=False)
    creditor = creditor_by_id(session, claim.creditor_id)
    attempt = PaymentAttempt(
        id=attempt_id,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        amount_minor=wish.amount.minor,
        currency=wish.amount.currency,
        status="",
        open_flag=True,
        return_ref=secrets.token_urlsafe(24),
        language=wish.language,
        stripe_account=creditor.stripe_account,
        signed_in_id=wish.signed_in_id,
        created_at=now.replace(microsecond=0),
        expires_at=now.replace(microsecond=0) + LASTS,
        object_version=0,
        declared=wish.named,
    )
    move(session, attempt, AttemptStatus.CREATED, MOVES, claim=claim, actor=_debtor(wish), now=now, amount=wish.amount)
    return _as_started(attempt, ours=True)


def _check(session: Session, claim: Claim, wish: Wish, today: date) -> None:
    """The amount is the ledger's, not the browser's: the sum shown must still be the sum owed."""
    owed = claim_sum(session, claim, on=today).open
    if ClaimStatus(claim.status) not in PAYABLE or wish.seen_minor != owed.minor or problems(wish.amount, owed):
        raise SumChanged


def _same(attempt: PaymentAttempt, wish: Wish, now: datetime) -> bool:
    """Whether this attempt is for the same sum in the same words and can still be paid."""
    asked = (attempt.amount_minor, attempt.currency, attempt.language, attempt.declared)
    if asked != (wish.amount.minor, wish.amount.currency, wish.language, wish.named):
        return False
    if attempt.status == AttemptStatus.CREATED:
        return now < attempt.created_at + REPLAYED_FOR
    return attempt.status == AttemptStatus.OPEN and now < attempt.expires_at


def _as_started(attempt: PaymentAttempt, *, ours: bool) -> _Started:
    return _Started(
        attempt.id, AttemptStatus(attempt.status), attempt.stripe_account, attempt.return_ref, attempt.session_url,
        attempt.expires_at, ours,
    )  # fmt: skip


def _debtor(wish: Wish) -> Actor:
    return Actor(ActorKind.DEBTOR, signed_in_id=wish.signed_in_id)


def _open_page(database: Database, stripe: StripeGateway, wish: Wish, started: _Started, *, now: datetime) -> str:
    try:
        page = stripe.create_checkout(
            account=started.account,
            attempt_id=started.id,
            amount=wish.amount,
            label=wish.label,
            locale=wish.language,
            methods=_methods(stripe, started.account, wish.amount),
            success_url=_return_page(wish, started),
            cancel_url=_return_page(wish, started),
            expires_at=started.expires_at,
        )
    except StripeRefused:
        converge(database, stripe, started.id, now=now, close=True)
        raise
    with database.writing() as session:
        kept = _keep_page(session, wish, started.id, page.id, page.url, now=now)
    if not kept:  # another tab closed this attempt while its page was being made
        converge(database, stripe, started.id, now=now, close=True)
        raise SumChanged
    return page.url or _return_page(wish, started)


def _methods(stripe: StripeGateway, account: str, amount: Money) -> tuple[str, ...]:
    found = methods_for(amount, stripe.offers(account))
    if not found:
        raise StripeRefused("no_method")
    return found


def _keep_page(session: Session, wish: Wish, attempt_id: UUID, page_id: str, url: str | None, *, now: datetime) -> bool:
    claim = lock(session, wish.creditor_id, wish.claim_id)
    attempt = attempt_by_id(session, attempt_id)
    if attempt is None:
        return False
    attempt.session_id = page_id
    attempt.object_version += 1
    if attempt.status == AttemptStatus.CREATED:
        attempt.session_url = url
        move(session, attempt, AttemptStatus.OPEN, MOVES, claim=claim, actor=_debtor(wish), now=now)
    return attempt.status in (AttemptStatus.OPEN, AttemptStatus.PAID)
