"""Which modules of a QR code are dark for a text in bytes, level M, under mask 0 (ISO/IEC 18004:2015, 7.4 to 7.7)?

For the texts that letters print by the thousand: the order in which bits lie in a symbol is
worked out once for each version, and the remainders of the error correction are read from tables of whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import zip_longest
from typing import Any

import segno
from segno import consts

FIELD = 0x11D
HIGHEST_VERSION = 40
#: From this version on the count of the bytes has sixteen bits instead of eight, and from that one a symbol says it.
LONG_COUNT, SAYS_VERSION = 10, 7
ONES = bytes(int(at == 49) for at in range(256))
BYTE_MODE, PADS = "0100", (0xEC, 0x11)


@dataclass(frozen=True, slots=True)
class Layout:
    """A version: its side, its blocks as (data, correction) in codewords, and where each bit of the symbol comes from.

    `sources` names for each module, row by row, the bit of the message that lies there, or behind the last bit a light
    (`bits`) or a dark one (`bits + 1`); `flips` are the bits that mask 0 turns over.
    """

    side: int
    blocks: tuple[tuple[int, int], ...]
    bits: int
    sources: tuple[int, ...]
    flips: int


class TooLong(ValueError):
    """No symbol holds so many bytes."""


def encoded(text: str) -> tuple[int, int, bytes]:
    """The version, the side and the modules row by row as 0 and 1; raises `TooLong`."""
    data = text.encode("utf-8")
    version = next((one for one in range(1, HIGHEST_VERSION + 1) if _room(one) >= len(data)), None)
    if version is None:
        raise TooLong(len(data))
    layout = layout_of(version)
    message = int.from_bytes(_interleaved(_words(data, version, layout), layout.blocks), "big")
    spare = layout.bits - 8 * sum(size + more for size, more in layout.blocks)
    digits = f"{message << spare ^ layout.flips:0{layout.bits}b}01".encode().translate(ONES)
    return version, layout.side, bytes(map(digits.__getitem__, layout.sources))


@cache
def _blocks(version: int) -> tuple[tuple[int, int], ...]:
    kinds: Sequence[Any] = consts.ECC[version][consts.ERROR_LEVEL_M]  # type: ignore[index]
    return tuple((kind.num_data, kind.num_total - kind.num_data) for kind in kinds for _ in range(kind.num_blocks))


def _room(version: int) -> int:
    """How many bytes of text a symbol of this version holds."""
    return sum(data for data, _ in _blocks(version)) - (3 if version >= LONG_COUNT else 2)


def _words(data: bytes, version: int, layout: Layout) -> bytes:
    """The text with its head, its end and what fills the last block."""
    count = f"{len(data):0{16 if version >= LONG_COUNT else 8}b}"
    head = f"{BYTE_MODE}{count}"
    room = sum(size for size, _ in layout.blocks)
    whole = int(head, 2) << 8 * len(data) | int.from_bytes(data, "big")
    size = (len(head) + 4) // 8 + len(data)
    words = (whole << (8 * size - len(head) - 8 * len(data))).to_bytes(size, "big")
    return words + bytes(PADS[at % 2] for at in range(room - size))


def _interleaved(words: bytes, blocks: Sequence[tuple[int, int]]) -> bytes:
    """First codeword of each block, second of each, and so on; then the correction's in the same way."""
    parts, start = [], 0
    for size, _ in blocks:
        parts.append(words[start : start + size])
        start += size
    more = [_correction(part, length) for part, (_, length) in zip(parts, blocks, strict=True)]
    return bytes(word for some in (parts, more) for row in zip_longest(*some) for word in row if word is not None)


def _correction(words: bytes, length: int) -> bytes:
    """The remainder of the words divided by the generator of this length."""
    table, top, rest = _remainders(length), 8 * (length - 1), 0
    below = (1 << top) - 1
    for word in words:
        rest = (rest & below) << 8 ^ table[rest >> top ^ word]
    return rest.to_bytes(length, "big")


@cache
def _remainders(length: int) -> tuple[int, ...]:
    """The generator of this length times each byte, without its first term."""
    powers = list(_powers())
    generator = reduce(_grown, powers[:length], [1])
    return tuple(int.from_bytes(bytes(_times(one, factor) for one in generator[1:]), "big") for factor in range(256))


def _grown(generator: list[int], root: int) -> list[int]:
    """The polynomial times (x - root)."""
    return [a ^ _times(b, root) for a, b in zip([*generator, 0], [0, *generator], strict=True)]


def _powers() -> Iterator[int]:
    value = 1
    for _ in range(255):
        yield value
        value = value << 1 ^ (FIELD if value & 0x80 else 0)


def _times(one: int, other: int) -> int:
    found = 0
    while other:
        found ^= one if other & 1 else 0
        one, other = one << 1 ^ (FIELD if one & 0x80 else 0), other >> 1
    return found


@cache
def layout_of(version: int) -> Layout:
    """Where everything lies in a symbol of this version; what is no message is copied from one of segno's."""
    frame = segno.make_qr("0", version=version, error="m", boost_error=False, mask=0).matrix
    side = len(frame)
    order = [place for place in _zigzag(side) if not _is_frame(*place, side, version)]
    bits = len(order)
    flips = int("".join(str(int((row + column) % 2 == 0)) for row, column in order), 2)
    at = {place: bit for bit, place in enumerate(order)}
    sources = tuple(at.get((row, column), bits + frame[row][column]) for row in range(side) for column in range(side))
    return Layout(side, _blocks(version), bits, sources, flips)


def _zigzag(side: int) -> Iterator[tuple[int, int]]:
    """The order of the bits: two columns at a time from the right, upwards first, the timing column left out."""
    rights = [*range(side - 1, 6, -2), 5, 3, 1]
    for turn, right in enumerate(rights):
        for row in range(side) if turn % 2 else range(side - 1, -1, -1):
            yield row, right
            yield row, right - 1


def _is_frame(row: int, column: int, side: int, version: int) -> bool:
    """Whether this module is a finder, a line of timing, an alignment pattern, or says format or version."""
    if row == 6 or column == 6 or (min(row, column) < 9 and (max(row, column) >= side - 8 or max(row, column) < 9)):
        return True
    corner = range(side - 11, side - 8)
    if version >= SAYS_VERSION and ((row < 6 and column in corner) or (column < 6 and row in corner)):
        return True
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    near = [[one for one in centres if abs(one - place) <= 2] for place in (row, column)]
    return any((a, b) not in {(6, 6), (6, side - 7), (side - 7, 6)} for a in near[0] for b in near[1])
