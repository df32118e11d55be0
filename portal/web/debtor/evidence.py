"""How does the debtor get the documents of a claim, and the files of the own case?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort

from portal.store import claim_page
from portal.web.debtor.claims import reader, seen
from portal.web.security import Who, who
from portal.web.serving import serve
from portal.web.transaction import db

pages = Blueprint("evidence", __name__)


@pages.get("/claims/<reference>/evidence/<uuid:id>")
@who(Who.DEBTOR)
def document(reference: str, id: UUID) -> Response:
    """A document of the claim, in room 1 only one that came with the letter."""
    found = [(row, file) for row, file in seen(reference).evidence if row.id == id]
    if not found:
        abort(404)
    row, file = found[0]
    return serve(file, name=row.title)


@pages.get("/files/<uuid:id>")
@who(Who.DEBTOR_FILE)
def sent_file(id: UUID) -> Response:
    """A file that this person sent, or that the desk sent to this person."""
    found = claim_page.file_for_debtor(db(), reader(), id)
    if found is None:
        abort(404)
    return serve(found)
