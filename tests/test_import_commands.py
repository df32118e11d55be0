"""What does `portal import-claims` say and write, and does it end well only if every row was taken?"""

from __future__ import annotations

import csv
from contextlib import nullcontext
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from portal.import_commands import import_claims, undo_import
from portal.web.parts import Parts
from tests import hostile

pytestmark = pytest.mark.slow

HEADER = "Rechnungs-Nr.;Titel;Kundenname;Strasse;PLZ;Ort;Rechnungsdatum;Fälligkeit;Betrag;Zuständig"
GOOD = "R-1;Velo;Anna Muster;Gasse 1;4900;Langenthal;01.08.2026;31.08.2026;1'234.50;clara@example.org"
BAD = "R-2;Velo;;Gasse 1;4900;Langenthal;01.08.2026;31.08.2026;1.234;clara@example.org"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "offene-posten.csv"


def run(parts: Parts, file: Path, *more: str) -> Result:
    given = [str(file), "--creditor", "velo-sutter", *more]
    return CliRunner().invoke(import_claims, given, obj=lambda: nullcontext(parts))


def test_each_row_is_told_and_refused_ones_come_back(parts: Parts, file: Path, tmp_path: Path) -> None:
    file.write_text("\n".join((HEADER, GOOD, BAD)), encoding="cp1252")
    dry = run(parts, file, "--dry-run")
    assert dry.exit_code == 1
    assert "would be accepted: 1" in dry.output
    errors = tmp_path / "refused.csv"
    done = run(parts, file, "--errors", str(errors))
    assert done.exit_code == 1
    assert "accepted: 1\nrefused: 1\nunchanged: 0\nready: 0\n" in done.output
    assert "evidence missing: 1" in done.output
    assert "line 3: Enter the name as it stands on the invoice. Enter the amount" in done.output
    with errors.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream, delimiter=";"))
    assert rows[0] == [*HEADER.split(";"), "reason"]
    assert rows[1][:-1] == BAD.split(";")
    rows[1][2], rows[1][8] = "Bea Muster", "12"
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "again.xlsx")
    again = run(parts, tmp_path / "again.xlsx")
    assert again.exit_code == 0, again.output
    assert "accepted: 1" in again.output
    number = again.output.split("import: ")[1].strip()
    back = CliRunner().invoke(undo_import, [number, "--creditor", "velo-sutter"], obj=lambda: nullcontext(parts))
    assert back.exit_code == 0, back.output
    assert back.output == "withdrawn: 1\nstay, because something has happened: 0\n"
    twice = CliRunner().invoke(undo_import, [number, "--creditor", "velo-sutter"], obj=lambda: nullcontext(parts))
    assert twice.exit_code == 1


def test_a_file_that_is_no_table_and_a_firm_that_is_none(parts: Parts, file: Path) -> None:
    file.write_text("a;b\n1;2\n", encoding="utf-8")
    refused = run(parts, file)
    assert refused.exit_code == 1
    assert "These columns are missing: Name, Street," in refused.output
    assert "Nothing was changed." in refused.output
    result = CliRunner().invoke(import_claims, [str(file), "--creditor", "nobody"], obj=lambda: nullcontext(parts))
    assert result.exit_code == 1


def test_documents_come_from_a_folder(parts: Parts, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "belege"
    (folder / "more").mkdir(parents=True)
    (folder / "r-1.pdf").write_bytes(hostile.pdf())
    (folder / "bild.gif").write_bytes(hostile.gif())
    (folder / "link.pdf").symlink_to(folder / "r-1.pdf")
    second = GOOD.replace("R-1", "R-2").replace("Muster", "Test")
    rows = (f"{HEADER};Belege;Sprache", f"{GOOD};R-1.pdf;de", f"{second};bild.gif|link.pdf;de")
    file.write_text("\n".join(rows), encoding="utf-8")
    done = run(parts, file, "--evidence", str(folder))
    assert done.exit_code == 1
    assert "bild.gif: We cannot open this file. Choose a photo (JPG, PNG) or a PDF." in done.output
    assert "accepted: 2\nrefused: 0\nunchanged: 0\nready: 1\nevidence missing: 1\n" in done.output
    (folder / "bild.gif").unlink()
    (folder / "link.pdf").unlink()
    (folder / "link.pdf").write_bytes(hostile.pdf())
    last = run(parts, file, "--evidence", str(folder))
    assert last.exit_code == 0, last.output
    assert "unchanged: 2\ndocuments added to known claims: 1\n" in last.output
