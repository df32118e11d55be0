"""How do messages, files and decisions on a claim become one conversation with names and dates?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from portal.rules.attachments import FileState
from portal.rules.history import ActorKind, EventKind
from portal.rules.messages import MessageKind
from portal.store.attachments import Attachment
from portal.store.messages import Message
from portal.store.timeline import EventRow
from portal.web import i18n
from portal.web.i18n import gettext as _
from portal.web.labels import history
from portal.web.sums import paper_detail

Item = dict[str, Any]

#: Decisions of a clerk that stand as a card in the thread, and the page that tells more.
CARDS: Mapping[EventKind, str] = {
    EventKind.PLAN_ACCEPTED: "plan",
    EventKind.PLAN_COUNTERED: "plan",
    EventKind.PLAN_DECLINED: "plan",
    EventKind.DEFERRAL_GRANTED: "later",
    EventKind.DEFERRAL_DECLINED: "later",
    EventKind.HARDSHIP_ACCEPTED: "hardship",
    EventKind.HARDSHIP_ASKED: "hardship",
    EventKind.HARDSHIP_DECLINED: "hardship",
    EventKind.DISPUTE_ASKED: "dispute/%(id)s",
    EventKind.DISPUTE_UPHELD: "dispute/%(id)s",
    EventKind.DISPUTE_PARTLY: "dispute/%(id)s",
    EventKind.DISPUTE_REJECTED: "dispute/%(id)s",
    EventKind.WAIVED: "",
    EventKind.OFFER_MADE: "offer/%(id)s",
}


def conversation(
    messages: Sequence[Message],
    files: Sequence[Attachment],
    events: Sequence[EventRow],
    *,
    names: Mapping[UUID, str],
    debtor: str,
    desk: bool,
    reasons: Mapping[UUID, str],
    file_address: Callable[[UUID], str],
    page_address: Callable[[str], str],
) -> list[Item]:
    """Everything that was said, the oldest first; `reasons` are the words of decisions by the id they decided."""
    by_message: dict[UUID | None, list[Attachment]] = defaultdict(list)
    for file in files:
        by_message[file.subject_id].append(file)
    items = [
        (one.sent_at, 0, _said(one, by_message[one.id], names, debtor, desk=desk, address=file_address))
        for one in messages
    ]
    items += [
        (event.at, 1, _card(event, reasons, page_address))
        for event in events
        if event.kind in CARDS and event.actor is ActorKind.CLERK
    ]
    return [item for _at, _order, item in sorted(items, key=lambda found: found[:2])]


def file_rows(files: Sequence[Attachment], address: Callable[[UUID], str]) -> list[Item]:
    """Files with their address and state in words."""
    states = {FileState.RECEIVED: _("is being checked"), FileState.REJECTED: _("could not be opened")}
    states |= {FileState.DAMAGED: _("could not be opened")}
    return [
        {
            "href": address(file.id),
            "name": file.name,
            "detail": states.get(FileState(file.state)) or paper_detail(file),
        }
        for file in files
    ]


def _said(
    one: Message,
    files: Sequence[Attachment],
    names: Mapping[UUID, str],
    debtor: str,
    *,
    desk: bool,
    address: Callable[[UUID], str],
) -> Item:
    from_clerk = one.clerk_id is not None
    who = names.get(one.clerk_id, "") if one.clerk_id else debtor
    return {
        "who": who,
        "mine": from_clerk == desk,
        "when": i18n.moment(one.sent_at) + _read(one, desk=desk),
        "iso": one.sent_at.isoformat(),
        "text": one.text,
        "files": file_rows(files, address),
        "internal": one.kind == MessageKind.NOTE,
    }


def _read(one: Message, *, desk: bool) -> str:
    """Whether the other side has seen it; each side learns it about its own messages."""
    if one.kind == MessageKind.NOTE or (one.clerk_id is not None) != desk:
        return ""
    return " · " + (_("read %(day)s", day=i18n.moment(one.read_at)) if one.read_at else _("not read yet"))


def _card(event: EventRow, reasons: Mapping[UUID, str], address: Callable[[str], str]) -> Item:
    words = reasons.get(event.subject_id, "") if event.subject_id else ""
    target = CARDS[event.kind] % {"id": event.subject_id}
    return {
        "who": event.clerk or "",
        "mine": False,
        "when": i18n.moment(event.at),
        "iso": event.at.isoformat(),
        "decision": history.sentence(event),
        "text": "\n".join(part for part in (words, ", ".join(history.figures(event.details))) if part),
        "link": (_("Show more"), address(target)) if target and address(target) else None,
    }
