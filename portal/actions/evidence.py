"""What happens when a document is added to a claim, or is found to be missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.actions.attachments import attach
from portal.actions.history import record
from portal.actions.pauses import end_pause
from portal.rules.attachments import FilePurpose
from portal.rules.evidence import EvidenceKind, EvidenceProblem, problems
from portal.rules.history import Actor, EventKind
from portal.rules.pauses import PauseReason
from portal.store.claims import Claim, lock
from portal.store.evidence import Evidence, evidence_at, next_number
from portal.store.pauses import open_pauses
from portal.store.settings import Creditor


def add(
    session: Session,
    claim: Claim,
    creditor: Creditor,
    kind: EvidenceKind | None,
    title: str,
    files: Sequence[UUID],
    *,
    with_letter: bool,
    op: UUID,
    actor: Actor,
    now: datetime,
    today: date,
) -> Evidence | list[EvidenceProblem]:
    """The document stands beside the claim for both sides, and a pause because it was missing is over.

    `files` is the one draft that the desk uploaded. The same `op` again gives the document that is there.
    """
    lock(session, claim.creditor_id, claim.id)
    identity = uuid5(claim.id, str(op))
    known = evidence_at(session, claim.creditor_id, claim.id, identity)
    if known is not None:
        return known
    found = problems(kind, title, files=len(files), with_letter=with_letter, health=creditor.health)
    if found or kind is None:
        return found
    (file,) = attach(session, claim, files, purpose=FilePurpose.EVIDENCE, subject_id=identity, actor=actor, now=now)
    row = Evidence(
        id=identity,
        creditor_id=claim.creditor_id,
        claim_id=claim.id,
        attachment_id=file.id,
        kind=kind.value,
        title=title.strip(),
        with_letter=with_letter,
        number=next_number(session, claim.creditor_id, claim.id),
        added_at=now,
    )
    session.add(row)
    record(
        session, claim, EventKind.EVIDENCE_ADDED, actor=actor, now=now, subject="evidence", subject_id=row.id,
        kind_of=kind, with_letter=with_letter,
    )  # fmt: skip
    go_on(session, claim, actor=actor, now=now, today=today)
    return row


def go_on(session: Session, claim: Claim, *, actor: Actor, now: datetime, today: date) -> None:
    """The claim rested because a document was missing; now it is there."""
    for row in open_pauses(session, claim.creditor_id, claim.id, today):
        if row.reason == PauseReason.EVIDENCE_MISSING:
            end_pause(session, claim, row, actor=actor, now=now, today=today)
