"""How do days become a file that any calendar opens?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole day with a title; the same `uid` again replaces it."""

    uid: str
    day: date
    title: str
    detail: str = ""


def calendar_file(entries: Iterable[Entry], *, now: datetime) -> str:
    """All-day entries (RFC 5545), each with a reminder two days before."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kulanz//days//EN", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
            *_folded(f"SUMMARY:{_escaped(entry.title)}"),
            *_folded(f"DESCRIPTION:{_escaped(entry.detail)}"),
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-P2D",
            *_folded(f"DESCRIPTION:{_escaped(entry.title)}"),
            "END:VALARM",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets; 18 signs are never more, however long each is."""
    if len(line.encode()) <= 75:
        return [line]
    return [line[:18], *(" " + line[at : at + 18] for at in range(18, len(line), 18))]
