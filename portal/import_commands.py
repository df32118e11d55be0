"""What does the command line say about a file of claims: what was taken, what was refused and why, what was known?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import BinaryIO, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from portal.actions import imports
from portal.actions.import_evidence import Handed, Open, judged
from portal.actions.import_undo import ImportUnknown, TooLate, undo
from portal.actions.imports import RULE, Figures, Given, ImportTakenOver, ImportUnfinished, Refused
from portal.gateways.files import StorageFull
from portal.gateways.tables import read_table
from portal.rules.history import system
from portal.rules.import_rows import Setting
from portal.rules.imports import TableRefused, match_columns
from portal.store.settings import Creditor, creditor_by_slug
from portal.web.labels.imports import LIGHTS
from portal.web.parts import Parts
from portal.web.refused_rows import RefusedFile, of_document, of_file, sentences

OpenParts = Callable[[], AbstractContextManager[Parts]]
#: The command line reads larger files than the desk, because nobody waits for a page.
MOST_BYTES = 1024 * 1024 * 1024
SHOWN = 20
FOLDER = click.Path(exists=True, file_okay=False, readable=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command("import-claims")
@click.argument("file", type=FILE)
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it and change nothing.")
@click.option("--evidence", type=FOLDER, help="Take the documents that rows name from this folder.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write refused rows here, as CSV.")
@click.option("--update", is_flag=True, help="Take over what a known row says anew, money apart.")
@click.pass_obj
def import_claims(
    open_parts: OpenParts, file: Path, slug: str, dry_run: bool, evidence: Path | None, errors: Path | None,
    update: bool,
) -> None:  # fmt: skip
    """Open invoices from a CSV or XLSX file: each row is taken whole or refused whole with its reasons.

    Nobody sees a claim before all of them are written. The same file again changes nothing, and goes on where it broke
    off; documents that were missing are added. Exit 1 if a row, a document or the file is refused.
    """
    with open_parts() as parts, ExitStack() as open_files:
        handed = _documents(parts, evidence) if evidence else None
        creditor, setting = _about(parts, slug, handed)
        stream = open_files.enter_context(file.open("rb"))
        sha256 = hashlib.file_digest(stream, "sha256").digest()
        try:
            table = read_table(stream, most=MOST_BYTES)
            columns = match_columns(table.header)
            with parts.database.reading() as session:
                columns = imports.remembered(session, creditor.id, table.header) or columns
            given = Given(file.name, sha256, table.header, columns, table.rows)
            to = open_files.enter_context(errors.open("w", encoding="utf-8-sig", newline="")) if errors else None
            teller = _Teller(RefusedFile(to, table.header) if to else None, setting)
            figures = _go_through(parts, creditor, given, setting, teller, handed, dry_run=dry_run, update=update)
        except TableRefused as refused:
            _refuse(of_file(refused), "Nothing was changed.")
        except ImportUnfinished as other:
            _refuse(
                f"The import of {other.name} is not finished. Give that file again, or take it back: "
                f"portal undo-import {other.id} --creditor {slug}"
            )
        except ImportTakenOver:
            _refuse("Somebody else goes on with this import.")
        except StorageFull:
            _refuse("The store takes no more documents. Make room, then give the same file again.")
    _say(figures, dry_run=dry_run)
    raise SystemExit(1 if figures.refused or (handed and handed.refused) else 0)


def _documents(parts: Parts, folder: Path) -> Handed:
    """The documents of this folder; those that are not taken are named with their reasons."""
    handed = judged(parts.files, _files_in(folder))
    for refused in handed.refused:
        click.echo(of_document(refused), err=True)
    return handed


def _files_in(folder: Path) -> Iterator[tuple[str, Open]]:
    """Neither folders below it nor links, which could lead anywhere."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink():
            yield path.name, partial(_opened, path)


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


class _Teller:
    """Tells the first refused rows here and all of them in the file."""

    def __init__(self, file: RefusedFile | None, setting: Setting) -> None:
        self.file, self.setting, self.told = file, setting, 0

    def __call__(self, refused: Refused) -> None:
        reasons = sentences(refused, self.setting.profile, self.setting.today)
        if self.file is not None:
            self.file.add(refused, reasons)
        self.told += 1
        if self.told <= SHOWN:
            click.echo(f"line {refused.read.line}: {' '.join(reasons)}", err=True)
        elif self.told == SHOWN + 1:
            click.echo("… --errors FILE writes all of them.", err=True)


def _about(parts: Parts, slug: str, handed: Handed | None = None) -> tuple[Creditor, Setting]:
    with parts.database.reading() as session:
        creditor = creditor_by_slug(session, slug)
        if creditor is None:
            _refuse(f"There is no creditor {slug!r}.")
        today = parts.clock().astimezone(ZoneInfo(creditor.timezone)).date()
        calendar = parts.calendars.calendar(
            creditor.country, creditor.canton or None, range(today.year - 1, today.year + 4)
        )
        names = handed.names if handed is not None else frozenset()
        return creditor, imports.setting_for(session, creditor, calendar, today=today, evidence=names)


def _go_through(
    parts: Parts, creditor: Creditor, given: Given, setting: Setting, teller: _Teller, handed: Handed | None, *,
    dry_run: bool, update: bool,
) -> Figures:  # fmt: skip
    if dry_run:
        return imports.check(parts.database, creditor.id, given, setting, parts.facts, on_refused=teller, update=update)
    return imports.take(
        parts.database, creditor.id, given, setting, parts.facts, clerk_id=None, now=parts.clock(),
        on_refused=teller, update=update, handed=handed,
    )  # fmt: skip


def _say(figures: Figures, *, dry_run: bool) -> None:
    click.echo(f"{'would be accepted' if dry_run else 'accepted'}: {figures.taken}")
    click.echo(f"refused: {figures.refused}")
    click.echo(f"unchanged: {figures.unchanged}")
    if figures.updated:
        click.echo(f"updated: {figures.updated}")
    if figures.documents:
        click.echo(f"documents added to known claims: {figures.documents}")
    click.echo(f"ready: {figures.ready}")
    for light, count in sorted(figures.lights.items()):
        click.echo(f"{LIGHTS[light]}: {count}")
    if figures.import_id is not None:
        click.echo(f"import: {figures.import_id}")


def _refuse(*said: str) -> NoReturn:
    for sentence in said:
        click.echo(sentence, err=True)
    raise SystemExit(1)


@click.command("undo-import")
@click.argument("import_id", type=click.UUID)
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.pass_obj
def undo_import(open_parts: OpenParts, import_id: UUID, slug: str) -> None:
    """Within 24 hours, or if it broke off: its claims are withdrawn, but for those on which something has happened."""
    with open_parts() as parts:
        creditor, setting = _about(parts, slug)
        try:
            back = undo(
                parts.database, creditor.id, import_id, actor=system(RULE), now=parts.clock(), today=setting.today
            )
        except ImportUnknown:
            _refuse("There is no such import.")
        except TooLate:
            _refuse("This import was taken back before, or is older than 24 hours.")
    click.echo(f"withdrawn: {back.withdrawn}")
    click.echo(f"stay, because something has happened: {back.stay}")
