"""Which bookings in a bank's files are the same money, whichever file they come in, and do their parts add up?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from portal.rules import references
from portal.rules.bank import (
    BankEntry,
    BankState,
    Detail,
    FileFault,
    FileRefused,
    Movement,
    Statement,
    Why,
)
from portal.rules.money import Money
from portal.rules.references import ReferenceKind


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept already of a bank booking."""

    id: UUID
    identity: str
    entry_key: str
    place: int
    whole: bool
    servicer_ref: str
    state: BankState


@dataclass(frozen=True, slots=True)
class Sorted:
    """What of an entry is new, what was known, and the undivided booking that the details take the place of."""

    new: tuple[Movement, ...]
    known: tuple[tuple[Seen, Movement], ...]
    replaces: Seen | None = None


def check_sums(statement: Statement) -> None:
    """Every batch's parts add up to its entry, in the account's currency; raises FileRefused with the line."""
    for entry in statement.entries:
        if statement.currency and entry.amount.currency != statement.currency:
            raise FileRefused(FileFault.CURRENCY, line=entry.line, element="Ntry/Amt", said=entry.amount.currency)
        if len(entry.details) > 1:
            _check_batch(entry)


def _check_batch(entry: BankEntry) -> None:
    total = 0
    for detail in entry.details:
        if detail.amount is None:
            raise FileRefused(FileFault.MISSING, line=detail.line, element="Ntry/NtryDtls/TxDtls/Amt")
        if detail.amount.currency != entry.amount.currency:
            raise FileRefused(
                FileFault.CURRENCY, line=detail.line, element="Ntry/NtryDtls/TxDtls/Amt", said=detail.amount.currency
            )
        same = detail.credit is None or detail.credit == entry.credit
        total += detail.amount.minor if same else -detail.amount.minor
    if total != entry.amount.minor:
        said = f"{_plain(total)} / {_plain(entry.amount.minor)}"
        raise FileRefused(FileFault.SUM, line=entry.line, element="Ntry/NtryDtls/TxDtls/Amt", said=said)


def _plain(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def movements(statement: Statement) -> Iterator[list[Movement]]:
    """Each entry's money with the names by which it is known again in any later file (`law.md` 4.2.5).

    An entry is named by the bank's own reference, direction and sum; else by statement, sequence number, place and
    day, because some banks number anew each year and some not at all. A part of it is named by its own reference, else
    by the entry and its place. The second of two equal names in one statement is other money: no bank lists one booking
    twice.
    """
    entries: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    for entry in statement.entries:
        key = _entry_key(statement, entry)
        entries[key] += 1
        if entries[key] > 1:
            key = f"{key}|#{entries[key]}"
        found = []
        for movement in (part for part in _parts(entry, key) if part.amount.minor):
            parts[movement.identity] += 1
            times = parts[movement.identity]
            found.append(replace(movement, identity=f"{movement.identity}|#{times}") if times > 1 else movement)
        if found:
            yield found


def _entry_key(statement: Statement, entry: BankEntry) -> str:
    money = f"{_direction(credit=entry.credit, reversal=entry.reversal)}|{entry.amount.minor}{entry.amount.currency}"
    if entry.servicer_ref:
        return f"entry|{entry.servicer_ref}|{money}"
    place = f"{statement.id}|{statement.sequence}|{statement.page}|{entry.number}|{entry.booked_on}"
    return f"statement|{place}|{money}"


def _direction(*, credit: bool, reversal: bool) -> str:
    return ("C" if credit else "D") + ("R" if reversal else "")


def _parts(entry: BankEntry, key: str) -> Iterator[Movement]:
    if len(entry.details) <= 1:
        detail = entry.details[0] if entry.details else Detail(line=entry.line)
        place = len(entry.details)  # 0: the booking as a whole, without a word of who paid
        yield _movement(entry, detail, key, place=place, whole=place == 0, amount=entry.amount, own_ref=True)
        return
    times = Counter(detail.servicer_ref for detail in entry.details)
    for place, detail in enumerate(entry.details, start=1):
        own_ref = times[detail.servicer_ref] == 1 and detail.servicer_ref != entry.servicer_ref
        amount = detail.amount or entry.amount
        yield _movement(entry, detail, key, place=place, whole=False, amount=amount, own_ref=own_ref)


def _movement(
    entry: BankEntry, detail: Detail, key: str, *, place: int, whole: bool, amount: Money, own_ref: bool
) -> Movement:
    credit = entry.credit if detail.credit is None or len(entry.details) <= 1 else detail.credit
    reversal = entry.reversal or (not credit and detail.returned) or credit != entry.credit
    servicer_ref = detail.servicer_ref if own_ref else ""
    identity = f"{key}|{place}"
    if servicer_ref:
        money = f"{_direction(credit=credit, reversal=reversal)}|{amount.minor}{amount.currency}"
        identity = f"part|{servicer_ref}|{money}"
    reference, why = _one_reference(detail)
    return Movement(
        identity=identity,
        entry_key=key,
        place=place,
        whole=whole,
        amount=amount,
        credit=credit,
        reversal=reversal,
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        servicer_ref=servicer_ref,
        entry_ref=entry.servicer_ref,
        end_to_end=detail.end_to_end,
        reference=reference,
        payer=detail.payer,
        payer_iban=detail.payer_iban,
        message=detail.message,
        why=Why.BATCH if whole else why,
        line=detail.line or entry.line,
    )


def _one_reference(detail: Detail) -> tuple[str, Why | None]:
    """The one reference that the payer gave, and what is wrong with it."""
    given = list(dict.fromkeys(references.compact(text) for text in detail.references if text.strip()))
    good = [text for text in given if references.kind_of(text) in (ReferenceKind.QRR, ReferenceKind.SCOR)]
    if len(good) > 1:
        return good[0], Why.SEVERAL_REFERENCES
    if good:
        return good[0], None
    if given:
        return given[0][:40], Why.BAD_REFERENCE
    return "", Why.NO_REFERENCE


def sort_out(
    found: Sequence[Movement], by_identity: Mapping[str, Seen], in_entry: Mapping[str, Sequence[Seen]]
) -> Sorted:
    """Tell new money from money that is kept already, whichever file it came in first.

    A booking known without its parts is replaced by them, as long as it waits; the same money is never there twice.
    """
    there = in_entry.get(found[0].entry_key, ()) if found else ()
    known: list[tuple[Seen, Movement]] = []
    new: list[Movement] = []
    for movement in found:
        seen = by_identity.get(movement.identity) or _at_place(movement, there, alone=len(found) == 1)
        if seen is not None:
            known.append((seen, movement))
        else:
            new.append(movement)
    undivided = next((seen for seen in there if seen.place == 0 and seen.state is not BankState.REPLACED), None)
    if not new or undivided is None:
        return Sorted(tuple(new), tuple(known))
    if undivided.whole and undivided.state in (BankState.NEW, BankState.UNMATCHED):
        return Sorted(tuple(new), tuple(known), undivided)
    return Sorted((), (*known, *((undivided, movement) for movement in new)))


def _at_place(movement: Movement, there: Sequence[Seen], *, alone: bool) -> Seen | None:
    """The kept money at the same place of the same booking, unless both sides name their parts and differ."""
    live = [seen for seen in there if seen.state is not BankState.REPLACED]
    if movement.whole:
        return live[0] if live else None
    if alone and len(live) == 1:
        place = live[0]
    else:
        found = [seen for seen in live if seen.place == movement.place]
        if not found:
            return None
        place = found[0]
    return None if place.servicer_ref and movement.servicer_ref else place
