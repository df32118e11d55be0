"""How does the desk bring a file of claims in: the file, its columns, the check list, the claims, back within a day?"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, Response, abort, request
from wtforms import FileField, MultipleFileField, StringField

from portal.actions import import_desk
from portal.actions.import_desk import Asked
from portal.actions.import_evidence import add_evidence
from portal.actions.import_undo import may_undo
from portal.actions.imports import remembered
from portal.actions.people import answerers
from portal.gateways.files import FileUnreadable
from portal.gateways.tables import Table
from portal.rules.access import Right
from portal.rules.attachments import spoken_name
from portal.rules.countries import profile_of
from portal.rules.history import Actor, ActorKind
from portal.rules.import_stages import Beside, GivenProblem, Stage
from portal.rules.imports import NEEDED, Column, TableRefused, match_columns, missing_columns
from portal.store.import_desk import import_for_desk, imports_at_desk, references_left, same_file
from portal.store.import_evidence import waiting_files
from portal.store.import_files import files_beside
from portal.store.imports import ClaimImport, count_untouched, unfinished
from portal.store.people import clerk_by_id, clerks_of
from portal.web import i18n, import_pages, import_work
from portal.web.forms import DecidingForm, Form
from portal.web.i18n import N_, ngettext
from portal.web.i18n import gettext as _
from portal.web.import_lists import MOST_LISTED
from portal.web.import_uploads import OPEN, Unusable, keep, read_list, sent_documents, throw_away
from portal.web.labels.imports import COLUMNS, FIELDS, GIVEN_PROBLEMS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page, page_of
from portal.web.parts import now, parts, today
from portal.web.refused_rows import of_document, of_file
from portal.web.security import Who, who
from portal.web.serving import download
from portal.web.transaction import commit_then, db

pages = Blueprint("imports", __name__)

SHOWN = 20
NAMES_SHOWN = 50
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class FileForm(DecidingForm):
    """The list as somebody's accounting has written it."""

    file = FileField(N_("List of open invoices (CSV or XLSX)"))


class ColumnsForm(Form):
    """Which column says what; a field for each thing that a column can say is added below."""

    answering = StringField(N_("Who answers where the file names nobody"))

    def matched(self, width: int) -> dict[Column, int]:
        """The chosen columns, as far as the file has them."""
        chosen = {column: str(self[column.value].data or "") for column in Column}
        return {
            column: int(place)
            for column, place in chosen.items()
            if place.isascii() and place.isdigit() and len(place) < 4 and int(place) < width
        }


for _column, _label in COLUMNS.items():
    setattr(ColumnsForm, _column.value, StringField(_label))


class DocumentsForm(Form):
    """Documents that rows name, several at once."""

    files = MultipleFileField(N_("Documents"))


@pages.get("/import")
@pages.get("/imports")
@who(Who.CLERK, Right.READ)
def overview() -> Response:
    """The files of claims that were handed in, and the field for another one."""
    return _overview(FileForm(formdata=None))


@pages.post("/imports")
@who(Who.CLERK, Right.IMPORT, uploads=True)
def upload() -> Response:
    """The file waits for its columns, or with known ones for its check; the same file again changes nothing."""
    form = FileForm()
    try:
        given_name, data, table = read_list(form.file.data)
    except TableRefused as refused:
        form.say("file", of_file(refused, _))
        return _overview(form)
    except Unusable as refused:
        form.refuse([refused.problem], GIVEN_PROBLEMS, FIELDS[GivenProblem])
        return _overview(form)
    sha256 = hashlib.sha256(data).digest()
    import_id = uuid5(clerk().creditor_id, f"{form.op_id()} {sha256.hex()}")
    with parts().database.reading() as session:
        known = import_for_desk(session, clerk().creditor_id, import_id)
        known = known or same_file(session, clerk().creditor_id, sha256)
        columns = _known_columns(session, table)
    if known is not None and not (known.state == "done" and known.refused):
        return back_to("creditor.imports.one", id=known.id, same=1 if known.state == "done" else None)
    key, name = parts().files.put(data), spoken_name(given_name) or _("Open invoices")
    row = import_desk.hand_in(
        db(), clerk().creditor_id, clerk().clerk_id, name, sha256, key, columns, now=now(), import_id=import_id,
        small=import_work.is_small(data),
    )  # fmt: skip
    if columns is None:
        return back_to("creditor.imports.columns", id=row.id)
    _check(row)
    return back_to("creditor.imports.one", id=row.id)


def _known_columns(session: Any, table: Table) -> dict[Column, int] | None:
    """What was confirmed about files with this header; None if a clerk has to look at them."""
    columns = remembered(session, clerk().creditor_id, table.header)
    if columns is None or missing_columns(columns):
        return None
    answers = clerk().clerk_id in {one.id for one in answerers(clerks_of(session, clerk().creditor_id))}
    return columns if answers or Column.CONTACT in columns else None


def _check(row: ClaimImport) -> None:
    """A small file is checked at once, a large one in the worker; what was written before is kept."""
    if import_desk.is_small(row):
        commit_then(partial(import_work.check, parts(), row.creditor_id, row.id, i18n.language()))
        return
    import_desk.ask(db(), row, Stage.CHECKING, _asked(), now=now())
    commit_then(lambda: None)


def _overview(form: FileForm) -> Response:
    number = _page_number()
    found = imports_at_desk(db(), clerk().creditor_id, offset=(number - 1) * SHOWN, limit=SHOWN + 1)
    return page_of(
        "creditor/imports/overview.html",
        form=form,
        may_import=clerk().may(Right.IMPORT),
        rows=[import_pages.overview_row(row, name, now()) for row, name in found[:SHOWN]],
        earlier=number - 1,
        later=number + 1 if len(found) > SHOWN else 0,
    )


@pages.route("/imports/<uuid:id>/columns", methods=["GET", "POST"])
@who(Who.CLERK, Right.IMPORT)
def columns(id: UUID) -> Response:
    """Which column says what, with the first rows as they are read; confirmed once for all files with this header."""
    form = ColumnsForm()
    row = _row(id, locked=form.is_submitted())
    if import_desk.stage(row) not in OPEN:
        return back_to("creditor.imports.one", id=row.id)
    try:
        table = import_work.open_table(parts(), row)
    except (FileUnreadable, TableRefused):
        abort(404)
    width = len(table.header)
    if not form.is_submitted():
        _suggest(form, row, table)
        return _columns_page(form, row, table, form.matched(width))
    matched = form.matched(width)
    for column in missing_columns(matched):
        form.say(column.value, _("Choose the column for this: %(name)s", name=_(COLUMNS[column])))
    if form.errors or "look" in request.form:
        return _columns_page(form, row, table, matched)
    import_desk.match(db(), row, table.header, matched, _answering(form), now=now())
    _check(row)
    return back_to("creditor.imports.one", id=id)


def _suggest(form: ColumnsForm, row: ClaimImport, table: Table) -> None:
    """The form opens with what was confirmed, else with what the names of the columns say."""
    known = import_desk.columns_of(row) or remembered(db(), row.creditor_id, table.header)
    for column, place in (known or match_columns(table.header)).items():
        form[column.value].data = str(place)
    form.answering.data = str(import_desk.answering(row) or "")


def _answering(form: ColumnsForm) -> UUID | None:
    staff = answerers(clerks_of(db(), clerk().creditor_id))
    return next((one.id for one in staff if str(one.id) == form.answering.data), None)


def _columns_page(form: ColumnsForm, row: ClaimImport, table: Table, matched: dict[Column, int]) -> Response:
    rows = list(islice(table.rows, import_pages.SAMPLE))
    staff = answerers(clerks_of(db(), row.creditor_id))
    answering = _answering(form) or (staff[0].id if staff else None)
    form.answering.data = str(answering or "")
    setting = import_work.setting_of(db(), parts(), creditor(), answering)
    return page(
        form=form,
        **_head(row),
        read_as=import_pages.read_as(table),
        options=import_pages.options_of(table.header),
        needed=[form[column.value] for column in NEEDED],
        others=[form[column.value] for column in Column if column not in NEEDED],
        staff=[(str(one.id), one.name) for one in staff],
        header=[name for _place, name in import_pages.options_of(table.header)],
        raw=import_pages.as_it_stands(table.header, rows),
        read=import_pages.as_it_is_read(rows, matched, len(table.header), setting),
    )


@pages.get("/imports/<uuid:id>")
@who(Who.CLERK, Right.READ)
def one(id: UUID) -> Response:
    """How far this file is: its check list, its progress, or what came of it."""
    row = _row(id)
    if import_desk.stage(row) is Stage.COLUMNS and clerk().may(Right.IMPORT):
        return back_to("creditor.imports.columns", id=row.id)
    return _one(row, DocumentsForm(formdata=None))


def _one(row: ClaimImport, form: Form) -> Response:
    check, view = import_desk.checked(row), request.args.get("show", "")
    found = import_work.check_list(db(), parts(), row)
    lines = import_pages.page_of_lines(found, view, _page_number())
    profile = profile_of(creditor().country)
    waits = list(waiting_files(db(), row.creditor_id, row.id)) if row.state == "done" else []
    return page_of(
        "creditor/imports/one.html",
        form=form,
        **_head(row),
        may_import=clerk().may(Right.IMPORT),
        same="same" in request.args,
        check=check,
        counts=import_pages.counts(row, check, view) if check else [],
        checked_at=i18n.moment(check.moment) if check else "",
        bring=ngettext("Bring in %(num)s case", "Bring in %(num)s cases", check.taken) if check else "",
        view=view,
        lines=[import_pages.line_row(line, profile, today()) for line in lines.lines],
        listed=lines,
        cut_at=MOST_LISTED if check is not None and check.total > MOST_LISTED else 0,
        names_documents=Column.EVIDENCE in (import_desk.columns_of(row) or {}),
        documents=files_beside(db(), row.creditor_id, row.id, Beside.DOCUMENT) if row.state == "given" else [],
        unused=set(found.unused) if found else set(),
        missing=(waits or (found.missing if found else []))[:NAMES_SHOWN],
        missing_count=len(waits) or (len(found.missing) if found else 0),
        refused_file=bool(files_beside(db(), row.creditor_id, row.id, Beside.REFUSED)),
        left=references_left(db(), row, NAMES_SHOWN) if row.state == "undone" else [],
    )


@pages.post("/imports/<uuid:id>/documents")
@who(Who.CLERK, Right.IMPORT, uploads=True)
def documents(id: UUID) -> Response:
    """The documents wait beside the file, or stand beside the cases that were waiting for them."""
    form = DocumentsForm()
    handed = sent_documents(form.files.data)
    problems = [of_document(refused, _) for refused in handed.refused]
    if not (handed.good or problems or "remove" in request.form):
        problems = [_("Choose the documents.")]
    with parts().database.reading() as session:
        row = import_for_desk(session, clerk().creditor_id, id)
    if row is None:
        abort(404)
    if import_desk.stage(row) is Stage.DONE:
        add_evidence(parts().database, row.creditor_id, id, handed, actor=_actor(), now=now(), today=today())
    elif import_desk.stage(row) in (Stage.CHECKED, Stage.CHECKING):
        if not keep(row, handed, _removed()):
            problems = [_(GIVEN_PROBLEMS[GivenProblem.TOO_MANY_DOCUMENTS])]
        _check(_row(id, locked=True))
    form.files.errors = problems
    return _one(_row(id), form) if problems else back_to("creditor.imports.one", id=id)


def _removed() -> set[UUID]:
    with suppress(ValueError):
        return {UUID(request.form.get("remove", ""))}
    return set()


@pages.post("/imports/<uuid:id>/check")
@who(Who.CLERK, Right.IMPORT)
def check(id: UUID) -> Response:
    """The file is gone through again, with the day and the cases as they are now."""
    row = _row(id, locked=True)
    if import_desk.stage(row) is Stage.CHECKED:
        _check(row)
    return back_to("creditor.imports.one", id=id)


@pages.post("/imports/<uuid:id>/take")
@who(Who.CLERK, Right.IMPORT)
def take(id: UUID) -> Response:
    """The worker makes cases of the good rows, once, however often and by whomever this is pressed."""
    row, form = _row(id, locked=True), DocumentsForm(formdata=None)
    other, found = unfinished(db(), row.creditor_id), import_desk.checked(row)
    if import_desk.stage(row) is Stage.CHECKED and found is not None:
        problems = [GivenProblem.ANOTHER_RUNS] if other is not None else []
        problems += [] if found.taken else [GivenProblem.NOTHING_READY]
        if form.refuse(problems, GIVEN_PROBLEMS, {}):
            return _one(row, form)
        import_desk.ask(db(), row, Stage.ASKED, _asked(), now=now())
    return back_to("creditor.imports.one", id=id)


@pages.post("/imports/<uuid:id>/stop")
@who(Who.CLERK, Right.IMPORT)
def stop(id: UUID) -> Response:
    """The worker leaves the file alone if it has not begun; once it has, everything can be taken back."""
    row = _row(id, locked=True)
    if import_desk.stage(row) is Stage.ASKED:
        import_desk.stop(row)
        return back_to("creditor.imports.one", id=id)
    return back_to("creditor.imports.undo", id=id)


@pages.post("/imports/<uuid:id>/drop")
@who(Who.CLERK, Right.IMPORT)
def drop(id: UUID) -> Response:
    """A file that was not brought in is gone, and everything beside it."""
    row = _row(id, locked=True)
    if import_desk.stage(row) not in OPEN:
        return back_to("creditor.imports.one", id=id)
    gone = import_desk.drop(db(), row)
    commit_then(partial(throw_away, gone))
    return back_to("creditor.imports.overview")


@pages.get("/imports/<uuid:id>/refused")
@who(Who.CLERK, Right.READ)
def refused(id: UUID) -> Response:
    """The refused rows with their reasons, in the form in which the file came."""
    row = _row(id)
    found = files_beside(db(), row.creditor_id, row.id, Beside.REFUSED)
    if not found:
        abort(404)
    try:
        data = parts().files.get(found[0].store_key)
    except FileUnreadable:
        abort(404)
    return download(data, found[0].name, TYPES["xlsx" if found[0].name.endswith(".xlsx") else "csv"])


@pages.route("/imports/<uuid:id>/undo", methods=["GET", "POST"])
@who(Who.CLERK, Right.IMPORT)
def undo(id: UUID) -> Response:
    """Everything is taken back within a day, but for cases on which something has happened since."""
    form = Form()
    row = _row(id, locked=form.is_submitted())
    if import_desk.stage(row) not in (Stage.DONE, Stage.BROKEN, Stage.WRITING):
        return back_to("creditor.imports.one", id=id)
    back = count_untouched(db(), row)
    against = _against_undo(row, back)
    if form.is_submitted() and against is None:
        import_desk.ask(db(), row, Stage.UNDOING, _asked(), now=now())
        return back_to("creditor.imports.one", id=id)
    if form.is_submitted() and against is not None:
        form.refuse([against], GIVEN_PROBLEMS, {})
    stay = max(0, row.taken - back) if row.done_at else 0
    stopped = _(GIVEN_PROBLEMS[against]) if against is not None and not form.errors else ""
    return page(form=form, **{**_head(row), "stopped": stopped}, may_go=against is None, back=back, stay=stay)


def _against_undo(row: ClaimImport, back: int) -> GivenProblem | None:
    if not may_undo(row, now()):
        return GivenProblem.TOO_LATE
    return GivenProblem.STAYS if row.state == "done" and not back else None


def _row(id: UUID, *, locked: bool = False) -> ClaimImport:
    found = import_for_desk(db(), clerk().creditor_id, id, locked=locked)
    if found is None:
        abort(404)
    return found


def _head(row: ClaimImport) -> dict[str, Any]:
    by = clerk_by_id(db(), row.creditor_id, row.clerk_id) if row.clerk_id else None
    return import_pages.head_of(row, by.name if by else None, now())


def _asked() -> Asked:
    return Asked(clerk().clerk_id, clerk().session_id)


def _actor() -> Actor:
    return Actor(ActorKind.CLERK, clerk_id=clerk().clerk_id, signed_in_id=clerk().session_id)


def _page_number() -> int:
    return max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
