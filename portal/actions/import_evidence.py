"""What happens to documents that come beside a file of claims, with it or later: each finds its claims by name.

A document goes the way of every upload: judged by its bytes, kept sealed, scanned and copied by the worker. It is kept
once, however many rows name it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.evidence import go_on
from portal.actions.history import record
from portal.actions.jobs import enqueue, waiting
from portal.gateways.files import FileStore
from portal.rules.attachments import (
    HEAD_BYTES,
    MAX_CLAIM_FILES,
    MAX_FILE_BYTES,
    TAIL_BYTES,
    FileProblem,
    FilePurpose,
    FileState,
    FileType,
    display_name,
    problems_of,
    sniff,
)
from portal.rules.claims import Basis, ClaimStatus, PositionKind
from portal.rules.evidence import EvidenceKind
from portal.rules.history import Actor, EventKind
from portal.rules.import_evidence import file_key, kind_of, kinds_of, place_on, title_of
from portal.rules.jobs import JobKind
from portal.store.attachments import Attachment, room_taken
from portal.store.claims import Claim, lock, positions_of
from portal.store.database import Database
from portal.store.evidence import Evidence, next_number
from portal.store.import_evidence import ImportEvidence, claims_waiting_for, no_longer_waits, waited_for
from portal.store.imports import put
from portal.store.jobs import Job

Open = Callable[[], BinaryIO]
#: So many stored documents are remembered, so that one which many rows name is stored once.
REMEMBERED = 1_000
#: So many claims get their documents in one transaction.
AT_ONCE = 20


class NameProblem(StrEnum):
    """What stands against a document besides what is wrong with its bytes."""

    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A document that is not taken, by the name it was handed in under, and everything that stands against it."""

    name: str
    problems: tuple[FileProblem | NameProblem, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A document whose sealed bytes lie in the store; no row knows them before its first claim is written."""

    name: str
    kind: FileType
    size: int
    sha256: bytes
    key: str


@dataclass
class Handed:
    """Documents handed in beside a table: those that can be taken, by `file_key`, and the others with their reasons."""

    store: FileStore
    good: Mapping[str, tuple[str, Open]]
    refused: tuple[RefusedFile, ...]
    _kept: OrderedDict[str, Stored] = field(default_factory=OrderedDict)

    @property
    def names(self) -> frozenset[str]:
        """What `Setting.evidence` is made of."""
        return frozenset(self.good)

    def stored(self, key: str) -> Stored | None:
        """The document of this name, in the store from now on; None if nobody handed it in."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self.good:
            return None
        name, opened = self.good[key]
        with opened() as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
        kept = Stored(name, sniff(data) or FileType.PDF, len(data), hashlib.sha256(data).digest(), self.store.put(data))
        self._kept[key] = kept
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return kept


def judged(store: FileStore, files: Iterable[tuple[str, Open]]) -> Handed:
    """These documents by their names, each looked at but not decoded; two under one name are both refused."""
    good: dict[str, tuple[str, Open]] = {}
    refused: list[RefusedFile] = []
    seen: dict[str, str] = {}
    for name, opened in files:
        key = file_key(name)
        if key in seen:
            good.pop(key, None)
            refused += [RefusedFile(one, (NameProblem.TWICE,)) for one in dict.fromkeys((seen[key], name))]
            continue
        seen[key] = name
        problems = _problems(name, opened)
        if problems:
            refused.append(RefusedFile(name, tuple(problems)))
        else:
            good[key] = (name, opened)
    return Handed(store, good, tuple(dict.fromkeys(refused)))


def _problems(name: str, opened: Open) -> list[FileProblem]:
    with opened() as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(HEAD_BYTES)
        stream.seek(max(0, size - TAIL_BYTES))
        return problems_of(name, size, head, stream.read(TAIL_BYTES))


@dataclass
class Papers:
    """The rows of tables that the documents of a set of new claims leave behind."""

    attachments: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    wanted: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, creditor_id: UUID, import_id: UUID, claim_id: UUID, debtor_id: UUID, names: Sequence[str],
        lines: Sequence[tuple[Any, Any]], stored: Mapping[str, Stored], *, clerk_id: UUID | None, now: datetime,
    ) -> tuple[list[tuple[UUID, EvidenceKind]], list[UUID | None]]:  # fmt: skip
        """The claim's named documents stand beside it, those that are missing are waited for.

        Answers with the former and what each is, and for each line, by kind and basis, the document that shows it.
        """
        added: dict[int, UUID] = {}
        kinds = kinds_of(names)
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
            found = stored.get(file_key(name))
            if found is None:
                self.wanted.append({
                    "creditor_id": creditor_id, "claim_id": claim_id, "key": file_key(name), "import_id": import_id,
                    "name": name, "place": place,
                })  # fmt: skip
                continue
            paper = _attachment(creditor_id, claim_id, debtor_id, found, clerk_id, now)
            self.attachments.append(paper)
            self.jobs.append(waiting(*_work(paper["id"]), now=now))
            added[place] = paper["subject_id"]
            self.evidence.append({
                "id": paper["subject_id"], "creditor_id": creditor_id, "claim_id": claim_id,
                "attachment_id": paper["id"], "kind": kind.value, "title": title_of(found.name), "with_letter": False,
                "number": len(added), "added_at": now,
            })  # fmt: skip
        places = [place_on(PositionKind(kind), Basis(basis), kinds) for kind, basis in lines]
        shown = [added.get(place) if place is not None else None for place in places]
        return [(identity, kinds[place]) for place, identity in added.items()], shown


def write_papers(session: Session, papers: Papers) -> None:
    """These documents stand beside claims that were written before them."""
    for table, rows in (
        (Attachment, papers.attachments), (Evidence, papers.evidence), (ImportEvidence, papers.wanted),
        (Job, papers.jobs),
    ):  # fmt: skip
        put(session, table, rows)


def _attachment(
    creditor_id: UUID, claim_id: UUID, debtor_id: UUID, found: Stored, clerk_id: UUID | None, now: datetime
) -> dict[str, Any]:
    identity = uuid5(claim_id, f"file {file_key(found.name)}")
    return {
        "id": uuid5(identity, "attachment"), "creditor_id": creditor_id, "claim_id": claim_id, "debtor_id": debtor_id,
        "clerk_id": clerk_id, "purpose": FilePurpose.EVIDENCE.value, "subject_id": identity,
        "name": display_name(found.name, found.kind.served, ""), "type": found.kind.value, "size": found.size,
        "sha256": found.sha256, "state": FileState.RECEIVED.value, "original_key": found.key, "received_at": now,
    }  # fmt: skip


def _work(attachment_id: UUID) -> tuple[JobKind, str, dict[str, Any]]:
    return JobKind.ATTACHMENT, f"attachment:{attachment_id}", {"attachment_id": str(attachment_id)}


def add_evidence(
    database: Database, creditor_id: UUID, import_id: UUID | None, handed: Handed, *, actor: Actor, now: datetime,
    today: date, claim_ids: Collection[UUID] = (),
) -> int:  # fmt: skip
    """Claims that wait for one of these documents have it from now on; how many documents found their claim.

    Of this import, or with None of these claims. The same again changes nothing; what nobody waits for is left out.
    """
    added = 0
    for keys in _parts(sorted(handed.names)):
        for ids in _parts(sorted(claim_ids)) if import_id is None else [[]]:
            added += _find_claims(
                database, creditor_id, import_id, handed, keys, ids, actor=actor, now=now, today=today
            )
    return added


def _parts(things: Sequence[Any], size: int = 500) -> Iterator[list[Any]]:
    left = iter(things)
    while part := list(islice(left, size)):
        yield part


def _find_claims(
    database: Database, creditor_id: UUID, import_id: UUID | None, handed: Handed, keys: Sequence[str],
    ids: Sequence[UUID], *, actor: Actor, now: datetime, today: date,
) -> int:  # fmt: skip
    added, last = 0, None
    while True:
        with database.reading() as session:
            waiting_claims = claims_waiting_for(
                session, creditor_id, keys, import_id=import_id, claim_ids=ids, after=last, limit=AT_ONCE
            )
            wanted = {row.key for one in waiting_claims for row in waited_for(session, creditor_id, one, keys)}
        if not waiting_claims:
            return added
        last = waiting_claims[-1]
        stored = {key: found for key in sorted(wanted) if (found := handed.stored(key)) is not None}
        with database.writing() as session:
            for claim_id in waiting_claims:
                claim = lock(session, creditor_id, claim_id)
                added += _put_beside(session, claim, stored, actor=actor, now=now, today=today)


def _put_beside(
    session: Session, claim: Claim, stored: Mapping[str, Stored], *, actor: Actor, now: datetime, today: date
) -> int:
    if claim.status != ClaimStatus.OPEN or claim.undone_at is not None:
        return 0
    held, _ = room_taken(session, claim.creditor_id, claim.id)
    rows = waited_for(session, claim.creditor_id, claim.id, list(stored))[: MAX_CLAIM_FILES - held]
    for row in rows:
        _add_one(session, claim, row, stored[row.key], actor=actor, now=now)
    if rows:
        go_on(session, claim, actor=actor, now=now, today=today)
    return len(rows)


def _add_one(
    session: Session, claim: Claim, row: ImportEvidence, found: Stored, *, actor: Actor, now: datetime
) -> None:
    kind = kind_of(row.name, first=row.place == 0)
    paper = _attachment(claim.creditor_id, claim.id, claim.debtor_id, found, actor.clerk_id, now)
    session.add(Attachment(**paper))
    session.flush()
    number = next_number(session, claim.creditor_id, claim.id)
    session.add(
        Evidence(
            id=paper["subject_id"], creditor_id=claim.creditor_id, claim_id=claim.id, attachment_id=paper["id"],
            kind=kind.value, title=title_of(found.name), with_letter=False, number=number, added_at=now,
        )
    )  # fmt: skip
    for line in positions_of(session, claim):
        if line.evidence_id is None and place_on(PositionKind(line.kind), Basis(line.basis), [kind]) is not None:
            line.evidence_id = paper["subject_id"]
    no_longer_waits(session, row)
    work, key, payload = _work(paper["id"])
    enqueue(session, work, key, payload, now=now)
    record(
        session, claim, EventKind.EVIDENCE_ADDED, actor=actor, now=now, subject="evidence",
        subject_id=paper["subject_id"], kind_of=kind, with_letter=False,
    )  # fmt: skip
