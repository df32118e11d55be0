"""What happens in the ledger so that a claim's money stands divided in the order of its value, whenever it came in?

Every movement of money goes through here. What was booked before and is valued later is counted again with it; where
its division differs, its entry is mirrored and written anew, so that nothing is ever changed (`decisions.md` 26).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.rules.allocation import Word
from portal.rules.claims import ALLOCATION_ORDER, PositionKind
from portal.rules.countries import has_profile, profile_of
from portal.rules.history import EventKind, system
from portal.rules.ledger import WAIVED
from portal.rules.money import Money
from portal.rules.payments import AccountKind, CauseType, EntryKind, NoteCode
from portal.rules.reallocation import NO_TIME, RANKS, Ground, Movement, Plan, Way, plan, too_much_off
from portal.store.allocation import Allocation, Booked, booked_on
from portal.store.claims import Claim
from portal.store.ledger import EntryRow, LineRow, credit_of, missing_on, write
from portal.store.past import Past, fixed_lines, interest_in, movement_of, postings_of, way_of
from portal.store.reckoning import Reckoning, reckoning_of
from portal.store.settings import creditor_by_id
from portal.store.today import Task, task_on

#: The version of our reading of the countries' orders; with the country it is a payment's policy.
POLICY = "1"
RULE = "order of value dates"
#: The task that asks for money which went back though it was not there.
MISSING = "came_back_missing"
AGAIN = re.compile(r"(?P<first>.*):again:(?P<number>[0-9]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money moved: what kind of fact, which one, and the key that makes it happen once."""

    type: CauseType
    id: UUID
    key: str
    note: NoteCode | None = None


@dataclass(frozen=True, slots=True)
class New:
    """A movement that is not in the ledger yet: what stands on its other side, and by whose word it is divided."""

    movement: Movement
    fixed: tuple[LineRow, ...]
    word: Word = Word.LAW


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of it: its entry, if anything was written, and by how much the debtor's credit grew."""

    entry_id: UUID | None
    credit: int


def place(session: Session, claim: Claim, new: New, cause: Cause, *, now: datetime) -> Placed:
    """This money stands on the claim in its place, and everything valued after it is divided as if in this order."""
    return _Work(session, claim, cause, now).does(new.movement.place, new=new)


def stand(
    session: Session, claim: Claim, row: EntryRow, cause: Cause, *, now: datetime, since: date | None = None
) -> Placed:
    """This entry stands as it is, and everything valued after its day (or from `since` on) is divided anew."""
    place_of = (row.effective_on, len(RANKS), NO_TIME, "") if since is None else (since, -1, NO_TIME, "")
    return _Work(session, claim, cause, now).does(place_of, row=row)


def order_of(country: str) -> tuple[str, Sequence[PositionKind]]:
    """A creditor's policy and the order of kinds that goes with it."""
    if has_profile(country):
        return f"{country}/{POLICY}", profile_of(country).allocation_order
    return f"-/{POLICY}", ALLOCATION_ORDER


@dataclass
class _Work:
    session: Session
    claim: Claim
    cause: Cause
    now: datetime
    written: list[EntryRow] = field(default_factory=list)
    mirrors: list[tuple[int, EntryRow]] = field(default_factory=list)
    replaced: dict[UUID, tuple[Allocation, UUID | None]] = field(default_factory=dict)
    divided: list[Allocation] = field(default_factory=list)

    def does(
        self, pivot: tuple[date, int, datetime, str], *, new: New | None = None, row: EntryRow | None = None
    ) -> Placed:
        session, claim = self.session, self.claim
        creditor = creditor_by_id(session, claim.creditor_id)
        self.policy, self.order = order_of(creditor.country)
        reckoning = reckoning_of(session, claim)
        before = credit_of(session, claim.creditor_id, claim.id, claim.currency)
        past = Past.of(self._booked(row), claim, pivot)
        movements = [*past.movements, *([new.movement] if new is not None else [])]
        missing = missing_on(session, claim.creditor_id, claim.id)
        ground = Ground(
            standing=past.standing,
            credit=before + past.credit - (credit_in(row.lines) if row is not None else 0),
            missing=missing - past.nowhere + (_missing_in(row.lines) if row is not None else 0),
            days=frozenset({pivot[0], *past.days, *({row.effective_on} if row is not None else ())}),
            sum_at=reckoning.sum_at,
            order=self.order,
            rest_limit=creditor.rest_drop_minor,
            rest_at_the_end=past.rests_at_the_end,
        )
        if row is not None:
            row, ground = self._with(row, ground, movements, past)
        wanted = plan(movements, ground)
        self._interest(past, wanted, pivot[0])
        entry_id = None
        if row is not None:
            self.written.append(row)
            entry_id = row.id
        for one in past.needless:
            self._mirror(one)
        for movement in sorted(movements, key=lambda one: one.place):
            way = wanted.ways[movement.id]
            if new is not None and movement is new.movement:
                entry_id = self._new(new, way, reckoning)
            else:
                self._again(past.moved[movement.id], way)
        self._rests(past, wanted, movements)
        self._writes()
        after = credit_of(session, claim.creditor_id, claim.id, claim.currency)
        if any(_missing_in(one.lines) for one in (*self.written, *(mirror for _, mirror in self.mirrors))):
            missing_task(session, claim, now=self.now)
        if any(old.entry.kind == EntryKind.PAYMENT for old in past.moved.values() if old.entry.id in self.replaced):
            record(
                session, claim, EventKind.PAYMENTS_REALLOCATED, actor=system(RULE), now=self.now, subject="entry",
                subject_id=entry_id, value_on=pivot[0],
            )  # fmt: skip
        return Placed(entry_id, after - before)

    def _booked(self, row: EntryRow | None) -> list[Booked]:
        """Everything that was booked; what the new entry mirrors is undone already."""
        found = booked_on(self.session, self.claim.creditor_id, self.claim.id)
        if row is None or row.reverses_id is None:
            return found
        return [
            replace(one, undone=True, vanishes=one.entry.effective_on == row.effective_on)
            if one.entry.id == row.reverses_id
            else one
            for one in found
        ]

    def _with(
        self, row: EntryRow, ground: Ground, movements: Sequence[Movement], past: Past
    ) -> tuple[EntryRow, Ground]:
        """The entry among what stands; of interest it drops no more than there will have been."""

        def beside(one: EntryRow) -> Ground:
            facts = postings_of(one.lines, one.kind, one.effective_on, self.claim)
            return replace(ground, standing=[*ground.standing, *facts])

        if row.kind not in WAIVED or row.reverses_id is not None or not past.interest:
            return row, beside(row)
        counted: dict[UUID, int] = defaultdict(int)
        for (_, position_id), old in past.interest.items():
            counted[position_id] += interest_in(old, position_id)
        less = too_much_off(movements, beside(row), counted)
        lines: list[LineRow] = []
        for line in row.lines:
            if line.position_id in less:
                line = replace(line, amount_minor=min(0, line.amount_minor + less[line.position_id]))
            lines.append(line)
        off = -sum(line.amount_minor for line in lines if line.position_id is not None)
        whole = [line for line in lines if line.position_id is not None and line.amount_minor]
        if less and whole:
            whole.append(LineRow(AccountKind.WRITEOFF, off, self.claim.currency, claim_id=self.claim.id))
            row = replace(row, lines=tuple(whole))
        return row, beside(row)

    def _interest(self, past: Past, wanted: Plan, since: date) -> None:
        for day, position_id in sorted({*wanted.interest, *past.interest}):
            old = past.interest.get((day, position_id), [])
            due = wanted.interest.get((day, position_id), 0)
            if due == interest_in(old, position_id):
                continue
            for one in old:
                self._mirror(one)
            key = f"{self.cause.key}:interest:{position_id}" + ("" if day == since else f":{day}")
            if due:
                lines = (
                    receivable(self.claim, position_id, due),
                    LineRow(AccountKind.INTEREST_INCOME, -due, self.claim.currency),
                )
                key = again(old[0].entry.idem_key) if old else key
                self.written.append(self._row(EntryKind.INTEREST, key, lines, day))

    def _new(self, new: New, way: Way, reckoning: Reckoning) -> UUID | None:
        if way.empty:
            return None
        one = new.movement
        fixed = new.fixed
        row = self._row(one.kind, self.cause.key, (*fixed, *self._lines(way)), one.value_on, note=self.cause.note)
        self.written.append(row)
        self._divided(row.id, new.word, one)
        return row.id

    def _again(self, old: Booked, way: Way) -> None:
        """The entry stands if its money still goes the same way; else its mirror and a new one stand beside it."""
        if way_of(old, self.claim) == (dict(way.lines), way.credit, way.nowhere):
            return
        self._mirror(old)
        entry, told = old.entry, old.allocation
        row = None
        if not way.empty:
            row = EntryRow(
                creditor_id=entry.creditor_id, claim_id=entry.claim_id, kind=EntryKind(entry.kind),
                effective_on=entry.effective_on, recorded_at=self.now, cause_type=entry.cause_type,
                cause_id=entry.cause_id, idem_key=again(entry.idem_key),
                lines=(*fixed_lines(old, self.claim), *self._lines(way)), note_code=entry.note_code,
            )  # fmt: skip
            self.written.append(row)
            self._divided(row.id, Word(told.word) if told else Word.LAW, movement_of(old, self.claim))
        if told is not None:
            self.replaced[entry.id] = (told, row.id if row else None)

    def _rests(self, past: Past, wanted: Plan, movements: Sequence[Movement]) -> None:
        left = {one.id: (one.value_on, dict(wanted.rests[one.id])) for one in movements if one.id in wanted.rests}
        for old in past.rests:
            same = (old.entry.effective_on, way_of(old, self.claim)[0])
            kept = next((identity for identity, rest in left.items() if rest == same), None)
            if kept is not None:
                del left[kept]
            else:
                self._mirror(old)
        for day, parts in left.values():
            lines = [receivable(self.claim, position_id, minor) for position_id, minor in parts.items()]
            off = -sum(parts.values())
            lines.append(LineRow(AccountKind.WRITEOFF, off, self.claim.currency, claim_id=self.claim.id))
            key = f"rest {uuid5(self.claim.id, str(uuid4()))}"
            row = self._row(EntryKind.REST_DROPPED, key, tuple(lines), day, note=NoteCode.SMALL_REST)
            self.written.append(replace(row, cause_type=CauseType.SYSTEM, cause_id=self.claim.id))
            record(
                self.session, self.claim, EventKind.REST_DROPPED, actor=system("small rest"), now=self.now,
                amount=Money(off, self.claim.currency),
            )  # fmt: skip

    def _mirror(self, old: Booked) -> None:
        """Kinds of interest and of what was dropped keep their kind, so that they are counted where they stood."""
        entry = old.entry
        kind = EntryKind.REVERSAL if entry.kind in RANKS else EntryKind(entry.kind)
        lines = tuple(replace(line, amount_minor=-line.amount_minor) for line in old.lines)
        row = self._row(kind, f"{entry.idem_key}:undone", lines, entry.effective_on)
        self.mirrors.append((entry.seq, replace(row, reverses_id=entry.id)))

    def _writes(self) -> None:
        write(self.session, [row for _, row in sorted(self.mirrors, key=lambda one: -one[0])])
        write(self.session, sorted(self.written, key=lambda row: row.effective_on))
        for told, by in self.replaced.values():
            told.replaced_by, told.replaced_at = by, self.now
        self.session.add_all(self.divided)
        self.session.flush()

    def _divided(self, entry_id: UUID, word: Word, one: Movement) -> None:
        self.divided.append(
            Allocation(
                entry_id=entry_id,
                creditor_id=self.claim.creditor_id,
                claim_id=self.claim.id,
                policy=self.policy,
                word=word.value,
                declared=sorted(map(str, one.declared)),
                contested=sorted(map(str, one.contested)),
                paid_at=one.paid_at,
                reference=one.reference,
            )
        )

    def _lines(self, way: Way) -> Iterable[LineRow]:
        currency = self.claim.currency
        for position_id, minor in way.lines:
            yield receivable(self.claim, position_id, minor)
        if way.credit:
            yield LineRow(AccountKind.DEBTOR_CREDIT, way.credit, currency, claim_id=self.claim.id)
        if way.nowhere:
            yield LineRow(AccountKind.SUSPENSE, way.nowhere, currency)

    def _row(
        self, kind: EntryKind, key: str, lines: tuple[LineRow, ...], on: date, *, note: NoteCode | None = None
    ) -> EntryRow:
        return entry_row(self.claim, kind, replace(self.cause, key=key, note=note), lines, now=self.now, on=on)


def receivable(claim: Claim, position_id: UUID, minor: int) -> LineRow:
    return LineRow(AccountKind.RECEIVABLE, minor, claim.currency, claim_id=claim.id, position_id=position_id)


def credit_in(lines: Iterable[LineRow]) -> int:
    """What these lines take from the debtor's credit, in minor units; minus is what they add to it."""
    return sum(line.amount_minor for line in lines if line.kind is AccountKind.DEBTOR_CREDIT)


def _missing_in(lines: Iterable[LineRow]) -> int:
    return sum(line.amount_minor for line in lines if line.kind is AccountKind.SUSPENSE)


def missing_task(session: Session, claim: Claim, *, now: datetime) -> None:
    """While more went back than was there, one task says how much has to come again; once it has, it is done.

    It comes with the next money that is more than is open, or because what went back is taken back itself. A clerk who
    agrees on something else ends the task by hand.
    """
    minor = max(0, missing_on(session, claim.creditor_id, claim.id))
    task = task_on(session, claim.creditor_id, claim.id, MISSING)
    if task is None and minor:
        task = Task(creditor_id=claim.creditor_id, claim_id=claim.id, kind=MISSING, since=now)
        session.add(task)
    if task is not None:
        task.details = {"minor": minor, "currency": claim.currency}
        task.done_at = None if minor else now


def entry_row(
    claim: Claim, kind: EntryKind, cause: Cause, lines: tuple[LineRow, ...], *, now: datetime, on: date
) -> EntryRow:
    """An entry of this claim that is not written yet."""
    return EntryRow(
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        kind=kind,
        effective_on=on,
        recorded_at=now,
        cause_type=cause.type,
        cause_id=cause.id,
        idem_key=cause.key,
        lines=lines,
        note_code=cause.note,
    )


def again(key: str) -> str:
    """The key of the entry that takes the place of the one with this key; it begins the same way."""
    found = AGAIN.fullmatch(key)
    return f"{found['first']}:again:{int(found['number']) + 1}" if found else f"{key}:again:1"
