"""What is the least that a page with as many SELECTs could cost: plain Flask, plain SQLAlchemy, one table?"""

from __future__ import annotations

import hashlib
import os

from flask import Flask, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.access import SignedIn
from portal.store.claims import Claim, Position
from portal.store.database import engine_for
from portal.store.history import Event
from portal.store.people import Clerk, Debtor
from portal.store.settings import Creditor

PAGE = """<!doctype html><html lang="de"><title>{{ creditor.name }}</title><h1>{{ claim.title }}</h1>
<p>{{ debtor.name }} · {{ clerk.name }}</p>
<ol>{% for event in events %}<li>{{ event.kind }} {{ event.at }}</li>{% endfor %}</ol>
<table>{% for line in lines %}<tr><td>{{ line.label }}<td>{{ line.kind }}<td>{{ line.claimed_minor }}</tr>{% endfor %}
{% for n in range(rows) %}<tr><td>{{ n }}<td>{{ filling }}</tr>
{% endfor %}</table></html>
"""
#: As much text in a row as a real row of the claim page has.
ROW = 120
#: What stands around a row's text.
MARKUP = len("<tr><td>10<td></tr>\n")
#: Rows of a list, as in the floor that was measured before there was a portal (ten a table).
LISTED = 10


def make() -> Flask:
    """A page that reads the session, then asks as often as FLOOR_SELECTS says, and is FLOOR_BYTES long."""
    engine = engine_for(os.environ["PORTAL_DATABASE_URL"])
    selects, size = int(os.environ["FLOOR_SELECTS"]), int(os.environ["FLOOR_BYTES"])
    app = Flask("floor", static_folder=None)
    template = app.jinja_env.from_string(PAGE)
    rows: list[int] = []

    @app.get("/")
    def page() -> str:
        token = hashlib.sha256(request.cookies["s"].encode()).digest()
        with Session(engine) as session:
            signed = session.scalars(select(SignedIn).where(SignedIn.token_hash == token)).one()
            claim = session.scalars(select(Claim).where(Claim.debtor_id == signed.debtor_id).limit(1)).one()
            lines = session.scalars(select(Position).where(Position.claim_id == claim.id)).all()
            creditor = session.scalars(select(Creditor).where(Creditor.id == signed.creditor_id)).one()
            debtor = session.scalars(select(Debtor).where(Debtor.id == signed.debtor_id)).one()
            clerk = session.scalars(select(Clerk).where(Clerk.id == claim.clerk_id)).one()
            for _ in range(selects - 6):
                events = session.scalars(select(Event).where(Event.creditor_id == creditor.id).limit(LISTED)).all()
            said = {"creditor": creditor, "claim": claim, "debtor": debtor, "clerk": clerk, "events": events,
                    "lines": lines, "filling": "x" * ROW}  # fmt: skip
            if not rows:
                rows.append((size - len(template.render(**said, rows=0).encode())) // (ROW + MARKUP))
            return template.render(**said, rows=rows[0])

    return app
