"""What are the colleagues at the desk told by e-mail: each morning what waits, each afternoon which promise lapses?"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions import jobs, notices
from portal.rules.access import Right, Role, allowed
from portal.rules.jobs import JobKind
from portal.rules.notices import WARNS_FROM_HOUR, NoticeKind
from portal.store.database import Database
from portal.store.people import clerks_of, who_answers
from portal.store.settings import Creditor, creditor_by_id, creditors
from portal.store.today import open_tasks, promised_by, to_decide, waiting_claims


def mornings(database: Database, *, now: datetime, day: date | None = None) -> int:
    """Everybody who answers at a desk is told once on this day how much waits there, if anything does; how many."""
    with database.reading() as session:
        firms = [(creditor.id, creditor.timezone) for creditor in creditors(session)]
    count = 0
    for creditor_id, zone in firms:
        today = day or now.astimezone(ZoneInfo(zone)).date()
        with database.writing() as session:
            count += _morning(session, creditor_by_id(session, creditor_id), today=today, now=now)
    return count


def _morning(session: Session, creditor: Creditor, *, today: date, now: datetime) -> int:
    deciding = to_decide(session, creditor.id)
    about = {one.claim_id for one in deciding}
    answering = [one for one in waiting_claims(session, creditor.id, ()) if one not in about]
    tasks = len(open_tasks(session, creditor.id))
    if not deciding and not answering and not tasks:
        return 0
    promised = _promised(session, creditor, today)
    told = 0
    for clerk in clerks_of(session, creditor.id):
        if allowed(Role(clerk.role), Right.ANSWER):
            told += notices.to_clerk(
                session, clerk, NoticeKind.DIGEST, once=f"digest:{clerk.id}:{today}", now=now, decide=len(deciding),
                answer=len(answering), tasks=tasks, promised=promised.get(clerk.email, 0),
            ) is not None  # fmt: skip
    return told


def queue_warnings(database: Database, *, now: datetime) -> None:
    """From the afternoon on, where each firm is, one look a day at promises that lapse waits in the queue."""
    with database.reading() as session:
        firms = [(creditor.id, now.astimezone(ZoneInfo(creditor.timezone))) for creditor in creditors(session)]
    for firm, there in firms:
        key, day = f"promises:{firm}:{there:%Y-%m-%d}", f"{there:%Y-%m-%d}"
        if there.hour >= WARNS_FROM_HOUR and not jobs.is_queued(database, key):
            with database.writing() as session:
                jobs.enqueue(session, JobKind.PROMISES, key, {"creditor_id": str(firm), "day": day}, now=now)


def warn(session: Session, creditor: Creditor, *, today: date, now: datetime) -> int:
    """Whoever has promised an answer by today and not given it is told, once on this day; how many people."""
    promised = _promised(session, creditor, today)
    told = 0
    for clerk in clerks_of(session, creditor.id):
        if clerk.email in promised:
            told += notices.to_clerk(
                session, clerk, NoticeKind.PROMISE, once=f"promise:{clerk.id}:{today}", now=now,
                promised=promised[clerk.email],
            ) is not None  # fmt: skip
    return told


def _promised(session: Session, creditor: Creditor, today: date) -> dict[str, int]:
    """How many answers are promised for today or earlier, by who gives them; a deputy inherits them."""
    found: dict[str, int] = {}
    for clerk_id, count in promised_by(session, creditor.id, today).items():
        answers = who_answers(session, creditor.id, clerk_id, today)
        found[answers.email] = found.get(answers.email, 0) + count
    return found
