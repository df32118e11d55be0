"""How do a creditor's limits read, and what stands against a value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.settings import SettingsProblem
from portal.web.i18n import N_

PROBLEMS = {
    SettingsProblem.NUMBER_OUT_OF_BOUNDS: N_("Enter a whole number from %(lowest)s to %(highest)s."),
    SettingsProblem.AMOUNT_OUT_OF_BOUNDS: N_("Enter an amount from %(lowest)s to %(highest)s."),
    SettingsProblem.MORE_THAN_ALLOWED_AT_ALL: N_("What is granted at once can't be more than what is possible at all."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {SettingsProblem: PROBLEMS}

LIMITS = {
    "answer_days": N_("Working days until an answer is promised"),
    "plan_max_instalments": N_("Instalments at most"),
    "plan_at_once_instalments": N_("Instalments agreed at once"),
    "plan_min_instalment_minor": N_("Smallest instalment"),
    "plan_latest_start_days": N_("Days until the first instalment at most"),
    "small_claim_minor": N_("No instalments up to this amount"),
    "deferral_at_once_days": N_("Days of delay granted at once"),
    "deferral_latest_days": N_("Days of delay at most"),
    "rest_drop_minor": N_("A rest up to this amount is dropped"),
    "grace_days": N_("Days of patience after an instalment's day"),
    "agent_waive_minor": N_("Waiver on one case without a team lead"),
    "lead_refund_minor": N_("Refund without a second person"),
}
