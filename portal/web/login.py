"""Who is asking: one login manager, two cookies, and never an ORM row (`decisions.md` 3)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask, Request, Response, abort, g, request
from flask_login import LoginManager, current_user
from sqlalchemy import LargeBinary, Row, bindparam, select
from sqlalchemy.orm import Session

from portal.rules.access import DEBTOR_SESSION, STAFF_SESSION, Right, Role, Room, allowed
from portal.store import claims, letters, people
from portal.store.access import SignedIn
from portal.store.claims import Claim
from portal.store.settings import Creditor
from portal.web import i18n
from portal.web.parts import now, parts
from portal.web.transaction import db

DEBTOR_COOKIE = "s"
DESK_COOKIE = "a"
DESK = "/desk"


TOKEN = bindparam("token_hash", type_=LargeBinary())
#: Whose session it is: its columns, its creditor, and of the person what every page needs. Built once.
DEBTOR_SESSION_ROW = (
    select(
        *SignedIn.__table__.columns, Creditor, people.Debtor.language.label("spoken"), people.Debtor.name.label("name")
    )
    .join(Creditor, Creditor.id == SignedIn.creditor_id)
    .outerjoin(people.Debtor, people.Debtor.id == SignedIn.debtor_id)
    .where(SignedIn.token_hash == TOKEN, SignedIn.audience == "debtor")
)
DESK_SESSION_ROW = (
    select(*SignedIn.__table__.columns, Creditor, people.Clerk)
    .join(Creditor, Creditor.id == SignedIn.creditor_id)
    .outerjoin(people.Clerk, people.Clerk.id == SignedIn.clerk_id)
    .where(SignedIn.token_hash == TOKEN, SignedIn.audience == "desk")
)


class NotSignedIn(Exception):
    """Nobody of the right audience is signed in: the answer is the entry page."""


@dataclass(frozen=True)
class Signed:
    """What Flask-Login wants to hear of anybody who is signed in."""

    session_id: UUID
    creditor_id: UUID
    seen_at: datetime
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return str(self.session_id)


@dataclass(frozen=True)
class DebtorVisitor(Signed):
    """A person with a letter: which debtor, which letters, and which of the two rooms."""

    debtor_id: UUID
    letters: frozenset[UUID]
    room: Room
    proved_at: datetime | None

    @property
    def in_file(self) -> bool:
        return self.room is Room.FILE


@dataclass(frozen=True)
class ClerkVisitor(Signed):
    """Somebody at the desk of one creditor."""

    clerk_id: UUID
    name: str
    role: Role
    shortcuts: bool

    def may(self, right: Right) -> bool:
        return allowed(self.role, right)


def install(app: Flask) -> None:
    """Let Flask-Login ask us, and nobody else, who a request belongs to."""
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app)
    manager.request_loader(load)


def cookie_name(audience: str) -> str:
    """The cookie's name; with https it is bound to this host."""
    return f"__Host-{audience}" if parts().settings.https else audience


def at_desk(path: str) -> bool:
    return path == DESK or path.startswith(DESK + "/")


def load(asking: Request) -> Signed | None:
    """Find who asks by the one cookie that counts under this path."""
    if asking.path.startswith(("/api/", "/webhooks/", "/static/", "/css/")):
        return None
    desk = at_desk(asking.path)
    token = asking.cookies.get(cookie_name(DESK_COOKIE if desk else DEBTOR_COOKIE), "")
    if not 30 <= len(token) <= 64:
        return None
    if asking.method == "POST":
        with parts().database.reading() as session:
            return _visitor(session, token, desk=desk)
    return _visitor(db(), token, desk=desk)


def _visitor(session: Session, token: str, *, desk: bool) -> Signed | None:
    found = session.execute(DESK_SESSION_ROW if desk else DEBTOR_SESSION_ROW, {"token_hash": hash_token(token)}).first()
    if found is None:
        return None
    remember_creditor(found.Creditor)
    life = STAFF_SESSION if desk else DEBTOR_SESSION
    if found.ended_at is not None or life.is_over(started_at=found.started_at, seen_at=found.seen_at, now=now()):
        g.ended = (found.creditor_id, found.debtor_id, found.signed_out)
        g.ended_session, g.ended_room = found.id, found.room
        return None
    visitor = _clerk(found, found.Clerk) if desk else _debtor(found)
    if visitor is not None:
        g.visitor = visitor
        if desk:
            g.debtor_language = found.Clerk.language
        else:
            g.debtor_language, g.debtor_name = found.spoken, found.name
    return visitor


def _debtor(signed: Row[*tuple[Any, ...]]) -> DebtorVisitor | None:
    if signed.debtor_id is None:
        return None
    return DebtorVisitor(
        session_id=signed.id,
        creditor_id=signed.creditor_id,
        seen_at=signed.seen_at,
        debtor_id=signed.debtor_id,
        letters=frozenset(UUID(letter) for letter in signed.letters),
        room=Room(signed.room or Room.LETTER),
        proved_at=signed.proved_at,
    )


def _clerk(signed: Row[*tuple[Any, ...]], clerk: people.Clerk | None) -> ClerkVisitor | None:
    if clerk is None or not clerk.active:
        return None
    return ClerkVisitor(
        session_id=signed.id,
        creditor_id=signed.creditor_id,
        seen_at=signed.seen_at,
        clerk_id=clerk.id,
        name=clerk.name,
        role=Role(clerk.role),
        shortcuts=clerk.shortcuts,
    )


def remember_creditor(creditor: Creditor) -> None:
    """From here on this request belongs to this creditor: its name, its zone, its country."""
    g.creditor = creditor
    g.zone, g.country = creditor.timezone, creditor.country


def creditor() -> Creditor:
    """The creditor of this request; a page without one is not there."""
    found: Creditor | None = g.get("creditor")
    if found is None:
        abort(404)
    return found


def whoever() -> Signed | None:
    """Whoever is signed in under this path, or nobody."""
    known: Signed | None = g.get("visitor")
    if known is not None:
        return known
    user = current_user._get_current_object()
    return user if isinstance(user, Signed) else None


def debtor() -> DebtorVisitor:
    """The person who is signed in with a letter; raises NotSignedIn."""
    user = whoever()
    if not isinstance(user, DebtorVisitor):
        raise NotSignedIn
    return user


def clerk() -> ClerkVisitor:
    """The clerk who is signed in at the desk; raises NotSignedIn."""
    user = whoever()
    if not isinstance(user, ClerkVisitor):
        raise NotSignedIn
    return user


def visible_claims(visitor: DebtorVisitor) -> frozenset[UUID] | None:
    """The only claims that room 1 may see; None in room 2, which sees all of this person's."""
    if visitor.in_file:
        return None
    return letters.claims_named(db(), visitor.creditor_id, visitor.letters)


def debtor_claim(reference: str) -> Claim:
    """The visitor's own claim with this reference; not yours and not there are the same 404."""
    visitor = debtor()
    found = claims.claim_for(
        db(),
        creditor_id=visitor.creditor_id,
        debtor_id=visitor.debtor_id,
        reference=reference,
        only=visible_claims(visitor),
    )
    if found is None:
        abort(404)
    return found


def desk_claim(reference: str) -> Claim:
    """The claim with this reference of the clerk's own firm, else the same 404."""
    found = claims.claim_at_desk(db(), creditor_id=clerk().creditor_id, reference=reference)
    if found is None:
        abort(404)
    return found


def new_token() -> str:
    """A token of 256 random bits for one session's cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def set_cookie(response: Response, token: str, *, desk: bool) -> Response:
    """Hand the token to the browser for as long as it stays open."""
    response.set_cookie(
        cookie_name(DESK_COOKIE if desk else DEBTOR_COOKIE),
        token,
        secure=parts().settings.https,
        httponly=True,
        samesite="Strict" if desk else "Lax",
        path="/",
    )
    return response


def drop_cookie(response: Response, *, desk: bool) -> Response:
    """Take the token back, and with it what the browser kept of these pages."""
    response.delete_cookie(
        cookie_name(DESK_COOKIE if desk else DEBTOR_COOKIE),
        secure=parts().settings.https,
        httponly=True,
        samesite="Strict" if desk else "Lax",
        path="/",
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def choose_language() -> None:
    """Decide the language of this request: chosen, else the letter's, else the firm's, else the browser's."""
    chosen = i18n.chosen() or g.get("debtor_language") or i18n.from_browser()
    fallback = g.creditor.language if g.get("creditor") is not None else "de"
    i18n.set_language(chosen or fallback)


def address() -> str:
    """The network address of whoever asks, behind as many proxies as are configured."""
    return request.remote_addr or "::"
