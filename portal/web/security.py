"""Who may ask for what, which headers every answer carries, and which requests are turned away at the door."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from portal.rules.access import Right
from portal.settings import CHECKOUT_ORIGIN, ONBOARDING_ORIGIN, Settings
from portal.web import traces
from portal.web.login import ClerkVisitor, DebtorVisitor, NotSignedIn, Signed, at_desk, choose_language, whoever
from portal.web.parts import now, parts
from portal.web.slow_bodies import place_to_read
from portal.web.transaction import release

View = TypeVar("View", bound=Callable[..., Any])
KIB = 1024
ORDINARY_LIMIT = 64 * KIB
UPLOAD_LIMIT = 56 * KIB * KIB
WEBHOOK_LIMIT = 256 * KIB
#: A clerk hands in hundreds of documents beside a file of claims.
DESK_PARTS = 500

#: What every answer carries, whatever it is; no view sets these.
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    ("X-Robots-Tag", "noindex, nofollow, noarchive"),
)

csrf = CSRFProtect()


class Who(StrEnum):
    """Who may call an address; every view names it, else the application does not start."""

    ANYONE = "anyone"
    DEBTOR = "debtor"
    DEBTOR_FILE = "debtor in room 2"
    CLERK = "clerk"
    MACHINE = "machine"


class Policy(NamedTuple):
    """Who may call a view, with which right at the desk, and whether it takes files."""

    audience: Who
    right: Right | None
    uploads: bool


def who(audience: Who, right: Right | None = None, *, uploads: bool = False) -> Callable[[View], View]:
    """Say who may call this view, with which right at the desk, and whether it takes files."""

    def mark(view: View) -> View:
        vars(view)["policy"] = Policy(audience, right, uploads)
        return view

    return mark


def policy_of(app: Flask, endpoint: str) -> Policy:
    """What the view of this endpoint said about itself."""
    found: Policy = vars(app.view_functions[endpoint])["policy"]
    return found


def refuse_unmarked(app: Flask) -> None:
    """Stop the start if an address does not say who may call it."""
    unmarked = [name for name, view in app.view_functions.items() if "policy" not in vars(view)]
    if unmarked:
        raise RuntimeError(f"no policy: {', '.join(sorted(unmarked))}")


def at_the_door() -> None:
    """Before each request: size, person, right, then the form's own token (`decisions.md` 14)."""
    if request.endpoint is None:
        choose_language()
        return
    audience, right, uploads = policy_of(current_app, request.endpoint)
    if audience is Who.MACHINE:
        request.max_content_length = WEBHOOK_LIMIT
        return
    request.max_content_length = UPLOAD_LIMIT if uploads else ORDINARY_LIMIT
    # The parser counts a piece of 64 KiB of a photo and what it kept of the piece before together.
    request.max_form_memory_size = 2 * ORDINARY_LIMIT if uploads else ORDINARY_LIMIT
    if uploads and at_desk(request.path):
        request.max_form_parts = DESK_PARTS
    _refuse_nul(request.path, *request.args.keys(), *(value for _name, value in request.args.items(multi=True)))
    user = whoever()
    if request.method == "POST":
        release()
    choose_language()
    _check_person(audience, right, user)
    if request.method == "POST":
        _check_origin()
        _read_form(uploads)
        _refuse_nul(*request.form.keys(), *(value for _name, value in request.form.items(multi=True)))


def _refuse_nul(*texts: str) -> None:
    """No keyboard makes this character, and PostgreSQL can't keep it."""
    if any("\0" in text for text in texts):
        abort(400)


def _read_form(uploads: bool) -> None:
    """Read the whole body and check its token; files only while one of the places for slow readers is free."""
    if not uploads:
        csrf.protect()
        return
    with place_to_read(request.environ):
        csrf.protect()


def _check_person(audience: Who, right: Right | None, user: object) -> None:
    if audience is Who.ANYONE:
        return
    if audience is Who.CLERK:
        if not isinstance(user, ClerkVisitor):
            raise NotSignedIn
        if right is not None and not user.may(right):
            abort(404)
        return
    if not isinstance(user, DebtorVisitor):
        raise NotSignedIn
    if audience is Who.DEBTOR_FILE and not user.in_file:
        abort(404)


def _check_origin() -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(400)
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != urlsplit(parts().settings.base_url).netloc:
        abort(400)


def note_presence(response: Response) -> Response:
    """After the business transaction: the person was here."""
    visitor: Signed | None = g.get("visitor")
    if visitor is not None and request.endpoint and response.status_code < 500:
        release()
        traces.seen(parts().database, visitor.session_id, visitor.seen_at, now())
    return response


def _provider(settings: Settings) -> str:
    """Where forms may lead besides here: the pages on which is paid, and at the desk those on which a firm begins."""
    begins = at_desk(request.path) and settings.stripe_page_origin == CHECKOUT_ORIGIN
    return f"{settings.stripe_page_origin} {ONBOARDING_ORIGIN}" if begins else settings.stripe_page_origin


@lru_cache(maxsize=16)
def _content_policy(provider: str, https: bool) -> str:
    """What a page may load and where its forms may lead."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self' {provider}; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return f"{policy}; upgrade-insecure-requests" if https else policy


def add_headers(response: Response) -> Response:
    """Every answer, good or bad, carries the same protection (`security.md` 6.1)."""
    settings = parts().settings
    if settings.https:
        response.headers.setdefault(
            "Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"
        )
    response.headers.setdefault("Content-Security-Policy", _content_policy(_provider(settings), settings.https))
    response.headers.extend(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    if "immutable" not in response.headers["Cache-Control"]:
        response.headers.add("Vary", "Cookie")
    return response
