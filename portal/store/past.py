"""What stands in a claim's ledger before a place in the order of value, and what comes after and is counted again?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portal.rules.ledger import PostingFact
from portal.rules.payments import AccountKind, EntryKind, NoteCode
from portal.rules.reallocation import RANKS, Movement
from portal.store.allocation import Booked
from portal.store.claims import Claim
from portal.store.ledger import LineRow


@dataclass
class Past:
    """A claim's entries on both sides of a place in the order: what stands, and what is counted again."""

    standing: list[PostingFact] = field(default_factory=list)
    moved: dict[UUID, Booked] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    interest: dict[tuple[date, UUID], list[Booked]] = field(default_factory=lambda: defaultdict(list))
    rests: list[Booked] = field(default_factory=list)
    needless: list[Booked] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    credit: int = 0
    nowhere: int = 0

    @classmethod
    def of(cls, booked: Sequence[Booked], claim: Claim, pivot: tuple[date, int, datetime, str]) -> Past:
        found = cls()
        for one in booked:
            if _counts_again(one):
                movement = movement_of(one, claim)
                if movement.place > pivot:
                    found.moved[movement.id] = one
                    found.movements.append(movement)
                    _, credit, nowhere = way_of(one, claim)
                    found.credit += credit
                    found.nowhere += nowhere
        # A rest was dropped after the last movement of its day, be it one that is taken back just now.
        moved_then = any(one.value_on == pivot[0] for one in found.movements)
        first_rest = pivot[0] if moved_then or any(_is_mistake(one, pivot[0]) for one in booked) else None
        for one in booked:
            if one.entry.id not in found.moved:
                found._keeps(one, claim, pivot[0], first_rest)
        return found

    def _keeps(self, one: Booked, claim: Claim, since: date, first_rest: date | None) -> None:
        entry = one.entry
        lines = [line for line in one.lines if line.position_id is not None]
        alone = not one.undone and one.mirrors is None
        later = entry.effective_on > since
        if later and lines and entry.kind != EntryKind.CLAIMED:
            self.days.add(entry.effective_on)
        if alone and later and entry.kind == EntryKind.INTEREST:
            for line in lines:
                if line.position_id is not None:
                    self.interest[entry.effective_on, line.position_id].append(one)
        elif (
            alone
            and (later or entry.effective_on == first_rest)
            and entry.kind == EntryKind.REST_DROPPED
            and entry.note_code == NoteCode.SMALL_REST
        ):
            self.rests.append(one)
        elif alone and self.moved and entry.effective_on >= since and _leaves_lines(one, claim):
            self.needless.append(one)
            self.credit += way_of(one, claim)[1]
        else:
            self.standing += postings_of(one.lines, EntryKind(entry.kind), entry.effective_on, claim)

    @property
    def rests_at_the_end(self) -> bool:
        last = max((one.value_on for one in self.movements), default=None)
        return last is not None and any(one.entry.effective_on >= last for one in self.rests)


def _is_mistake(one: Booked, day: date) -> bool:
    """Whether this is money of that day that counts on no day once its mirror, being made just now, stands."""
    return one.vanishes and one.entry.effective_on == day and one.entry.kind in RANKS


def _leaves_lines(one: Booked, claim: Claim) -> bool:
    """Whether goodwill took late money off the lines; when the late money is divided again, it finds its way itself."""
    decided = one.entry.kind == EntryKind.ALLOCATION and one.allocation is None
    return decided and not fixed_lines(one, claim) and way_of(one, claim)[1] < 0


def interest_in(entries: Iterable[Booked], position_id: UUID) -> int:
    return sum(line.amount_minor for one in entries for line in one.lines if line.position_id == position_id)


def _counts_again(one: Booked) -> bool:
    """Whether an entry's way depends on what was open; money that goodwill has moved between lines stays there."""
    decided = one.entry.kind == EntryKind.ALLOCATION and one.allocation is None
    return one.entry.kind in RANKS and not decided and not one.undone and one.mirrors is None


def postings_of(lines: Iterable[LineRow], kind: EntryKind, on: date, claim: Claim) -> list[PostingFact]:
    return [
        PostingFact(line.position_id, kind, on, line.amount_minor)
        for line in lines
        if line.position_id is not None and line.claim_id == claim.id
    ]


def _is_way(line: LineRow, kind: str, claim: Claim) -> bool:
    """Whether this line is where the money went; the others are where it came from, or whereto it left."""
    if line.kind is AccountKind.SUSPENSE:
        return kind in (EntryKind.REFUND, EntryKind.CHARGEBACK, EntryKind.PAYMENT)
    return line.kind in (AccountKind.RECEIVABLE, AccountKind.DEBTOR_CREDIT) and line.claim_id == claim.id


def fixed_lines(one: Booked, claim: Claim) -> tuple[LineRow, ...]:
    return tuple(line for line in one.lines if not _is_way(line, one.entry.kind, claim))


def way_of(one: Booked, claim: Claim) -> tuple[dict[UUID, int], int, int]:
    """What an entry put on each line, on the debtor's credit, and nowhere."""
    lines: dict[UUID, int] = defaultdict(int)
    credit = nowhere = 0
    for line in one.lines:
        if not _is_way(line, one.entry.kind, claim):
            continue
        if line.position_id is not None:
            lines[line.position_id] += line.amount_minor
        elif line.kind is AccountKind.DEBTOR_CREDIT:
            credit += line.amount_minor
        else:
            nowhere += line.amount_minor
    return dict(lines), credit, nowhere


def movement_of(one: Booked, claim: Claim) -> Movement:
    """An entry as it is counted again: credit that was used by itself takes what there is, all else its sum."""
    fixed = sum(line.amount_minor for line in fixed_lines(one, claim))
    told = one.allocation
    return Movement(
        id=one.entry.id,
        kind=EntryKind(one.entry.kind),
        value_on=one.entry.effective_on,
        minor=abs(fixed) if fixed else None,
        reference=told.reference if told else one.entry.idem_key,
        paid_at=told.paid_at if told else None,
        declared=frozenset(map(UUID, told.declared)) if told else frozenset(),
        contested=frozenset(map(UUID, told.contested)) if told else frozenset(),
    )
