"""What do a PDF's pages show, without anything that could act, call out or carry another file?

Only what a page needs is copied into a new document: its catalog is ours, so actions, scripts, attachments, forms and
metadata have no place to hang on. What people wrote into forms and notes is drawn into the page first.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable

import pikepdf

from portal.gateways.pixels import CannotConvert, Converted
from portal.gateways.sandbox import serve
from portal.rules.attachments import MAX_PAGES, FileProblem, FileType, jpeg_segments

MAX_OBJECTS = 50_000
MAX_EXPANDED = 200 * 1000 * 1000
HARMLESS_EXPANDED = 20 * 1000 * 1000
MAX_RATIO = 100
PAGE_KEYS = frozenset(
    {"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Contents", "/Group"}
)
RESOURCE_KINDS = frozenset(
    {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/CharProcs"}
)
FORBIDDEN = frozenset(
    {
        "/A",
        "/AA",
        "/AF",
        "/Alternates",
        "/Annots",
        "/Collection",
        "/EF",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/JavaScript",
        "/JS",
        "/Launch",
        "/Metadata",
        "/OpenAction",
        "/OPI",
        "/PA",
        "/PieceInfo",
        "/Ref",
        "/RichMedia",
        "/RichMediaContent",
        "/SubmitForm",
        "/Thumb",
        "/URI",
        "/XFA",
        "/AcroForm",
    }
)
OUTSIDE_DATA = frozenset({"/F", "/FFilter", "/FDecodeParms"})
JPEG_COMMENT = 0xFE
JPEG_APP = range(0xE0, 0xF0)
JPEG_KEPT = frozenset({0xE0, 0xEE})


def clean(data: bytes, type: FileType = FileType.PDF) -> Converted:
    """A new PDF with the same pages and nothing that acts; raises CannotConvert (encrypted, too long, broken)."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as source:
            _check(source, len(data))
            return _copied(source)
    except pikepdf.PasswordError as error:
        raise CannotConvert(FileProblem.ENCRYPTED) from error
    except (CannotConvert, MemoryError):
        raise
    except Exception as error:  # a stranger's bytes: every reader error means the same to the sender
        raise CannotConvert(FileProblem.BROKEN) from error


def _check(source: pikepdf.Pdf, size: int) -> None:
    if source.is_encrypted:
        raise CannotConvert(FileProblem.ENCRYPTED)
    if len(source.objects) > MAX_OBJECTS:
        raise CannotConvert(FileProblem.TOO_COMPLEX)
    _check_expansion(source, size)
    if len(source.pages) > MAX_PAGES:
        raise CannotConvert(FileProblem.TOO_MANY_PAGES)
    if len(source.pages) == 0:
        raise CannotConvert(FileProblem.BROKEN)


def _check_expansion(source: pikepdf.Pdf, size: int) -> None:
    """Inflates at most to the limit; a blank scan packs 1:1000 honestly, so the ratio counts from 20 MB on."""
    total = 0
    for item in source.objects:
        if isinstance(item, pikepdf.Stream):
            total += _expanded(item.read_raw_bytes(), _filters(item), MAX_EXPANDED - total)
        if total >= MAX_EXPANDED or total > max(HARMLESS_EXPANDED, MAX_RATIO * size):
            raise CannotConvert(FileProblem.TOO_COMPLEX)


def _filters(stream: pikepdf.Object) -> list[str]:
    found = stream.get("/Filter", pikepdf.Array())
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _expanded(raw: bytes, filters: list[str], most: int) -> int:
    """The largest size in bytes on the way through the leading Flate filters, never more than `most`."""
    largest = len(raw)
    for name in filters:
        if name not in ("/FlateDecode", "/Fl"):
            break
        try:
            raw = zlib.decompressobj().decompress(raw, max(most, 1))
        except zlib.error:
            break
        largest = max(largest, len(raw))
    return largest


def _copied(source: pikepdf.Pdf) -> Converted:
    if "/AcroForm" in source.Root:
        source.generate_appearance_streams()
    source.flatten_annotations("screen")
    with pikepdf.new() as target:
        target.pages.extend(source.pages)
        for page in target.pages:
            for key in set(page.obj.keys()) - PAGE_KEYS:
                del page.obj[key]
            _disarm(page.obj)
        made = io.BytesIO()
        target.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return Converted(made.getvalue(), FileType.PDF.media_type, len(target.pages))


def _disarm(page: pikepdf.Object) -> None:
    """Everything reachable from the page has lost the forbidden entries; names that the author chose are left alone."""
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[pikepdf.Object, bool]] = [(page, False)]
    while waiting:
        item, chosen_names = waiting.pop()
        if item.is_indirect and (item.objgen in seen or seen.add(item.objgen)):  # type: ignore[func-returns-value]
            continue
        if isinstance(item, pikepdf.Array):
            parts: Iterable[object] = item  # numbers and words come as Python's own
            waiting += [(part, False) for part in parts if isinstance(part, pikepdf.Object)]
        elif isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            if not chosen_names:
                _strip(item)
            waiting += _inside(item)


def _inside(item: pikepdf.Object) -> list[tuple[pikepdf.Object, bool]]:
    return [
        (value, key in RESOURCE_KINDS)
        for key, value in item.items()
        if key != "/Parent" and isinstance(value, pikepdf.Object)
    ]


def _strip(item: pikepdf.Object) -> None:
    is_stream = isinstance(item, pikepdf.Stream)
    for key in set(item.keys()) & (FORBIDDEN | OUTSIDE_DATA if is_stream else FORBIDDEN):
        del item[key]
    if is_stream and _filters(item) == ["/DCTDecode"]:
        item.write(_without_metadata(item.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


def _without_metadata(photo: bytes) -> bytes:
    """The JPEG without EXIF (place, device), comments and other application data; JFIF and Adobe's colour mark stay."""
    dropped = [
        (start, end)
        for marker, start, end in jpeg_segments(photo)
        if marker == JPEG_COMMENT or (marker in JPEG_APP and marker not in JPEG_KEPT)
    ]
    kept, at = [], 0
    for start, end in dropped:
        kept.append(photo[at:start])
        at = end
    return b"".join([*kept, photo[at:]])


if __name__ == "__main__":
    serve(clean)
