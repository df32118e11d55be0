"""How do we say where a run of letters stands, and what stands against a day of posting?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.letter_runs import ChosenProblem, PostedProblem, RunState
from portal.rules.letters import LetterKind
from portal.web.i18n import N_

STATES: Mapping[RunState, str] = {
    RunState.DRAFT: N_("prepared"),
    RunState.PRINTING: N_("being printed"),
    RunState.PRINTED: N_("printed"),
    RunState.FAILED: N_("nothing printed"),
    RunState.POSTED: N_("posted"),
    RunState.REVOKED: N_("called back"),
}
TINTS: Mapping[RunState, str] = {
    RunState.DRAFT: "",
    RunState.PRINTING: "wait",
    RunState.PRINTED: "wait",
    RunState.FAILED: "error",
    RunState.POSTED: "good",
    RunState.REVOKED: "pause",
}
POSTED = {
    PostedProblem.MISSING: N_("Enter the day on which the letters go to the post, for example %(example)s"),
    PostedProblem.BEFORE_PRINT: N_("The letters were printed on %(printed)s. Enter that day or a later one."),
    PostedProblem.TOO_FAR: N_("Enter a day until %(latest)s."),
}
CHOSEN = {ChosenProblem.NOTHING: N_("Choose at least one letter.")}
KINDS: Mapping[LetterKind, str] = {
    LetterKind.FIRST: N_("first letter"),
    LetterKind.REMINDER: N_("reminder"),
    LetterKind.REISSUE: N_("new letter with a new code"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    RunState: STATES,
    PostedProblem: POSTED,
    ChosenProblem: CHOSEN,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    PostedProblem: dict.fromkeys(PostedProblem, "posted"),
    ChosenProblem: dict.fromkeys(ChosenProblem, "pick"),
}
