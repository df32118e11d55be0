"""Faults between an upload and its row: F31, F32 (`security.md` 3.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from portal.actions import attachments
from portal.actions.trial import check_files
from portal.store.attachments import Attachment
from tests import hostile
from tests.examples import DORA, VELO
from tests.faults.looks import SQLITE
from tests.people import Portal

pytestmark = [pytest.mark.slow, SQLITE]


def stored(portal: Portal) -> set[str]:
    return {path.name for path in Path(portal.parts.settings.files_root).rglob("*") if path.is_file()}


def row(portal: Portal, key: str) -> Attachment:
    """A file of Dora's claim that can be opened."""
    data = hostile.jpeg()
    made = Attachment(
        id=uuid4(), creditor_id=VELO, claim_id=DORA.claim_id, debtor_id=DORA.debtor_id, purpose="message",
        name="Foto.jpg", type="jpeg", size=len(data), sha256=b"x", state="ready", original_key=key, ready_key=key,
        ready_type="image/jpeg", ready_size=len(data), received_at=portal.clock(),
    )  # fmt: skip
    with portal.writing() as session:
        session.add(made)
    return made


def test_f31_crash_after_the_file_before_its_row(portal: Portal) -> None:
    """A file that no row knows is gone after an hour, never earlier; one that a row knows stays."""
    orphan, known = (portal.parts.files.put(hostile.jpeg()) for _ in range(2))
    row(portal, known)
    for later, left in ((timedelta(minutes=30), {orphan, known}), (timedelta(minutes=90), {known})):
        wall = datetime.now(UTC) + later
        attachments.sweep(portal.parts.database, portal.parts.files, now=portal.clock(), wall=wall)
        assert stored(portal) == left


def test_f32_the_row_is_there_and_the_file_is_not(portal: Portal) -> None:
    """No 500: the page says that it is damaged and asks for it again, and the night's comparison tells the desk."""
    key = portal.parts.files.put(hostile.jpeg())
    made = row(portal, key)
    portal.parts.files.delete(key)
    dora = portal.dora.is_in()
    answer = dora.opens(f"/files/{made.id}?lang=en")
    assert answer.status_code in {404, 410}
    assert check_files(portal.parts.database, portal.parts.files, now=portal.clock()) == 1
    assert "A stored file can" in portal.staff("lena").is_in().reads("/desk/reconciliation")
    text = answer.get_data(as_text=True)
    assert "again" in text
