"""What does the command line do for a firm's first hour?"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from portal import paths
from portal.actions.specimens import NobodyAnswers, specimen_letter
from portal.gateways.pdf import PaperFailed
from portal.store.people import clerks_of
from portal.store.settings import creditor_by_slug
from portal.web import i18n
from portal.web.letter_paper import letter_title
from portal.web.parts import Parts
from portal.web.specimens import stamped, title_in


@click.command("test-letter")
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.option("--language", type=click.Choice(i18n.LANGUAGES), help="By default the firm's language.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
@click.pass_obj
def write_test_letter(
    parts_of: Callable[[], AbstractContextManager[Parts]], slug: str, language: str | None, out: Path
) -> None:
    """A letter to a colleague at the firm's own address, to print, fold and scan; nothing of it stands in the books.

    Its code opens a page that says that it is a test letter. It is the same code each time and opens no case.
    """
    i18n.load(paths.TRANSLATIONS)
    with parts_of() as parts:
        made = _made(parts, slug, language)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(made)
    except OSError as error:
        _refuse(f"{out} can't be written: {error.strerror}.")
    click.echo(f"{out}: a test letter")


def _made(parts: Parts, slug: str, language: str | None) -> bytes:
    now = parts.clock()
    with parts.database.reading() as session:
        firm = creditor_by_slug(session, slug)
        if firm is None:
            _refuse(f"There is no creditor {slug!r}.")
        staff = clerks_of(session, firm.id)
    if not staff:
        _refuse("There is no colleague to whom it could go: `portal add-clerk` adds one.")
    tongue, today = language or firm.language, now.astimezone(ZoneInfo(firm.timezone)).date()
    write = stamped(parts.settings.base_url, today)
    try:
        data = specimen_letter(
            parts.database, firm.id, staff[0].id, write, code=parts.specimens.code(firm.id), codes=parts.codes,
            language=tongue, title=title_in(tongue), now=now, today=today,
        )  # fmt: skip
        return parts.papers.letters(letter_title(firm, tongue), firm.name, [data])
    except NobodyAnswers:
        _refuse("Nobody can be named as contact person: add a colleague with the role agent or lead.")
    except PaperFailed as failed:
        _refuse(f"The letter could not be set: {failed}")


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(1)
