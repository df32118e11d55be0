"""What if the mail server is away, slow, says no, or hangs up? Nothing is lost, nothing is knowingly sent twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.actions import messages
from portal.actions.notices import to_debtor
from portal.gateways.mail import Mail, NoMail, SmtpMail
from portal.rules.history import Actor, ActorKind
from portal.rules.notices import GIVES_UP_AFTER, NoticeKind, NoticeState
from portal.store.claims import Claim
from portal.store.notices import Notice
from portal.store.people import Debtor
from portal.store.today import Task
from portal.worker import Worker
from tests.examples import CLARA, DORA, Clock
from tests.mail_server import MailServer
from tests.people import Portal

pytestmark = pytest.mark.slow

ADDRESS = "dora@example.org"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    server = MailServer().start()
    yield server
    server.stop()


@pytest.fixture
def server(running: MailServer) -> MailServer:
    running.says, running.hangs_up, running.is_slow, running.talks = {}, False, False, 0
    running.taken.clear()
    running.to.clear()
    return running


@pytest.fixture
def worker(portal: Portal, server: MailServer) -> Worker:
    """Dora wants e-mail; the worker knows the server."""
    with portal.writing() as session:
        dora = session.get_one(Debtor, DORA.debtor_id)
        dora.contact_way, dora.email, dora.email_confirmed_at = "email", ADDRESS, portal.clock()
    mail = SmtpMail(server.url(), "post@localhost", whole=0.5)
    return Worker(replace(portal.parts, mail=mail), wall=portal.clock)


def clara_answers(portal: Portal, words: str = "Gerne.") -> None:
    with portal.writing() as session:
        claim = session.get_one(Claim, DORA.claim_id)
        actor = Actor(ActorKind.CLERK, clerk_id=CLARA)
        messages.answer(session, claim, words, op=uuid4(), actor=actor, now=portal.clock())


def only(portal: Portal) -> Notice:
    found: Notice = portal.read(lambda session: session.scalars(select(Notice)).one())
    return found


def works_until(worker: Worker, clock: Clock, *, every: int = 30, **span: float) -> None:
    """The worker works every so many seconds of this time."""
    end = clock() + timedelta(**span)
    while clock() < end:
        worker.drain()
        clock.move(seconds=every)
    worker.drain()


def test_several_answers_make_one_mail_that_says_nothing_and_opens_nothing(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    clara_answers(portal)
    clara_answers(portal, "Noch etwas.")
    worker.drain()
    (mail,) = server.taken
    assert server.to == [ADDRESS]
    assert mail["Subject"] == "Nachricht von Velo Sutter AG"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    whole = mail.as_string() + "".join(part.get_content() for part in mail.iter_parts())
    for word in ("Gerne", DORA.reference, DORA.name, "CHF", "326", "Mahn", "Inkasso", "Schuld", "Forderung", "/claims"):
        assert word not in whole, word
    assert only(portal).state == NoticeState.SENT
    clara_answers(portal)
    worker.drain()
    assert len(server.taken) == 1  # not twice within an hour
    portal.clock.move(hours=1)
    worker.drain()
    assert len(server.taken) == 2


def test_a_server_that_is_away_for_hours_gets_everything_when_it_is_back(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    server.stop()
    clara_answers(portal)
    works_until(worker, portal.clock, every=150, hours=3)
    waiting = only(portal)
    assert (waiting.state, server.taken) == (NoticeState.WAITING, [])
    assert waiting.attempts <= 60
    assert portal.dora.is_in().opens(portal.dora.path).status_code == 200
    server.start()
    works_until(worker, portal.clock, minutes=6)
    (mail,) = server.taken
    assert (only(portal).state, mail["Message-ID"]) == (NoticeState.SENT, waiting.message_id)


def test_what_nobody_takes_for_four_hours_is_shown_at_the_desk(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    server.says = {"RCPT": "451 greylisted"}
    clara_answers(portal)
    works_until(worker, portal.clock, every=300, minutes=GIVES_UP_AFTER.total_seconds() / 60 + 6)
    failed = only(portal)
    assert (failed.state, failed.reply) == (NoticeState.FAILED, "451 greylisted")
    assert failed.attempts >= 40
    (task,) = portal.read(lambda session: session.scalars(select(Task)).all())
    assert (task.kind, task.claim_id) == ("notice_failed", DORA.claim_id)


def test_a_clear_no_is_shown_at_once_and_not_tried_again(portal: Portal, server: MailServer, worker: Worker) -> None:
    server.says = {"RCPT": "550 no such mailbox"}
    clara_answers(portal)
    works_until(worker, portal.clock, minutes=10)
    assert (only(portal).state, only(portal).attempts, server.talks) == (NoticeState.FAILED, 1, 1)
    assert portal.read(lambda session: session.scalars(select(Task.details)).one())["reply"] == "550 no such mailbox"


def test_a_slow_server_and_one_that_hangs_up_after_the_last_byte_get_the_same_message_again(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    server.hangs_up = True
    clara_answers(portal)
    worker.drain()
    server.hangs_up = False
    works_until(worker, portal.clock, minutes=2)
    assert only(portal).state == NoticeState.SENT
    assert len({mail["Message-ID"] for mail in server.taken}) == 1
    assert len(server.taken) == 2


@on_sqlite
def test_a_server_that_is_slower_than_we_wait_gets_the_same_message_until_it_says_yes(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    server.is_slow = True
    clara_answers(portal)
    worker.drain()
    waiting = only(portal)
    assert (waiting.state, waiting.attempts) == (NoticeState.WAITING, 1)
    server.is_slow = False
    works_until(worker, portal.clock, minutes=2)
    assert only(portal).state == NoticeState.SENT
    assert {mail["Message-ID"] for mail in server.taken} == {waiting.message_id}


@on_sqlite
def test_nobody_at_the_desk_waits_for_mail_and_all_of_it_arrives_once(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    """Twenty people and a server that is away, then greylists, then is back: each hears once."""
    with portal.writing() as session:
        dora = session.get_one(Debtor, DORA.debtor_id)
        claim = session.get_one(Claim, DORA.claim_id)
        for number in range(20):
            to_debtor(
                session, dora, NoticeKind.NEWS, claim_id=claim.id, address=ADDRESS, at=portal.clock(),
                now=portal.clock(), number=str(number),
            )  # fmt: skip
    server.stop()
    works_until(worker, portal.clock, every=60, minutes=10)
    clara = portal.staff("clara").is_in()
    assert clara.sends(f"{clara.at(DORA)}/messages", text="Gerne.").status_code == 303
    assert server.talks == 0
    server.start()
    server.says = {"RCPT": "451 greylisted"}
    works_until(worker, portal.clock, every=60, minutes=5)
    assert server.taken == []
    server.says = {}
    works_until(worker, portal.clock, minutes=10)
    states = portal.read(lambda session: session.scalars(select(Notice.state)).all())
    assert set(states) == {NoticeState.SENT}
    sent = [mail["Message-ID"] for mail in server.taken]
    assert len(sent) == len(set(sent)) == len(states) >= 20


@on_sqlite
def test_the_mail_programs_own_stop_button_ends_them(portal: Portal, server: MailServer, worker: Worker) -> None:
    """RFC 8058: a POST of the given words to the given address, without a cookie, answered without a redirect."""
    clara_answers(portal)
    worker.drain()
    (mail,) = server.taken
    name, _, value = mail["List-Unsubscribe-Post"].partition("=")
    place = mail["List-Unsubscribe"].strip("<>").partition("127.0.0.1")[2]
    assert portal.app.test_client().post(place, data={name: value}).status_code == 200
    person = portal.read(lambda session: session.get_one(Debtor, DORA.debtor_id))
    assert (person.contact_way, person.email) == ("post", None)
    portal.clock.move(hours=2)
    clara_answers(portal)
    worker.drain()
    assert len(server.taken) == 1


def test_f30_a_worker_that_dies_after_the_servers_yes_sends_the_same_message_once_more(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    class Dies(Exception):
        """The process is gone."""

    class DiesAfterYes(SmtpMail):
        def send(self, mail: Mail, *, date: str) -> str:
            super().send(mail, date=date)
            raise Dies

    dying = replace(portal.parts, mail=DiesAfterYes(server.url(), "post@localhost"))
    clara_answers(portal)
    with pytest.raises(Dies):
        Worker(dying, wall=portal.clock).drain()
    worker.drain()
    assert len(server.taken) == 1  # its lease still runs
    portal.clock.move(seconds=61)
    worker.drain()
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert only(portal).state == NoticeState.SENT
    portal.clock.move(hours=1)
    worker.drain()
    assert len(server.taken) == 2


def test_nobody_is_mailed_who_did_not_ask_or_did_not_confirm(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    for way, confirmed in (("post", True), ("self", True), ("email", False), (None, False)):
        with portal.writing() as session:
            dora = session.get_one(Debtor, DORA.debtor_id)
            dora.contact_way, dora.email_confirmed_at = way, portal.clock() if confirmed else None
        clara_answers(portal)
    worker.drain()
    assert (server.taken, portal.read(lambda session: session.scalars(select(Notice)).all())) == ([], [])


def test_who_changed_the_mind_before_it_went_out_gets_nothing(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    clara_answers(portal)
    with portal.writing() as session:
        session.get_one(Debtor, DORA.debtor_id).contact_way = "post"
    worker.drain()
    assert (only(portal).state, server.taken) == (NoticeState.DROPPED, [])


def test_without_a_mail_server_nothing_counts_as_failed(portal: Portal, worker: Worker) -> None:
    clara_answers(portal)
    Worker(replace(portal.parts, mail=NoMail()), wall=portal.clock).drain()
    assert only(portal).state == NoticeState.DROPPED
    assert portal.read(lambda session: session.scalars(select(Task)).all()) == []


@on_sqlite
def test_the_code_that_proves_an_address_arrives_and_proves_it(
    portal: Portal, server: MailServer, worker: Worker
) -> None:
    dora = portal.dora.is_in()
    dora.sends(f"{dora.path}/contact", way="email", email="dora.new@example.org")
    worker.drain()
    (mail,) = server.taken
    text = "".join(part.get_content() for part in mail.iter_parts() if part.get_content_type() == "text/plain")
    (code,) = re.findall(r"\b\d{4} \d{4}\b", text)
    assert server.to == ["dora.new@example.org"]
    assert dora.sends(f"{dora.path}/contact/confirm", code=code).status_code == 303
    assert portal.read(lambda session: session.get_one(Debtor, DORA.debtor_id)).email == "dora.new@example.org"
