"""Which words say what stands against sending a message."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.messages import MessageProblem
from portal.web.i18n import N_

PROBLEMS: Mapping[MessageProblem, str] = {
    MessageProblem.EMPTY: N_("Write what you would like to tell us or ask us."),
    MessageProblem.TOO_LONG: N_("The text is longer than %(limit)s characters. Shorten it, or send it in two parts."),
}
AT_DESK: Mapping[MessageProblem, str] = {
    MessageProblem.EMPTY: N_("Write the text first."),
    MessageProblem.TOO_LONG: N_("The text is longer than %(limit)s characters. Shorten it."),
}
ON: Mapping[MessageProblem, str] = {MessageProblem.EMPTY: "text", MessageProblem.TOO_LONG: "text"}

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {MessageProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {MessageProblem: ON}
