"""What happens when somebody is told by e-mail: the row is written with what it tells of, then it goes out or fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.actions import jobs
from portal.gateways.mail import Mail, MailGateway, MailLater, MailRefused
from portal.rules.history import Actor, EventKind
from portal.rules.jobs import JobKind
from portal.rules.notices import (
    GIVES_UP_AFTER,
    KEPT,
    NEWS_EVERY,
    ContactWay,
    NoticeKind,
    NoticeState,
    told_of,
    waits,
)
from portal.store.claims import Claim
from portal.store.database import Database
from portal.store.notices import (
    Notice,
    last_news_at,
    notice_by_id,
    notice_once,
    old_notices_gone,
    waiting_news,
)
from portal.store.people import Clerk, Debtor, clerk_by_id, debtor_by_id
from portal.store.settings import creditor_by_id
from portal.store.today import Task, task_since

FAILED_TASK = "notice_failed"
TOLD_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ToWrite:
    """What the words of a mail are made from: kind, language, firm, and numbers; nothing of any claim."""

    id: UUID
    kind: NoticeKind
    to: str
    language: str
    message_id: str
    creditor_id: UUID
    firm: str
    slug: str
    debtor_id: UUID | None
    details: dict[str, Any]


#: Makes the mail's words; the web layer knows them.
Write = Callable[[ToWrite], Mail]


def event_happened(session: Session, claim: Claim, kind: EventKind, *, actor: Actor, now: datetime) -> None:
    """If this event asks for it and the person wants it, an e-mail waits; several events in an hour make one."""
    asked = told_of(kind, actor.kind)
    if asked is None:
        return
    person = debtor_by_id(session, claim.creditor_id, claim.debtor_id)
    if person is None or not wants_mail(person) or waiting_news(session, person.creditor_id, person.id) is not None:
        return
    last = last_news_at(session, person.creditor_id, person.id)
    at = now if last is None else max(now, last + NEWS_EVERY)
    to_debtor(session, person, asked, claim_id=claim.id, address=person.email or "", at=at, now=now)


def wants_mail(person: Debtor) -> bool:
    """True for those who asked for e-mail and have shown that the address is theirs."""
    return person.contact_way == ContactWay.EMAIL and bool(person.email) and person.email_confirmed_at is not None


def to_debtor(
    session: Session,
    person: Debtor,
    kind: NoticeKind,
    *,
    claim_id: UUID,
    address: str,
    at: datetime,
    now: datetime,
    language: str = "",
    **details: str,
) -> Notice:
    """An e-mail to this person waits for the worker, from `at` on."""
    notice = Notice(
        id=uuid4(), creditor_id=person.creditor_id, kind=kind.value, debtor_id=person.id, claim_id=claim_id,
        address=address, language=language or person.language, details=details,
    )  # fmt: skip
    return _enqueue(session, notice, at=at, now=now)


def to_clerk(
    session: Session, clerk: Clerk, kind: NoticeKind, *, once: str, now: datetime, **numbers: int
) -> Notice | None:
    """An e-mail to this colleague waits for the worker; the same `once` is told once, ever."""
    if notice_once(session, once) is not None:
        return None
    notice = Notice(
        id=uuid4(), creditor_id=clerk.creditor_id, kind=kind.value, clerk_id=clerk.id, address=clerk.email,
        language=clerk.language, details=numbers, once=once,
    )  # fmt: skip
    return _enqueue(session, notice, at=now, now=now)


def _enqueue(session: Session, notice: Notice, *, at: datetime, now: datetime) -> Notice:
    notice.state, notice.attempts = NoticeState.WAITING.value, 0
    notice.created_at, notice.from_at, notice.next_try_at = now, at, at
    session.add(notice)
    session.flush()
    _due(session, notice, at=at, now=now)
    return notice


def _due(session: Session, notice: Notice, *, at: datetime, now: datetime) -> None:
    key = f"notice:{notice.id}:{at.isoformat()}"
    jobs.enqueue(session, JobKind.NOTICE, key, {"notice_id": str(notice.id)}, now=now, run_at=at)


def put_off(database: Database, notice_id: UUID, *, until: datetime, now: datetime) -> None:
    """The server is known to be away: the mail is due later, and that was no try."""
    with database.writing() as session:
        notice = notice_by_id(session, notice_id, locked=True)
        if notice is not None and notice.state == NoticeState.WAITING:
            if now - notice.from_at >= GIVES_UP_AFTER:
                _fails(session, notice, notice.reply, now=now)
            else:
                notice.next_try_at = until
                _due(session, notice, at=until, now=now)


def deliver(
    database: Database, mail: MailGateway, write: Write, notice_id: UUID, *, date: str, now: datetime
) -> MailLater | None:
    """The mail is out, waits for another try, has failed where the desk sees it, or is not wanted any more.

    The server is asked outside any transaction; if this process dies after its yes, the mail goes again under the same
    Message-ID (F30). Returns what kept it waiting.
    """
    with database.writing() as session:
        wanted = _still_wanted(session, mail, notice_id, now=now)
    if wanted is None:
        return None
    later: MailLater | None = None
    refused = ""
    reply = ""
    try:
        reply = mail.send(write(wanted), date=date)
    except MailLater as problem:
        later = problem
    except MailRefused as problem:
        refused = problem.reply
    with database.writing() as session:
        notice = notice_by_id(session, notice_id, locked=True)
        if notice is None or notice.state != NoticeState.WAITING:
            return later
        notice.attempts += 1
        if refused:
            _fails(session, notice, refused, now=now)
        elif later is not None:
            _again(session, notice, later.reply, now=now)
        else:
            _ends(notice, NoticeState.SENT, reply, now=now)
    return later


def _still_wanted(session: Session, mail: MailGateway, notice_id: UUID, *, now: datetime) -> ToWrite | None:
    notice = notice_by_id(session, notice_id, locked=True)
    if notice is None or notice.state != NoticeState.WAITING:
        return None
    if not mail.configured or not _reader_wants(session, notice):
        _ends(notice, NoticeState.DROPPED, "", now=now)
        return None
    notice.message_id = notice.message_id or f"<{notice.id}@{mail.domain}>"
    firm = creditor_by_id(session, notice.creditor_id)
    return ToWrite(
        id=notice.id, kind=NoticeKind(notice.kind), to=notice.address, language=notice.language,
        message_id=notice.message_id, creditor_id=firm.id, firm=firm.name, slug=firm.slug, debtor_id=notice.debtor_id,
        details=dict(notice.details),
    )  # fmt: skip


def _reader_wants(session: Session, notice: Notice) -> bool:
    if notice.clerk_id is not None:
        clerk = clerk_by_id(session, notice.creditor_id, notice.clerk_id)
        return clerk is not None and clerk.active
    if notice.kind == NoticeKind.CODE:
        return True
    person = None if notice.debtor_id is None else debtor_by_id(session, notice.creditor_id, notice.debtor_id)
    return person is not None and wants_mail(person) and person.email == notice.address


def _again(session: Session, notice: Notice, reply: str, *, now: datetime) -> None:
    if now - notice.from_at >= GIVES_UP_AFTER:
        _fails(session, notice, reply, now=now)
        return
    notice.reply = reply
    notice.next_try_at = now + waits(notice.attempts)
    _due(session, notice, at=notice.next_try_at, now=now)


def _ends(notice: Notice, state: NoticeState, reply: str, *, now: datetime) -> None:
    notice.state, notice.reply, notice.ended_at, notice.next_try_at = state.value, reply, now, None


def _fails(session: Session, notice: Notice, reply: str, *, now: datetime) -> None:
    """The mail came to nothing; the desk finds it among its tasks, once a day for each reader."""
    _ends(notice, NoticeState.FAILED, reply, now=now)
    reader = notice.debtor_id or notice.clerk_id
    if reader is None or task_since(session, notice.creditor_id, FAILED_TASK, reader, since=now - TOLD_EVERY):
        return
    task = Task(
        creditor_id=notice.creditor_id, claim_id=notice.claim_id, kind=FAILED_TASK, subject_id=reader, since=now,
        details={"reply": reply, **({"to": notice.address} if notice.clerk_id else {})},
    )  # fmt: skip
    session.add(task)


def forget_old(database: Database, *, now: datetime) -> None:
    """Mails that ended more than 90 days ago are gone."""
    with database.writing() as session:
        old_notices_gone(session, now - KEPT)
