"""How is a table written that somebody opens in a spreadsheet, with nothing in it that the spreadsheet computes?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO

import openpyxl

#: XML has no place for these.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
LONGEST = 32_000


def sheet_of(rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet of texts as an XLSX file; formulas must be guarded before."""
    book, made = openpyxl.Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    for cells in rows:
        sheet.append([_UNWRITABLE.sub("", cell)[:LONGEST] for cell in cells])
    book.save(made)
    return made.getvalue()
