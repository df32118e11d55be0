"""How do we call what became of a letter, and why it reached the wrong person?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.letters import LetterKind, LetterTask, NotMeReason, RevokeReason
from portal.web.i18n import N_

NOT_ME = {
    NotMeReason.UNKNOWN: N_("I don't know this person"),
    NotMeReason.MOVED: N_("This person has moved away"),
    NotMeReason.DIED: N_("This person has died"),
}
REVOKED = {
    RevokeReason.REISSUED: N_("Replaced by a new letter"),
    RevokeReason.NOT_ME: N_("The letter reached somebody else"),
    RevokeReason.TOO_MANY_FACTS: N_("Wrong details were entered too often"),
    RevokeReason.TOO_MANY_CODES: N_("Wrong codes were entered too often"),
    RevokeReason.STAFF: N_("Ended at the desk"),
    RevokeReason.RETURNED_POST: N_("The letter came back"),
    RevokeReason.RUN: N_("The whole print run was called back"),
    RevokeReason.ADDRESS: N_("The address was entered anew"),
}
KINDS = {
    LetterKind.FIRST: N_("First letter"),
    LetterKind.REMINDER: N_("Reminder"),
    LetterKind.REISSUE: N_("New letter with a new code"),
}
TASKS = {
    LetterTask.NOT_ME: N_("The letter reached somebody else: check the address"),
    LetterTask.NEW_LETTER: N_("Send a new letter: the code has expired"),
    LetterTask.LETTER_RETIRED: N_("Send a new letter: wrong details were entered ten times"),
    LetterTask.LETTER_GUESSED: N_("Somebody keeps guessing the code of a letter"),
    LetterTask.RETURNED_POST: N_("A letter came back: enter the right address"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    NotMeReason: NOT_ME,
    RevokeReason: REVOKED,
    LetterKind: KINDS,
    LetterTask: TASKS,
}
