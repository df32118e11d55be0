"""Which of our e-mails does this message say it could not deliver: RFC 3464 reports, read by the standard library?

A stranger wrote it. Only what it names is taken from it, never a text that people read, but for the server's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum
from uuid import UUID

#: A report carries at most the start of the mail that it is about.
LARGEST = 1 << 20
MOST_PARTS = 60
LONGEST_REPLY = 200
_NAME = r"([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})"
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class BounceReason(StrEnum):
    """Why a message changes nothing."""

    TOO_LARGE = "too_large"
    NO_REPORT = "no_report"
    NOT_FINAL = "not_final"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that one of our e-mails was given up; the row of the outbox that it names, and the server's answer.

    `to_its_own`: it came to the address that we made for this one mail and showed to mail servers only.
    """

    notice_id: UUID
    recipients: frozenset[str]
    reply: str
    to_its_own: bool = False


def read_bounce(raw: bytes, domain: str) -> Bounce | BounceReason:
    """What the report says about a mail from this domain; or why it says nothing that counts."""
    if len(raw) > LARGEST:
        return BounceReason.TOO_LARGE
    try:
        return _read(message_from_bytes(raw, policy=policy.compat32), domain.lower())
    except Exception:  # a stranger's bytes: whatever they break, nothing was reported
        return BounceReason.NO_REPORT


def _read(message: Message, domain: str) -> Bounce | BounceReason:
    kind = str(message.get_param("report-type", "")).lower()
    if message.get_content_type() != "multipart/report" or kind != "delivery-status":
        return BounceReason.NO_REPORT
    parts = [part for _, part in zip(range(MOST_PARTS), message.walk(), strict=False)]
    blocks = [block for part in parts for block in _recipient_blocks(part)]
    if not blocks:
        return BounceReason.NO_REPORT
    given_up = [block for block in blocks if _field(block, "Action").lower() == "failed"]
    if not given_up:
        return BounceReason.NOT_FINAL
    named = _named(message, parts, domain)
    if named is None:
        return BounceReason.NOT_OURS
    notice_id, to_its_own = named
    return Bounce(notice_id, frozenset(_addresses(given_up)), _reply(given_up[0]), to_its_own)


def _recipient_blocks(part: Message) -> list[Message]:
    """The groups of fields for one recipient each; the first group is about the message as a whole."""
    if part.get_content_type() != "message/delivery-status" or not isinstance(part.get_payload(), list):
        return []
    return [block for block in part.get_payload() if isinstance(block, Message) and "Action" in block][:MOST_PARTS]


def _named(message: Message, parts: list[Message], domain: str) -> tuple[UUID, bool] | None:
    """The outbox row, by the address the report was sent to, else by the Message-ID of the mail that came back."""
    host = re.escape(domain)
    to = re.compile(rf"\+{_NAME}@", re.IGNORECASE)
    own = re.compile(rf"<{_NAME}@{host}>", re.IGNORECASE)
    for text, form in [(_field(message, "To"), to), *((text, own) for text in _returned(parts))]:
        found = form.search(text)
        if found is not None:
            return UUID(found[1]), form is to
    return None


def _returned(parts: list[Message]) -> Iterator[str]:
    """The Message-ID of the mail that is enclosed, whole or only with its head."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from (_field(inner, "Message-ID") for inner in part.get_payload() if isinstance(inner, Message))
        elif kind == "text/rfc822-headers":
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                yield _field(message_from_bytes(data, policy=policy.compat32), "Message-ID")


def _addresses(blocks: list[Message]) -> Iterator[str]:
    for block in blocks:
        for name in ("Original-Recipient", "Final-Recipient"):
            text = _field(block, name).rpartition(";")[2].strip().strip("<>").lower()
            if text:
                yield text


def _reply(block: Message) -> str:
    """The server's own words, else the status in figures."""
    said = _field(block, "Diagnostic-Code").partition(";")[2] or _field(block, "Diagnostic-Code")
    status = _STATUS.search(_field(block, "Status"))
    plain = "".join(sign if sign.isprintable() else " " for sign in said)
    return " ".join(plain.split())[:LONGEST_REPLY] or (status[0] if status else "")


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "") or "")
