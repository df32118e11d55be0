"""Which words say what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.procedure import StepKind
from portal.web.i18n import N_

STEPS: Mapping[StepKind, str] = {
    StepKind.ANSWER_PROMISED: N_("%(name)s answers by this day."),
    StepKind.OFFER_ENDS: N_("Until this day the lower amount of %(amount)s holds."),
    StepKind.LETTER_DATE: N_("The letter asks for an answer or a payment by this day."),
    StepKind.INSTALMENT_DUE: N_("Instalment of %(amount)s"),
    StepKind.DEFERRED_UNTIL: N_("You have time until this day."),
    StepKind.PAYMENT_EXPECTED: N_("By this day we expect to see the payment."),
    StepKind.PAUSE_ENDS: N_("The pause ends. %(name)s gets in touch before any other step."),
    StepKind.PERSON_WRITES: N_(
        "If we have heard nothing, %(name)s writes to you once more. No legal step begins unannounced."
    ),
    StepKind.STEP_ANNOUNCED: N_("The announced step. Everything above is still possible until then."),
}

#: The same for the desk, which reads about the debtor and about itself.
AT_DESK: Mapping[StepKind, str] = {
    StepKind.ANSWER_PROMISED: N_("An answer by %(name)s is promised."),
    StepKind.OFFER_ENDS: N_("The offer of %(amount)s ends."),
    StepKind.LETTER_DATE: N_("Date of the letter"),
    StepKind.INSTALMENT_DUE: N_("Instalment of %(amount)s"),
    StepKind.DEFERRED_UNTIL: N_("End of the agreed time"),
    StepKind.PAYMENT_EXPECTED: N_("The announced payment should be here."),
    StepKind.PAUSE_ENDS: N_("The pause ends."),
    StepKind.PERSON_WRITES: N_("%(name)s writes once more if nothing was heard."),
    StepKind.STEP_ANNOUNCED: N_("The announced step"),
}

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {StepKind: STEPS}
