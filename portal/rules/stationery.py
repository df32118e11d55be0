"""Which words of a letter may a creditor write itself, with which placeholders, and what makes a text unfit?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.rules.letters import PRINTABLE


class Part(StrEnum):
    """What a creditor may say in its own words; heading, code, checks, help, notices and reply slip stay ours."""

    OPENING = "opening"
    OPENING_MANY = "opening_many"
    SIGN_OFF = "sign_off"


class Placeholder(StrEnum):
    """What a letter fills in; the word stands between braces in the text."""

    INVOICE_DAY = "invoice_day"
    INVOICE_NUMBER = "invoice_number"
    TITLE = "title"
    AMOUNT = "amount"
    OPEN = "open"
    COUNT = "count"
    PAY_BY = "pay_by"
    PERSON = "person"
    FIRM = "firm"
    CONTACT = "contact"


_ALWAYS = (Placeholder.PERSON, Placeholder.FIRM, Placeholder.CONTACT)
PLACEHOLDERS: Mapping[Part, tuple[Placeholder, ...]] = {
    Part.OPENING: (
        Placeholder.INVOICE_DAY, Placeholder.INVOICE_NUMBER, Placeholder.TITLE, Placeholder.AMOUNT, Placeholder.OPEN,
        Placeholder.PAY_BY, *_ALWAYS,
    ),
    Part.OPENING_MANY: (
        Placeholder.COUNT, Placeholder.INVOICE_DAY, Placeholder.OPEN, Placeholder.PAY_BY, *_ALWAYS,
    ),
    Part.SIGN_OFF: _ALWAYS,
}  # fmt: skip
#: One of these has to stand in the text, as a letter says first how much it is about.
SUMS: Mapping[Part, tuple[Placeholder, ...]] = {
    Part.OPENING: (Placeholder.AMOUNT, Placeholder.OPEN),
    Part.OPENING_MANY: (Placeholder.OPEN,),
    Part.SIGN_OFF: (),
}
#: In signs and lines, so that page 1 holds the longest text in every language.
LONGEST: Mapping[Part, int] = {Part.OPENING: 480, Part.OPENING_MANY: 480, Part.SIGN_OFF: 120}
MOST_LINES: Mapping[Part, int] = {Part.OPENING: 7, Part.OPENING_MANY: 7, Part.SIGN_OFF: 2}

FIELD = re.compile(r"\{([^{}\n]*)\}")
BRACE = re.compile(r"[{}]")


class TextProblem(StrEnum):
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"
    EMPTY_PLACEHOLDER = "empty_placeholder"
    LONE_BRACE = "lone_brace"
    SIGN = "sign"
    TOO_LONG = "too_long"
    TOO_MANY_LINES = "too_many_lines"
    NO_SUM = "no_sum"


class LogoProblem(StrEnum):
    """Why a picture can't stand at the head of a letter."""

    TYPE = "type"
    TOO_BIG = "too_big"
    BROKEN = "broken"
    TOO_DETAILED = "too_detailed"
    LATER = "later"


#: What may be sent, and what our own copy may take, as it stands in every letter.
LARGEST_LOGO, LARGEST_COPY = 2 * 1024 * 1024, 120 * 1024


@dataclass(frozen=True, slots=True)
class TextFault:
    """What stands against a text; `what` is the piece it is about, `line` and `sign` count from 1, 0 for the whole."""

    problem: TextProblem
    what: str = ""
    line: int = 0
    sign: int = 0


class PlaceholderEmpty(ValueError):
    """A letter has nothing to fill in here; `line` counts from 1."""

    def __init__(self, part: Part, placeholder: str, line: int) -> None:
        super().__init__(f"{part}, line {line}: {{{placeholder}}} is empty")
        self.part, self.placeholder, self.line = part, placeholder, line


def tidy(text: str) -> str:
    """The text as it is kept: lines without blanks at their ends, none empty at the ends, never two empty ones."""
    lines = [" ".join(line.split(" ")).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def faults(part: Part, text: str) -> list[TextFault]:
    """Everything that stands against this text, each with its place; none for a text that letters can carry."""
    found = [fault for number, line in enumerate(text.split("\n"), 1) for fault in _in_line(part, line, number)]
    if len(text) > LONGEST[part]:
        found.append(TextFault(TextProblem.TOO_LONG, str(LONGEST[part])))
    if text.count("\n") >= MOST_LINES[part]:
        found.append(TextFault(TextProblem.TOO_MANY_LINES, str(MOST_LINES[part])))
    named = set(FIELD.findall(text))
    if SUMS[part] and not named & set(SUMS[part]):
        found.append(TextFault(TextProblem.NO_SUM, " / ".join(f"{{{one}}}" for one in SUMS[part])))
    return found


def all_faults(texts: Mapping[Part, str]) -> dict[Part, list[TextFault]]:
    """What stands against these texts, by part; a part without words of its own says ours, which are fit."""
    found = {part: faults(part, text) for part, text in texts.items() if text}
    return {part: some for part, some in found.items() if some}


def _in_line(part: Part, line: str, number: int) -> list[TextFault]:
    found = []
    for one in FIELD.finditer(line):
        if not one[1].strip():
            found.append(TextFault(TextProblem.EMPTY_PLACEHOLDER, one[0], number, one.start() + 1))
        elif one[1] not in PLACEHOLDERS[part]:
            found.append(TextFault(TextProblem.UNKNOWN_PLACEHOLDER, one[0], number, one.start() + 1))
    rest = FIELD.sub(lambda one: " " * len(one[0]), line)
    found += [TextFault(TextProblem.LONE_BRACE, one[0], number, one.start() + 1) for one in BRACE.finditer(rest)]
    found += [TextFault(TextProblem.SIGN, sign, number, at) for at, sign in enumerate(line, 1)
              if not PRINTABLE.fullmatch(sign)]  # fmt: skip
    return found


def filled(part: Part, text: str, values: Mapping[str, str]) -> list[list[str]]:
    """The paragraphs of the text, each in its lines, with these values; raises `PlaceholderEmpty`."""
    lines = [_line(part, line, number, values) for number, line in enumerate(text.split("\n"), 1)]
    return [block.split("\n") for block in "\n".join(lines).split("\n\n")]


def _line(part: Part, line: str, number: int, values: Mapping[str, str]) -> str:
    def value(one: re.Match[str]) -> str:
        said = values.get(one[1], "").strip()
        if not said or one[1] not in PLACEHOLDERS[part]:
            raise PlaceholderEmpty(part, one[1], number)
        return said

    return FIELD.sub(value, line)
