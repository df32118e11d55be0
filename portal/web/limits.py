"""How often may one session or one network send something: limits that all workers share, kept in our own database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, g, request
from flask_limiter import Limiter
from limits.storage import Storage
from sqlalchemy.exc import SQLAlchemyError

from portal.rules.access import network_key
from portal.store import throttle
from portal.web.login import address
from portal.web.parts import now, parts

SCOPE = "site"
#: Posts of any kind per session (`security.md` 2.6); uploads are fewer because each one is work.
POSTS = "60 per minute"
UPLOADS = "20 per hour"


class OwnDatabase(Storage):
    """The counters of Flask-Limiter in the table `throttle`, by the application's clock."""

    STORAGE_SCHEME = ["portal"]  # noqa: RUF012

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with parts().database.writing() as session:
            until = now() + timedelta(seconds=expiry)
            return throttle.hit(session, SCOPE, key[:200], amount, now=now(), until=until)

    def get(self, key: str) -> int:
        with parts().database.reading() as session:
            found = throttle.running(session, SCOPE, key[:200], now=now())
        return found[0] if found else 0

    def get_expiry(self, key: str) -> float:
        with parts().database.reading() as session:
            found = throttle.running(session, SCOPE, key[:200], now=now())
        return (found[1] if found else now()).timestamp()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        return None

    def clear(self, key: str) -> None:
        with parts().database.writing() as session:
            throttle.forget(session, SCOPE, key[:200])


def install(app: Flask) -> None:
    """Every POST of a person counts; pages, files and machines do not."""
    limiter = Limiter(
        key_func=_whose,
        app=app,
        default_limits=[_limits],
        storage_uri="portal://",
        headers_enabled=False,
        key_prefix="",
        swallow_errors=False,
    )
    limiter.request_filter(_does_not_count)


def _limits() -> str:
    """Fewer for a POST that brings files."""
    brings = any(file.filename for file in request.files.values())
    return f"{POSTS};{UPLOADS}" if brings else POSTS


def _whose() -> str:
    visitor: Any = g.get("visitor")
    return f"session {visitor.session_id}" if visitor is not None else f"network {network_key(address())}"


def _does_not_count() -> bool:
    return request.method != "POST" or request.path.startswith(("/webhooks/", "/api/"))
