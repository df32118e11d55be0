"""How much is it, in which currency, and what amount did a person type?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: The smallest step an instalment may have, in minor units (`decisions.md` 21).
STEP = {"CHF": 5, "EUR": 1}

#: Digits after the decimal point (ISO 4217) of the currencies we keep accounts in.
_EXPONENT = {"CHF": 2, "EUR": 2}

#: The largest amount a person may type, in minor units, and the longest text we look at.
LARGEST_TYPED = 10**11
LONGEST_TYPED = 40


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were to be added or compared."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} do not mix")
        self.one, self.other = one, other


class UnknownCurrency(ValueError):
    """We keep no accounts in this currency."""


class CannotSplit(ValueError):
    """The amount is too small for that many parts of at least one step each."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: whole minor units (Rappen, cents) of one currency (ISO 4217, capitals)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            raise UnknownCurrency(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls(0, currency)

    @property
    def is_zero(self) -> bool:
        return self.minor == 0

    @property
    def is_positive(self) -> bool:
        return self.minor > 0

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            return NotImplemented
        return Money(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other).minor

    def split(self, parts: int, step: int) -> tuple[Money, ...]:
        """Equal amounts rounded HALF_UP to the step, the last takes the rest, which is above zero; the sum is exact.

        Where rounding up would leave nothing for the last, it rounds down. `step` is in minor units; `CannotSplit`.
        """
        if parts < 1 or step < 1:
            raise ValueError("at least one part and a step of one")
        equal = (2 * self.minor + parts * step) // (2 * parts * step) * step
        if self.minor - (parts - 1) * equal <= 0:
            equal = self.minor // (parts * step) * step
        if not self.is_positive or (parts > 1 and equal <= 0):
            raise CannotSplit(f"{self.minor} minor units in {parts} parts of {step} or more")
        first = (Money(equal, self.currency),) * (parts - 1)
        return (*first, Money(self.minor - (parts - 1) * equal, self.currency))

    def _same(self, other: Money) -> Money:
        if not isinstance(other, Money):
            raise TypeError(f"an amount is compared with an amount, not with {type(other).__name__}")
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; nothing is zero of this currency. Raises `CurrencyMismatch`."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def exponent(currency: str) -> int:
    """How many digits stand after the decimal point (ISO 4217). Raises `UnknownCurrency`."""
    try:
        return _EXPONENT[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


_NAMES = {"chf": "CHF", "fr": "CHF", "fr.": "CHF", "sfr": "CHF", "sfr.": "CHF", "eur": "EUR", "€": "EUR", "euro": "EUR"}
_NAMED = re.compile(r"(?P<before>[A-Za-z€]+\.?)? ?(?P<number>[0-9.,' –—-]*?) ?(?P<after>[A-Za-z€]+\.?)?")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′´`", "'") | dict.fromkeys("\u00a0\u202f\u2009\t", " "))
_NO_CENTS = r"(?:[.,](?:-{1,2}|–|—)?)?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?P<whole>[0-9]+){_NO_CENTS}",
        r"(?P<whole>[0-9]*)[.,](?P<part>[0-9]{1,2})",
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?:'[0-9]{{3}})+){_NO_CENTS}",
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?: [0-9]{{3}})+){_NO_CENTS}",
        r"(?P<whole>[1-9][0-9]{0,2}(?:'[0-9]{3})+)[.,](?P<part>[0-9]{1,2})",
        r"(?P<whole>[1-9][0-9]{0,2}(?: [0-9]{3})+)[.,](?P<part>[0-9]{1,2})",
        r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3})+),(?:(?P<part>[0-9]{1,2})|-{1,2}|–|—)",
        r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+)\.(?:(?P<part>[0-9]{1,2})|-{1,2}|–|—)",
        r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,})",
        r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3}){2,})",
    )
)


def parse_amount(text: str, *, currency: str | None = None) -> int | None:
    """The minor units of what a person typed ("50.-", "1’234.50", "1.234,50"), or None if that is not certain.

    One point or comma with three digits behind it could be either thousands or decimals, so it is refused; so are
    signs, more than two decimals, more than 10^11, and, where `currency` is given, the name of another one.
    """
    if len(text) > LONGEST_TYPED:
        return None
    named = _NAMED.fullmatch(re.sub(" +", " ", text.translate(_APOSTROPHES)).strip())
    if named is None:
        return None
    written = [name.lower() for name in (named["before"], named["after"]) if name]
    if len(written) > 1 or not all(name in _NAMES for name in written):
        return None
    if currency is not None and any(_NAMES[name] != currency for name in written):
        return None
    return _minor(named["number"])


def _minor(number: str) -> int | None:
    """The minor units of a number without its currency, if exactly one reading exists."""
    for shape in _SHAPES:
        if found := shape.fullmatch(number):
            parts = found.groupdict()
            if not parts["whole"] and not parts.get("part"):
                return None
            whole = int(re.sub(r"[^0-9]", "", parts["whole"]) or "0")
            minor = whole * 100 + int((parts.get("part") or "").ljust(2, "0"))
            return minor if minor <= LARGEST_TYPED else None
    return None
