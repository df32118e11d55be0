"""How does the desk put a document beside a claim, and open what lies there?"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request
from wtforms import BooleanField, SelectField, StringField

from portal.actions import evidence
from portal.rules.access import Right
from portal.rules.attachments import FilePurpose
from portal.rules.evidence import MAX_TITLE, EvidenceKind, EvidenceProblem
from portal.rules.history import Actor, ActorKind
from portal.store.attachments import attachment_of
from portal.store.evidence import Evidence, evidence_on
from portal.web.forms import DecidingForm
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels.evidence import FIELDS, KINDS, LABELS
from portal.web.login import clerk, creditor, desk_claim
from portal.web.pages import page
from portal.web.parts import now, today
from portal.web.security import Who, who
from portal.web.serving import serve
from portal.web.transaction import db
from portal.web.uploads import FilesField, receive

pages = Blueprint("evidence", __name__)


class EvidenceForm(DecidingForm):
    """One document: what it is, how it is called, and whether the letter alone opens it."""

    files = FilesField(N_("Document"))
    kind = SelectField(N_("What it is"), validate_choice=False)
    title = StringField(N_("Title that both sides read"))
    with_letter = BooleanField(N_("Opens with the letter alone"))


@pages.route("/claims/<reference>/evidence", methods=["GET", "POST"])
@who(Who.CLERK, Right.ANSWER, uploads=True)
def add(reference: str) -> Response:
    """Add a document to a claim; both sides see it in the timeline."""
    claim = desk_claim(reference)
    form = EvidenceForm()
    if request.method == "POST":
        files = receive(form.files, claim, purpose=FilePurpose.EVIDENCE)
        if form.sent_well():
            raw = str(form.kind.data or "")
            done = evidence.add(
                db(), claim, creditor(), EvidenceKind(raw) if raw in set(EvidenceKind) else None,
                str(form.title.data or ""), files, with_letter=bool(form.with_letter.data), op=form.op_id(),
                actor=Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id), now=now(), today=today(),
            )  # fmt: skip
            if isinstance(done, Evidence):
                answer: Response = redirect(f"/desk/claims/{claim.reference}", 303)  # type: ignore[assignment]
                return answer
            form.refuse(done, LABELS[EvidenceProblem], FIELDS[EvidenceProblem], limit=MAX_TITLE)
    return page(
        form=form,
        claim=claim,
        kinds=[(kind.value, _(words)) for kind, words in KINDS.items()],
        health=creditor().health,
        papers=[
            {"href": f"/desk/files/{row.id}", "name": paper.title, "detail": _(KINDS[EvidenceKind(paper.kind)])}
            for paper, row in evidence_on(db(), claim.creditor_id, claim.id)
            if paper.kind in set(EvidenceKind)
        ],
    )


@pages.get("/claims/<reference>/evidence/<uuid:id>")
@who(Who.CLERK, Right.READ)
def document(reference: str, id: UUID) -> Response:
    """A document that a claim of this firm rests on."""
    claim = desk_claim(reference)
    found = [(paper, row) for paper, row in evidence_on(db(), claim.creditor_id, claim.id) if paper.id == id]
    if not found:
        abort(404)
    paper, row = found[0]
    return serve(row, name=paper.title)


@pages.get("/files/<uuid:id>")
@who(Who.CLERK, Right.READ)
def sent_file(id: UUID) -> Response:
    """A file that somebody sent on a claim of this firm; what was not sent yet is not there."""
    found = attachment_of(db(), creditor_id=clerk().creditor_id, attachment_id=id)
    if found is None or found.purpose == FilePurpose.DRAFT:
        abort(404)
    return serve(found)
