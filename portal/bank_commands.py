"""What does the command line say about a bank's file: what was booked, what was known, what waits for somebody?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from portal.actions.bank import Figures, Handed, take_file, work_through
from portal.gateways.camt import read_bank_file
from portal.rules.bank import FileRefused
from portal.store.settings import creditor_by_slug
from portal.web.labels.bank import FAULTS
from portal.web.parts import Parts

OpenParts = Callable[[], AbstractContextManager[Parts]]


@click.command("import-bank")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.pass_obj
def import_bank(open_parts: OpenParts, file: Path, slug: str) -> None:
    """A bank's camt.053 or camt.054 (.04 and .08): what names its case is booked, the rest waits at the desk.

    The same file again changes nothing. Exit 1 if the file is refused; then nothing of it was kept.
    """
    with open_parts() as parts:
        with parts.database.reading() as session:
            creditor = creditor_by_slug(session, slug)
        if creditor is None:
            click.echo(f"There is no creditor {slug!r}.", err=True)
            raise SystemExit(1)
        try:
            with file.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").digest()
                stream.seek(0)
                handed = Handed(read_bank_file(stream), file.name, sha256)
            file_id = take_file(parts.database, creditor.id, handed, now=parts.clock())
        except FileRefused as refused:
            said = {"line": refused.line, "element": refused.element, "said": refused.said}
            click.echo(FAULTS[refused.fault] % said, err=True)
            click.echo("Nothing was changed.", err=True)
            raise SystemExit(1) from None
        now = parts.clock()
        today = now.astimezone(ZoneInfo(creditor.timezone)).date()
        _say(work_through(parts.database, creditor.id, file_id, now=now, today=today))


def _say(figures: Figures) -> None:
    click.echo(f"booked: {figures.booked}")
    click.echo(f"already known: {figures.known}")
    click.echo(f"unmatched: {figures.unmatched}")
    if figures.reversed:
        click.echo(f"taken back by the bank: {figures.reversed}")
    if figures.outgoing or figures.pending:
        click.echo(f"not looked at: {figures.outgoing} outgoing, {figures.pending} not booked yet")
