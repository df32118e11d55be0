"""What happens to a stranger's file: it is sent, scanned, turned into our own copy, or refused and swept away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.actions.history import record
from portal.actions.jobs import enqueue
from portal.gateways.files import FileStore, FileUnreadable
from portal.gateways.pixels import CannotConvert, Converted, Converter
from portal.gateways.scan import Scanner
from portal.rules.attachments import INFECTED_LIFE, ORPHAN_AGE, FileProblem, FilePurpose, FileState, FileType, sniff
from portal.rules.history import Actor, EventKind, MoveNotAllowed, system
from portal.rules.jobs import JobKind
from portal.store.attachments import (
    Attachment,
    attachment_at_work,
    drafts_of,
    forgotten_drafts,
    found_infected,
    known_keys,
    same_bytes_done,
)
from portal.store.claims import Claim, lock
from portal.store.database import Database
from portal.store.import_files import import_keys
from portal.store.letter_runs import keys_of_files


def attach(
    session: Session,
    claim: Claim,
    ids: Sequence[UUID],
    *,
    purpose: FilePurpose,
    subject_id: UUID,
    actor: Actor,
    now: datetime,
) -> list[Attachment]:
    """These uploaded files are part of what is sent, and the worker will scan and convert them.

    `actor` is who uploaded them. Raises MoveNotAllowed when one is not a draft of this person any more.
    """
    if not ids:
        return []
    drafts = {row.id: row for row in drafts_of(session, claim.creditor_id, claim.id, clerk_id=actor.clerk_id, now=now)}
    if not set(ids) <= drafts.keys():
        raise MoveNotAllowed("attachment", None, purpose)
    sent = [drafts[attachment_id] for attachment_id in dict.fromkeys(ids)]
    for row in sent:
        row.purpose, row.subject_id, row.expires_at = purpose.value, subject_id, None
        enqueue(session, JobKind.ATTACHMENT, f"attachment:{row.id}", {"attachment_id": str(row.id)}, now=now)
    session.flush()
    return sent


def process(
    database: Database,
    files: FileStore,
    scanner: Scanner,
    converter: Converter,
    attachment_id: UUID,
    *,
    now: datetime,
) -> None:
    """The file is ready as a copy that we made ourselves, or refused with a line in the timeline.

    ScanFailed and ConverterDown go through: the file stays as it is, and the queue tries again.
    """
    with database.reading() as session:
        row = attachment_at_work(session, attachment_id)
        twin = same_bytes_done(session, row) if row is not None and row.original_key is not None else None
    if row is None or row.original_key is None:
        return
    if twin is not None:
        _as_its_twin(database, row, twin, now=now)
        return
    try:
        data = files.get(row.original_key)
    except FileUnreadable:
        _refuse(database, row, FileState.DAMAGED, FileProblem.BROKEN, now=now)
        return
    if not scanner.scan(data).clean:
        _refuse(database, row, FileState.REJECTED, FileProblem.INFECTED, now=now)
        return
    try:
        kind = sniff(data) or FileType(row.type)
        copy = converter.convert(data, kind)
    except CannotConvert as refused:
        _refuse(database, row, FileState.REJECTED, refused.problem, now=now)
        return
    _make_ready(database, files, attachment_id, copy, kind.served)


def sweep(database: Database, files: FileStore, *, now: datetime, wall: datetime) -> list[str]:
    """Drafts nobody sent, old viruses and bytes that no row knows are gone; the keys of the last are returned.

    `wall` is the machine's own time, by which the file store dates its files; `now` may be a demo's.
    """
    gone: list[str] = []
    with database.writing() as session:
        for draft in forgotten_drafts(session, now):
            gone += [key for key in (draft.original_key, draft.ready_key) if key]
            session.delete(draft)
        for row in found_infected(session, now - INFECTED_LIFE):
            gone.append(row.original_key or "")
            row.original_key = None
    for key in gone:
        files.delete(key)
    with database.reading() as session:
        known = known_keys(session) | import_keys(session) | keys_of_files(session)
    return files.sweep(known, wall - ORPHAN_AGE)


def _make_ready(database: Database, files: FileStore, attachment_id: UUID, copy: Converted, kind: FileType) -> None:
    key = files.put(copy.data)
    with database.writing() as session:
        row = attachment_at_work(session, attachment_id)
        if row is not None:
            row.state, row.ready_key = FileState.READY.value, key
            row.ready_type, row.ready_size, row.pages = kind.value, len(copy.data), copy.pages
            return
    files.delete(key)


def _as_its_twin(database: Database, seen: Attachment, twin: Attachment, *, now: datetime) -> None:
    """One document on many claims is scanned and copied once."""
    if twin.state != FileState.READY or twin.ready_key is None:
        _refuse(database, seen, FileState(twin.state), FileProblem(twin.problem or FileProblem.BROKEN), now=now)
        return
    with database.writing() as session:
        row = attachment_at_work(session, seen.id)
        if row is not None:
            row.state, row.ready_key, row.ready_type = FileState.READY.value, twin.ready_key, twin.ready_type
            row.ready_size, row.pages = twin.ready_size, twin.pages


def _refuse(database: Database, seen: Attachment, state: FileState, problem: FileProblem, *, now: datetime) -> None:
    with database.writing() as session:
        claim = lock(session, seen.creditor_id, seen.claim_id)
        row = attachment_at_work(session, seen.id)
        if row is None:
            return
        row.state, row.problem = state.value, problem.value
        record(
            session, claim, EventKind.FILE_REFUSED, actor=system("file check"), now=now, subject="attachment",
            subject_id=row.id, problem=problem,
        )  # fmt: skip
