"""Which files may be sent, what is wrong with one, and under which name is it shown?

Sources: design/security.md 4.2-4.4, decision 33. Everything here looks at a few bytes only and decodes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum

MIB = 1024 * 1024
MAX_FILES = 5
MAX_FILE_BYTES = 10 * MIB
MAX_REQUEST_BYTES = 56 * MIB
MAX_CLAIM_FILES = 50
MAX_CLAIM_BYTES = 100 * MIB
MAX_PIXELS = 50_000_000
MAX_SIDE = 12_000
MAX_PAGES = 100
MAX_TRAILING_BYTES = 1024
MAX_NAME = 120
HEAD_BYTES = 256 * 1024
TAIL_BYTES = 64 * 1024


class FileType(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    PDF = "pdf"

    @property
    def suffix(self) -> str:
        """The extension, with its dot, that we put behind every shown name."""
        return {"jpeg": ".jpg", "png": ".png", "heic": ".heic", "pdf": ".pdf"}[self.value]

    @property
    def media_type(self) -> str:
        """The media type that we send, whatever the browser claimed."""
        return "application/pdf" if self is FileType.PDF else f"image/{self.value}"

    @property
    def served(self) -> FileType:
        """The type of the clean copy that people get: every picture becomes a JPEG."""
        return FileType.PDF if self is FileType.PDF else FileType.JPEG


class FileState(StrEnum):
    RECEIVED = "received"
    READY = "ready"
    REJECTED = "rejected"
    DAMAGED = "damaged"


class FilePurpose(StrEnum):
    """What a file is part of; a draft was uploaded but not sent yet."""

    DRAFT = "draft"
    MESSAGE = "message"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    EVIDENCE = "evidence"
    BOOKING = "booking"


#: An accepted file of a form that was refused, or never sent, is kept so long (`decisions.md` 33).
DRAFT_LIFE = timedelta(hours=24)
#: Stored bytes that no row knows are removed after this time: the request that stored them is over.
ORPHAN_AGE = timedelta(hours=1)
#: The bytes of a file with a virus in it are removed after this time (security.md 4.3).
INFECTED_LIFE = timedelta(days=7)


class FileProblem(StrEnum):
    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY = "too_many"
    CLAIM_FULL = "claim_full"
    WRONG_TYPE = "wrong_type"
    LYING_TYPE = "lying_type"
    EXTRA_DATA = "extra_data"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_COMPLEX = "too_complex"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    INFECTED = "infected"
    STORAGE_FULL = "storage_full"


SUFFIXES = {
    FileType.JPEG: frozenset({".jpg", ".jpeg", ".jpe", ".jfif"}),
    FileType.PNG: frozenset({".png"}),
    FileType.HEIC: frozenset({".heic", ".heif", ".hif"}),
    FileType.PDF: frozenset({".pdf"}),
}
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
HEIC_CONTAINERS = frozenset({b"mif1", b"msf1", b"hevc", b"hevx"})
PNG_END = b"IEND\xaeB`\x82"
ENCRYPT_ENTRY = re.compile(rb"/Encrypt(\s+\d+\s+\d+\s+R|\s*<<)")
SUFFIX = re.compile(r"\.(?=[a-z0-9]*[a-z])[a-z0-9]{1,5}$", re.IGNORECASE)
FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
UNSHOWN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
UNSHOWN = frozenset('<>:"|?*')


def sniff(head: bytes) -> FileType | None:
    """The type that the first bytes prove, at offset 0 and nowhere else; None is a type we do not take."""
    if head.startswith(b"\xff\xd8\xff"):
        return FileType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG
    if head.startswith(b"%PDF-"):
        return FileType.PDF
    return FileType.HEIC if _is_heic(head) else None


def problems_of(name: str, size: int, head: bytes, tail: bytes) -> list[FileProblem]:
    """All that a request can say about one file of `size` bytes from its first HEAD_BYTES and last TAIL_BYTES."""
    if size == 0:
        return [FileProblem.EMPTY]
    found = [FileProblem.TOO_BIG] if size > MAX_FILE_BYTES else []
    kind = sniff(head)
    if kind is None:
        return [*found, FileProblem.WRONG_TYPE]
    if not _suffix_fits(name, kind):
        found.append(FileProblem.LYING_TYPE)
    return found + _problems_inside(kind, head, tail)


def problems_together(sizes: Sequence[int], *, claim_files: int, claim_bytes: int) -> list[FileProblem]:
    """What is wrong with so many files at once, on a claim that holds `claim_files` of `claim_bytes` bytes already."""
    found = [FileProblem.TOO_MANY] if len(sizes) > MAX_FILES else []
    if claim_files + len(sizes) > MAX_CLAIM_FILES or claim_bytes + sum(sizes) > MAX_CLAIM_BYTES:
        found.append(FileProblem.CLAIM_FULL)
    return found


def too_many_pixels(width: int, height: int) -> bool:
    """True when a picture of this size (pixels) is over 50 MP or longer than 12,000 on a side."""
    return width * height > MAX_PIXELS or max(width, height) > MAX_SIDE


def display_name(raw: str, type: FileType, fallback: str) -> str:
    """A name that hides nothing and ends in our own extension (security.md 4.4); `fallback` if nothing is left."""
    stem = _cleaned(re.split(r"[/\\]", raw)[-1])
    stem = SUFFIX.sub("", stem).strip(". ") or _cleaned(fallback).strip(". ") or "file"
    return stem[: MAX_NAME - len(type.suffix)].rstrip(". ") + type.suffix


def spoken_name(raw: str) -> str:
    """The name under which a refused file is spoken of: without its path and without anything that hides."""
    return _cleaned(re.split(r"[/\\]", raw)[-1])[:MAX_NAME]


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each marker before the picture's data as (marker, start, end); it stops where the bytes stop making sense."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, end
        if marker == 0xDA:
            return
        at = end


def _is_heic(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = {head[at : at + 4] for at in range(16, length, 4)}
    return head[8:12] in HEIC_BRANDS or (head[8:12] in HEIC_CONTAINERS and bool(brands & HEIC_BRANDS))


def _suffix_fits(name: str, kind: FileType) -> bool:
    """A name without extension claims nothing, so it can't lie; phones send such names."""
    last = re.split(r"[/\\]", name)[-1].rstrip(". ")
    dot = last.rfind(".")
    return dot == -1 or last[dot:].lower() in SUFFIXES[kind]


def _problems_inside(kind: FileType, head: bytes, tail: bytes) -> list[FileProblem]:
    if kind is FileType.PDF:
        return _pdf_problems(head, tail)
    found = [FileProblem.TOO_MANY_PIXELS] if any(too_many_pixels(*size) for size in _sizes(kind, head)) else []
    if kind is FileType.JPEG:
        found += _end_problems(tail, b"\xff\xd9")
    if kind is FileType.PNG:
        found += _end_problems(tail, PNG_END)
    return found


def _pdf_problems(head: bytes, tail: bytes) -> list[FileProblem]:
    if ENCRYPT_ENTRY.search(tail) or ENCRYPT_ENTRY.search(head):
        return [FileProblem.ENCRYPTED]
    return _end_problems(tail, b"%%EOF")


def _end_problems(tail: bytes, mark: bytes) -> list[FileProblem]:
    """No end mark: cut off (or a second file behind the first); a mark with over 1 KiB behind it: two files in one."""
    at = tail.rfind(mark)
    if at == -1:
        return [FileProblem.BROKEN]
    return [FileProblem.EXTRA_DATA] if len(tail) - at - len(mark) > MAX_TRAILING_BYTES else []


def _sizes(kind: FileType, head: bytes) -> list[tuple[int, int]]:
    if kind is FileType.PNG:
        return [_pair(head, 16, 4)] if head[12:16] == b"IHDR" else []
    if kind is FileType.HEIC:
        return [_pair(head, found.end() + 4, 4) for found in re.finditer(rb"\x00\x00\x00\x14ispe", head)]
    frames = [at for marker, at, _ in jpeg_segments(head) if marker in FRAME_MARKERS]
    return [_pair(head, at + 5, 2) for at in frames]


def _pair(data: bytes, at: int, width: int) -> tuple[int, int]:
    return (
        int.from_bytes(data[at : at + width], "big"),
        int.from_bytes(data[at + width : at + 2 * width], "big"),
    )


def _cleaned(raw: str) -> str:
    """Without control, format (bidi, zero width), private and unassigned characters."""
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    shown = (c for c in text if c not in UNSHOWN and unicodedata.category(c) not in UNSHOWN_KINDS)
    return "".join(shown).strip()
