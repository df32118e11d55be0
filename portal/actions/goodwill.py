"""What happens when the word that a creditor gave to everybody is kept: the promised lines are dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.actions.ledger import Cause, credit_task, drop
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
from portal.rules.ledger import ClaimSum
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.store.claim_sum import claim_sum
from portal.store.claims import Claim
from portal.store.ledger import EntryRow, LineRow, write
from portal.store.offers import Waiver, credit_within, first_letter_on, paid_by_line
from portal.store.settings import Creditor
from portal.store.today import Task

MAY_COUNT = frozenset({ClaimStatus.OPEN.value, ClaimStatus.HANDED_OVER.value, ClaimStatus.SETTLED.value})
#: A task that is done already: it keeps who changed the standing rule when.
RULE_TASK = "standing_rule_changed"
CALENDARS = HolidayCalendars()


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
        session.add(
            Task(
                creditor_id=creditor.id,
                kind=RULE_TASK,
                subject_id=clerk_id,
                details={"rules": stored_from(after[-1:])},
                since=now,
                done_at=now,
                done_by=clerk_id,
            )
        )
        session.flush()
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

    What such money had been put on the dropped lines pays the others instead; what came later, when nothing was owed
    any more, is the debtor's credit. The claim's lock is held by the caller; a second time there is nothing to drop.
    """
    if claim.status not in MAY_COUNT or not creditor.goodwill_rules:
        return
    promise = promise_of(creditor, first_letter_on(session, claim.creditor_id, claim.id))
    if promise is None or value_on < promise.start:
        return
    day = min(value_on, promise.until)
    owed = claim_sum(session, claim, on=day)
    later = paid_by_line(session, claim.creditor_id, claim.id, after=promise.until)
    if unfounded(owed) or not _came_in_time(session, claim, owed, promise, later, tolerated=creditor.rest_drop_minor):
        return
    cause = Cause(
        CauseType.SYSTEM, claim.id, f"goodwill {claim.id}:{promise.start}:{owed.paid.minor}", NoteCode.PAID_IN_TIME
    )
    falling = {line.position.id for line in owed.lines if falls_away(promise, line)}
    later = dict(sorted(later.items(), key=lambda item: item[0] not in falling))
    to_credit(session, claim, later, (promise.start, promise.until), cause, now=now, on=day)
    _put_on_the_rest(session, claim, promise, cause, now=now, on=day)
    parts = [
        (line.position, line.open)
        for line in claim_sum(session, claim, on=day).lines
        if falls_away(promise, line) and line.open.minor > 0
    ]
    drop(
        session,
        claim,
        [(position.id, part) for position, part in parts],
        kind=EntryKind.WAIVER,
        cause=cause,
        now=now,
        on=day,
    )
    for position, part in parts:
        identity = uuid5(claim.id, f"{cause.key}:{position.id}")
        session.add(
            Waiver(
                id=identity,
                creditor_id=claim.creditor_id,
                claim_id=claim.id,
                position_id=position.id,
                amount_minor=part.minor,
                currency=claim.currency,
                note_code=NoteCode.PAID_IN_TIME.value,
                waived_at=now,
            )
        )
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


def to_credit(
    session: Session,
    claim: Claim,
    later: Mapping[UUID, int],
    days: tuple[date, date],
    cause: Cause,
    *,
    now: datetime,
    on: date,
) -> None:
    """What came in after these days, when nothing was owed any more, stands to the debtor's credit, with its task.

    Money of these days that had found no line to pay, because `later` was known first, takes the place it leaves.
    """
    left = sum(later.values()) - credit_within(session, claim.creditor_id, claim.id, *days)
    lines: list[LineRow] = []
    for position_id, minor in later.items():
        part = min(left, minor)
        if part > 0:
            lines.append(_receivable(claim, position_id, part))
            left -= part
    if lines:
        moved = sum(line.amount_minor for line in lines)
        lines.append(LineRow(AccountKind.DEBTOR_CREDIT, -moved, claim.currency, claim_id=claim.id))
        _write(session, claim, lines, cause, "later", now=now, on=on)
        credit_task(session, claim, now=now)


def _came_in_time(
    session: Session,
    claim: Claim,
    owed: ClaimSum,
    promise: Promise,
    later: Mapping[UUID, int],
    *,
    tolerated: int,
) -> bool:
    """Whether money valued in the promised days pays all but the promised lines, and something is left to drop."""
    days = (promise.start, promise.until)
    in_time = paid_by_line(session, claim.creditor_id, claim.id, within=days)
    falling = [line for line in owed.lines if falls_away(promise, line)]
    others = [line for line in owed.lines if not falls_away(promise, line)]
    missing = sum(max(0, line.open.minor + later.get(line.position.id, 0)) for line in others)
    movable = sum(in_time.get(line.position.id, 0) for line in falling)
    spare = credit_within(session, claim.creditor_id, claim.id, *days)
    for_the_rest = sum(in_time.get(line.position.id, 0) for line in others) + missing
    to_drop = sum(max(0, line.open.minor) + later.get(line.position.id, 0) for line in falling) + missing
    return bool(in_time and for_the_rest and to_drop) and missing <= movable + spare + tolerated


def _put_on_the_rest(
    session: Session, claim: Claim, promise: Promise, cause: Cause, *, now: datetime, on: date
) -> None:
    """Money that had been put on the promised lines pays the others, as far as it reaches."""
    in_time = paid_by_line(session, claim.creditor_id, claim.id, within=(promise.start, promise.until))
    owed = claim_sum(session, claim, on=on).lines
    given = {line.position.id: in_time.get(line.position.id, 0) for line in owed if falls_away(promise, line)}
    lines: list[LineRow] = []
    for line in owed:
        wanted = 0 if falls_away(promise, line) else line.open.minor
        for source in given:
            part = min(wanted, given[source])
            if part > 0:
                lines.append(_receivable(claim, source, part))
                lines.append(_receivable(claim, line.position.id, -part))
                given[source] -= part
                wanted -= part
    _write(session, claim, lines, cause, "moved", now=now, on=on)


def _receivable(claim: Claim, position_id: UUID, minor: int) -> LineRow:
    return LineRow(AccountKind.RECEIVABLE, minor, claim.currency, claim_id=claim.id, position_id=position_id)


def _write(
    session: Session, claim: Claim, lines: list[LineRow], cause: Cause, step: str, *, now: datetime, on: date
) -> None:
    if lines:
        row = EntryRow(
            creditor_id=claim.creditor_id, claim_id=claim.id, kind=EntryKind.ALLOCATION, effective_on=on,
            recorded_at=now, cause_type=cause.type, cause_id=cause.id, idem_key=f"{cause.key}:{step}",
            lines=tuple(lines), note_code=cause.note,
        )  # fmt: skip
        write(session, [row])
