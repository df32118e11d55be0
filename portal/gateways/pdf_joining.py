"""How do many small PDFs of ours become one long one, while never more than one of them is in memory?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import pikepdf

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOGUE, PAGES, ABOUT = 1, 2, 3
FIRST_FREE = 4


class Joined:
    """A PDF that grows page by page in `into`; it is whole once `close` has written where everything lies.

    Only what we made ourselves is joined: pages are taken as they are, with what they point to, and nothing else.
    """

    def __init__(self, into: BinaryIO) -> None:
        self._into = into
        self._at = 0
        self._places: dict[int, int] = {}
        self._next = FIRST_FREE
        self._pages: list[int] = []
        self._write(HEAD)

    def add(self, made: bytes) -> None:
        """All pages of this PDF stand behind those that are there already."""
        with pikepdf.open(io.BytesIO(made)) as pdf:
            part = _Part(self._next)
            self._pages += [part.number_of(page.obj) for page in pdf.pages]
            while part.waiting:
                number, one = part.waiting.pop()
                self._put(number, _stream(one, part) if isinstance(one, pikepdf.Stream) else _within(one, part))
            self._next = part.next

    def close(self, title: str) -> None:
        """The PDF is whole and has this title."""
        kids = b" ".join(b"%d 0 R" % number for number in self._pages)
        self._put(PAGES, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(self._pages), kids))
        self._put(ABOUT, b"<< /Title %b >>" % pikepdf.String(title).unparse())
        shown = b"/ViewerPreferences << /DisplayDocTitle true >>"
        self._put(CATALOGUE, b"<< /Type /Catalog /Pages %d 0 R %b >>" % (PAGES, shown))
        start, count = self._at, self._next
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        self._write(b"".join(b"%010d 00000 n \n" % self._places[number] for number in range(1, count)))
        self._write(b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\n" % (count, CATALOGUE, ABOUT))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _put(self, number: int, said: bytes) -> None:
        self._places[number] = self._at
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, said))

    def _write(self, said: bytes) -> None:
        self._into.write(said)
        self._at += len(said)


class _Part:
    """One of the small PDFs while it is taken over: which number each of its objects gets, and which are still due."""

    def __init__(self, free: int) -> None:
        self.next = free
        self.waiting: list[tuple[int, pikepdf.Object]] = []
        self._numbers: dict[tuple[int, int], int] = {}

    def number_of(self, one: pikepdf.Object) -> int:
        if one.objgen not in self._numbers:
            self._numbers[one.objgen] = self.next
            self.waiting.append((self.next, one))
            self.next += 1
        return self._numbers[one.objgen]


def _said(value: Any, part: _Part) -> bytes:
    """The value as a PDF writes it, with a reference where it is an object of its own."""
    if isinstance(value, pikepdf.Object):
        return b"%d 0 R" % part.number_of(value) if value.is_indirect else _within(value, part)
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return b"null" if value is None else f"{value:f}".encode() if isinstance(value, Decimal) else b"%d" % value


def _within(value: Any, part: _Part) -> bytes:
    if isinstance(value, pikepdf.Dictionary):
        return b"<< %b >>" % b" ".join(_entries(value, part))
    if isinstance(value, pikepdf.Array):
        return b"[%b]" % b" ".join(_said(one, part) for one in value)
    return value.unparse() if isinstance(value, pikepdf.Object) else _said(value, part)


def _entries(value: Any, part: _Part) -> Iterator[bytes]:
    for name in value.keys():  # noqa: SIM118 (an object of pikepdf is no dict)
        if name == "/Parent" and value.get("/Type") == pikepdf.Name.Page:
            yield b"/Parent %d 0 R" % PAGES
        elif name != "/Length":
            yield pikepdf.Name(name).unparse() + b" " + _said(value[name], part)


def _stream(one: Any, part: _Part) -> bytes:
    data = one.read_raw_bytes()
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (b" ".join(_entries(one, part)), len(data), data)
