"""How does a file get to a person: always as a download, only our own clean copy, with headers that let nothing run."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from portal.gateways.files import FileUnreadable
from portal.rules.attachments import FileState
from portal.store.attachments import Attachment
from portal.web.errors import error_page
from portal.web.i18n import gettext as _
from portal.web.parts import parts
from portal.web.transaction import release

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg"}


def serve(file: Attachment, *, name: str | None = None) -> Response:
    """The clean copy as a download (`security.md` 4.4); a page with a sentence while or if there is none."""
    key, kind = file.ready_key, kind_of(file)
    if file.state == FileState.RECEIVED:
        return _not_yet()
    if file.state != FileState.READY or key is None or kind not in TYPES:
        return _damaged()
    shown = shown_name(name or file.name, kind)
    release()
    try:
        data = parts().files.get(key)
    except FileUnreadable:
        return _damaged()
    return download(data, shown, TYPES[kind])


def download(data: bytes, name: str, media_type: str) -> Response:
    """These bytes of ours as a download that nothing runs and nobody keeps."""
    answer = Response(data, mimetype=media_type)
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def kind_of(file: Attachment) -> str:
    """What our clean copy is: pdf or jpeg, whether the row holds the short word or the media type."""
    return (file.ready_type or file.type).rsplit("/", 1)[-1]


def shown_name(name: str, kind: str) -> str:
    """The name with the extension of what is really inside."""
    suffix = ".pdf" if kind == "pdf" else ".jpg"
    stem = name.rsplit(".", 1)[0] if "." in name[-6:] else name
    return f"{stem}{suffix}"


def disposition(name: str) -> str:
    """The header that names a download, in ASCII for old programs and in full for the others (RFC 6266)."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in " ._-") else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _not_yet() -> Response:
    return error_page(409, _("This file is still being checked"), _("That takes a minute or two. Then open it again."))


def _damaged() -> Response:
    return error_page(410, _("This file can't be opened"), _("It is damaged. Send it again as a photo or a PDF."))
