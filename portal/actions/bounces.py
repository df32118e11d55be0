"""What happens when an e-mail that a server had taken comes back?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.actions import contacts
from portal.gateways.bounces import Bounce
from portal.rules.history import system
from portal.rules.notices import ContactWay, NoticeKind, NoticeState
from portal.store.database import Database
from portal.store.notices import Notice, last_claim_of, notice_by_id
from portal.store.people import debtor_by_id
from portal.store.today import Task, task_since

BOUNCED_TASK = "notice_bounced"
BY_ITSELF = system("e-mail came back")


class BounceOutcome(StrEnum):
    NOTED = "noted"
    NOTED_POST = "noted_post"
    KNOWN = "known"
    NOT_OURS = "not_ours"


def came_back(database: Database, bounce: Bounce, *, now: datetime) -> BounceOutcome:
    """The mail counts as come back, the desk has a task, and the person gets letters again; once, and only for ours.

    Where it came to an address that is not the mail's own, it has to name the address that we wrote to: who only
    knows a Message-ID can't end somebody else's e-mails.
    """
    with database.writing() as session:
        notice = notice_by_id(session, bounce.notice_id, locked=True)
        if notice is None or notice.message_id is None:
            return BounceOutcome.NOT_OURS
        if not bounce.to_its_own and notice.address.lower() not in bounce.recipients:
            return BounceOutcome.NOT_OURS
        if notice.state not in (NoticeState.SENT, NoticeState.WAITING):
            return BounceOutcome.KNOWN
        notice.state, notice.reply, notice.ended_at, notice.next_try_at = (
            NoticeState.BOUNCED.value, bounce.reply, now, None,
        )  # fmt: skip
        _tell_desk(session, notice, now=now)
        return BounceOutcome.NOTED_POST if _by_post_again(session, notice, now=now) else BounceOutcome.NOTED


def _tell_desk(session: Session, notice: Notice, *, now: datetime) -> None:
    reader = notice.debtor_id or notice.clerk_id
    if notice.kind == NoticeKind.CODE or reader is None:
        return  # an address that nobody has confirmed is nobody's, and the code page says what to do
    if task_since(session, notice.creditor_id, BOUNCED_TASK, reader, since=now - contacts.DAY) is None:
        details = {"reply": notice.reply, **({"to": notice.address} if notice.clerk_id else {})}
        session.add(
            Task(
                creditor_id=notice.creditor_id, claim_id=notice.claim_id, kind=BOUNCED_TASK, subject_id=reader,
                since=now, details=details,
            )
        )  # fmt: skip


def _by_post_again(session: Session, notice: Notice, *, now: datetime) -> bool:
    """True if this was the address at which the person wanted to hear; she has none any more."""
    person = None if notice.debtor_id is None else debtor_by_id(session, notice.creditor_id, notice.debtor_id)
    if person is None or person.contact_way != ContactWay.EMAIL or person.email != notice.address:
        return False
    claim = last_claim_of(session, person.creditor_id, person.id)
    if claim is None:
        return False
    contacts.choose(session, claim, person, ContactWay.POST, actor=BY_ITSELF, now=now)
    return True
