"""Which of its eight masks does a QR code get (ISO/IEC 18004:2015, 7.8), found without a loop over its modules?

The whole symbol is one number, a bit a module, once row by row and once column by column. A rule of the standard that
looks along a line is then a shift, and a letter's two codes cost a tenth of what a module-by-module search takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import segno

from portal.gateways.qr_encoding import encoded

MASKS = 8
#: Light modules between two lines, so that none reaches into the next; the rule about finder-like patterns needs four.
APART = 4
DIGITS = bytes([48, 49]) + bytes(254)
LEVEL = "m"
#: From this version on a symbol says its version.
SAYS_VERSION = 7


@dataclass(frozen=True, slots=True)
class _Version:
    """What all symbols of a version share, each as two numbers: by rows and by columns."""

    all: int
    compared: tuple[int, int]
    #: What changes between mask 0 and each mask, the format information included.
    changes: tuple[tuple[int, int], ...]


def masked(text: str) -> list[str]:
    """The rows of the text's QR code, level M and UTF-8, as "0" and "1", under the mask with the fewest penalties."""
    return best(*encoded(text))


def best(version: int, side: int, modules: bytes) -> list[str]:
    """The rows of this symbol, which is under mask 0, under the best of its masks."""
    shared = _shared(version)
    plain = _numbers([modules[start : start + side] for start in range(0, side * side, side)])
    found = [_penalty(plain, shared, mask, side) for mask in range(MASKS)]
    whole = plain[0] ^ shared.changes[found.index(min(found))][0]
    digits = f"{whole:0{side * (side + APART)}b}"
    return [digits[start : start + side] for start in range(0, len(digits), side + APART)]


@cache
def _shared(version: int) -> _Version:
    codes = [segno.make_qr("0", version=version, error=LEVEL, boost_error=False, mask=mask) for mask in range(MASKS)]
    side = len(codes[0].matrix)
    compared = [bytes(not _is_later(row, column, side, version) for column in range(side)) for row in range(side)]
    numbers = [_numbers(code.matrix) for code in codes]
    changes = tuple((rows ^ numbers[0][0], columns ^ numbers[0][1]) for rows, columns in numbers)
    return _Version(_numbers([b"\1" * side] * side)[0], _numbers(compared), changes)


def _is_later(row: int, column: int, side: int, version: int) -> bool:
    """Whether this module says which format or version it is: it is not there yet while masks are compared (7.8.1)."""
    if row == 8 or column == 8:
        along = column if row == 8 else row
        return (along <= 8 and along != 6) or along >= side - 8
    corner = range(side - 11, side - 8)
    return version >= SAYS_VERSION and ((row < 6 and column in corner) or (column < 6 and row in corner))


def _numbers(rows: Sequence[bytes | bytearray]) -> tuple[int, int]:
    """The symbol by rows and by columns, `APART` light modules after each line."""
    flat, side, light = b"".join(rows), len(rows), bytes(APART)
    columns = (flat[column::side] for column in range(side))
    return _number(light.join(bytes(row) for row in rows) + light), _number(light.join(columns) + light)


def _number(modules: bytes) -> int:
    return int(modules.translate(DIGITS), 2)


def _penalty(plain: tuple[int, int], shared: _Version, mask: int, side: int) -> int:
    """The four rules of 7.8.3.1 together."""
    dark = [(number ^ change) & seen for number, change, seen in
            zip(plain, shared.changes[mask], shared.compared, strict=True)]  # fmt: skip
    light = [number ^ shared.all for number in dark]
    runs = sum(map(_runs, (*dark, *light)))
    blocks = 3 * sum(_blocks(number, side + APART) for number in (dark[0], light[0]))
    alike = 40 * sum(_like_finders(number, side) for number in dark)
    share = abs(dark[0].bit_count() * 100 / side**2 - 50)
    return runs + blocks + alike + 10 * int(share / 5)


def _runs(line: int) -> int:
    """Three points for five modules of one colour in a line, one more for each further one."""
    two = line & line >> 1
    five = two & two >> 2 & line >> 4
    return five.bit_count() + 2 * (five & ~(five << 1)).bit_count()


def _blocks(number: int, line: int) -> int:
    pairs = number & number >> 1
    return (pairs & pairs >> line).bit_count()


def _like_finders(dark: int, side: int) -> int:
    """How often 1:1:3:1:1 stands beside four light modules; what lies outside the symbol is light."""
    light = ~dark & (1 << (side + APART) * side + 2 * APART) - 1
    found = dark & light >> 1 & dark >> 2 & dark >> 3 & dark >> 4 & light >> 5 & dark >> 6
    two = light & light >> 1
    four = two & two >> 2
    alone = found & (four >> 7 | four << 4)
    return (alone & ~(alone >> 4) & ~(alone >> 6)).bit_count()
