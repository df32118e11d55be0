"""Is this a code that could stand on one of our letters, and how is a new one made?

Sixteen symbols of Crockford's base 32: six that find the letter, nine that are secret, one that catches typing errors
(`security.md` 2.2, 2.3). The check symbol solves sum(a^i * d_i) = 0 over GF(32) with a = 2 and x^5 + x^2 + 1, which
finds every single wrong symbol and every swap of two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKUP_LENGTH = 6
SECRET_LENGTH = 9
LENGTH = LOOKUP_LENGTH + SECRET_LENGTH + 1
LONGEST_INPUT = 64

#: chi-squared with 31 degrees of freedom stays under this in all but 1 of 10^9 runs of a fair generator.
CHI_SQUARED_LIMIT = 105
SELF_TEST_DRAWS = 10_000

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_READ_AS = {"O": "0", "I": "1", "L": "1"}
_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_REDUCE = 0b100101


class CodeReason(StrEnum):
    """What keeps a typed code from being one of ours."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CHARACTER = "character"
    LENGTH = "length"
    CHECK = "check"


@dataclass(frozen=True)
class CodeProblem:
    """Why the input is no code; `position` (from 1, spaces not counted) for a character, `count` for a wrong length."""

    reason: CodeReason
    position: int | None = None
    count: int | None = None


@dataclass(frozen=True)
class Code:
    """A code whose check symbol is right; it never shows its secret when it is printed into a log."""

    lookup: str
    secret: str = field(repr=False)
    check: str = field(repr=False)

    @property
    def compact(self) -> str:
        """The sixteen symbols without spaces, as in the letter's address."""
        return self.lookup + self.secret + self.check

    @property
    def printed(self) -> str:
        """The sixteen symbols in groups of four, as on the letter."""
        compact = self.compact
        return " ".join(compact[start : start + 4] for start in range(0, LENGTH, 4))


class GeneratorBroken(Exception):
    """The source of random numbers doesn't give what codes need; nothing may be issued."""


def normalise(raw: str) -> Code | CodeProblem:
    """What was typed is read as a code, or the first reason why it is none; costs nothing and counts nowhere."""
    if len(raw) > LONGEST_INPUT:
        return CodeProblem(CodeReason.TOO_LONG)
    symbols: list[str] = []
    for character in raw:
        if character.isspace() or character in _HYPHENS or character in _INVISIBLE:
            continue
        upper = character.upper() if character.isascii() else character
        symbol = _READ_AS.get(upper, upper)
        if symbol not in _VALUES:
            return CodeProblem(CodeReason.CHARACTER, position=len(symbols) + 1)
        symbols.append(symbol)
    if not symbols:
        return CodeProblem(CodeReason.EMPTY)
    if len(symbols) != LENGTH:
        return CodeProblem(CodeReason.LENGTH, count=len(symbols))
    text = "".join(symbols)
    if _syndrome(text):
        return CodeProblem(CodeReason.CHECK)
    return _code(text)


def make_code(randbelow: Callable[[int], int]) -> Code:
    """A new code exists, made from fifteen draws of `randbelow(32)` (`secrets.randbelow`) and the check symbol."""
    text = "".join(ALPHABET[randbelow(32)] for _ in range(LENGTH - 1))
    return _code(text + check_symbol(text))


def check_symbol(text: str) -> str:
    """The last symbol that makes these fifteen a code."""
    value = _syndrome(text)
    for _ in range(31 - len(text)):  # dividing by a^15 is multiplying by a^(31-15): a has the order 31
        value = _double(value)
    return ALPHABET[value]


def self_test(randbelow: Callable[[int], int]) -> None:
    """The generator was seen to give sound codes with evenly spread symbols; else GeneratorBroken."""
    if len(set(ALPHABET)) != 32:
        raise GeneratorBroken("the alphabet has not 32 different symbols")
    counts = [0] * 32
    for _ in range(SELF_TEST_DRAWS):
        value = randbelow(32)
        if not 0 <= value < 32:
            raise GeneratorBroken("a draw is outside the alphabet")
        counts[value] += 1
    # sum((n - N/32)^2) / (N/32) > limit, kept in integers by multiplying with 32 * N
    spread = sum((32 * count - SELF_TEST_DRAWS) ** 2 for count in counts)
    if spread > CHI_SQUARED_LIMIT * 32 * SELF_TEST_DRAWS:
        raise GeneratorBroken("the symbols are not evenly spread")
    sample = make_code(randbelow)
    if normalise(sample.printed) != sample or make_code(randbelow) == sample:
        raise GeneratorBroken("a new code can't be read back, or two are the same")


def _code(text: str) -> Code:
    end = LOOKUP_LENGTH + SECRET_LENGTH
    return Code(lookup=text[:LOOKUP_LENGTH], secret=text[LOOKUP_LENGTH:end], check=text[end:])


def _double(value: int) -> int:
    doubled = value << 1
    return doubled ^ _REDUCE if doubled & 32 else doubled


def _syndrome(text: str) -> int:
    """sum(a^i * d_i), by Horner from the last symbol to the first."""
    total = 0
    for symbol in reversed(text):
        total = _double(total) ^ _VALUES[symbol]
    return total
