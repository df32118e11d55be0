"""Who goes through a file of claims for the desk: its check, its claims, taking them back, here or in the worker?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.actions import import_desk, imports
from portal.actions.import_evidence import Handed
from portal.actions.import_undo import ImportUnknown, TooLate, undo
from portal.actions.imports import Figures, Given, ImportTakenOver, ImportUnfinished, OnProgress
from portal.gateways.files import FileUnreadable
from portal.gateways.tables import Table, read_table
from portal.rules.history import Actor, ActorKind
from portal.rules.import_evidence import file_key
from portal.rules.import_rows import Setting
from portal.rules.import_stages import Beside, GivenProblem, Stage
from portal.rules.imports import TableRefused
from portal.rules.openings import OpeningProblem
from portal.store.import_desk import import_for_desk
from portal.store.import_files import ImportFile, files_beside
from portal.store.imports import ClaimImport, count_open
from portal.store.people import clerk_by_id
from portal.store.settings import Creditor, creditor_by_id
from portal.web import i18n
from portal.web.i18n import N_
from portal.web.import_lists import CheckList, Found, unpacked
from portal.web.parts import Parts
from portal.web.refused_rows import Say

#: So large a file is checked while the clerk waits, about one second; the worker takes larger ones.
WHILE_WAITING = {"xlsx": 60 * 1024, "csv": 300 * 1024}
REFUSED_ROWS = N_("refused rows")


def open_table(have: Parts, row: ClaimImport) -> Table:
    """The file's columns and rows, to be read once. Raises `FileUnreadable`, `TableRefused`."""
    return read_table(BytesIO(have.files.get(row.file_key or "")))


def check_list(session: Session, have: Parts, row: ClaimImport) -> Found | None:
    """The check list as it is kept; None while there is none, or if its bytes are gone."""
    kept = files_beside(session, row.creditor_id, row.id, Beside.LIST)
    try:
        return unpacked(have.files.get(kept[0].store_key)) if kept else None
    except FileUnreadable:
        return None


def is_small(data: bytes) -> bool:
    """Whether nobody has to wait long for the check of this file."""
    return len(data) <= WHILE_WAITING["xlsx" if data[:2] == b"PK" else "csv"]


def setting_of(
    session: Session, have: Parts, creditor: Creditor, clerk_id: UUID | None, documents: Sequence[ImportFile] = ()
) -> Setting:
    """What the firm's rows are measured by today, with these documents; `clerk_id` answers where a row names nobody."""
    today = have.clock().astimezone(ZoneInfo(creditor.timezone)).date()
    calendar = have.calendars.calendar(creditor.country, creditor.canton or None, range(today.year - 1, today.year + 4))
    names = [file_key(document.name) for document in documents]
    return imports.setting_for(session, creditor, calendar, today=today, clerk_id=clerk_id, evidence=names)


def check(have: Parts, creditor_id: UUID, import_id: UUID, language: str, *, turn: int | None = None) -> None:
    """The check list stands beside the file; in the worker only if this turn is still wanted."""
    with have.database.reading() as session:
        row = import_for_desk(session, creditor_id, import_id)
        if row is None or row.state != "given" or _is_late(row, turn, Stage.CHECKING):
            return
        setting, documents = _measure(session, have, row)
    try:
        given, found = _begin(have, row, setting, partial(i18n.gettext_in, language))
        figures = imports.check(
            have.database, creditor_id, given, setting, have.facts, on_refused=found.on_refused, on_taken=found.on_taken
        )
    except (FileUnreadable, TableRefused):
        _give_up(have, creditor_id, import_id, GivenProblem.FILE_GONE)
        return
    listed = found.packed([document.name for document in documents])
    files = [_kept(have, row, Beside.LIST, "list", listed), *_refused(have, row, found)]
    with have.database.writing() as session:
        now = import_for_desk(session, creditor_id, import_id, locked=True)
        if now is None or now.state != "given" or _is_late(now, turn, Stage.CHECKING):
            gone = [file.store_key for file in files]
        else:
            not_due = found.problems[OpeningProblem.NOT_DUE_YET]
            gone = import_desk.found(session, now, figures, not_due, files, now=have.clock())
    _throw_away(have, gone)


def bring_in(have: Parts, creditor_id: UUID, import_id: UUID, *, turn: int, on_progress: OnProgress) -> None:
    """The file's good rows are claims, its documents stand beside them, and only the refused rows are kept.

    Begun again after it broke off, it goes on; done twice it changes nothing.
    """
    with have.database.reading() as session:
        row = import_for_desk(session, creditor_id, import_id)
        if row is None or import_desk.wanted(row, turn) is not Stage.ASKED:
            return
        asked = import_desk.asked_by(row)
        setting, documents = _measure(session, have, row)
        language = _language_of(session, creditor_id, asked.clerk_id)
    try:
        given, found = _begin(have, row, setting, partial(i18n.gettext_in, language))
        figures = imports.take(
            have.database, creditor_id, given, setting, have.facts, clerk_id=asked.clerk_id, now=have.clock(),
            on_refused=found.on_refused, on_progress=on_progress, signed_in_id=asked.signed_in_id, import_id=import_id,
            handed=_handed(have, documents),
        )  # fmt: skip
    except (FileUnreadable, TableRefused):
        _give_up(have, creditor_id, import_id, GivenProblem.FILE_GONE)
    except ImportUnfinished:
        _give_up(have, creditor_id, import_id, GivenProblem.ANOTHER_RUNS)
    except ImportTakenOver:
        return
    else:
        _settle(have, row, figures, _refused(have, row, found))


def take_back(have: Parts, creditor_id: UUID, import_id: UUID, *, turn: int) -> None:
    """The claims of this import on which nothing has happened are withdrawn, and nothing of the file is kept."""
    with have.database.reading() as session:
        row = import_for_desk(session, creditor_id, import_id)
        if row is None or import_desk.wanted(row, turn) is not Stage.UNDOING:
            return
        creditor, asked = creditor_by_id(session, creditor_id), import_desk.asked_by(row)
    moment = have.clock()
    today = moment.astimezone(ZoneInfo(creditor.timezone)).date()
    actor = Actor(ActorKind.CLERK, clerk_id=asked.clerk_id, signed_in_id=asked.signed_in_id)
    if row.state != "undone":
        try:
            undo(have.database, creditor_id, import_id, actor=actor, now=moment, today=today)
        except (TooLate, ImportUnknown):
            _give_up(have, creditor_id, import_id, GivenProblem.TOO_LATE)
            return
    with have.database.writing() as session:
        now = import_for_desk(session, creditor_id, import_id, locked=True)
        gone = []
        if now is not None:
            stay = count_open(session, now)
            gone = import_desk.taken_back(session, now, now.taken - stay, stay)
    _throw_away(have, gone)


def work_off(have: Parts, payload: dict[str, object], hold: Callable[[], None]) -> None:
    """What the desk has asked for, in the worker; `hold` is called again and again while it takes long."""
    creditor_id, import_id = UUID(str(payload["creditor_id"])), UUID(str(payload["import_id"]))
    turn = int(str(payload["turn"]))
    with have.database.reading() as session:
        row = import_for_desk(session, creditor_id, import_id)
        wants = import_desk.wanted(row, turn) if row is not None else None
        language = _language_of(session, creditor_id, import_desk.asked_by(row).clerk_id) if row is not None else "de"
    if wants is Stage.CHECKING:
        check(have, creditor_id, import_id, language, turn=turn)
    elif wants is Stage.ASKED:
        bring_in(have, creditor_id, import_id, turn=turn, on_progress=lambda figures: hold())
    elif wants is Stage.UNDOING:
        take_back(have, creditor_id, import_id, turn=turn)


def _is_late(row: ClaimImport, turn: int | None, stage: Stage) -> bool:
    return turn is not None and import_desk.wanted(row, turn) is not stage


def _measure(session: Session, have: Parts, row: ClaimImport) -> tuple[Setting, list[ImportFile]]:
    documents = files_beside(session, row.creditor_id, row.id, Beside.DOCUMENT)
    creditor = creditor_by_id(session, row.creditor_id)
    return setting_of(session, have, creditor, import_desk.answering(row), documents), documents


def _begin(have: Parts, row: ClaimImport, setting: Setting, say: Say) -> tuple[Given, CheckList]:
    table = open_table(have, row)
    columns = import_desk.columns_of(row) or {}
    given = Given(row.name, row.sha256, table.header, columns, table.rows)
    return given, CheckList(table.header, columns, setting, say, sheet=table.encoding == "xlsx")


def _language_of(session: Session, creditor_id: UUID, clerk_id: UUID | None) -> str:
    clerk = clerk_by_id(session, creditor_id, clerk_id) if clerk_id is not None else None
    return clerk.language if clerk is not None else creditor_by_id(session, creditor_id).language


def _handed(have: Parts, documents: Sequence[ImportFile]) -> Handed:
    """These documents, which were judged when they were handed in."""
    opened = {file_key(one.name): (one.name, partial(_open, have, one.store_key)) for one in documents}
    return Handed(have.files, opened, ())


def _open(have: Parts, key: str) -> BinaryIO:
    return BytesIO(have.files.get(key))


def _refused(have: Parts, row: ClaimImport, found: CheckList) -> list[ImportFile]:
    """The refused rows as a file, if there are any."""
    if not found.refused_count:
        return []
    name = f"{row.name.rpartition('.')[0] or row.name} {found.say(REFUSED_ROWS)}.{'xlsx' if found.sheet else 'csv'}"
    return [_kept(have, row, Beside.REFUSED, name, found.refused_file())]


def _kept(have: Parts, row: ClaimImport, purpose: Beside, name: str, data: bytes) -> ImportFile:
    return ImportFile(
        creditor_id=row.creditor_id, import_id=row.id, purpose=purpose.value, name=name, store_key=have.files.put(data),
        size=len(data), added_at=have.clock(),
    )  # fmt: skip


def _settle(have: Parts, row: ClaimImport, figures: Figures, refused: list[ImportFile]) -> None:
    with have.database.writing() as session:
        now = import_for_desk(session, row.creditor_id, row.id, locked=True)
        gone = [file.store_key for file in refused]
        if now is not None and now.state in ("given", "done"):
            gone = import_desk.settle(session, now, figures, refused, now=have.clock())
    _throw_away(have, gone)


def _give_up(have: Parts, creditor_id: UUID, import_id: UUID, problem: GivenProblem) -> None:
    with have.database.writing() as session:
        row = import_for_desk(session, creditor_id, import_id, locked=True)
        if row is not None:
            import_desk.came_to_nothing(row, problem)


def _throw_away(have: Parts, keys: Sequence[str]) -> None:
    """The bytes under these keys are gone; what is left behind the sweep takes."""
    for key in keys:
        have.files.delete(key)
