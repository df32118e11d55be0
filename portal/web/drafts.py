"""What had a person typed when the session ended, and how does it come back (`decisions.md` 17)?"""

from __future__ import annotations

from flask import Response, g, request

from portal.store.access import Draft, newest_draft
from portal.web import traces
from portal.web.forms import Form
from portal.web.login import DebtorVisitor, whoever
from portal.web.parts import now, parts
from portal.web.transaction import db


def fill(form: Form) -> None:
    """Put the kept words back into the empty fields of the form on the page where they were typed."""
    visitor = whoever()
    if request.method != "GET" or not isinstance(visitor, DebtorVisitor):
        return
    only = None if visitor.in_file else visitor.session_id
    draft = newest_draft(
        db(), visitor.creditor_id, visitor.debtor_id, now=now(), path=request.path, only_session=only
    )
    if draft is not None:
        g.kept_draft = _put(form, draft)


def _put(form: Form, draft: Draft) -> bool:
    put = False
    for field in form:
        values = draft.fields.get(field.name)
        if values and not field.data and field.type not in {"HiddenField", "FilesField"}:
            field.process_data(values if isinstance(field.data, list) else values[0])
            put = True
    return put


def forget_when_sent(response: Response) -> Response:
    """What was kept for this page has been sent now, so it is not offered again."""
    visitor = g.get("visitor")
    if request.method == "POST" and response.status_code == 303 and isinstance(visitor, DebtorVisitor):
        traces.forget_draft(parts().database, visitor.creditor_id, visitor.debtor_id, request.path)
    return response
