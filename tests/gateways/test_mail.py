"""Does a mail reach a real server, and is each kind of no told apart?"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.gateways.mail import Mail, MailLater, MailRefused, SmtpMail
from tests.mail_server import MailServer, certificate

DATE = "Mon, 23 Nov 2026 09:00:00 +0000"
MAIL = Mail(
    to="dora@example.org",
    subject="Nachricht von Vélo Süd",
    text="Guten Tag\n",
    html="<p>Guten Tag</p>",
    message_id="<a1@kulanz.example>",
    sender_name='Vélo "Süd"',
    headers=(("List-Unsubscribe", "<https://kulanz.example/stop/x>"),),
)


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    server = MailServer().start()
    yield server
    server.stop()


@pytest.fixture
def server(running: MailServer) -> MailServer:
    running.says, running.hangs_up, running.is_slow = {}, False, False
    running.taken.clear()
    return running


def sends(server: MailServer, whole: float = 5) -> str:
    return SmtpMail(server.url(), "nobody@example.org", whole=whole).send(MAIL, date=DATE)


def test_a_mail_arrives_as_text_and_as_html_with_its_own_id(server: MailServer) -> None:
    assert sends(server) == "250 taken"
    (mail,) = server.taken
    assert mail["Message-ID"] == "<a1@kulanz.example>"
    assert mail["From"] == '"Vélo Süd" <post@kulanz.example>' or "post@kulanz.example" in mail["From"]
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Nachricht von Vélo Süd", "auto-generated")
    assert mail["List-Unsubscribe"] == "<https://kulanz.example/stop/x>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_five_hundred_is_never_and_four_hundred_is_later(server: MailServer, step: str) -> None:
    server.says = {step: "550 no such mailbox"}
    with pytest.raises(MailRefused, match="550 no such mailbox"):
        sends(server)
    server.says = {step: "451 try again"}
    with pytest.raises(MailLater, match="451 try again") as later:
        sends(server)
    assert not later.value.down
    assert server.taken == []


def test_silence_hang_up_and_nobody_there_are_later(server: MailServer) -> None:
    server.is_slow = True
    with pytest.raises(MailLater) as later:
        sends(server, whole=0.2)
    assert later.value.down
    server.is_slow, server.hangs_up = False, True
    with pytest.raises(MailLater):
        sends(server)
    away = MailServer().start()
    away.stop()
    with pytest.raises(MailLater, match="ConnectionRefusedError"):
        sends(away)


def test_a_password_goes_over_tls_only_and_a_wrong_one_is_no_refusal(tmp_path: Path) -> None:
    shows, believes = certificate(tmp_path)
    server = MailServer(shows, user="portal").start()
    try:
        mail = SmtpMail(server.url(), "x@example.org", tls=believes)
        assert mail.greets()
        assert mail.send(MAIL, date=DATE) == "250 taken"
        wrong = SmtpMail(server.url().replace("secret", "guess"), "x@example.org", tls=believes)
        assert not wrong.greets()
        with pytest.raises(MailLater, match="SMTPAuthenticationError"):
            wrong.send(MAIL, date=DATE)
        with pytest.raises(MailLater, match="SSLCertVerificationError"):
            SmtpMail(server.url(), "x@example.org", tls=ssl.create_default_context()).send(MAIL, date=DATE)
    finally:
        server.stop()


def test_no_password_is_said_to_a_server_without_tls(server: MailServer) -> None:
    url = server.url().replace("smtp://", "smtp://portal:secret@")
    with pytest.raises(MailLater, match="no TLS"):
        SmtpMail(url, "x@example.org").send(MAIL, date=DATE)
    assert server.taken == []
