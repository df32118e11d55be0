"""Does a mail server take this message: RFC 5321 by the standard library, over TLS wherever it leaves the machine.

The answer is yes, "not now" (MailLater: 4xx, silence, hang-up, even after the last byte) or "never" (MailRefused: 5xx).
After a hang-up the server may have taken it; the same Message-ID lets it drop the second one (`security.md` F30).
"""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

#: All of one delivery, in seconds; a worker's lease is longer, so that no second worker sends the same.
WHOLE = 40
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_REPLY = 200


class MailLater(Exception):
    """Not taken now, as far as we know; the reply or the kind of silence. `down`: the server itself is away."""

    def __init__(self, reply: str, *, down: bool = False) -> None:
        super().__init__(reply)
        self.reply, self.down = reply, down


class MailRefused(Exception):
    """The server says that it will never take this message; its code and its words."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True)
class Mail:
    """One message to one address; `headers` beside those that every message has."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sender_name: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())


class MailGateway(Protocol):
    @property
    def configured(self) -> bool: ...

    @property
    def domain(self) -> str: ...

    def send(self, mail: Mail, *, date: str) -> str: ...

    def greets(self) -> bool: ...


class NoMail:
    """Stands in where `PORTAL_MAIL_URL` is not set: nobody is offered e-mail, nothing is sent."""

    configured = False
    domain = ""

    def send(self, mail: Mail, *, date: str) -> str:
        """There is nobody to take it."""
        raise MailRefused("no mail server is configured")

    def greets(self) -> bool:
        """There is nobody."""
        return False


class SmtpMail:
    """One server at `smtp://user:password@host:587?from=post@firm.example` (STARTTLS) or `smtps://…:465` (TLS at once).

    Plain only on this machine, and never with a password. `sender` is used where the address has no `from`. With
    `&bounces=back@firm.example` a mail that can't be delivered comes back to `back+<its own id>@firm.example`.
    """

    configured = True

    def __init__(self, url: str, sender: str, *, tls: ssl.SSLContext | None = None, whole: float = WHOLE) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._at_once = parts.scheme == "smtps"
        self._must = tls is not None or self._host not in LOOPBACK or bool(self._user)
        self._tls, self._whole = tls, whole
        self.sender = sender_of(parts) or sender
        self._bounces = next(iter(parse_qs(parts.query).get("bounces", [])), "")

    @property
    def domain(self) -> str:
        """Whose post this is, for the Message-IDs."""
        return self.sender.rpartition("@")[2]

    def send(self, mail: Mail, *, date: str) -> str:
        """The server has said that the message is its own now; its words. Raises MailLater or MailRefused."""
        data = written(mail, self.sender, date).as_bytes(policy=SMTP)
        try:
            return self._deliver(self._envelope(mail), mail.to, data)
        except smtplib.SMTPNotSupportedError as error:
            raise MailLater("the server offers no TLS or no sign-in", down=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailLater(type(error).__name__, down=True) from error

    def greets(self) -> bool:
        """The server lets us in; TLS, name and password hold."""
        try:
            with self._open(time.monotonic() + self._whole) as line:
                return bool(line.noop()[0] == 250)
        except (smtplib.SMTPException, OSError):
            return False

    def _open(self, until: float) -> smtplib.SMTP:
        timeout = self._left(until)
        if self._at_once:
            line: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=timeout, context=self._context())
        else:
            line = smtplib.SMTP(self._host, self._port, timeout=timeout)
        try:
            if not self._at_once and self._must:
                line.starttls(context=self._context())
            line.ehlo_or_helo_if_needed()
            if self._user:
                line.login(self._user, self._password)
        except BaseException:
            line.close()
            raise
        return line

    def _envelope(self, mail: Mail) -> str:
        """Where the mail comes back to, so that the address alone says which one it was."""
        local, at, host = self._bounces.rpartition("@")
        return f"{local}+{mail.message_id.strip('<>').partition('@')[0]}@{host}" if at else self.sender

    def _deliver(self, sender: str, to: str, data: bytes) -> str:
        until = time.monotonic() + self._whole
        line = self._open(until)
        try:
            for step in (lambda: line.mail(sender), lambda: line.rcpt(to), lambda: line.data(data)):
                self._hurry(line, until)
                code, words = _asked(step)
                if not 200 <= code < 300:
                    raise _said(code, words)
            reply = _words(code, words)
        except BaseException:
            line.close()
            raise
        try:
            line.quit()
        except (smtplib.SMTPException, OSError):
            line.close()  # it is delivered; how the line ends says nothing about that
        return reply

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    def _left(self, until: float) -> float:
        return max(until - time.monotonic(), 0.05)

    def _hurry(self, line: smtplib.SMTP, until: float) -> None:
        if time.monotonic() >= until:
            raise TimeoutError
        if line.sock is not None:
            line.sock.settimeout(self._left(until))


def sender_of(parts: SplitResult) -> str:
    """The sender's address that the setting names; empty if it names none."""
    return next(iter(parse_qs(parts.query).get("from", [])), "")


def written(mail: Mail, sender: str, date: str) -> EmailMessage:
    """The message as it travels: text and HTML, the given Message-ID, and a word that no machine need answer it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f'"{_plain(mail.sender_name)}" <{sender}>' if mail.sender_name else sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = date
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    for name, value in mail.headers:
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _asked(step: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """What the server answers; smtplib raises its no to the whole text instead of giving it back."""
    try:
        return step()
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()


def _plain(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable() and sign not in '"\\<>')


def _said(code: int, words: bytes | str) -> MailLater | MailRefused:
    reply = _words(code, words)
    return MailRefused(reply) if 500 <= code < 600 else MailLater(reply, down=code == 421)


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(text.split())}"[:LONGEST_REPLY]
