"""In which words is something said not to be right, asked about, and decided?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.rules.disputes import AnswerProblem, DecisionProblem, DisputeProblem, DisputeReason, DisputeStatus
from portal.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for one reason: heading, a hint below it, and the label of the text."""

    heading: str
    hint: str
    text: str


REASONS: Mapping[DisputeReason, str] = {
    DisputeReason.PAID: N_("I have already paid"),
    DisputeReason.AMOUNT: N_("The amount is wrong"),
    DisputeReason.QUALITY: N_("The goods or the service were not as agreed"),
    DisputeReason.RETURNED: N_("I returned or cancelled it"),
    DisputeReason.NOT_ORDERED: N_("I did not order this"),
    DisputeReason.TOO_OLD: N_("It is too long ago"),
    DisputeReason.COSTS: N_("Only the costs are not right"),
    DisputeReason.OTHER: N_("Something else"),
}
DETAILS: Mapping[DisputeReason, str] = {
    DisputeReason.PAID: N_("With a photo of the receipt, or without."),
    DisputeReason.AMOUNT: N_("Tell us which amount you think is right."),
    DisputeReason.QUALITY: N_("Tell us what was wrong."),
    DisputeReason.RETURNED: N_("Tell us when."),
    DisputeReason.NOT_ORDERED: N_("We do not need a copy of your ID."),
    DisputeReason.TOO_OLD: N_("We check since when."),
    DisputeReason.COSTS: N_("You can pay the invoice and contest the costs."),
    DisputeReason.OTHER: N_("In your own words."),
}
QUESTIONS: Mapping[DisputeReason, Question] = {
    DisputeReason.PAID: Question(
        N_("Show us your payment"),
        N_(
            "A photo of the receipt or a screenshot from your banking app is enough. You can also go on without one."
        ),
        N_("From which account, or anything else that helps (you can leave this empty)"),
    ),
    DisputeReason.AMOUNT: Question(
        N_("Which amount do you think is right?"),
        N_("We check it and answer with the reason. You can pay the part that is right in the meantime."),
        N_("What is wrong with the amount (you can leave this empty)"),
    ),
    DisputeReason.QUALITY: Question(
        N_("What was not as agreed?"),
        N_("Tell us what was wrong and since when. A photo helps, but you do not need one."),
        N_("What was wrong (you can leave this empty)"),
    ),
    DisputeReason.RETURNED: Question(
        N_("When did you return or cancel it?"),
        N_("A receipt of the post office or your e-mail helps, but you do not need it."),
        N_("When and how (you can leave this empty)"),
    ),
    DisputeReason.NOT_ORDERED: Question(
        N_("You did not order this"),
        N_("We check where the order came from. We do not need a copy of your ID."),
        N_("What you know about it (you can leave this empty)"),
    ),
    DisputeReason.TOO_OLD: Question(
        N_("It is too long ago"),
        N_("We check whether the invoice can still be asked for, and tell you how we counted."),
        N_("Since when you have heard nothing (you can leave this empty)"),
    ),
    DisputeReason.COSTS: Question(
        N_("You contest the costs"),
        N_(
            "You can pay the invoice and contest the costs. You may give a reason, but you do not have to. "
            "We decide on the costs separately."
        ),
        N_("Your reason (you can leave this empty)"),
    ),
    DisputeReason.OTHER: Question(
        N_("Tell us what is not right"),
        N_("A few words are enough. You can add photos or documents."),
        N_("What is not right"),
    ),
}
STATUSES: Mapping[DisputeStatus, str] = {
    DisputeStatus.OPEN: N_("We are checking"),
    DisputeStatus.ASKED: N_("A question for you"),
    DisputeStatus.UPHELD: N_("You were right"),
    DisputeStatus.PARTLY: N_("You were right in part"),
    DisputeStatus.REJECTED: N_("We see it differently"),
    DisputeStatus.WITHDRAWN: N_("Taken back"),
}
PROBLEMS: Mapping[DisputeProblem, str] = {
    DisputeProblem.TEXT_MISSING: N_("Write what is not right."),
    DisputeProblem.TEXT_TOO_LONG: N_(
        "The text is longer than %(limit)s characters. Shorten it, or send the rest as a message."
    ),
    DisputeProblem.AMOUNT_MISSING: N_("Enter the amount you think is right, for example 50"),
    DisputeProblem.AMOUNT_NOT_LESS: N_("Enter an amount below %(owed)s, for example 50"),
    DisputeProblem.LINE_UNKNOWN: N_("Choose the lines again. One of them is not open any more."),
    DisputeProblem.LINE_ALREADY_DISPUTED: N_("You have already told us about this. We are checking it."),
    DisputeProblem.NO_COST_LINES: N_("There are no costs in this case."),
    DisputeProblem.NOTHING_OWED: N_("There is nothing left to pay in this case."),
}
FIELDS_OF_OBJECTION: Mapping[DisputeProblem, str] = {
    DisputeProblem.TEXT_MISSING: "text",
    DisputeProblem.TEXT_TOO_LONG: "text",
    DisputeProblem.AMOUNT_MISSING: "amount",
    DisputeProblem.AMOUNT_NOT_LESS: "amount",
    DisputeProblem.LINE_UNKNOWN: "lines",
    DisputeProblem.LINE_ALREADY_DISPUTED: "",
    DisputeProblem.NO_COST_LINES: "",
    DisputeProblem.NOTHING_OWED: "",
}
ANSWERS: Mapping[AnswerProblem, str] = {
    AnswerProblem.EMPTY: N_("Write your answer, or add a document."),
    AnswerProblem.TOO_LONG: N_("The text is longer than %(limit)s characters. Shorten it, or send it in two parts."),
}
FIELDS_OF_ANSWER: Mapping[AnswerProblem, str] = {AnswerProblem.EMPTY: "text", AnswerProblem.TOO_LONG: "text"}
DECISIONS: Mapping[DecisionProblem, str] = {
    DecisionProblem.REASON_MISSING: N_("Write the reason. It is what the person reads."),
    DecisionProblem.DOCUMENT_OR_REASON_MISSING: N_("Write where and for which time you searched, or add a document."),
    DecisionProblem.QUESTION_MISSING: N_("Write your question."),
    DecisionProblem.NEW_SUM_MISSING: N_("Enter what stays owed on these lines."),
    DecisionProblem.NEW_SUM_NOT_LESS: N_("Enter less than %(owed)s, which is what these lines ask for now."),
    DecisionProblem.PAID_ON_MISSING: N_("Enter the day on which the payment arrived, for example 11.8.2026"),
    DecisionProblem.PAID_ON_IN_THE_FUTURE: N_("This day is still to come. Enter the day on which the payment arrived."),
    DecisionProblem.FOUND_MISSING: N_("Enter the amount that arrived."),
    DecisionProblem.FOUND_TOO_SMALL: N_(
        "This is less than the invoice of %(principal)s. Choose “right in part”, then the rest stays open."
    ),
    DecisionProblem.TEXT_TOO_LONG: N_("The text is longer than %(limit)s characters. Shorten it."),
}
FIELDS_OF_DECISION: Mapping[DecisionProblem, str] = {
    DecisionProblem.REASON_MISSING: "text",
    DecisionProblem.DOCUMENT_OR_REASON_MISSING: "text",
    DecisionProblem.QUESTION_MISSING: "text",
    DecisionProblem.NEW_SUM_MISSING: "new_sum",
    DecisionProblem.NEW_SUM_NOT_LESS: "new_sum",
    DecisionProblem.PAID_ON_MISSING: "found_on",
    DecisionProblem.PAID_ON_IN_THE_FUTURE: "found_on",
    DecisionProblem.FOUND_MISSING: "found",
    DecisionProblem.FOUND_TOO_SMALL: "found",
    DecisionProblem.TEXT_TOO_LONG: "text",
}

#: What the desk can do with an objection; the same words stand on the button.
CHOICES: Mapping[DisputeStatus, str] = {
    DisputeStatus.UPHELD: N_("The person is right"),
    DisputeStatus.PARTLY: N_("Right in part"),
    DisputeStatus.ASKED: N_("Ask back"),
    DisputeStatus.REJECTED: N_("Not right, with the reason"),
}
BUTTONS: Mapping[DisputeStatus, str] = {
    DisputeStatus.UPHELD: N_("Put it right, send"),
    DisputeStatus.PARTLY: N_("Correct the sum, send"),
    DisputeStatus.ASKED: N_("Send the question"),
    DisputeStatus.REJECTED: N_("Send the reason"),
}

#: What the desk's text begins with, in the debtor's language; it can be changed before it is sent.
FOUND_TEXT = N_("You were right. We had booked your payment of %(day)s wrongly. The case is closed. We apologise.")
FOUND_TEXT_WITHOUT_DAY = N_("You were right. We had booked your payment wrongly. The case is closed. We apologise.")
NOT_OWED_TEXT = N_("You were right. You do not have to pay this. We apologise.")
PARTLY_TEXT = N_("You were right in part. We have corrected the amount. We apologise.")
NOT_FOUND_TEXT = N_(
    "We have not found your payment yet. We searched for %(amount)s from %(start)s to %(end)s. Can you send us the "
    "receipt with the account number of the payee? The case stays paused until %(day)s."
)
STAYS_PAUSED = N_("The case stays paused until %(day)s.")
PAUSED_UNTIL_ANSWER = N_("The case stays paused until you have answered and we have checked it.")

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    DisputeReason: REASONS,
    DisputeStatus: STATUSES,
    DisputeProblem: PROBLEMS,
    AnswerProblem: ANSWERS,
    DecisionProblem: DECISIONS,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    DisputeProblem: FIELDS_OF_OBJECTION,
    AnswerProblem: FIELDS_OF_ANSWER,
    DecisionProblem: FIELDS_OF_DECISION,
}
