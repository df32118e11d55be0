"""What if an e-mail comes back later? The person hears by post again; what isn't ours changes nothing."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal.gateways.bounces import LARGEST
from portal.gateways.mail import SmtpMail
from portal.mail_commands import read_bounces
from portal.rules.notices import NoticeState
from portal.store.history import Event
from portal.store.notices import Notice
from portal.store.people import Debtor
from portal.store.today import Task
from portal.worker import Worker
from tests import snapshot
from tests.examples import DORA
from tests.faults.test_mail import ADDRESS, clara_answers, only
from tests.mail_server import MailServer
from tests.people import Portal

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOMAIN = "kulanz.example"
SAID = "smtp; 550 5.1.1 The email account that you tried to reach does not exist"


def report(
    message_id: str, to: str = ADDRESS, *, action: str = "failed", back_to: str = f"post@{DOMAIN}", whole: bool = True
) -> bytes:
    """A delivery report as mail servers write it (RFC 3464), with the mail or only its head."""
    mail = MIMEMultipart("report", **{"report-type": "delivery-status"})
    mail["From"], mail["To"], mail["Subject"] = f"MAILER-DAEMON@{DOMAIN}", back_to, "Undelivered Mail"
    mail.attach(MIMEText("I'm sorry to have to inform you."))
    status = Message()
    status.add_header("Content-Type", "message/delivery-status")
    about, one = Message(), Message()
    about["Reporting-MTA"] = "dns; mx.example.org"
    one["Final-Recipient"], one["Action"], one["Status"] = f"rfc822; {to}", action, "5.1.1"
    one["Diagnostic-Code"] = SAID
    status.set_payload([about, one])
    mail.attach(status)
    returned = EmailMessage()
    returned["To"], returned["Message-ID"] = to, message_id
    if whole:
        mail.attach(MIMEMessage(returned))
    else:
        mail.attach(MIMEText(str(returned), "rfc822-headers"))
    return mail.as_bytes()


@pytest.fixture
def sent(portal: Portal) -> Notice:
    """Dora was told by e-mail, and the server took it."""
    with portal.writing() as session:
        dora = session.get_one(Debtor, DORA.debtor_id)
        dora.contact_way, dora.email, dora.email_confirmed_at = "email", ADDRESS, portal.clock()
    clara_answers(portal)
    server = MailServer().start()
    try:
        mail = SmtpMail(f"{server.url()}&bounces=back@{DOMAIN}", "nobody@example.org")
        portal.parts = replace(portal.parts, mail=mail)
        Worker(portal.parts, wall=portal.clock).drain()
        assert server.came_from == [f"back+{only(portal).id}@{DOMAIN}"]
    finally:
        server.stop()
    return only(portal)


def reads(portal: Portal, raw: bytes = b"", *files: Path) -> str:
    """What the command says about standard input, or about these files."""
    names = [str(file) for file in files] or ["-"]
    result = CliRunner().invoke(read_bounces, names, input=raw, obj=lambda: nullcontext(portal.parts))
    assert result.exit_code == 0, result.output
    return result.output


def way_of(portal: Portal) -> tuple[str | None, str | None]:
    person = portal.read(lambda session: session.get_one(Debtor, DORA.debtor_id))
    return person.contact_way, person.email


@pytest.mark.parametrize("whole", [True, False], ids=["with the mail", "with its head"])
def test_a_mail_that_came_back_is_shown_and_the_person_hears_by_post_again(
    portal: Portal, sent: Notice, whole: bool
) -> None:
    raw = report(str(sent.message_id), whole=whole)
    assert "the person hears by post again" in reads(portal, raw)
    row = only(portal)
    assert (row.state, row.reply) == (NoticeState.BOUNCED, SAID.partition("; ")[2])
    assert way_of(portal) == ("post", None)
    (task,) = portal.read(lambda session: session.scalars(select(Task)).all())
    assert (task.kind, task.claim_id) == ("notice_bounced", DORA.claim_id)
    assert "An e-mail came back" in portal.staff("clara").is_in().reads("/desk")
    changed = portal.read(lambda session: session.scalars(select(Event).where(Event.kind == "contact_changed")).one())
    assert (changed.actor, changed.details["way"]) == ("system", "post")
    before = portal.read(snapshot.of)
    assert "known already" in reads(portal, raw)
    assert portal.read(snapshot.of) == before


def test_a_forwarded_mail_that_comes_back_to_its_own_address_counts(portal: Portal, sent: Notice) -> None:
    raw = report("<gone@elsewhere.example>", "dora@forwarded.example", back_to=f"back+{sent.id}@{DOMAIN}")
    assert "hears by post again" in reads(portal, raw)
    assert only(portal).state == NoticeState.BOUNCED


def test_an_address_changed_since_stays(portal: Portal, sent: Notice) -> None:
    with portal.writing() as session:
        session.get_one(Debtor, DORA.debtor_id).email = "new@example.org"
    assert "noted; the desk has a task\n" in reads(portal, report(str(sent.message_id)))
    assert way_of(portal) == ("email", "new@example.org")


def test_what_is_not_ours_or_not_final_or_no_report_changes_nothing(portal: Portal, sent: Notice) -> None:
    own = str(sent.message_id)
    before = portal.read(snapshot.of)
    for raw, words in (
        (report(f"<{uuid4()}@{DOMAIN}>"), "names none of our e-mails"),
        (report(f"<{sent.id}@elsewhere.example>"), "names none of our e-mails"),
        (report(own, "somebody.else@example.org"), "names none of our e-mails to that address"),
        (report("<news@shop.example>"), "names none of our e-mails"),
        (report(own, action="delayed"), "still trying"),
        (report(own, action="delivered"), "still trying"),
        (f"From: x@y.ch\nSubject: {own}\n\nundeliverable {own} {ADDRESS} 550 5.1.1".encode(), "not a delivery report"),
        (b"", "not a delivery report"),
        (b"\xff\x00" * 400, "not a delivery report"),
        (b"Content-Type: multipart/report; report-type=delivery-status\n\nnothing", "not a delivery report"),
        (report(own) + b"x" * LARGEST, "larger than 1 MB"),
    ):
        assert words in reads(portal, raw), words
    assert portal.read(snapshot.of) == before


def test_a_code_that_came_back_ends_nobodys_mails_and_bothers_no_clerk(portal: Portal) -> None:
    dora = portal.dora.is_in()
    dora.sends(f"{dora.path}/contact", way="email", email="typo@example.org")
    with portal.writing() as session:
        row = session.scalars(select(Notice)).one()
        row.message_id, row.state = f"<{row.id}@{DOMAIN}>", NoticeState.SENT.value
    portal.parts = replace(portal.parts, mail=SmtpMail(f"smtp://127.0.0.1:9?from=post@{DOMAIN}", "x@y.ch"))
    assert "noted" in reads(portal, report(f"<{row.id}@{DOMAIN}>", "typo@example.org"))
    assert only(portal).state == NoticeState.BOUNCED
    assert portal.read(lambda session: session.scalars(select(Task)).all()) == []


def test_several_files_are_read_one_after_the_other(portal: Portal, sent: Notice, tmp_path: Path) -> None:
    names = [tmp_path / "1", tmp_path / "2"]
    names[0].write_bytes(b"Subject: hello\n\nnothing")
    names[1].write_bytes(report(str(sent.message_id)))
    said = reads(portal, b"", *names)
    assert (said.count("nothing was changed"), said.count("by post again")) == (1, 1)
