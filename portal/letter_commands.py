"""What does the command line say about letters: which were printed into which file, and who got none and why?"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from io import BufferedWriter
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from portal import paths
from portal.actions.letter_prints import begin
from portal.actions.letter_runs import HeldBack, Survey, survey
from portal.rules.letters import MOST_IN_A_FILE
from portal.store.letter_runs import LetterRun, files_of, letters_of_run, run_at, runs_of
from portal.store.letters import Wanted
from portal.store.settings import Creditor, creditor_by_slug
from portal.web import i18n
from portal.web.labels.letter_hindrances import HINDRANCES
from portal.web.letter_prints import manifest, printing
from portal.web.parts import Parts

OpenParts = Callable[[], AbstractContextManager[Parts]]
SHOWN = 20


@click.command("letters")
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.option("--reference", "references", multiple=True, help="Only this claim; may be given several times.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
@click.pass_obj
def letters(parts_of: OpenParts, slug: str, references: tuple[str, ...], out: Path) -> None:
    """Issue codes and write the letters of every claim whose checks are all green; the codes exist only in the file.

    Up to 500 letters in a file, in the order of the addresses; the next ones go into FILE-2.pdf and so on.
    Beside each file lies a FILE.csv that says for which claim and address each letter in it is, without codes.
    The desk sees the run, and marks it as posted or calls it back. Exit 1 if nothing was printed, or a claim that was
    asked for by name got no letter.
    """
    i18n.load(paths.TRANSLATIONS)
    with parts_of() as parts:
        creditor = _creditor(parts, slug)
        found = _look(parts, creditor, references)
        for held in found.held:
            _say_held(held)
        if not found.recipients:
            _refuse("No letter was printed.")
        held_later = _print(parts, creditor, found, out)
    raise SystemExit(1 if references and (found.held or held_later) else 0)


@click.command("letter-runs")
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.pass_obj
def letter_runs(parts_of: OpenParts, slug: str) -> None:
    """The last print runs of the desk and of the command line: when, by whom, how many letters, where it stands."""
    with parts_of() as parts:
        creditor = _creditor(parts, slug)
        with parts.database.reading() as session:
            for run, name in runs_of(session, creditor.id, offset=0, limit=SHOWN):
                asked = run.asked_at.astimezone(ZoneInfo(creditor.timezone))
                posted = f" on {run.posted_on}" if run.posted_on else ""
                click.echo(
                    f"{run.id}  {asked:%Y-%m-%d %H:%M}  {name or 'command line'}  {run.letters} letters  "
                    f"{run.state}{posted}"
                )


def _creditor(parts: Parts, slug: str) -> Creditor:
    with parts.database.reading() as session:
        found = creditor_by_slug(session, slug)
        if found is None:
            _refuse(f"There is no creditor {slug!r}.")
        session.expunge(found)
        return found


def _look(parts: Parts, creditor: Creditor, references: tuple[str, ...]) -> Survey:
    """Who would get a letter; a reference that is not there ends the command."""
    today = parts.clock().astimezone(ZoneInfo(creditor.timezone)).date()
    with parts.database.reading() as session:
        found = survey(session, creditor, today=today, wanted=Wanted(references=references or None))
    known = {one.reference for one in found.held} | {
        reference for one in found.recipients for _, reference in one.claims
    }
    if missing := [reference for reference in references if reference not in known]:
        _refuse(*(f"There is no claim {reference!r}." for reference in missing))
    return found


def _print(parts: Parts, creditor: Creditor, found: Survey, out: Path) -> int:
    """All letters are in their files; how many were held back after all."""
    back: list[HeldBack] = []
    with ExitStack() as stack:
        files = Files(stack, out, -(-len(found.recipients) // MOST_IN_A_FILE))
        with parts.database.writing() as session:
            claims = [claim_id for one in found.recipients for claim_id, _ in one.claims]
            run_id = begin(session, creditor.id, claims, clerk_id=None, now=parts.clock()).id
        printing(parts, creditor.id, run_id, keep=files.keep, told=back.append)
        for held in back:
            _say_held(held)
        with parts.database.reading() as session:
            run = run_at(session, creditor.id, run_id)
            for file in files_of(session, creditor.id, run_id):
                path = files.path(file.number)
                rows = letters_of_run(session, creditor.id, run_id, file_id=file.id)
                path.with_suffix(".csv").write_text(manifest(rows), encoding="utf-8", newline="")
                click.echo(f"{path}: {file.letters} letter{'' if file.letters == 1 else 's'}")
    _say_end(run)
    return len(back)


def _say_end(run: LetterRun | None) -> None:
    if run is not None and run.problem:
        click.echo(f"Letters could not be set, and their codes are dead: {run.problem}", err=True)
    if run is None or not run.letters:
        _refuse("No letter was printed.")
    click.echo(f"printed: {run.letters}")


class Files:
    """New files that only this user can read, because they hold the codes; those not written are gone afterwards."""

    def __init__(self, stack: ExitStack, out: Path, count: int) -> None:
        self._out = out
        self._open: dict[int, BufferedWriter] = {}
        stack.callback(self._close)
        for number in range(1, count + 1):
            self._open[number] = _new_file(self.path(number))

    def path(self, number: int) -> Path:
        out = self._out
        return out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")

    def keep(self, number: int, pdf: bytes) -> None:
        """The letters are on the disk before the run counts as printed; nothing of them lies with us."""
        with self._open.pop(number) as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())

    def _close(self) -> None:
        for number, file in self._open.items():
            file.close()
            self.path(number).unlink()


def _new_file(path: Path) -> BufferedWriter:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
    except FileExistsError:
        _refuse(f"{path} exists already; nothing was printed into it.")
    except OSError as error:
        _refuse(f"{path} can't be written: {error.strerror}.")


def _say_held(held: HeldBack) -> None:
    why = HINDRANCES[held.why] % {"what": held.what}
    click.echo(f"no letter: {held.reference}, {held.name}: {why}")


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        click.echo(sentence, err=True)
    raise SystemExit(1)
