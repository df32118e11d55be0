"""A real mail server in a thread, which can be down, slow, hang up, or say no as it is told."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer:
    """What has arrived, in order, and how the next messages are answered."""

    def __init__(self, tls: ssl.SSLContext | None = None, user: str = "") -> None:
        self.taken: list[EmailMessage] = []
        self.to: list[str] = []
        self.came_from: list[str] = []
        self.talks = 0
        #: The answer to a step instead of a good one: {"RCPT": "550 no such mailbox"}.
        self.says: dict[str, str] = {}
        self.hangs_up = False
        self.is_slow = False
        self._tls, self._user = tls, user
        self._control: Controller | None = None
        self.port = 0

    def start(self) -> MailServer:
        """Up, on the same port as before if it was up already."""
        more: dict[str, Any] = {"tls_context": self._tls, "require_starttls": True} if self._tls else {}
        if self._user:
            more |= {"authenticator": self._knows, "auth_required": True, "auth_require_tls": bool(self._tls)}
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as found:
                self.port = found.getsockname()[1]
        self._control = Controller(self, hostname="127.0.0.1", port=self.port, **more)
        self._control.start()
        return self

    def stop(self) -> None:
        """Down: nobody listens on its port."""
        if self._control is not None:
            self._control.stop(no_assert=True)
        self._control = None

    def url(self) -> str:
        """The setting that leads here."""
        user = f"{self._user}:secret@" if self._user else ""
        return f"smtp://{user}127.0.0.1:{self.port}?from=post@kulanz.example"

    def _knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.login == self._user.encode() and data.password == b"secret"
        return AuthResult(success=good, handled=False)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.talks += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.says:
            return self.says["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.says:
            return self.says["DATA"]
        if self.is_slow:
            await asyncio.sleep(2)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.to += envelope.rcpt_tos
        self.came_from.append(str(envelope.mail_from))
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 taken"


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on this machine shows, and who believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    shows = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shows.load_cert_chain(pem)
    return shows, ssl.create_default_context(cafile=str(pem))
