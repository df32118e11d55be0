"""What happens when the word that a creditor gave to everybody is kept: the promised lines are dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.actions.ledger import Cause, credit_task, use_credit
from portal.actions.reallocation import again, entry_row, receivable, stand
from portal.actions.today import remember
from portal.gateways.calendars import HolidayCalendars
from portal.rules.claims import ClaimStatus, PositionKind
from portal.rules.goodwill import (
    GoodwillProblem,
    Promise,
    changed,
    falls_away,
    problems,
    promise_for,
    rules_from,
    stored_from,
    unfounded,
)
from portal.rules.history import EventKind, system
from portal.rules.ledger import ClaimSum, PositionFacts
from portal.rules.money import Money
from portal.rules.offers import effect
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.goodwill import InTime, View, paid_in_time, standing_waivers, view_of
from portal.store.ledger import Entry, LineRow, entry_by_key, lines_of
from portal.store.offers import Waiver, earned_waivers, first_letter_on
from portal.store.reckoning import reckoning_of
from portal.store.settings import Creditor

MAY_COUNT = frozenset({ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value, ClaimStatus.SETTLED.value})
#: A task that is done already: it keeps who changed the standing rule when.
RULE_TASK = "standing_rule_changed"
CALENDARS = HolidayCalendars()
#: A line, its kind, and how much of it can be dropped, in minor units.
Room = tuple[UUID, PositionKind, int]


def change_rule(
    session: Session,
    creditor: Creditor,
    *,
    on: bool,
    days: int | None,
    kinds: frozenset[PositionKind],
    clerk_id: UUID,
    now: datetime,
    today: date,
) -> list[GoodwillProblem]:
    """This rule holds for everybody (`on`: or none any more), promises already made are kept; or all reasons against.

    Done twice it changes nothing more.
    """
    found = problems(days, kinds) if on else []
    if found:
        return found
    row = session.get_one(Creditor, creditor.id)
    before = rules_from(row.goodwill_rules or [])
    after = changed(before, days=(days or 0) if on else 0, kinds=kinds if on else frozenset(), today=today)
    if after != before:
        row.goodwill_rules = stored_from(after)
        remember(session, creditor.id, RULE_TASK, {"rules": stored_from(after[-1:])}, by=clerk_id, now=now)
    return []


def promise_of(creditor: Creditor, letter_on: date | None) -> Promise | None:
    """What this creditor has promised on a claim whose first letter is of this day."""
    rules = rules_from(creditor.goodwill_rules or [])
    if not rules or letter_on is None:
        return None
    years = range(letter_on.year, max(letter_on.year, *(rule.from_on.year for rule in rules)) + 2)
    return promise_for(rules, letter_on, CALENDARS.calendar(creditor.country, creditor.canton or None, years))


def take_if_paid(session: Session, claim: Claim, creditor: Creditor, *, value_on: date, now: datetime) -> None:
    """If all but the promised lines came in with a value date inside the promised days, those lines are dropped.

    The claim's lock is held by the caller; a second time there is nothing to drop.
    """
    if claim.status not in MAY_COUNT or not creditor.goodwill_rules:
        return
    promise = promise_of(creditor, first_letter_on(session, claim.creditor_id, claim.id))
    if promise is None or value_on < promise.start:
        return
    day = min(value_on, promise.until)
    money = InTime(claim.creditor_id, claim.id, promise.start, promise.until)
    owed, view = owed_by(session, claim, money, on=day)
    room = room_on(owed, view, only=promise.kinds)
    if unfounded(owed) or not room or not _open(owed):
        return
    if not _rest_is_paid(session, owed, view, promise, money, tolerated=creditor.rest_drop_minor):
        return
    key = f"goodwill {claim.id}:{promise.start}:{owed.paid.minor}"
    cause = Cause(CauseType.OFFER, claim.id, fresh(session, claim, key), NoteCode.PAID_IN_TIME)
    parts = drop_in_front(session, claim, effect(room, _open(owed)), promise.start, cause, now=now, on=day)
    for position, part in parts:
        identity = uuid5(claim.id, f"{cause.key}:{position.id}")
        waived(session, claim, position.id, part, NoteCode.PAID_IN_TIME, identity=identity, now=now)
        record(
            session,
            claim,
            EventKind.WAIVED,
            actor=system("paid in time"),
            now=now,
            subject="waiver",
            subject_id=identity,
            amount=part,
            line=position.kind,
            position_id=position.id,
            value_on=day,
        )


def waived(
    session: Session,
    claim: Claim,
    position_id: UUID,
    part: Money,
    note: NoteCode,
    *,
    identity: UUID,
    now: datetime,
    clerk_id: UUID | None = None,
    offer_id: UUID | None = None,
) -> None:
    """Beside the ledger stands who dropped this part of the line, and why: the minus line that people read."""
    session.add(
        Waiver(
            id=identity,
            creditor_id=claim.creditor_id,
            claim_id=claim.id,
            position_id=position_id,
            clerk_id=clerk_id,
            offer_id=offer_id,
            amount_minor=part.minor,
            currency=claim.currency,
            note_code=note.value,
            waived_at=now,
        )
    )


def owed_by(session: Session, claim: Claim, money: InTime, *, on: date) -> tuple[ClaimSum, View]:
    """What was owed on a day by what is valued up to the last day of goodwill, as if nothing had come in afterwards."""
    view = view_of(session, money)
    return reckoning_of(session, claim).sum_at(view.postings, on), view


def room_on(owed: ClaimSum, view: View, *, only: frozenset[PositionKind] | None = None) -> list[Room]:
    """How much of each line can be dropped: what is open, and what only money of these days has paid."""
    found = [
        (one.position.id, one.position.kind, max(0, one.open.minor) + max(0, view.in_time.get(one.position.id, 0)))
        for one in owed.lines
        if only is None or one.position.kind in only
    ]
    return [one for one in found if one[2]]


def fresh(session: Session, claim: Claim, key: str) -> str:
    """The key, or where this goodwill was given before and its money left, the key of the next time."""
    while entry_by_key(session, claim.creditor_id, key) is not None:
        key = again(key)
    return key


def drop_in_front(
    session: Session,
    claim: Claim,
    parts: Mapping[UUID, int],
    since: date,
    cause: Cause,
    *,
    now: datetime,
    on: date,
) -> list[tuple[PositionFacts, Money]]:
    """These parts are dropped as if before the money since that day came: it pays the other lines instead.

    What came in later, when nothing was owed any more, becomes the debtor's credit. Gives what was dropped where.
    """
    lines: list[LineRow] = []
    for position_id, minor in parts.items():
        lines.append(receivable(claim, position_id, -minor))
        lines.append(LineRow(AccountKind.WRITEOFF, minor, claim.currency, claim_id=claim.id))
    row = entry_row(claim, EntryKind.WAIVER, cause, tuple(lines), now=now, on=on)
    placed = stand(session, claim, row, cause, now=now, since=since)
    if placed.credit:
        credit_task(session, claim, now=now, entry_id=row.id)
    facts = {line.position.id: line.position for line in claim_sum(session, claim, on=on).lines}
    return [(facts[position_id], Money(minor, claim.currency)) for position_id, minor in parts.items()]


def undo_if_unpaid(session: Session, claim: Claim, creditor: Creditor, *, now: datetime, today: date) -> None:
    """What the creditor's word had dropped is owed again once the money that had earned it has left.

    The claim's lock is held by the caller.
    """
    if not creditor.goodwill_rules:
        return
    given = standing_waivers(session, claim.creditor_id, claim.id, NoteCode.PAID_IN_TIME, claim.id)
    promise = promise_of(creditor, first_letter_on(session, claim.creditor_id, claim.id)) if given else None
    if promise is None:
        return
    money = InTime(claim.creditor_id, claim.id, promise.start, promise.until, kept=True)
    owed, view = owed_by(session, claim, money, on=given[-1].effective_on)
    if _rest_is_paid(session, owed, view, promise, money, tolerated=creditor.rest_drop_minor):
        return
    back = owe_again(session, claim, given, NoteCode.PAID_IN_TIME, since=promise.start, now=now, today=today)
    record(
        session, claim, EventKind.WAIVER_UNDONE, actor=system("payment taken back"), now=now, subject="claim",
        subject_id=claim.id, amount=back,
    )  # fmt: skip


def owe_again(
    session: Session,
    claim: Claim,
    given: Sequence[Entry],
    note: NoteCode,
    *,
    since: date,
    now: datetime,
    today: date,
    offer_id: UUID | None = None,
) -> Money:
    """These waivers count no more since their day, their minus lines are gone, and all money since is divided anew.

    Gives the sum that is owed again.
    """
    for entry in given:
        cause = Cause(CauseType(entry.cause_type), entry.cause_id, f"{entry.idem_key}:undone")
        mirrored = tuple(replace(line, amount_minor=-line.amount_minor) for line in lines_of(session, entry))
        row = entry_row(claim, EntryKind.WAIVER, cause, mirrored, now=now, on=entry.effective_on)
        stand(session, claim, replace(row, reverses_id=entry.id), cause, now=now, since=since)
        use_credit(session, claim, cause=replace(cause, key=f"{cause.key}:credit"), now=now, on=today)
    credit_task(session, claim, now=now)
    minor = 0
    for waiver in earned_waivers(session, claim.creditor_id, claim.id, note, offer_id):
        waiver.undone_at = now
        minor += waiver.amount_minor
    session.flush()
    return Money(minor, claim.currency)


def _rest_is_paid(
    session: Session, owed: ClaimSum, view: View, promise: Promise, money: InTime, *, tolerated: int
) -> bool:
    """Whether money of the promised days pays all the lines that the promise is not about."""
    for_the_rest = sum(
        max(0, line.open.minor) + view.in_time.get(line.position.id, 0)
        for line in owed.lines
        if not falls_away(promise, line)
    )
    came = paid_in_time(session, money)
    return came > 0 and 0 < for_the_rest <= came + tolerated


def _open(owed: ClaimSum) -> int:
    return sum(max(0, line.open.minor) for line in owed.lines)
