"""When is something kept: one transaction per request, committed when a POST was answered below 400."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, g, request
from sqlalchemy.orm import Session

from portal.store import access
from portal.web.parts import parts

T = TypeVar("T")
WRITING = frozenset({"POST"})


class SessionEnded(Exception):
    """The person's session ended while the request was under way; nothing is written."""


def db() -> Session:
    """The request's one database session; in a POST it holds the writer's place from here on."""
    session: Session | None = g.get("db")
    if session is None:
        writes = request.method in WRITING
        session = parts().database.open_writing() if writes else parts().database.open_reading()
        g.db = session
        if writes:
            _still_signed_in(session)
    return session


def _still_signed_in(session: Session) -> None:
    visitor = g.get("visitor")
    if visitor is None:
        return
    row = access.session_by_id(session, visitor.session_id)
    if row is None or row.ended_at is not None:
        raise SessionEnded


def finish(response: Response) -> None:
    """Keep what a good POST wrote; give everything else back."""
    session: Session | None = g.get("db")
    if session is None:
        return
    if request.method in WRITING and response.status_code < 400:
        session.commit()
    release()


def release() -> None:
    """Return the connection; what was not committed is gone."""
    session: Session | None = g.pop("db", None)
    if session is not None:
        session.close()


def commit_then(outside: Callable[[], T]) -> T:
    """Keep what was written so far, then talk to the outside world without any lock (`decisions.md` 15)."""
    session: Session | None = g.get("db")
    if session is not None:
        session.commit()
    release()
    return outside()


class Portal(Flask):
    """Flask, with the end of the transaction inside the dispatch so that a failing commit is an answer too."""

    def dispatch_request(self) -> Response:
        response = self.make_response(super().dispatch_request())
        finish(response)
        return response
