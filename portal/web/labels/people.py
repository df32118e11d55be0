"""How do people read at the desk: roles, and what stands against an absence, a colleague, a firm."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.access import Role
from portal.rules.people import AbsenceProblem, ClerkProblem, ColleagueProblem, CreditorProblem
from portal.web.i18n import N_

ROLES = {
    Role.AGENT: N_("Answers and decides"),
    Role.LEAD: N_("Leads the team"),
    Role.ADMIN: N_("Looks after people and settings"),
    Role.AUDITOR: N_("Reads and exports"),
}
ABSENCES = {
    AbsenceProblem.CLERK_MISSING: N_("Choose who is away."),
    AbsenceProblem.FROM_MISSING: N_("Enter the first day, for example %(example)s"),
    AbsenceProblem.UNTIL_MISSING: N_("Enter the last day, for example %(example)s"),
    AbsenceProblem.UNTIL_BEFORE_FROM: N_("The last day lies before the first day."),
    AbsenceProblem.OVER_ALREADY: N_("These days are over already."),
    AbsenceProblem.TOO_LONG: N_("An absence lasts at most a year. Enter the rest later."),
    AbsenceProblem.DEPUTY_MISSING: N_("Choose who stands in. Without a deputy an absence can't be saved."),
    AbsenceProblem.DEPUTY_IS_THE_SAME: N_("Choose somebody else as deputy."),
    AbsenceProblem.DEPUTY_CANNOT_ANSWER: N_("Choose somebody who may answer people."),
    AbsenceProblem.DEPUTY_IS_AWAY: N_("The deputy is away on some of these days. Choose somebody else."),
    AbsenceProblem.DEPUTY_FOR_SOMEBODY: N_(
        "This person stands in for somebody on some of these days. Change that absence first."
    ),
    AbsenceProblem.AWAY_ALREADY: N_("Some of these days are entered already."),
}
CLERKS = {
    ClerkProblem.NAME_MISSING: N_("Enter the name."),
    ClerkProblem.EMAIL_UNREADABLE: N_("Enter an e-mail address, for example anna@example.ch"),
    ClerkProblem.EMAIL_TAKEN: N_("Somebody signs in with this address already."),
    ClerkProblem.PASSWORD_SHORT: N_("Choose a password of at least 12 characters."),
    ClerkProblem.PASSWORD_LONG: N_("Choose a password of at most 128 characters."),
}
COLLEAGUES = {
    ColleagueProblem.NAME_MISSING: N_("Enter the name as it stands on letters."),
    ColleagueProblem.ROLE_MISSING: N_("Choose what this person does."),
    ColleagueProblem.LANGUAGE_MISSING: N_("Choose a language."),
    ColleagueProblem.PHONE_MISSING: N_("Enter a phone number: people want to be able to call whoever writes to them."),
    ColleagueProblem.PHONE_UNREADABLE: N_("Enter a phone number, for example 062 922 00 00"),
}
CREDITORS = {
    CreditorProblem.NAME_MISSING: N_("Enter the name."),
    CreditorProblem.SLUG_UNUSABLE: N_("Use small letters, figures and hyphens, and no word of the portal's own pages."),
    CreditorProblem.SLUG_TAKEN: N_("Another firm has this address already."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    Role: ROLES,
    AbsenceProblem: ABSENCES,
    ClerkProblem: CLERKS,
    ColleagueProblem: COLLEAGUES,
    CreditorProblem: CREDITORS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    ClerkProblem: {
        ClerkProblem.NAME_MISSING: "name",
        ClerkProblem.EMAIL_UNREADABLE: "email",
        ClerkProblem.EMAIL_TAKEN: "email",
        ClerkProblem.PASSWORD_SHORT: "",
        ClerkProblem.PASSWORD_LONG: "",
    },
    ColleagueProblem: {
        ColleagueProblem.NAME_MISSING: "name",
        ColleagueProblem.ROLE_MISSING: "role",
        ColleagueProblem.LANGUAGE_MISSING: "language",
        ColleagueProblem.PHONE_MISSING: "phone",
        ColleagueProblem.PHONE_UNREADABLE: "phone",
    },
    AbsenceProblem: {
        AbsenceProblem.CLERK_MISSING: "clerk",
        AbsenceProblem.FROM_MISSING: "first",
        AbsenceProblem.UNTIL_MISSING: "last",
        AbsenceProblem.UNTIL_BEFORE_FROM: "last",
        AbsenceProblem.OVER_ALREADY: "last",
        AbsenceProblem.TOO_LONG: "last",
        AbsenceProblem.DEPUTY_MISSING: "deputy",
        AbsenceProblem.DEPUTY_IS_THE_SAME: "deputy",
        AbsenceProblem.DEPUTY_CANNOT_ANSWER: "deputy",
        AbsenceProblem.DEPUTY_IS_AWAY: "deputy",
        AbsenceProblem.DEPUTY_FOR_SOMEBODY: "clerk",
        AbsenceProblem.AWAY_ALREADY: "first",
    },
}
