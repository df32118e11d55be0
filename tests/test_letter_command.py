"""Does `portal letters` print what is ready into one new file, say why the rest waits, and leave no code behind?"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from click import Command
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from portal.letter_commands import letter_runs, letters
from portal.rules.letter_runs import RunState
from portal.rules.letters import Hindrance
from portal.store.access import LetterCode
from portal.store.claims import Claim
from portal.store.letter_runs import files_of, runs_of
from portal.store.letters import Letter
from portal.store.people import Debtor
from portal.store.settings import Creditor
from portal.web.labels.letter_hindrances import HINDRANCES
from portal.web.parts import Parts
from tests.examples import DORA, VELO, Clock
from tests.web.test_letter_paper import pictures

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(parts: Parts, *words: str, command: Command = letters) -> Result:
    @contextmanager
    def parts_of() -> Iterator[Parts]:
        yield parts

    return CliRunner().invoke(command, ["--creditor", "velo-sutter", *words], obj=parts_of)


def codes(parts: Parts) -> int:
    with parts.database.reading() as session:
        return session.scalar(select(func.count()).select_from(LetterCode)) or 0


def reference(parts: Parts) -> str:
    with parts.database.reading() as session:
        return session.get_one(Claim, DORA.claim_id).reference


def test_the_letters_are_printed_once_into_a_new_file_for_this_user_alone(
    parts: Parts, clock: Clock, tmp_path: Path
) -> None:
    clock.move(days=60)
    out = tmp_path / "letters.pdf"
    first = run(parts, "--reference", reference(parts), "--out", str(out))
    assert first.exit_code == 0, first.output
    assert "printed: 1" in first.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    page = pictures(out.read_bytes(), tmp_path)[0]
    (code,) = zxingcpp.read_barcodes(page)
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 2
    assert "/velo-sutter#" in code.text
    assert code.text.split("#")[1] not in first.output
    manifest = (tmp_path / "letters.csv").read_text()
    assert f"1;{reference(parts)};Dora Keller;Gartenweg 3;4900;Langenthal;CH;de;" in manifest
    assert code.text.split("#")[1][:6] not in manifest
    before = codes(parts)
    again = run(parts, "--reference", reference(parts), "--out", str(tmp_path / "again.pdf"))
    assert again.exit_code == 1
    assert HINDRANCES[Hindrance.RECENT] in again.output
    assert not (tmp_path / "again.pdf").exists()
    clock.move(days=14)
    kept = run(parts, "--reference", reference(parts), "--out", str(out))
    assert kept.exit_code == 1
    assert "exists already" in kept.output
    assert codes(parts) == before


def test_a_name_in_another_script_is_refused_by_name_and_nothing_is_issued(
    parts: Parts, clock: Clock, tmp_path: Path
) -> None:
    clock.move(days=60)
    with parts.database.writing() as session:
        session.get_one(Debtor, DORA.debtor_id).name = "王小明"
    before = codes(parts)
    said = run(parts, "--reference", reference(parts), "--out", str(tmp_path / "letters.pdf"))
    assert said.exit_code == 1
    assert "«王小明» has a sign" in said.output
    assert codes(parts) == before
    assert list(tmp_path.glob("*.pdf")) == []


@pytest.mark.parametrize(("to", "why"), [("2026-12-20", Hindrance.YEAR_END), ("2026-12-31", Hindrance.YEAR_END)])
def test_no_letter_is_dated_between_the_years(
    parts: Parts, clock: Clock, tmp_path: Path, to: str, why: Hindrance
) -> None:
    clock.move(days=(clock.today.fromisoformat(to) - clock.today).days)
    said = run(parts, "--out", str(tmp_path / "letters.pdf"))
    assert said.exit_code == 1
    assert HINDRANCES[why] in said.output


def test_codes_of_letters_that_could_not_be_set_are_dead(parts: Parts, clock: Clock, tmp_path: Path) -> None:
    clock.move(days=60)
    with parts.database.writing() as session:
        session.get_one(Creditor, VELO).name = "王"
    said = run(parts, "--reference", reference(parts), "--out", str(tmp_path / "letters.pdf"))
    assert said.exit_code == 1
    assert "codes are dead" in said.output
    with parts.database.reading() as session:
        newest = session.scalars(
            select(Letter.id).where(Letter.creditor_id == VELO).order_by(Letter.issued_at.desc()).limit(1)
        ).one()
        code = session.scalars(select(LetterCode).where(LetterCode.letter_id == newest)).one()
    assert code.revoked_at is not None
    assert clock() - code.revoked_at < timedelta(minutes=1)
    assert list(tmp_path.glob("*.pdf")) == []


def test_desk_and_command_line_see_the_same_runs(parts: Parts, clock: Clock, tmp_path: Path) -> None:
    clock.move(days=60)
    run(parts, "--reference", reference(parts), "--out", str(tmp_path / "letters.pdf"))
    with parts.database.reading() as session:
        ((made, name),) = runs_of(session, VELO, offset=0, limit=9)
        (file,) = files_of(session, VELO, made.id)
    assert (made.state, made.letters, made.clerk_id, name) == (RunState.PRINTED, 1, None, None)
    assert file.file_key is None  # it lies with whoever printed it
    listed = run(parts, command=letter_runs)
    assert f"{made.id}" in listed.output
    assert "command line  1 letters  printed" in listed.output
