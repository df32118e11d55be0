"""Does nothing of a hostile file survive in the copy, and can no file hold up or upset the converter?"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from portal.gateways.pdf_cleaning import clean
from portal.gateways.pixel_copy import copy_of
from portal.gateways.pixels import CannotConvert, Converted, ConverterDown, SandboxConverter
from portal.rules.attachments import FileProblem, FileType
from tests import hostile

pytestmark = pytest.mark.slow

SECRETS = [
    hostile.PAYLOAD,
    hostile.PLACE.encode(),
    hostile.URI.encode(),
    hostile.JAVASCRIPT.encode(),
    b"Exif",
    b"calc.exe",
]


def opened(copy: Converted) -> Image.Image:
    return Image.open(io.BytesIO(copy.data))


def unpacked(copy: Converted) -> bytes:
    """The PDF with every stream unpacked, so that a search finds what is there."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(copy.data)) as document:
        document.save(
            target,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return target.getvalue()


@pytest.mark.parametrize(
    ("make", "type"),
    [
        (hostile.jpeg_with_html_behind, FileType.JPEG),
        (hostile.jpeg_with_hidden_html, FileType.JPEG),
        (hostile.jpeg_with_comment, FileType.JPEG),
        (hostile.jpeg_with_place, FileType.JPEG),
        (hostile.jpeg_with_spoilt_exif, FileType.JPEG),
        (hostile.png_with_texts, FileType.PNG),
        (hostile.heic, FileType.HEIC),
    ],
)
def test_pictures_are_copied_without_anything_else(make: Callable[[], bytes], type: FileType) -> None:
    given = make()
    assert type is FileType.HEIC or any(secret in given for secret in SECRETS)
    copy = copy_of(given, type)
    assert copy.media_type == "image/jpeg"
    assert not [secret for secret in SECRETS if secret in copy.data]
    with opened(copy) as picture:
        assert picture.size == (copy.width, copy.height)
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_turned_picture_stands_upright() -> None:
    with opened(copy_of(hostile.jpeg_with_place(), FileType.JPEG)) as picture:
        assert picture.size == (48, 64)
        top, bottom = picture.getpixel((24, 8)), picture.getpixel((24, 56))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]
    assert bottom[2] > 200 > top[2]


def test_large_pictures_shrink_and_glass_becomes_white() -> None:
    with opened(copy_of(hostile.png(Image.new("RGBA", (6000, 40), (0, 0, 0, 0))), FileType.PNG)) as picture:
        assert picture.size == (3000, 20)
        assert picture.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA", "CMYK"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    image = Image.new(mode, (20, 10))
    given = hostile.jpeg(image) if mode == "CMYK" else hostile.png(image)
    copy = copy_of(given, FileType.JPEG if mode == "CMYK" else FileType.PNG)
    assert (copy.width, copy.height) == (20, 10)


@pytest.mark.parametrize(
    ("data", "type", "problem"),
    [
        (hostile.png_of(12_000, 12_000), FileType.PNG, FileProblem.TOO_MANY_PIXELS),
        (hostile.png_of(10, 12_001), FileType.PNG, FileProblem.TOO_MANY_PIXELS),
        (hostile.heic_that_claims(30_000, 30_000), FileType.HEIC, FileProblem.TOO_MANY_PIXELS),
        (hostile.gif(), FileType.JPEG, FileProblem.BROKEN),
        (hostile.svg(), FileType.PNG, FileProblem.BROKEN),
        (hostile.png(), FileType.JPEG, FileProblem.BROKEN),
        (hostile.cut_off_jpeg(), FileType.JPEG, FileProblem.BROKEN),
        (hostile.heic()[:-200], FileType.HEIC, FileProblem.BROKEN),
        (b"", FileType.JPEG, FileProblem.BROKEN),
    ],
)
def test_bad_pictures_are_refused(data: bytes, type: FileType, problem: FileProblem) -> None:
    with pytest.raises(CannotConvert) as refused:
        copy_of(data, type)
    assert refused.value.problem is problem


@pytest.mark.parametrize("size", [(16, 16), (4000, 3000)])
def test_a_heic_that_lies_about_its_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(CannotConvert) as refused:
        SandboxConverter().convert(hostile.heic_that_claims(*size), FileType.HEIC)
    assert refused.value.problem is FileProblem.BROKEN


def test_an_armed_pdf_comes_out_with_its_page_and_nothing_else() -> None:
    copy = clean(hostile.pdf_with_everything())
    text = unpacked(copy)
    assert copy.pages == 1
    assert b"kept-4711" in text
    assert not [secret for secret in SECRETS if secret in text]
    names = b"/Annots /OpenAction /AA /JS /JavaScript /URI /SubmitForm /EmbeddedFile /Names /AcroForm /XFA /Metadata"
    assert not [name for name in names.split() if name in text]


def test_a_photo_inside_a_pdf_loses_its_place_and_is_still_drawn() -> None:
    given = hostile.pdf_with_photo()
    assert hostile.PLACE.encode() in given
    copy = clean(given)
    text = unpacked(copy)
    assert hostile.PLACE.encode() not in text
    assert b"Exif" not in text
    with pikepdf.open(io.BytesIO(copy.data)) as document:
        photo = Image.open(io.BytesIO(document.pages[0].obj.Resources.XObject["/AA"].read_raw_bytes()))
    assert photo.size == (64, 48)
    assert not photo.getexif()


def test_filled_fields_stay_readable_and_inherited_sizes_stay() -> None:
    def fill(document: pikepdf.Pdf) -> None:
        look = document.make_stream(b"0 0 1 1 re f % field-4711")
        look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 9, 9])
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="name",
                V="Dora",
                F=4,
                Rect=[0, 0, 9, 9],
                AP=pikepdf.Dictionary(N=look),
            )
        )
        document.pages[0].obj.Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        document.Root.Pages.MediaBox = document.pages[0].obj.MediaBox
        del document.pages[0].obj.MediaBox

    copy = clean(hostile.pdf(fill))
    assert b"field-4711" in unpacked(copy)
    with pikepdf.open(io.BytesIO(copy.data)) as document:
        assert [float(side) for side in document.pages[0].mediabox] == [0, 0, 595, 842]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (hostile.encrypted_pdf, FileProblem.ENCRYPTED),
        (lambda: hostile.encrypted_pdf(open_word=""), FileProblem.ENCRYPTED),
        (hostile.pdf_with_hidden_encryption, FileProblem.ENCRYPTED),
        (lambda: hostile.pdf(pages=101), FileProblem.TOO_MANY_PAGES),
        (lambda: hostile.pdf(pages=0), FileProblem.BROKEN),
        (lambda: hostile.pdf_of_objects(50_001), FileProblem.TOO_COMPLEX),
        (lambda: hostile.pdf_bomb(30), FileProblem.TOO_COMPLEX),
        (lambda: b"%PDF-1.7\n%%EOF", FileProblem.BROKEN),
        (lambda: b"%PDF-1.7\n" + os.urandom(5000), FileProblem.BROKEN),
        (lambda: b"", FileProblem.BROKEN),
    ],
)
def test_bad_pdfs_are_refused(make: Callable[[], bytes], problem: FileProblem) -> None:
    with pytest.raises(CannotConvert) as refused:
        clean(make())
    assert refused.value.problem is problem


def test_a_hundred_pages_and_an_honest_blank_scan_are_taken() -> None:
    assert clean(hostile.pdf(pages=100)).pages == 100
    assert clean(hostile.pdf_bomb(9)).pages == 1


def test_the_child_process_converts_and_refuses() -> None:
    converter = SandboxConverter()
    photo = converter.convert(hostile.jpeg_with_hidden_html(), FileType.JPEG)
    assert (photo.width, photo.height, photo.pages) == (64, 48, None)
    assert hostile.PAYLOAD not in photo.data
    assert converter.convert(hostile.heic(), FileType.HEIC).media_type == "image/jpeg"
    paper = converter.convert(hostile.pdf_with_everything(), FileType.PDF)
    assert (paper.pages, paper.width, paper.media_type) == (1, None, "application/pdf")
    with pytest.raises(CannotConvert) as refused:
        converter.convert(hostile.png_of(12_000, 12_000), FileType.PNG)
    assert refused.value.problem is FileProblem.TOO_MANY_PIXELS


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises((CannotConvert, ConverterDown)):
        SandboxConverter(seconds=0.001).convert(hostile.jpeg(), FileType.JPEG)


def stand_in(folder: Path, script: str) -> SandboxConverter:
    """A converter whose wall is a script: it passes the trial and then answers what it likes."""
    wall = folder / "bwrap"
    wall.write_text(f'#!/bin/sh\nfor last; do :; done\n[ "$last" = pass ] && exit 0\n{script}\n')
    wall.chmod(wall.stat().st_mode | stat.S_IXUSR)
    return SandboxConverter(seconds=1, bwrap=str(wall))


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo ready", FileProblem.BROKEN),
        ("echo ready; kill -SEGV $$", FileProblem.BROKEN),
        ("echo ready; echo 7; echo x", FileProblem.BROKEN),
        ('echo ready; echo \'{"problem": "made up"}\'', FileProblem.BROKEN),
        ('echo ready; echo \'{"pages":null,"width":1,"height":1}\'; echo "<html>"', FileProblem.BROKEN),
        ('echo ready; echo \'{"pages":-1,"width":1,"height":1}\'; printf "\\377\\330\\377"', FileProblem.BROKEN),
        ("echo ready; exec sleep 60", FileProblem.TOO_COMPLEX),
    ],
)
def test_a_taken_over_child_is_not_believed(tmp_path: Path, script: str, problem: FileProblem) -> None:
    with pytest.raises(CannotConvert) as refused:
        stand_in(tmp_path, script).convert(hostile.jpeg(), FileType.JPEG)
    assert refused.value.problem is problem


def test_a_child_that_never_starts_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(ConverterDown):
        stand_in(tmp_path, "exit 1").convert(hostile.jpeg(), FileType.JPEG)


def test_the_child_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATA_KEYS", "k1:geheim")
    with pytest.raises(ConverterDown):
        stand_in(tmp_path, f"/usr/bin/env > {tmp_path}/seen").convert(hostile.jpeg(), FileType.JPEG)
    seen = (tmp_path / "seen").read_text()
    assert "LC_ALL" in seen
    assert "geheim" not in seen


def test_a_wall_that_cannot_stand_is_left_out(tmp_path: Path) -> None:
    wall = tmp_path / "bwrap"
    wall.write_text("#!/bin/sh\nexit 1\n")
    wall.chmod(0o700)
    converter = SandboxConverter(bwrap=str(wall))
    assert not converter.walled
    assert converter.convert(hostile.jpeg(), FileType.JPEG).width == 64
