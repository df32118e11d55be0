"""What does an e-mail say: few sentences in the reader's language, as text and as HTML, nothing of the matter."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal import paths
from portal.actions.notices import ToWrite
from portal.gateways.mail import Mail
from portal.rules.notices import NoticeKind
from portal.web.i18n import gettext_in
from portal.web.labels.notices import SENTENCES, STOP, SUBJECTS
from portal.web.parts import Parts

FOLDER = "emails"
PAGES = Environment(
    loader=FileSystemLoader(paths.TEMPLATES / FOLDER), autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
)  # fmt: skip


def written(parts: Parts, notice: ToWrite) -> Mail:
    """The mail as it goes out; its words are the same at each try."""
    values = _values(parts, notice)
    stop_at = _stop_page(parts, notice)
    given = {
        "language": notice.language,
        "subject": gettext_in(notice.language, SUBJECTS[notice.kind], **values),
        "sentences": [gettext_in(notice.language, one, **values) for one in SENTENCES[notice.kind]],
        "firm": notice.firm,
        "stop": gettext_in(notice.language, STOP, href=stop_at) if stop_at else "",
    }
    return Mail(
        to=notice.to,
        subject=str(given["subject"]),
        text=PAGES.get_template("notice.txt").render(given),
        html=PAGES.get_template("notice.html").render(given),
        message_id=notice.message_id,
        sender_name=notice.firm,
        headers=_stop_headers(stop_at),
    )


def written_at(moment: datetime) -> str:
    """A day and time as a mail's Date line has it (RFC 5322)."""
    return format_datetime(moment)


def _values(parts: Parts, notice: ToWrite) -> dict[str, object]:
    place = urlsplit(parts.settings.base_url).netloc
    values: dict[str, object] = {"firm": notice.firm, "place": f"{place}/{notice.slug}", **notice.details}
    if notice.kind is NoticeKind.CODE:
        code = parts.contact.code(UUID(str(notice.details["code_id"])), notice.to)
        values["code"] = f"{code[:4]} {code[4:]}"
    return values


def _stop_page(parts: Parts, notice: ToWrite) -> str:
    """Where this reader ends the e-mails; colleagues and those who only confirm an address have no such page."""
    if notice.debtor_id is None or notice.kind is not NoticeKind.NEWS:
        return ""
    return f"{parts.settings.base_url}/stop/{parts.contact.stop_token(notice.debtor_id)}"


def _stop_headers(href: str) -> tuple[tuple[str, str], ...]:
    """One click ends it, without signing in (RFC 2369, RFC 8058)."""
    if not href:
        return ()
    return (("List-Unsubscribe", f"<{href}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
