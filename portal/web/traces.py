"""What is noted whatever the answer was: last seen, read marks, drafts; short transactions of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, after_this_request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.rules.attachments import FilePurpose
from portal.store.access import Draft, SignedIn
from portal.store.attachments import Attachment
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.messages import Message
from portal.store.offers import Offer
from portal.web.parts import now as this_moment
from portal.web.parts import parts

#: The tables that a GET or a refused POST may write (`decisions.md` 13); a test holds this list.
TECHNICAL_TABLES = frozenset({"signed_in", "throttle", "letter_code", "draft", "attachment", "clerk", "job"})
#: Columns of business tables that are read marks and nothing else.
READ_MARKS = frozenset(
    {("claim", "debtor_read_at"), ("claim", "clerk_read_at"), ("message", "read_at"), ("offer", "shown_at")}
)
SEEN_EVERY = timedelta(minutes=1)
DRAFT_LIFE = timedelta(hours=24)
NEVER_KEPT = frozenset({"csrf_token", "op", "seen", "code", "postcode", "fact", "pin", "password", "otp"})


def seen(database: Database, session_id: UUID, seen_at: datetime, now: datetime) -> None:
    """Note that the person is still there, at most once a minute."""
    if now - seen_at < SEEN_EVERY:
        return
    with database.writing() as session:
        session.execute(
            update(SignedIn).where(SignedIn.id == session_id, SignedIn.ended_at.is_(None)).values(seen_at=now)
        )


def later(note: Callable[[Database, UUID, UUID, datetime], None], creditor_id: UUID, thing_id: UUID) -> None:
    """Write this mark on a claim or an offer once this request was answered well, after its own transaction."""

    @after_this_request
    def write(response: Response) -> Response:
        if response.status_code < 400:
            note(parts().database, creditor_id, thing_id, this_moment())
        return response


def read_by_debtor(database: Database, creditor_id: UUID, claim_id: UUID, now: datetime) -> None:
    """Note that the person has seen what the creditor answered."""
    with database.writing() as session:
        _mark_claim(session, creditor_id, claim_id, debtor_read_at=now)
        _mark_messages(session, creditor_id, claim_id, from_clerk=True, now=now)


def offer_shown(database: Database, creditor_id: UUID, offer_id: UUID, now: datetime) -> None:
    """Note that the person has read this offer, so that it can't be taken back any more."""
    with database.writing() as session:
        session.execute(
            update(Offer)
            .where(Offer.creditor_id == creditor_id, Offer.id == offer_id, Offer.shown_at.is_(None))
            .values(shown_at=now, version=Offer.version)
        )


def read_by_clerk(database: Database, creditor_id: UUID, claim_id: UUID, now: datetime) -> None:
    """Note that the desk has seen what the person wrote."""
    with database.writing() as session:
        _mark_claim(session, creditor_id, claim_id, clerk_read_at=now)
        _mark_messages(session, creditor_id, claim_id, from_clerk=False, now=now)


def _mark_claim(session: Session, creditor_id: UUID, claim_id: UUID, **marks: datetime) -> None:
    session.execute(
        update(Claim)
        .where(Claim.creditor_id == creditor_id, Claim.id == claim_id)
        .values(version=Claim.version, **marks)
        .execution_options(synchronize_session=False)
    )


def _mark_messages(session: Session, creditor_id: UUID, claim_id: UUID, *, from_clerk: bool, now: datetime) -> None:
    sender = Message.clerk_id.is_not(None) if from_clerk else Message.debtor_id.is_not(None)
    session.execute(
        update(Message)
        .where(
            Message.creditor_id == creditor_id,
            Message.claim_id == claim_id,
            Message.read_at.is_(None),
            sender,
            Message.kind == "message",
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def keep_draft(
    database: Database,
    *,
    creditor_id: UUID,
    debtor_id: UUID,
    signed_in_id: UUID | None,
    path: str,
    fields: Mapping[str, list[str]],
    now: datetime,
) -> None:
    """Keep what the person had typed for 24 hours; it is offered after the next sign-in."""
    kept = {name: values for name, values in fields.items() if name not in NEVER_KEPT and any(values)}
    if not kept or sum(len(value) for values in kept.values() for value in values) > 20_000:
        return
    with database.writing() as session:
        session.add(
            Draft(
                creditor_id=creditor_id,
                debtor_id=debtor_id,
                signed_in_id=signed_in_id,
                path=path[:300],
                fields=kept,
                kept_at=now,
                expires_at=now + DRAFT_LIFE,
            )
        )


def drafts_move_on(database: Database, ended: UUID, begun: UUID) -> None:
    """What was typed with the letter in this browser's session before waits in its new session."""
    with database.writing() as session:
        session.execute(update(Draft).where(Draft.signed_in_id == ended).values(signed_in_id=begun))


def keep_files(database: Database, rows: Sequence[Attachment], removed: Sequence[UUID]) -> None:
    """Files that a person uploaded but has not sent are kept as drafts, and those she took away are gone."""
    if not rows and not removed:
        return
    with database.writing() as session:
        session.add_all(rows)
        session.execute(delete(Attachment).where(Attachment.id.in_(removed), Attachment.purpose == FilePurpose.DRAFT))


def forget_draft(database: Database, creditor_id: UUID, debtor_id: UUID, path: str) -> None:
    """Nothing waits for this person on this page any more."""
    mine = (Draft.creditor_id == creditor_id, Draft.debtor_id == debtor_id, Draft.path == path)
    with database.reading() as session:
        if session.scalar(select(Draft.id).where(*mine).limit(1)) is None:
            return
    with database.writing() as session:
        session.execute(delete(Draft).where(*mine))
