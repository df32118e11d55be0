"""What does the request see of a bad file, and what does a shown name hide?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.attachments import (
    HEAD_BYTES,
    MAX_CLAIM_BYTES,
    MAX_FILE_BYTES,
    TAIL_BYTES,
    FileProblem,
    FileType,
    display_name,
    jpeg_segments,
    problems_of,
    problems_together,
    sniff,
)
from tests import hostile


def looked_at(name: str, data: bytes) -> list[FileProblem]:
    return problems_of(name, len(data), data[:HEAD_BYTES], data[-TAIL_BYTES:])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Foto.JPG", hostile.jpeg()),
        ("foto.jfif", hostile.jpeg_with_place()),
        ("scan.png", hostile.png()),
        ("IMG_0042.HEIC", hostile.heic()),
        ("rechnung.pdf", hostile.pdf()),
        ("1000004711", hostile.jpeg()),
        ("mit rand.jpg", hostile.jpeg() + bytes(1024)),
    ],
)
def test_honest_files_are_taken(name: str, data: bytes) -> None:
    assert looked_at(name, data) == []


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("leer.pdf", b"", FileProblem.EMPTY),
        ("bild.jpg", hostile.gif(), FileProblem.WRONG_TYPE),
        ("bild.png", hostile.svg(), FileProblem.WRONG_TYPE),
        ("bild.heic", hostile.avif_head(), FileProblem.WRONG_TYPE),
        ("spaet.pdf", b"x" + hostile.pdf(), FileProblem.WRONG_TYPE),
        ("seite.html", hostile.jpeg(), FileProblem.LYING_TYPE),
        ("rechnung\u202efdp.exe", hostile.pdf(), FileProblem.LYING_TYPE),
        ("bild.png", hostile.jpeg(), FileProblem.LYING_TYPE),
        ("bild.jpg", hostile.jpeg_with_html_behind(), FileProblem.EXTRA_DATA),
        ("bild.png", hostile.png() + hostile.HTML, FileProblem.EXTRA_DATA),
        ("bild.pdf", hostile.pdf() + hostile.HTML, FileProblem.EXTRA_DATA),
        ("bild.jpg", hostile.cut_off_jpeg(), FileProblem.BROKEN),
        ("bild.jpg", hostile.jpeg() + bytes(TAIL_BYTES), FileProblem.BROKEN),
        ("bild.pdf", hostile.pdf()[:-40], FileProblem.BROKEN),
        ("bild.png", hostile.png_of(12_000, 12_000), FileProblem.TOO_MANY_PIXELS),
        ("bild.png", hostile.png_of(1, 12_001), FileProblem.TOO_MANY_PIXELS),
        ("bild.heic", hostile.heic_that_claims(30_000, 30_000), FileProblem.TOO_MANY_PIXELS),
        ("zu.pdf", hostile.encrypted_pdf(), FileProblem.ENCRYPTED),
    ],
)
def test_bad_files_are_refused_with_their_reason(name: str, data: bytes, problem: FileProblem) -> None:
    assert looked_at(name, data) == [problem]


def test_a_jpeg_header_can_claim_too_many_pixels() -> None:
    whole = hostile.jpeg()
    frame = next(at for marker, at, _ in jpeg_segments(whole) if marker == 0xC0)
    lying = whole[: frame + 5] + b"\x2e\xe0\x2e\xe0" + whole[frame + 9 :]
    assert looked_at("bild.jpg", lying) == [FileProblem.TOO_MANY_PIXELS]


def test_all_reasons_are_named_at_once() -> None:
    data = hostile.png_of(12_000, 12_000)
    found = problems_of("bild.jpg", MAX_FILE_BYTES + 1, data[:HEAD_BYTES], hostile.PNG_TAIL + hostile.HTML)
    assert set(found) == {
        FileProblem.TOO_BIG,
        FileProblem.LYING_TYPE,
        FileProblem.TOO_MANY_PIXELS,
        FileProblem.EXTRA_DATA,
    }


def test_the_largest_file_is_still_taken() -> None:
    data = hostile.jpeg()
    assert problems_of("a.jpg", MAX_FILE_BYTES, data, data) == []
    assert problems_of("a.jpg", MAX_FILE_BYTES + 1, data, data) == [FileProblem.TOO_BIG]


def test_five_files_and_what_a_claim_holds() -> None:
    assert problems_together([1] * 5, claim_files=45, claim_bytes=0) == []
    assert problems_together([1] * 6, claim_files=0, claim_bytes=0) == [FileProblem.TOO_MANY]
    assert problems_together([1], claim_files=50, claim_bytes=0) == [FileProblem.CLAIM_FULL]
    assert problems_together([2], claim_files=1, claim_bytes=MAX_CLAIM_BYTES - 1) == [FileProblem.CLAIM_FULL]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("rechnung\u202efdp.exe", "rechnungfdp.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\fakepath\\Beleg 3.PDF", "Beleg 3.pdf"),
        ("...versteckt.pdf", "versteckt.pdf"),
        ("Quittung vom 12.3", "Quittung vom 12.3.pdf"),
        ('a"b<c>\r\nSet-Cookie: x.pdf', "abc Set-Cookie x.pdf"),
        ("Mu\u0308ller.pdf", "M\u00fcller.pdf"),
        ("\u2066\u2069\u200b.pdf", "Beleg 1.pdf"),
        ("", "Beleg 1.pdf"),
        ("...", "Beleg 1.pdf"),
    ],
)
def test_shown_names(raw: str, shown: str) -> None:
    assert display_name(raw, FileType.PDF, "Beleg 1") == shown


@given(st.text(max_size=300), st.sampled_from(FileType))
def test_no_name_hides_anything(raw: str, type: FileType) -> None:
    shown = display_name(raw, type, "Beleg")
    assert len(shown) <= 120
    assert shown.endswith(type.suffix)
    assert len(shown) > len(type.suffix)
    assert not shown.startswith(".")
    assert not set(shown) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in shown)
    assert unicodedata.is_normalized("NFC", shown)


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-", b"\0\0\0\x18ftypheic"]),
)
def test_no_bytes_upset_the_look(noise: bytes, magic: bytes) -> None:
    data = magic + noise
    assert all(isinstance(problem, FileProblem) for problem in looked_at("a.jpg", data))
    assert sniff(data) is None or magic or noise
