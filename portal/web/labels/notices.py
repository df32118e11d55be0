"""Which words do e-mails consist of, and which name how a person is reached? No sum, no text, nothing of the matter."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.notices import ContactWay, NoticeKind, NoticeState
from portal.web.i18n import N_

WAYS: Mapping[ContactWay, str] = {
    ContactWay.POST: N_("By post"),
    ContactWay.EMAIL: N_("By e-mail"),
    ContactWay.SELF: N_("I look here myself"),
}
WAY_DETAILS: Mapping[ContactWay, str] = {
    ContactWay.POST: N_("You get a letter when there is an answer."),
    ContactWay.EMAIL: N_("You get an e-mail when there is an answer. What the answer says stands only here."),
    ContactWay.SELF: N_("We send you nothing about answers."),
}
SUBJECTS: Mapping[NoticeKind, str] = {
    NoticeKind.NEWS: N_("Message from %(firm)s"),
    NoticeKind.CODE: N_("Confirm your e-mail address for %(firm)s"),
    NoticeKind.DIGEST: N_("What waits today: %(firm)s"),
    NoticeKind.PROMISE: N_("Answers promised for today: %(firm)s"),
}
SENTENCES: Mapping[NoticeKind, tuple[str, ...]] = {
    NoticeKind.NEWS: (
        N_("Good day"),
        N_("There is something new in your case at %(firm)s. For your protection we do not write here what it is."),
        N_("Take your letter and open %(place)s. You get in with the code from the letter, as always."),
        N_("This e-mail contains no link that signs you in. We never ask for codes or card numbers by e-mail."),
    ),
    NoticeKind.CODE: (
        N_("Good day"),
        N_("Your code is %(code)s. Enter it within 10 minutes on the page where you gave this address."),
        N_("If this was not you, you need to do nothing. This address is then not used."),
    ),
    NoticeKind.DIGEST: (
        N_("Good day"),
        N_("To decide: %(decide)s. To answer: %(answer)s. Tasks: %(tasks)s."),
        N_("Answers that are promised for today or earlier: %(promised)s."),
        N_("Sign in at the desk as always. You find everything under Today."),
    ),
    NoticeKind.PROMISE: (
        N_("Good day"),
        N_("Answers that we promised for today and that have not been given yet: %(promised)s."),
        N_("Sign in at the desk as always. You find everything under Today."),
    ),
}
STOP = N_("If you would like no more e-mails, open this page: %(href)s")
STATES: Mapping[NoticeState, str] = {
    NoticeState.WAITING: N_("waits for the mail server"),
    NoticeState.SENT: N_("sent"),
    NoticeState.FAILED: N_("could not be delivered"),
    NoticeState.BOUNCED: N_("came back"),
    NoticeState.DROPPED: N_("not sent, because it was no longer wanted"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    ContactWay: WAYS,
    NoticeKind: SUBJECTS,
    NoticeState: STATES,
}
