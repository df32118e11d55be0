"""What happens in the ledger until it says what Stripe says: only the difference is booked, however often it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions.claims import after_money
from portal.actions.history import move, record
from portal.actions.ledger import Cause, book_payment, give_back
from portal.actions.pauses import end_pauses_of, pause
from portal.actions.refund_states import agree
from portal.gateways.stripe import Checkout, PaidState, StripeGateway, StripeRefused
from portal.rules.history import Actor, ActorKind, EventKind, system
from portal.rules.money import Money
from portal.rules.pauses import PauseReason
from portal.rules.payments import LIVE, MOVES, AccountKind, AttemptStatus, CauseType, EntryKind
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.ledger import EntryRow, LineRow, booked_for, entries_under, write
from portal.store.payments import PaymentAttempt, attempt_by_id
from portal.store.settings import Creditor, creditor_by_id
from portal.store.today import Task

TRIES = 5
#: How long after its end an attempt that never reached Stripe is given up (F2).
GIVEN_UP_AFTER = timedelta(minutes=5)
#: The desk decides how to go on: nobody writes to the debtor by itself.
DISPUTE_LOST = "dispute_lost"
#: What a payment is over for, without money: Stripe's words for its states.
WITHOUT_MONEY = frozenset({"requires_payment_method", "canceled"})


class StillMoving(Exception):
    """The object changed each time it was fetched; it is asked for again later."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an attempt before we ask, and the version that must still hold when we write."""

    account: str
    status: AttemptStatus
    session_id: str | None
    pi_id: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What Stripe said: the page, if there is one, and the payment, if there is one."""

    checkout: Checkout | None
    state: PaidState | None


@dataclass(frozen=True, slots=True)
class Work:
    """Everything one run of booking works on."""

    session: Session
    claim: Claim
    creditor: Creditor
    attempt: PaymentAttempt
    state: PaidState
    now: datetime
    today: date

    def key(self, effect: str) -> str:
        return f"{self.state.pi_id}:{effect}"

    def amount(self, minor: int) -> Money:
        return Money(minor, self.claim.currency)


def converge(
    database: Database,
    stripe: StripeGateway,
    attempt_id: UUID,
    *,
    now: datetime,
    pi_id: str | None = None,
    close: bool = False,
    then: Callable[[Session], None] | None = None,
) -> AttemptStatus:
    """The ledger and the attempt agree with what Stripe says of it now; `close` ends its page there first.

    Fetched without a lock, written under the claim's lock only if nobody wrote meanwhile (`decisions.md` 15); `then`
    runs in the same transaction. Raises StripeDown, StripeRefused, and StillMoving after 5 fetches.
    """
    for _ in range(TRIES):
        with database.reading() as session:
            known = _known(attempt_by_id(session, attempt_id), pi_id)
        seen = _ask(stripe, attempt_id, known, close=close)
        with database.writing() as session:
            status = _write(session, attempt_id, known, seen, now=now, close=close)
            if status is not None:
                if then is not None:
                    then(session)
                return status
    raise StillMoving(str(attempt_id))


def _known(attempt: PaymentAttempt | None, pi_id: str | None) -> Known:
    if attempt is None:
        raise StripeRefused("no_such_attempt")
    return Known(
        account=attempt.stripe_account,
        status=AttemptStatus(attempt.status),
        session_id=attempt.session_id,
        pi_id=attempt.pi_id or pi_id,
        created_at=attempt.created_at,
        version=attempt.object_version,
    )


def _ask(stripe: StripeGateway, attempt_id: UUID, known: Known, *, close: bool) -> Seen:
    if known.status is AttemptStatus.PAID and known.pi_id is not None:
        return Seen(None, stripe.paid_state(known.account, known.pi_id))
    if known.session_id is not None:
        page = stripe.checkout(known.account, known.session_id)
    else:
        found = stripe.find_checkout(known.account, attempt_id, known.created_at)
        if found is None:
            return Seen(None, stripe.paid_state(known.account, known.pi_id) if known.pi_id else None)
        page = found
    if close and page.status == "open":
        page = _closed(stripe, known.account, page)
    payment = page.pi_id or known.pi_id
    return Seen(page, stripe.paid_state(known.account, payment) if payment else None)


def _closed(stripe: StripeGateway, account: str, page: Checkout) -> Checkout:
    """The page after its end; one that could not be ended is over or being paid, so it is read again."""
    try:
        return stripe.expire_checkout(account, page.id)
    except StripeRefused:
        return stripe.checkout(account, page.id)


def _write(
    session: Session, attempt_id: UUID, known: Known, seen: Seen, *, now: datetime, close: bool
) -> AttemptStatus | None:
    unlocked = attempt_by_id(session, attempt_id)
    if unlocked is None:
        raise StripeRefused("no_such_attempt")
    claim = lock(session, unlocked.creditor_id, unlocked.claim_id)
    attempt = attempt_by_id(session, attempt_id)
    if attempt is None or attempt.object_version != known.version:
        return None
    attempt.object_version += 1
    attempt.checked_at = now
    if seen.checkout is not None:
        attempt.session_id, attempt.session_url = seen.checkout.id, seen.checkout.url
        attempt.pi_id = attempt.pi_id or seen.checkout.pi_id
    creditor = creditor_by_id(session, claim.creditor_id)
    if seen.state is not None:
        attempt.pi_id = attempt.pi_id or seen.state.pi_id
        today = now.astimezone(ZoneInfo(creditor.timezone)).date()
        _book(Work(session, claim, creditor, attempt, seen.state, now, today))
        agree(session, claim, attempt.id, seen.state.refunds, now=now)
    _settle_status(session, claim, attempt, seen, now=now, close=close)
    session.flush()
    return AttemptStatus(attempt.status)


def _settle_status(
    session: Session, claim: Claim, attempt: PaymentAttempt, seen: Seen, *, now: datetime, close: bool
) -> None:
    old = AttemptStatus(attempt.status)
    new = outcome(old, seen, over=close or now >= attempt.expires_at + GIVEN_UP_AFTER)
    if new is not old:
        move(session, attempt, new, MOVES, claim=claim, actor=system("payment provider"), now=now)
    attempt.open_flag = True if new in LIVE else None


def outcome(old: AttemptStatus, seen: Seen, *, over: bool) -> AttemptStatus:
    """How far the attempt got: money wins over everything, and what is over stays over without it (F14)."""
    if old is AttemptStatus.PAID or (seen.state is not None and seen.state.received_minor > 0):
        return AttemptStatus.PAID
    if old not in LIVE:
        return old
    if seen.checkout is None:
        return AttemptStatus.EXPIRED if over else old
    if seen.checkout.status == "expired":
        return AttemptStatus.EXPIRED
    if seen.checkout.status == "complete" and seen.state is not None and seen.state.status in WITHOUT_MONEY:
        return AttemptStatus.FAILED
    return AttemptStatus.OPEN if old is AttemptStatus.CREATED else old


def _book(work: Work) -> None:
    paid = _captured(work)
    refunded = _returned(work, "refunded", work.state.refunded_minor, EntryKind.REFUND)
    disputed = _returned(work, "disputed", work.state.disputed_out_minor, EntryKind.CHARGEBACK)
    lost = _lost(work)
    book_fee(
        work.session,
        work.creditor.id,
        work.state,
        claim_id=work.claim.id,
        attempt_id=work.attempt.id,
        now=work.now,
        on=work.today,
    )
    if paid or refunded or disputed or lost:
        after_money(
            work.session, work.claim, work.creditor,
            value_on=_value_day(work) if paid else work.today,
            actor=system("payment provider"),
            now=work.now,
            today=work.today,
        )  # fmt: skip


def _captured(work: Work) -> bool:
    state, attempt = work.state, work.attempt
    delta = state.received_minor - booked_for(
        work.session, work.creditor.id, work.key("captured"), AccountKind.PROVIDER_CLEARING
    )
    if delta <= 0:
        return False
    expected = (str(attempt.id), attempt.currency, attempt.amount_minor)
    if (state.client_reference, state.currency, state.received_minor) != expected:
        hold(work.session, work.creditor.id, state, delta, claim_id=work.claim.id, attempt_id=attempt.id, now=work.now,
             on=work.today)  # fmt: skip
        return False
    book_payment(
        work.session, work.claim, work.amount(delta),
        clearing=AccountKind.PROVIDER_CLEARING,
        value_on=_value_day(work),
        cause=Cause(CauseType.ATTEMPT, attempt.id, f"{work.key('captured')}:{state.received_minor}"),
        actor=Actor(ActorKind.DEBTOR, signed_in_id=attempt.signed_in_id),
        now=work.now, today=work.today,
        method=state.method,
        declared=[UUID(one) for one in attempt.declared or []] or None,
        paid_at=state.paid_at, reference=state.pi_id,
    )  # fmt: skip
    return True


def _value_day(work: Work) -> date:
    """A started payment fixes the sum until its end (`decisions.md` 19): paid in time, it counts from its start."""
    paid_at, attempt = work.state.paid_at or work.now, work.attempt
    counts_at = attempt.created_at if paid_at <= attempt.expires_at else paid_at
    return counts_at.astimezone(ZoneInfo(work.creditor.timezone)).date()


def _returned(work: Work, effect: str, cumulative: int, kind: EntryKind) -> bool:
    """What was refunded, or taken back by the payer's bank, leaves the claim; what came back stands on it again."""
    prefix = work.key(effect)
    delta = cumulative + booked_for(work.session, work.creditor.id, prefix, AccountKind.PROVIDER_CLEARING)
    if delta == 0:
        return False
    cause = Cause(CauseType.ATTEMPT, work.attempt.id, _fresh_key(work.session, work.creditor.id, prefix, cumulative))
    if booked_for(work.session, work.creditor.id, work.key("captured"), AccountKind.SUSPENSE):
        write(work.session, [_held(work.creditor.id, work.state, -delta, kind, cause, now=work.now, on=work.today)])
        return False
    if delta < 0:
        _came_back(work, -delta, kind, cause)
        return True
    give_back(
        work.session,
        work.claim,
        work.amount(delta),
        kind=kind,
        clearing=AccountKind.PROVIDER_CLEARING,
        cause=cause,
        now=work.now,
        on=work.today,
    )
    taken_back = kind is EntryKind.CHARGEBACK
    record(
        work.session,
        work.claim,
        EventKind.PAYMENT_REVERSED if taken_back else EventKind.PAYMENT_REFUNDED,
        actor=system("payment provider"),
        now=work.now,
        subject="attempt",
        subject_id=work.attempt.id,
        amount=work.amount(delta),
        value_on=work.today,
    )
    if taken_back:
        pause(
            work.session,
            work.claim,
            PauseReason.CHARGEBACK,
            cause_id=work.attempt.id,
            actor=system("payment provider"),
            now=work.now,
            today=work.today,
        )
        _task(work.session, work.creditor.id, "card_dispute", delta, work.claim.currency, work.claim.id,
              work.attempt.id, work.now)  # fmt: skip
    return True


def _lost(work: Work) -> bool:
    """A dispute that is over and lost is told to the desk once; its money had left before (F23). Whether it is new."""
    attempt = work.attempt
    if not work.state.dispute_lost or attempt.lost_at is not None:
        return False
    attempt.lost_at = work.now
    _task(work.session, work.creditor.id, DISPUTE_LOST, work.state.disputed_out_minor, work.claim.currency,
          work.claim.id, attempt.id, work.now)  # fmt: skip
    work.session.flush()
    return True


def _came_back(work: Work, minor: int, kind: EntryKind, cause: Cause) -> None:
    """A refund failed later (F22), or a card dispute was won: the money is here again."""
    book_payment(
        work.session,
        work.claim,
        work.amount(minor),
        clearing=AccountKind.PROVIDER_CLEARING,
        value_on=work.today,
        cause=cause,
        actor=system("payment provider"),
        now=work.now,
        today=work.today,
        method=work.state.method,
    )
    if kind is EntryKind.CHARGEBACK:
        end_pauses_of(
            work.session, work.claim, work.attempt.id, actor=system("payment provider"), now=work.now, today=work.today
        )
    else:
        _task(work.session, work.creditor.id, "refund_failed", minor, work.claim.currency, work.claim.id,
              work.attempt.id, work.now)  # fmt: skip


def book_fee(
    session: Session, creditor_id: UUID, state: PaidState, *, claim_id: UUID | None, attempt_id: UUID | None,
    now: datetime, on: date,
) -> None:  # fmt: skip
    """What Stripe kept for itself stands as the creditor's cost, never as the debtor's."""
    prefix = f"{state.pi_id}:fee"
    delta = state.fee_minor - booked_for(session, creditor_id, prefix, AccountKind.PROVIDER_FEE)
    if delta == 0:
        return
    lines = (
        LineRow(AccountKind.PROVIDER_FEE, delta, state.currency),
        LineRow(AccountKind.PROVIDER_CLEARING, -delta, state.currency),
    )
    key = _fresh_key(session, creditor_id, prefix, state.fee_minor)
    cause = _cause(creditor_id, attempt_id, key)
    write(session, [EntryRow(creditor_id, claim_id, EntryKind.FEE, on, now, cause.type, cause.id, key, lines)])


def hold(
    session: Session, creditor_id: UUID, state: PaidState, minor: int, *, claim_id: UUID | None,
    attempt_id: UUID | None, now: datetime, on: date,
) -> None:  # fmt: skip
    """Money that fits no attempt stands in suspense, with a task; no claim changes, and nothing is dropped (F17)."""
    cause = _cause(creditor_id, attempt_id, f"{state.pi_id}:captured:{state.received_minor}")
    if write(session, [_held(creditor_id, state, minor, EntryKind.SUSPENSE, cause, now=now, on=on)]):
        _task(session, creditor_id, "suspense", minor, state.currency, claim_id, attempt_id, now)


def _cause(creditor_id: UUID, attempt_id: UUID | None, key: str) -> Cause:
    """The attempt, or where there is none the creditor's account at Stripe as a whole."""
    if attempt_id is None:
        return Cause(CauseType.SYSTEM, creditor_id, key)
    return Cause(CauseType.ATTEMPT, attempt_id, key)


def _held(
    creditor_id: UUID, state: PaidState, minor: int, kind: EntryKind, cause: Cause, *, now: datetime, on: date
) -> EntryRow:
    lines = (
        LineRow(AccountKind.PROVIDER_CLEARING, minor, state.currency),
        LineRow(AccountKind.SUSPENSE, -minor, state.currency),
    )
    return EntryRow(creditor_id, None, kind, on, now, cause.type, cause.id, cause.key, lines)


def _fresh_key(session: Session, creditor_id: UUID, prefix: str, cumulative: int) -> str:
    """object:effect:cumulative; a sum that comes up again after it had gone down gets its place in the row as well."""
    before = entries_under(session, creditor_id, prefix)
    return f"{prefix}:{cumulative}" if before == 0 else f"{prefix}:{cumulative}:{before}"


def _task(
    session: Session, creditor_id: UUID, kind: str, minor: int, currency: str, claim_id: UUID | None,
    subject_id: UUID | None, now: datetime,
) -> None:  # fmt: skip
    session.add(
        Task(
            creditor_id=creditor_id, claim_id=claim_id, kind=kind, subject_id=subject_id,
            details={"minor": minor, "currency": currency}, since=now,
        )
    )  # fmt: skip
