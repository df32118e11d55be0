"""What happens when a bank's file is handed in: its money is noted once, and then worked through in small steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions import jobs
from portal.actions.bank_postings import (
    put_on_claim,
    shift,
    stop_waiting,
    take_off_claim,
    wait,
    waiting_task,
)
from portal.actions.bank_together import book_together
from portal.rules.bank import ASIDE, BankFile, BankState, FileFault, FileRefused, Movement, Statement, Why, odd_date
from portal.rules.bank_identity import Seen, check_sums, movements, sort_out
from portal.rules.history import system
from portal.rules.jobs import JobKind
from portal.store import bank as store
from portal.store.accounts import former_ibans
from portal.store.bank import BankFileRow, BankTransaction, Due
from portal.store.bank_ground import lock_claims
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.settings import BankAccount, Creditor, creditor_by_id

#: So many amounts are noted, or booked, in one transaction: below 200 ms on both engines.
NOTED_AT_ONCE = 250
BOOKED_AT_ONCE = 40
#: So many the worker books before it looks at other work; its lease is a minute.
AT_A_TIME = 300
PATIENCE = timedelta(seconds=60)
AUTOMATIC = system("bank file")


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as somebody handed it in: what it says, its name and its fingerprint, and by whom."""

    file: BankFile
    name: str
    sha256: bytes
    clerk_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a file so far, in amounts of money; `left` wait to be worked through."""

    booked: int
    known: int
    unmatched: int
    reversed: int
    outgoing: int
    pending: int
    left: int = 0


def take_file(database: Database, creditor_id: UUID, handed: Handed, *, now: datetime) -> UUID:
    """Every amount in the file is kept once, whichever file it came in first; the id of the file's row.

    Raises FileRefused before anything is kept. Stopped in the middle, the same file again goes on where it ended.
    """
    with database.reading() as session:
        accounts, former = store.accounts_of(session, creditor_id), former_ibans(session, creditor_id)
    checked = [(_account(statement, accounts, former), statement) for statement in handed.file.statements]
    for account, statement in checked:
        check_sums(replace(statement, currency=account.currency))
    with database.writing() as session:
        row = BankFileRow(
            creditor_id=creditor_id, clerk_id=handed.clerk_id, name=handed.name[:120], sha256=handed.sha256,
            kind=handed.file.kind.value, version=handed.file.version, taken_at=now,
            outgoing=sum(statement.outgoing for _, statement in checked),
            pending=sum(statement.pending for _, statement in checked),
        )  # fmt: skip
        session.add(row)
    total = sum(_note(database, row, account, statement, now=now) for account, statement in checked)
    with database.writing() as session:
        row = session.get_one(BankFileRow, row.id)
        row.noted_at = now
        _ask_worker(session, creditor_id, row.id, 0, now=now)
        row.known = total - store.count_of(session, creditor_id, row.id)
    return row.id


def _account(
    statement: Statement, accounts: Sequence[BankAccount], former: Mapping[str, Collection[str]]
) -> BankAccount:
    """The creditor's own account that this statement is about; money on a former one counts as money on the new one."""
    own = [
        account
        for account in accounts
        if statement.iban in (account.iban, account.qr_iban, *former.get(account.currency, ()))
    ]
    if not own:
        raise FileRefused(
            FileFault.FOREIGN_ACCOUNT, line=statement.line, element="Acct/Id/IBAN", said=statement.iban[:34]
        )
    currency = statement.currency or (statement.entries[0].amount.currency if statement.entries else own[0].currency)
    found = [account for account in own if account.currency == currency]
    if not found:
        line = statement.line if statement.currency else statement.entries[0].line
        element = "Acct/Ccy" if statement.currency else "Ntry/Amt"
        raise FileRefused(FileFault.CURRENCY, line=line, element=element, said=currency)
    return found[0]


def _note(database: Database, file: BankFileRow, account: BankAccount, statement: Statement, *, now: datetime) -> int:
    """This account's money is kept, in transactions of a few hundred amounts; how many amounts the statement has."""
    total = 0
    for entries in _groups(movements(statement)):
        total += sum(len(entry) for entry in entries)
        with database.writing() as session:
            rest = _note_entries(session, file, account, entries, now=now)
        for at in range(0, len(rest), NOTED_AT_ONCE):
            with database.writing() as session:
                store.note(session, rest[at : at + NOTED_AT_ONCE])
    return total


def _groups(entries: Iterator[list[Movement]]) -> Iterator[list[list[Movement]]]:
    """Entries whole, together up to some hundred amounts; one that is larger stands alone."""
    group: list[list[Movement]] = []
    size = 0
    for entry in entries:
        if group and size + len(entry) > NOTED_AT_ONCE:
            yield group
            group, size = [], 0
        group.append(entry)
        size += len(entry)
    if group:
        yield group


def _note_entries(
    session: Session, file: BankFileRow, account: BankAccount, entries: list[list[Movement]], *, now: datetime
) -> list[dict[str, Any]]:
    """What of these bookings is new is kept; of one that is too large for a transaction, the rows that are left."""
    found = store.seen_rows(
        session, file.creditor_id, account.id,
        {movement.identity for entry in entries for movement in entry}, {entry[0].entry_key for entry in entries},
    )  # fmt: skip
    by_identity = {seen.identity: seen for seen in found}
    in_entry: dict[str, list[Seen]] = {}
    for seen in found:
        in_entry.setdefault(seen.entry_key, []).append(seen)
    fresh: list[dict[str, Any]] = []
    for entry in entries:
        sorted_out = sort_out(entry, by_identity, in_entry)
        if sorted_out.replaces is not None:
            _replace(session, file.creditor_id, sorted_out.replaces.id, now=now)
        for seen, movement in sorted_out.known:
            if seen.whole and not movement.whole and len(entry) == 1:  # a batch of one
                _enrich(session, file, seen.id, movement, now=now)
        again = {seen.id for seen, _ in sorted_out.known if seen.state is BankState.NEW}
        store.adopt(session, file.creditor_id, file.id, again)
        fresh += [_row(file, account, movement) for movement in sorted_out.new]
    store.note(session, fresh[:NOTED_AT_ONCE])
    return fresh[NOTED_AT_ONCE:]


def _replace(session: Session, creditor_id: UUID, row_id: UUID, *, now: datetime) -> None:
    """A booking that waited as a whole makes room for its parts; the money is in the books once at any time."""
    row = store.lock_transaction(session, creditor_id, row_id)
    if row.status == BankState.UNMATCHED:
        stop_waiting(session, row, now=now)
    shift(row, BankState.REPLACED)


def _enrich(session: Session, file: BankFileRow, row_id: UUID, movement: Movement, *, now: datetime) -> None:
    """The other message names who paid and for what: the same row knows it now and is looked at once more."""
    row = store.lock_transaction(session, file.creditor_id, row_id)
    if row.status == BankState.UNMATCHED:
        stop_waiting(session, row, now=now)
        shift(row, BankState.NEW)
        row.rounds += 1
    if row.status != BankState.NEW:
        return
    row.whole, row.file_id, row.why = False, file.id, movement.why.value if movement.why else None
    for name in LEARNT:
        setattr(row, name, getattr(movement, name))
    session.flush()


def _row(file: BankFileRow, account: BankAccount, movement: Movement) -> dict[str, Any]:
    return {
        "id": uuid5(account.id, movement.identity),
        "creditor_id": file.creditor_id,
        "file_id": file.id,
        "account_id": account.id,
        "kind": file.kind,
        "amount_minor": movement.amount.minor,
        "currency": movement.amount.currency,
        "status": BankState.NEW.value,
        "why": movement.why.value if movement.why else None,
        "rounds": 0,
        **{name: getattr(movement, name) for name in SAME},
    }


#: What a row says in the same words as the file.
SAME = (
    "identity", "entry_key", "place", "whole", "credit", "reversal", "booked_on", "value_on", "servicer_ref",
    "entry_ref", "end_to_end", "reference", "payer", "payer_iban", "message",
)  # fmt: skip


#: What a booking without its parts does not know yet.
LEARNT = ("servicer_ref", "end_to_end", "reference", "payer", "payer_iban", "message")


def work_through(
    database: Database,
    creditor_id: UUID,
    file_id: UUID,
    *,
    now: datetime,
    today: date,
    most: int | None = None,
    together: bool = True,
) -> Figures:
    """Each new amount of the file stands on its claim or waits; `most` limits how many are done in this call.

    Small transactions: whoever stops it loses nothing, and calling it again goes on. `together` False books claim by
    claim where it could book many plain ones at once; both leave the same behind.
    """
    with database.reading() as session:
        waiting = store.due_of(session, creditor_id, file_id)
    work = waiting if most is None else waiting[:most]
    for part in _steps(work):
        with database.writing() as session:
            _work(session, creditor_id, part, now=now, today=today, together=together)
    with database.writing() as session:
        figures = _count(session, creditor_id, file_id, left=len(waiting) - len(work), now=now)
        waiting_task(session, creditor_id, now=now)
    return figures


def go_on(database: Database, creditor_id: UUID, file_id: UUID, *, now: datetime) -> None:
    """Some more of the file is worked through, and what is left waits for the worker again."""
    with database.reading() as session:
        today = now.astimezone(ZoneInfo(creditor_by_id(session, creditor_id).timezone)).date()
    figures = work_through(database, creditor_id, file_id, now=now, today=today, most=AT_A_TIME)
    if figures.left:
        with database.writing() as session:
            _ask_worker(session, creditor_id, file_id, figures.left, now=now)


def _ask_worker(session: Session, creditor_id: UUID, file_id: UUID, left: int, *, now: datetime) -> None:
    """The worker finishes what whoever handed the file in has not: first a minute later, then at once."""
    payload = {"creditor_id": str(creditor_id), "file_id": str(file_id)}
    run_at = now if left else now + PATIENCE
    jobs.enqueue(session, JobKind.BANK_FILE, f"bank_file:{file_id}:{left}", payload, now=now, run_at=run_at)


def _steps(work: Sequence[Due]) -> Iterator[Sequence[Due]]:
    """Credits in small groups, then each debit alone, because it looks for what was booked before it."""
    credits = [due for due in work if due.credit]
    yield from (credits[at : at + BOOKED_AT_ONCE] for at in range(0, len(credits), BOOKED_AT_ONCE))
    yield from ([due] for due in work if not due.credit)


def _work(
    session: Session, creditor_id: UUID, part: Sequence[Due], *, now: datetime, today: date, together: bool
) -> None:
    creditor = creditor_by_id(session, creditor_id)
    if not part[0].credit:
        _take_back(session, part[0], creditor, now=now, today=today)
        return
    locked = lock_claims(session, creditor_id, {due.claim_id for due in part if due.claim_id})
    rows = store.lock_transactions(session, creditor_id, [due.id for due in part])
    wanted: list[tuple[BankTransaction, Claim]] = []
    waiting: list[tuple[BankTransaction, Why]] = []
    twins = store.twins_of(session, list(rows.values()))
    for due in part:
        row = rows[due.id]
        if row.status == BankState.NEW:
            claim = locked.get(due.claim_id) if due.claim_id else None
            row.same_as = twins.get(row.id)
            why = _doubt(row, claim, today)
            if claim is None or why is not None:
                waiting.append((row, why or Why.UNKNOWN_REFERENCE))
            else:
                wanted.append((row, claim))
    done = book_together(session, creditor, wanted if together else [], waiting, actor=AUTOMATIC, now=now)
    for row, claim in wanted:
        if row.id not in done:
            put_on_claim(session, row, claim, creditor, actor=AUTOMATIC, now=now, today=today)


def _doubt(row: BankTransaction, claim: Claim | None, today: date) -> Why | None:
    """What keeps this money from its claim until somebody has looked; None if nothing does."""
    if row.why is not None:
        return Why(row.why)
    if row.reversal:
        return Why.CAME_BACK
    if claim is None:
        return Why.UNKNOWN_REFERENCE
    if claim.currency != row.currency:
        return Why.OTHER_CURRENCY
    if odd_date(row.value_on, today):
        return Why.ODD_DATE
    return Why.PERHAPS_TWICE if row.same_as else None


def _original(session: Session, row: BankTransaction) -> BankTransaction | None:
    """The one credit that this debit takes back; None where it could be none or several."""
    found = store.originals_of(session, row)
    return found[0] if len(found) == 1 else None


def _take_back(session: Session, due: Due, creditor: Creditor, *, now: datetime, today: date) -> None:
    """The bank took the money back: the claim is open again, or what waited is gone, and both rows say so."""
    there = store.transaction_at(session, creditor.id, due.id)
    found = _original(session, there) if there is not None else None
    claim = lock(session, creditor.id, found.claim_id) if found is not None and found.claim_id else None
    rows = store.lock_transactions(session, creditor.id, [due.id, *([found.id] if found else [])])
    row, original = rows[due.id], rows.get(found.id) if found else None
    if row.status != BankState.NEW:
        return
    if odd_date(row.value_on, today):
        wait(session, row, Why.ODD_DATE, now=now)
        return
    if original is not None and original.status == BankState.BOOKED and claim and original.claim_id == claim.id:
        take_off_claim(
            session, original, claim, creditor, on=row.value_on, to=BankState.REVERSED, actor=AUTOMATIC, now=now,
            today=today,
        )  # fmt: skip
    elif original is not None and original.status == BankState.UNMATCHED:
        stop_waiting(session, original, now=now)
        shift(original, BankState.REVERSED)
    else:
        wait(session, row, Why.NO_ORIGINAL, now=now)
        return
    row.claim_id, row.same_as = original.claim_id, original.id
    shift(row, BankState.REVERSED)


def _count(session: Session, creditor_id: UUID, file_id: UUID, *, left: int, now: datetime) -> Figures:
    row = session.get_one(BankFileRow, file_id)
    counted = store.count_by_state(session, creditor_id, file_id)
    row.booked = counted.get((BankState.BOOKED, True), 0) + counted.get((BankState.REVERSED, True), 0)
    without = (BankState.UNMATCHED, BankState.REPLACED, *ASIDE)
    row.unmatched = sum(count for (state, _), count in counted.items() if state in without)
    row.reversed = counted.get((BankState.REVERSED, False), 0)
    row.done_at = None if left else now
    return Figures(row.booked, row.known, row.unmatched, row.reversed, row.outgoing, row.pending, left)
