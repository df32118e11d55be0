"""How do a person's files get from the form into our store, without holding anybody up and without being lost?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField

from portal.rules.attachments import (
    DRAFT_LIFE,
    HEAD_BYTES,
    MAX_FILE_BYTES,
    TAIL_BYTES,
    FileProblem,
    FilePurpose,
    FileState,
    FileType,
    display_name,
    problems_of,
    problems_together,
    sniff,
    spoken_name,
)
from portal.store.attachments import Attachment, drafts_of, room_taken
from portal.store.claims import Claim
from portal.web import traces
from portal.web.i18n import gettext as _
from portal.web.labels.attachments import LABELS
from portal.web.login import ClerkVisitor, whoever
from portal.web.parts import now, parts
from portal.web.transaction import db, release


@dataclass(frozen=True)
class Kept:
    """A file that was accepted and is listed again, with a button to take it away."""

    name: str
    size: int
    key: str


class FilesField(MultipleFileField):
    """A field for several files; the template shows it by `f.files(form.files, kept=form.files.kept)`."""

    def __init__(self, label: str | None = None, **more: Any) -> None:
        super().__init__(label, **more)
        self.kept: list[Kept] = []

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Not good while "Remove" was pressed: then the page comes again, without a complaint."""
        return bool(super().validate(form, extra_validators)) and not request.form.get("remove")

    def refuse(self, sentence: str) -> None:
        """The sentence stands on the field, before and after validation."""
        self.process_errors = [*self.process_errors, sentence]
        self.errors = [*self.errors, sentence]


@dataclass(frozen=True)
class _Sent:
    """One file of the request, looked at but not decoded."""

    raw: FileStorage
    name: str
    size: int
    kind: FileType | None
    problems: list[FileProblem]


def receive(field: FilesField, claim: Claim, *, purpose: FilePurpose) -> list[UUID]:
    """Store the form's files as drafts and say which belong to what is sent; what is refused stands on the field.

    Call it in a POST right after the claim was found and before `form.sent_well()`: the transaction read so far is
    given back, so that no write lock is held while bytes are stored (`decisions.md` 14). Then hand the ids to
    `actions.attachments.attach` with the same purpose. The claim may be used on; other rows read before may not.
    """
    session = db()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("files are stored before anything is written")
    visitor = whoever()
    clerk_id = visitor.clerk_id if isinstance(visitor, ClerkVisitor) else None
    release()
    kept, removed, files_there, bytes_there = _drafts(claim, clerk_id)
    sent = [_judged(raw) for raw in field.data or [] if isinstance(raw, FileStorage) and raw.filename]
    good = _accepted(field, sent, kept, files_there=files_there, bytes_there=bytes_there)
    rows = [_stored(one, claim, clerk_id, purpose) for one in good]
    traces.keep_files(parts().database, rows, [row.id for row in removed])
    for row in removed:
        parts().files.delete(row.original_key or "")
    field.kept = [Kept(row.name, row.size, str(row.id)) for row in [*kept, *rows]]
    db().add(claim)
    return [row.id for row in [*kept, *rows]]


def _drafts(claim: Claim, clerk_id: UUID | None) -> tuple[list[Attachment], list[Attachment], int, int]:
    """This person's drafts that the form lists, those to take away, and how much the claim holds besides."""
    listed, remove = set(request.form.getlist("kept")), request.form.get("remove", "")
    with parts().database.reading() as session:
        mine = drafts_of(session, claim.creditor_id, claim.id, clerk_id=clerk_id, now=now())
        files_there, bytes_there = room_taken(session, claim.creditor_id, claim.id)
    kept = [row for row in mine if str(row.id) in listed and str(row.id) != remove]
    removed = [row for row in mine if str(row.id) == remove]
    counted = [*kept, *removed]
    return kept, removed, files_there - len(counted), bytes_there - sum(row.size for row in counted)


def _judged(raw: FileStorage) -> _Sent:
    stream = raw.stream
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(max(0, size - TAIL_BYTES))
    tail = stream.read(TAIL_BYTES)
    name = raw.filename or ""
    return _Sent(raw, name, size, sniff(head), problems_of(name, size, head, tail))


def _accepted(
    field: FilesField, sent: Sequence[_Sent], kept: Sequence[Attachment], *, files_there: int, bytes_there: int
) -> list[_Sent]:
    """The files that may stay; each of the others has its sentence on the field."""
    sentences = LABELS[FileProblem]
    for one in sent:
        if one.problems:
            told = " ".join(_(sentences[problem]) for problem in one.problems)
            field.refuse(_("%(name)s: %(reason)s", name=spoken_name(one.name), reason=told))
    good = [one for one in sent if not one.problems]
    sizes = [row.size for row in kept] + [one.size for one in good]
    together = problems_together(sizes, claim_files=files_there, claim_bytes=bytes_there) if good else []
    for problem in together:
        field.refuse(_(sentences[problem]))
    return [] if together else good


def _stored(one: _Sent, claim: Claim, clerk_id: UUID | None, purpose: FilePurpose) -> Attachment:
    """The bytes lie encrypted in the store; the row is not written yet."""
    one.raw.stream.seek(0)
    data = one.raw.stream.read(MAX_FILE_BYTES + 1)
    kind = one.kind or FileType.PDF
    return Attachment(
        id=uuid4(),
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        debtor_id=claim.debtor_id,
        clerk_id=clerk_id,
        purpose=FilePurpose.DRAFT.value,
        name=display_name(one.name, kind.served, _(LABELS[FilePurpose][purpose])),
        type=kind.value,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        state=FileState.RECEIVED.value,
        original_key=parts().files.put(data),
        received_at=now(),
        expires_at=now() + DRAFT_LIFE,
    )
