"""In which language does the person read, and how are days, sums and sizes written there."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.pofile import read_po
from flask import g, has_request_context, request, session

from portal.rules.money import Money, exponent

SOURCE = "en"
LANGUAGES: tuple[str, ...] = ("de", "fr", "it", "en")
NAMES: Mapping[str, str] = {"de": "Deutsch", "fr": "Français", "it": "Italiano", "en": "English"}
NBSP = "\u00a0"
MINUS = "\u2212"


@dataclass(frozen=True)
class Catalogue:
    """One language's sentences, read from its .po file at start."""

    single: Mapping[str, str]
    plural: Mapping[str, tuple[str, ...]]

    def one(self, text: str) -> str:
        return self.single.get(text) or text

    def many(self, singular: str, plural: str, n: int) -> str:
        forms = self.plural.get(singular)
        if not forms or not all(forms):
            return singular if n == 1 else plural
        return forms[0 if n == 1 else min(1, len(forms) - 1)]


EMPTY = Catalogue({}, {})
_CATALOGUES: dict[str, Catalogue] = {SOURCE: EMPTY}
#: Asked for every sentence of a page, so it is kept where asking costs least.
_SPOKEN: ContextVar[str] = ContextVar("language", default=SOURCE)


def load(folder: Path) -> None:
    """Read the catalogues of all languages; a language without a file speaks English."""
    for language in LANGUAGES:
        source = folder / language / "LC_MESSAGES" / "messages.po"
        if source.is_file():
            _CATALOGUES[language] = _read(source, language)


def _read(source: Path, language: str) -> Catalogue:
    with source.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    single: dict[str, str] = {}
    plural: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple | list):
            plural[message.id[0]] = tuple(message.string or ())
        else:
            single[str(message.id)] = str(message.string)
    return Catalogue(single, plural)


def N_(text: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return text


def gettext(text: str, /, **values: object) -> str:
    """The sentence in the language of this request, with its placeholders filled."""
    return gettext_in(language(), text, **values)


def gettext_in(code: str, text: str, /, **values: object) -> str:
    """The sentence in a given language, for letters, previews and mail."""
    catalogue = _CATALOGUES.get(code)
    found = text if catalogue is None else catalogue.single.get(text) or text
    return found % values if values else found


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The sentence for this number, with `%(num)s` filled."""
    found = _CATALOGUES.get(language(), EMPTY).many(singular, plural, n)
    return found % {"num": n, **values}


def ngettext_plain(singular: str, plural: str, n: int) -> str:
    """The sentence for this number with its placeholders still in it; templates fill them."""
    return _CATALOGUES.get(language(), EMPTY).many(singular, plural, n)


_ = gettext


def language() -> str:
    """The language of this request: chosen by the person, else the letter's, else the creditor's."""
    return _SPOKEN.get()


def set_language(code: str) -> None:
    """From here on this request speaks this language."""
    _SPOKEN.set(code if code in LANGUAGES else SOURCE)


def forget_language() -> None:
    """The next request in this thread speaks English until it has said what it speaks."""
    _SPOKEN.set(SOURCE)


def chosen() -> str | None:
    """The language that the person asked for, now or earlier in this browser."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        if session.get("lang") != asked:
            session["lang"] = asked
        return asked
    kept = session.get("lang")
    return kept if kept in LANGUAGES else None


def from_browser() -> str | None:
    """The first language of the browser that the portal speaks."""
    return request.accept_languages.best_match(LANGUAGES)


def country() -> str:
    """The creditor's country, which decides how sums are written."""
    found: str = g.get("country", "CH") if has_request_context() else "CH"
    return found


def locale_tag() -> str:
    """The tag for `<html lang>`: language and the creditor's country."""
    return "en-GB" if language() == "en" else f"{language()}-{country()}"


def day(value: date, code: str | None = None) -> str:
    """A day in words, with a no-break space after its number: "4. Dezember 2026"."""
    return _words(value, code or language(), weekday=False)


def weekday(value: date, code: str | None = None) -> str:
    """A day in words with its weekday: "Freitag, 4. Dezember 2026"."""
    return _words(value, code or language(), weekday=True)


def month_day(value: date, code: str | None = None) -> str:
    """A day without its year: "4. Dezember"."""
    return _words(value, code or language(), weekday=False, year=False)


def short_weekday(value: date, code: str | None = None) -> str:
    """A day with its weekday in short and without its year: "Fr. 4. Dezember"."""
    code = code or language()
    return f"{format_date(value, 'EEE', locale=_locale(code))} {month_day(value, code)}"


def month(value: date, code: str | None = None) -> str:
    """A month with its year: "Dezember 2026"."""
    return format_date(value, "MMMM y", locale=_locale(code or language()))


@lru_cache(maxsize=4096)
def _words(value: date, code: str, *, weekday: bool, year: bool = True) -> str:
    number = str(value.day)
    if code == "de":
        number += "."
    elif value.day == 1 and code == "fr":
        number += "er"
    elif value.day == 1 and code == "it":
        number += "°"
    text = number + NBSP + format_date(value, "MMMM", locale=_locale(code))
    if year:
        text += f" {value.year}"
    if not weekday:
        return text
    name = format_date(value, "EEEE", locale=_locale(code))
    return f"{name}, {text}" if code in ("de", "en") else f"{name} {text}"


def _locale(code: str) -> str:
    return "en_GB" if code == "en" else f"{code}_CH"


def clock(value: datetime | time, code: str | None = None) -> str:
    """A time of day in the creditor's zone: "14.30 Uhr", "14 h 30", "14.30"."""
    local = value.astimezone(zone()) if isinstance(value, datetime) else value
    which = code or language()
    if which == "de":
        return f"{local:%H.%M}{NBSP}Uhr"
    if which == "fr":
        return f"{local.hour}{NBSP}h{NBSP}{local:%M}"
    return f"{local:%H.%M}" if which == "it" else f"{local:%H:%M}"


def moment(value: datetime, code: str | None = None) -> str:
    """A day and a time of day in the creditor's zone."""
    return f"{day(value.astimezone(zone()).date(), code)}, {clock(value, code)}"


def zone() -> ZoneInfo:
    """The creditor's zone, in which every day of this request is meant."""
    return ZoneInfo(g.get("zone", "Europe/Zurich") if has_request_context() else "Europe/Zurich")


def money(value: Money) -> str:
    """A sum as it is written in Switzerland: CHF 1’240.00 (`law.md` 7.2)."""
    sign = MINUS if value.minor < 0 else ""
    return f"{value.currency}{NBSP}{sign}{digits(abs(value.minor), value.currency)}"


def minus(value: Money) -> str:
    """A sum that is taken off: CHF −40.00."""
    return money(-value) if value.minor > 0 else money(value)


def digits(minor: int, currency: str) -> str:
    """The figures of a sum without its currency: 1’240.00."""
    places = exponent(currency)
    whole, rest = divmod(minor, 10**places)
    grouped = f"{whole:,}".replace(",", "’")
    return f"{grouped}.{rest:0{places}d}" if places else grouped


def file_size(size: int) -> str:
    """A size in whole KB or in MB with one figure after the point; in French Ko and Mo."""
    unit = "o" if language() == "fr" else "B"
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))}{NBSP}K{unit}"
    return f"{size / (1024 * 1024):.1f}{NBSP}M{unit}"
