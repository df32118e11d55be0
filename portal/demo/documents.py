"""How do the demo's own papers and photos get into the file store, ready to be opened?"""

from __future__ import annotations

import hashlib
import io
import secrets
from datetime import datetime
from uuid import UUID, uuid4

import pikepdf
from PIL import Image
from sqlalchemy import select

from portal.actions.attachments import process
from portal.demo.scene import Story
from portal.gateways.files import LocalFiles
from portal.gateways.pixels import Converted
from portal.gateways.scan import NoScanner
from portal.rules.attachments import DRAFT_LIFE, FilePurpose, FileState, FileType, sniff
from portal.rules.history import Actor
from portal.store.attachments import Attachment
from portal.web.parts import Parts


class QuickFiles(LocalFiles):
    """The same encrypted files, written without waiting for the disk: sample data that is lost is made again."""

    def put(self, data: bytes) -> str:
        """The bytes lie encrypted under a new random key."""
        key = secrets.token_hex(16)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(self._keys.seal(data, key.encode()))
        return key


class OwnCopies:
    """We made these files a moment ago, so they are their own clean copies and need no sandbox."""

    def convert(self, data: bytes, type: FileType) -> Converted:
        """The same bytes, with what the page says about them."""
        if type is FileType.PDF:
            with pikepdf.open(io.BytesIO(data)) as paper:
                return Converted(data, type.media_type, pages=len(paper.pages))
        with Image.open(io.BytesIO(data)) as picture:
            return Converted(data, type.media_type, width=picture.width, height=picture.height)


def draft(story: Story, name: str, data: bytes, by: Actor, now: datetime) -> UUID:
    """The file lies in the store as a draft of this person, as if it had been uploaded; its id."""
    claim = story.claim
    row = Attachment(
        id=uuid4(),
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        debtor_id=claim.debtor_id,
        clerk_id=by.clerk_id,
        purpose=FilePurpose.DRAFT.value,
        name=name,
        type=(sniff(data) or FileType.PDF).value,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        state=FileState.RECEIVED.value,
        original_key=story.parts.files.put(data),
        received_at=now,
        expires_at=now + DRAFT_LIFE,
    )
    story.session.add(row)
    story.session.flush()
    return row.id


def make_ready(parts: Parts, *, now: datetime) -> None:
    """Every file of the demo can be opened."""
    with parts.database.reading() as session:
        waiting = session.scalars(
            select(Attachment.id).where(
                Attachment.state == FileState.RECEIVED.value, Attachment.purpose != FilePurpose.DRAFT.value
            )
        ).all()
    for attachment_id in waiting:
        process(parts.database, parts.files, NoScanner(), OwnCopies(), attachment_id, now=now)
