"""Which limits may a creditor set, and between which bounds?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SettingsProblem(StrEnum):
    NUMBER_OUT_OF_BOUNDS = "number_out_of_bounds"
    AMOUNT_OUT_OF_BOUNDS = "amount_out_of_bounds"
    MORE_THAN_ALLOWED_AT_ALL = "more_than_allowed_at_all"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest value of a limit, in days, instalments, or minor units if `amount`."""

    lowest: int
    highest: int
    amount: bool = False


#: Every limit that an admin may set (`decisions.md` 9, 11, 19, 29, 31), by its column.
LIMITS: Mapping[str, Bounds] = {
    "answer_days": Bounds(1, 3),
    "plan_max_instalments": Bounds(2, 36),
    "plan_at_once_instalments": Bounds(1, 36),
    "plan_min_instalment_minor": Bounds(500, 100_000, amount=True),
    "plan_latest_start_days": Bounds(14, 120),
    "small_claim_minor": Bounds(0, 50_000, amount=True),
    "deferral_at_once_days": Bounds(7, 180),
    "deferral_latest_days": Bounds(14, 365),
    "rest_drop_minor": Bounds(0, 1_000, amount=True),
    "grace_days": Bounds(0, 14),
    "agent_waive_minor": Bounds(0, 100_000, amount=True),
    "lead_refund_minor": Bounds(0, 1_000_000, amount=True),
}

#: What is granted at once can't be more than what is possible at all.
NOT_ABOVE = (
    ("plan_at_once_instalments", "plan_max_instalments"),
    ("deferral_at_once_days", "deferral_latest_days"),
)


def problems(values: Mapping[str, int | None]) -> list[tuple[str, SettingsProblem]]:
    """Say which limits are missing, unreadable (None) or outside their bounds, each with its column."""
    found = []
    for name, bounds in LIMITS.items():
        value = values.get(name)
        if value is None or not bounds.lowest <= value <= bounds.highest:
            kind = SettingsProblem.AMOUNT_OUT_OF_BOUNDS if bounds.amount else SettingsProblem.NUMBER_OUT_OF_BOUNDS
            found.append((name, kind))
    wrong = {name for name, _ in found}
    for lower, upper in NOT_ABOVE:
        low, high = values.get(lower), values.get(upper)
        if not wrong & {lower, upper} and low is not None and high is not None and low > high:
            found.append((lower, SettingsProblem.MORE_THAN_ALLOWED_AT_ALL))
    return found
