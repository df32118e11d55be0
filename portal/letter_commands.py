"""What does the command line say about letters: which were printed into the file, and which claims got none and why?"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from io import BufferedWriter
from itertools import chain
from pathlib import Path
from typing import NamedTuple, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from portal import paths
from portal.actions.letter_runs import HeldBack, Recipient, Written, call_back, issue_all, survey
from portal.gateways.pdf import PaperFailed
from portal.rules.history import system
from portal.rules.letter_code import Code
from portal.rules.letters import MOST_IN_A_FILE, RevokeReason
from portal.store.claims import Claim
from portal.store.letters import Letter
from portal.store.people import Debtor
from portal.store.settings import Creditor, creditor_by_slug
from portal.web import i18n
from portal.web.labels.letter_hindrances import HINDRANCES
from portal.web.letter_paper import Data, Writing, letter_data, letter_title
from portal.web.parts import Parts

COMMAND = system("letters")


class Letterhead(NamedTuple):
    """What stays known of a letter once it is set."""

    letter_id: UUID
    recipient: Recipient


@click.command("letters")
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.option("--reference", "references", multiple=True, help="Only this claim; may be given several times.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
@click.pass_obj
def letters(
    parts_of: Callable[[], AbstractContextManager[Parts]], slug: str, references: tuple[str, ...], out: Path
) -> None:
    """Issue codes and write the letters of every claim whose checks are all green; the codes exist only in the file.

    Up to 500 letters in a file, in the order of the addresses; the next ones go into FILE-2.pdf and so on.
    Beside each file lies a FILE.csv that says for which claim and address each letter in it is, without codes.
    Exit 1 if nothing was printed, or a claim that was asked for by name got no letter.
    """
    i18n.load(paths.TRANSLATIONS)
    with parts_of() as parts:
        now = parts.clock()
        with parts.database.reading() as session:
            creditor = creditor_by_slug(session, slug)
            if creditor is None:
                _refuse(f"There is no creditor {slug!r}.")
            today = now.astimezone(ZoneInfo(creditor.timezone)).date()
            found = survey(session, creditor, today=today, references=references or None)
        known = {one.reference for one in found.held} | {
            reference for one in found.recipients for _, reference in one.claims
        }
        if missing := [reference for reference in references if reference not in known]:
            _refuse(*(f"There is no claim {reference!r}." for reference in missing))
        for held in found.held:
            _say_held(held)
        if not found.recipients:
            _refuse("No letter was printed.")
        held_later = _print(parts, creditor, found.recipients, out, today)
    raise SystemExit(1 if references and (found.held or held_later) else 0)


def _print(parts: Parts, creditor: Creditor, recipients: Sequence[Recipient], out: Path, today: date) -> int:
    """All letters are in their files; how many claims got none after all."""
    back: list[HeldBack] = []
    count = 0
    for number, start in enumerate(range(0, len(recipients), MOST_IN_A_FILE)):
        path = out if number == 0 else out.with_name(f"{out.stem}-{number + 1}{out.suffix}")
        file = _new_file(path)
        some = recipients[start : start + MOST_IN_A_FILE]
        written: list[Letterhead] = []
        done = False
        try:
            issued = issue_all(
                parts.database, creditor.id, some, _write(parts, today), codes=parts.codes, actor=COMMAND,
                now=parts.clock(), today=today,
            )  # fmt: skip
            first = next(_kept(issued, written, back), None)
            if first is not None:
                data = chain([first], _kept(issued, written, back))
                file.write(parts.papers.letters(letter_title(creditor, creditor.language), creditor.name, data))
                file.flush()
                os.fsync(file.fileno())
            done = True
        except PaperFailed as failed:
            _refuse(f"The letters could not be set, and their codes are dead: {failed}")
        finally:
            file.close()
            if not done:
                ids = [one.letter_id for one in written]
                call_back(parts.database, creditor.id, ids, RevokeReason.STAFF, actor=COMMAND, now=parts.clock())
            if not (done and written):
                path.unlink()
        if written:
            count += len(written)
            _manifest(path.with_suffix(".csv"), written)
            click.echo(f"{path}: {len(written)} letter{'' if len(written) == 1 else 's'}")
    if not count:
        _refuse("No letter was printed.")
    click.echo(f"printed: {count}")
    return len(back)


def _kept(issued: Iterator[Written | HeldBack], written: list[Letterhead], back: list[HeldBack]) -> Iterator[Data]:
    """Each letter's data as it is issued, so that never more than a few are in memory; what is held back is said."""
    for one in issued:
        if isinstance(one, Written):
            written.append(Letterhead(one.letter_id, one.recipient))
            yield one.data
        else:
            back.append(one)
            _say_held(one)


def _manifest(path: Path, written: Sequence[Letterhead]) -> None:
    """What the printer counts by, letter for letter in the order of the file; no code stands in it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["place", "reference", "name", "street", "postcode", "country", "language", "letter"])
        for place, one in enumerate(written, 1):
            to = one.recipient
            rows.writerow(
                [place, to.references, _text(to.name), _text(to.street), to.postcode, to.country, to.language,
                 one.letter_id]
            )  # fmt: skip


def _text(value: str) -> str:
    """The text so that no table program takes it for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t") else value


def _write(parts: Parts, today: date) -> Callable[..., Data]:
    def write(
        session: Session, firm: Creditor, letter: Letter, code: Code, person: Debtor, claims: Sequence[Claim]
    ) -> Data:
        writing = Writing(firm, letter, code, person, claims, parts.settings.base_url, today)
        return letter_data(session, writing)

    return write


def _new_file(path: Path) -> BufferedWriter:
    """The file is new and only this user can read it: it holds the codes."""
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
