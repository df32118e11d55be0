"""How do a list of open invoices and the documents beside it get from the desk's forms into the store?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from io import BytesIO
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal.actions import import_desk
from portal.actions.import_evidence import Handed, judged
from portal.gateways.tables import Table, read_table
from portal.rules.attachments import HEAD_BYTES, sniff
from portal.rules.import_stages import Beside, GivenProblem, Stage
from portal.store.import_desk import import_for_desk
from portal.store.import_files import ImportFile
from portal.store.imports import ClaimImport
from portal.web.parts import now, parts

#: While a file is in one of these, its columns and documents can still change.
OPEN = frozenset({Stage.COLUMNS, Stage.CHECKING, Stage.CHECKED})


class Unusable(Exception):
    """Why a file is not even looked at as a table."""

    def __init__(self, problem: GivenProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def read_list(given: object) -> tuple[str, bytes, Table]:
    """Name and bytes of a file that is a table with at least one row. Raises `TableRefused`, `Unusable`."""
    if not isinstance(given, FileStorage) or not given.filename:
        raise Unusable(GivenProblem.FILE_MISSING)
    data = given.stream.read()
    if sniff(data[:HEAD_BYTES]) is not None:
        raise Unusable(GivenProblem.NO_TABLE)
    table = read_table(BytesIO(data))
    if next(table.rows, None) is None:
        raise Unusable(GivenProblem.NO_ROWS)
    return given.filename, data, table


def sent_documents(given: object) -> Handed:
    """The documents of a form, each looked at but not decoded."""
    sent = given if isinstance(given, list) else []
    files = [raw for raw in sent if isinstance(raw, FileStorage) and raw.filename]
    return judged(parts().files, [(str(raw.filename), partial(_opened, raw)) for raw in files])


def _opened(raw: FileStorage) -> BytesIO:
    raw.stream.seek(0)
    return BytesIO(raw.stream.read())


def keep(seen: ClaimImport, handed: Handed, remove: Collection[UUID]) -> bool:
    """The documents wait beside the file instead of those with the same names; False if there would be too many.

    Their bytes are stored before anything is locked (`decisions.md` 14).
    """
    new = [_stored(seen, name, opened().read()) for name, opened in handed.good.values()]
    gone: Sequence[str] | None = None
    with parts().database.writing() as session:
        row = import_for_desk(session, seen.creditor_id, seen.id, locked=True)
        if row is not None and import_desk.stage(row) in OPEN:
            gone = import_desk.put_beside(session, row, new, remove)
    throw_away(gone if gone is not None else [file.store_key for file in new])
    return gone is not None


def _stored(row: ClaimImport, name: str, data: bytes) -> ImportFile:
    return ImportFile(
        creditor_id=row.creditor_id, import_id=row.id, purpose=Beside.DOCUMENT.value, name=name[:200],
        store_key=parts().files.put(data), size=len(data), added_at=now(),
    )  # fmt: skip


def throw_away(keys: Sequence[str]) -> None:
    """The bytes under these keys are gone."""
    for key in keys:
        parts().files.delete(key)
