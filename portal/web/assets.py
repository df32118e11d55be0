"""Where do stylesheet, fonts and scripts come from: hashed addresses, compressed once, kept by the browser for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, Response, abort, request

from portal.paths import STATIC
from portal.rules.accent import accent_variables
from portal.store.settings import creditors
from portal.web.parts import parts
from portal.web.security import Who, who

pages = Blueprint("assets", __name__)
SERVED = re.compile(r"\.(css|js|woff2|svg|png)$")
KINDS = {".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """One file as it is served: its bytes, the compressed ones, and what they are."""

    plain: bytes
    packed: bytes | None
    kind: str
    digest: str


@lru_cache(maxsize=1)
def _files() -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for file in sorted(STATIC.rglob("*")):
        name = file.relative_to(STATIC).as_posix()
        if file.is_file() and SERVED.search(name):
            found[name] = _asset(file.read_bytes(), KINDS.get(file.suffix) or _guess(name))
    return found


def _guess(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _asset(data: bytes, kind: str) -> Asset:
    packed = gzip.compress(data, 9, mtime=0) if kind.startswith("text/") else None
    return Asset(data, packed, kind, hashlib.sha256(data).hexdigest()[:16])


def static_url(name: str) -> str:
    """The address of a static file; it changes with every change of the file."""
    return f"/static/{_files()[name].digest}/{name}"


@lru_cache(maxsize=256)
def _sheet(accent: str) -> Asset:
    """The stylesheet with a creditor's own colour, and fonts under their hashed addresses."""
    text = _files()["portal.css"].plain.decode()
    text = re.sub(r"/static/(fonts/[\w.-]+)", lambda match: static_url(match[1]), text)
    data = (text + accent_variables(accent)).encode()
    asset = _asset(data, KINDS[".css"])
    _SHEETS[hashlib.sha256(data).hexdigest()] = asset
    return asset


_SHEETS: dict[str, Asset] = {}


@lru_cache(maxsize=256)
def css_url(accent: str) -> str:
    """The address of a creditor's stylesheet (`decisions.md` 40)."""
    return f"/css/{hashlib.sha256(_sheet(accent).plain).hexdigest()}.css"


@pages.get("/static/<digest>/<path:name>")
@who(Who.ANYONE)
def static_file(digest: str, name: str) -> Response:
    """A file that never changes under this address."""
    asset = _files().get(name)
    if asset is None or asset.digest != digest:
        abort(404)
    return _serve(asset)


@pages.get("/css/<digest>.css")
@who(Who.ANYONE)
def sheet(digest: str) -> Response:
    """A creditor's stylesheet; another process may have named its address."""
    if digest not in _SHEETS:
        with parts().database.reading() as session:
            for accent in {"", *(creditor.accent for creditor in creditors(session))}:
                _sheet(accent)
    asset = _SHEETS.get(digest)
    if asset is None:
        abort(404)
    return _serve(asset)


def _serve(asset: Asset) -> Response:
    packs = asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(asset.packed if packs else asset.plain, content_type=asset.kind)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if asset.packed is not None:
        answer.headers["Vary"] = "Accept-Encoding"
    if packs:
        answer.headers["Content-Encoding"] = "gzip"
    return answer
