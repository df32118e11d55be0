"""Is the process alive, and can it work?"""

from __future__ import annotations

from flask import Blueprint, Response

from portal.store.database import answers
from portal.store.schema import at_head
from portal.web.parts import parts
from portal.web.security import Who, who

pages = Blueprint("health", __name__)


@pages.get("/healthz")
@who(Who.MACHINE)
def alive() -> Response:
    """The process answers; the database is not asked."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
@who(Who.MACHINE)
def ready() -> Response:
    """The database answers and has the newest schema."""
    database = parts().database
    good = answers(database) and at_head(database)
    return Response("ready\n" if good else "not ready\n", status=200 if good else 503, mimetype="text/plain")
