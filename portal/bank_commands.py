"""What does the command line say about a bank's file: what was booked, what was known, what waits for somebody?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.bank import Figures, Handed, take_file, work_through
from portal.app import clock_of
from portal.gateways.camt import read_bank_file
from portal.rules.bank import FileRefused
from portal.settings import SettingsIncomplete, from_environment
from portal.store.database import Database
from portal.store.settings import creditor_by_slug
from portal.web.labels.bank import FAULTS


@click.command("import-bank")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
def import_bank(file: Path, slug: str) -> None:
    """A bank's camt.053 or camt.054 (.04 and .08): what names its case is booked, the rest waits at the desk.

    The same file again changes nothing. Exit 1 if the file is refused; then nothing of it was kept.
    """
    with _books() as (database, now):
        with database.reading() as session:
            creditor = creditor_by_slug(session, slug)
        if creditor is None:
            _refuse(f"There is no creditor {slug!r}.")
        try:
            file_id = _take(database, creditor.id, file, now)
        except FileRefused as refused:
            said = {"line": refused.line, "element": refused.element, "said": refused.said}
            _refuse(FAULTS[refused.fault] % said, "Nothing was changed.")
        today = now.astimezone(ZoneInfo(creditor.timezone)).date()
        _say(work_through(database, creditor.id, file_id, now=now, today=today))


@contextmanager
def _books() -> Iterator[tuple[Database, datetime]]:
    """The database and this moment; nothing else of the portal is built, so that a large file has room."""
    try:
        settings = from_environment(os.environ)
    except SettingsIncomplete as incomplete:
        _refuse(*incomplete.sentences)
    database = Database(settings.database_url)
    try:
        yield database, clock_of(settings)()
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        _refuse(f"The database did not do it: {type(cause).__name__}. The same file again goes on where it ended.")
    finally:
        database.close()


def _take(database: Database, creditor_id: UUID, file: Path, now: datetime) -> UUID:
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").digest()
        stream.seek(0)
        return take_file(database, creditor_id, Handed(read_bank_file(stream), file.name, sha256), now=now)


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        click.echo(sentence, err=True)
    raise SystemExit(1)


def _say(figures: Figures) -> None:
    click.echo(f"booked: {figures.booked}")
    click.echo(f"already known: {figures.known}")
    click.echo(f"unmatched: {figures.unmatched}")
    if figures.reversed:
        click.echo(f"taken back by the bank: {figures.reversed}")
    if figures.outgoing or figures.pending:
        click.echo(f"not looked at: {figures.outgoing} outgoing, {figures.pending} not booked yet")
