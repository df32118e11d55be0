"""When are our books compared with Stripe's and the bank's, and what can come out of it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.rules.access import Right, Role, allowed
from portal.rules.dates import Calendar


class Loop(StrEnum):
    """The comparisons that remember how far they got; attempts are asked one by one (`security.md` 3.5)."""

    EVENTS = "events"
    BALANCE = "balance"
    LEDGER = "ledger"


class FindingKind(StrEnum):
    """What a comparison has found and a person has to know."""

    FOREIGN_MONEY = "foreign_money"
    DIFFERENCE = "difference"
    OTHER_MOVEMENT = "other_movement"
    PAYOUT_SUM = "payout_sum"
    PAYOUT_FAILED = "payout_failed"
    PAYOUT_NOT_SEEN = "payout_not_seen"
    LEDGER_RULE = "ledger_rule"
    FILE_MISSING = "file_missing"


#: Findings that a later comparison closes by itself, because it looks at the same thing again.
CLOSES_ITSELF = frozenset(
    {FindingKind.DIFFERENCE, FindingKind.PAYOUT_SUM, FindingKind.PAYOUT_NOT_SEEN, FindingKind.LEDGER_RULE}
)

#: Events are asked for from so long before the last time, and never longer than Stripe keeps them.
EVENTS_OVERLAP = timedelta(hours=2)
EVENTS_KEPT = timedelta(days=30)
#: The balance is compared for so many whole days before today, in the creditor's own time.
BALANCE_DAYS = 3
BALANCE_AT = time(3, 10)
#: A payout is looked for on the bank account for so many bank working days after it should be there.
BANK_DAYS = 2
#: A credit at the bank can be a payout that is due this long after it, or was due this long before it.
BANK_EARLY, BANK_LATE = timedelta(days=3), timedelta(days=10)

#: Stripe takes these for itself, without a payment (docs.stripe.com/reports/balance-transaction-types).
FEE_TYPES = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
#: Stored files are read again each night while they are new, later once in so many nights.
FILE_IS_NEW, FILE_ROUND = timedelta(days=2), 28
#: How far a payout can get; in these two nothing more will happen to it.
PAYOUT_OVER = frozenset({"failed", "canceled"})


def events_since(reached: datetime | None, now: datetime) -> datetime:
    """From when on Stripe is asked for events."""
    earliest = now - EVENTS_KEPT
    return earliest if reached is None else max(earliest, reached - EVENTS_OVERLAP)


def balance_since(reached: datetime | None, now: datetime, zone: str, days: int = BALANCE_DAYS) -> datetime:
    """From when on the balance is compared: the last days, and further back when days were missed."""
    here = now.astimezone(ZoneInfo(zone))
    usual = datetime.combine(here.date() - timedelta(days=days), time(), ZoneInfo(zone))
    return usual if reached is None else min(usual, reached - timedelta(hours=1))


def balance_period(now: datetime, zone: str) -> date:
    """Which day's comparison is the latest that is due: today's from 03:10 on, until then yesterday's."""
    here = now.astimezone(ZoneInfo(zone))
    return here.date() if here.time() >= BALANCE_AT else here.date() - timedelta(days=1)


def bank_deadline(arrives_on: date, calendar: Calendar) -> date:
    """The last day on which nobody has to ask where a payout is."""
    return calendar.add_working_days(arrives_on, BANK_DAYS)


def reads_file(file_id: UUID, *, received_at: datetime, now: datetime) -> bool:
    """Whether tonight is the night to read this file: while it is new, and then once in four weeks."""
    return now - received_at <= FILE_IS_NEW or file_id.int % FILE_ROUND == now.date().toordinal() % FILE_ROUND


def owner(clerks: Sequence[tuple[str, Role]]) -> int | None:
    """Which of these people (name, role) a finding belongs to until somebody takes it: a lead, by name."""
    able = [(name, place) for place, (name, role) in enumerate(clerks) if allowed(role, Right.BOOK)]
    return min(able)[1] if able else None
