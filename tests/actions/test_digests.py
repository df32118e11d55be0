"""Are the colleagues told once each morning what waits, and in the afternoon which promise lapses?"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.actions import messages
from portal.actions.digests import mornings
from portal.gateways.mail import NoMail, SmtpMail
from portal.rules.history import Actor, ActorKind
from portal.rules.jobs import JobKind
from portal.rules.notices import NoticeKind
from portal.store.claims import Claim
from portal.store.jobs import Job
from portal.store.notices import Notice
from portal.store.people import Absence
from portal.worker import Worker
from tests.examples import CLARA, DORA, LENA, TODAY, VELO
from tests.mail_server import MailServer
from tests.people import Portal


def dora_writes(portal: Portal) -> None:
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        actor = Actor(ActorKind.DEBTOR)
        messages.send(session, claim, "Eine Frage.", op=uuid4(), promised_on=TODAY, actor=actor, now=portal.clock())


def plans_and_works(portal: Portal, worker: Worker) -> None:
    """The worker does what is due, but for the books, which would ask a Stripe that isn't there."""
    worker.plan()
    with portal.writing() as session:
        session.execute(delete(Job).where(Job.kind.not_in((JobKind.NOTICE.value, JobKind.PROMISES.value))))
    worker.drain()


def mails(session: Session) -> list[tuple[str, str, dict[str, int]]]:
    rows = session.scalars(select(Notice).order_by(Notice.address)).all()
    return [(row.kind, row.address, row.details) for row in rows]


def test_a_morning_is_told_once_to_those_who_answer_and_only_if_something_waits(portal: Portal) -> None:
    assert mornings(portal.parts.database, now=portal.clock()) == 0
    dora_writes(portal)
    assert mornings(portal.parts.database, now=portal.clock()) == 2
    assert mornings(portal.parts.database, now=portal.clock()) == 0
    waits = {"decide": 0, "answer": 1, "tasks": 0}
    assert portal.read(mails) == [
        (NoticeKind.DIGEST, "clara@example.org", {**waits, "promised": 1}),
        (NoticeKind.DIGEST, "lena@example.org", {**waits, "promised": 0}),
    ]
    portal.clock.move(days=1)
    assert mornings(portal.parts.database, now=portal.clock()) == 2


def test_in_the_afternoon_whoever_promised_is_told_or_who_stands_in(portal: Portal) -> None:
    dora_writes(portal)
    server = MailServer().start()
    try:
        worker = Worker(replace(portal.parts, mail=SmtpMail(server.url(), "post@localhost")), wall=portal.clock)
        portal.clock.to(TODAY, hour=12)
        worker.plan()
        assert portal.read(mails) == []
        portal.clock.to(TODAY, hour=13)  # 14 in Zurich
        plans_and_works(portal, worker)
        portal.clock.move(minutes=1)
        plans_and_works(portal, worker)
        assert portal.read(mails) == [(NoticeKind.PROMISE, "clara@example.org", {"promised": 1})]
        (mail,) = server.taken
    finally:
        server.stop()
    assert mail["Subject"] == "Für heute versprochene Antworten: Velo Sutter AG"
    whole = "".join(part.get_content() for part in mail.iter_parts())
    assert "noch nicht gegeben haben: 1." in whole
    for word in (DORA.name, DORA.reference, "Frage", "http"):
        assert word not in whole, word
    with portal.writing() as session:
        away = Absence(creditor_id=VELO, clerk_id=CLARA, deputy_id=LENA, from_on=TODAY, until_on=TODAY.replace(day=30))
        session.add(away)
    portal.clock.to(TODAY.replace(day=24), hour=14)
    plans_and_works(portal, worker)
    assert portal.read(mails)[-1] == (NoticeKind.PROMISE, "lena@example.org", {"promised": 1})


def test_without_a_mail_server_no_alert_is_written(portal: Portal) -> None:
    dora_writes(portal)
    portal.clock.to(TODAY, hour=15)
    worker = Worker(replace(portal.parts, mail=NoMail()), wall=portal.clock)
    plans_and_works(portal, worker)
    assert portal.read(mails) == []


def test_a_mail_that_failed_stands_in_today_with_the_servers_words(portal: Portal) -> None:
    dora_writes(portal)
    mornings(portal.parts.database, now=portal.clock())
    server = MailServer().start()
    server.says = {"RCPT": "550 5.1.1 unknown user"}
    try:
        Worker(replace(portal.parts, mail=SmtpMail(server.url(), "post@localhost")), wall=portal.clock).drain()
    finally:
        server.stop()
    page = portal.staff("lena").is_in().reads("/desk")
    assert page.count("An e-mail could not be delivered") == 2
    assert "To clara@example.org" in page
    assert "The mail server said: 550 5.1.1 unknown user" in page
