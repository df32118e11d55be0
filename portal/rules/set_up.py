"""Which steps lead a new firm to its first letter, and which of them are done, as the data itself shows?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.rules.connections import ConnectionStatus


class Step(StrEnum):
    """In the order in which they are shown; they can be taken in any."""

    FIRM = "firm"
    LOOK = "look"
    PERSON = "person"
    BANK = "bank"
    CARD = "card"
    LIMITS = "limits"
    TEXTS = "texts"
    IMPORT = "import"
    LETTER = "letter"


class StepState(StrEnum):
    """`kept`: somebody decided to leave it as it came, or it is in use like that."""

    DONE = "done"
    KEPT = "kept"
    OPEN = "open"


#: Steps with something that works from the start; without a decision nothing else would show that it was looked at.
MAY_STAY = frozenset({Step.LOOK, Step.CARD, Step.LIMITS, Step.TEXTS, Step.LETTER})
#: The mark under which the whole list was put away.
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Known:
    """What the data says about a firm; `letters`: real ones went out, `tried`: the test letter's code was entered."""

    address: bool = False
    look: bool = False
    person: bool = False
    account: bool = False
    card: ConnectionStatus = ConnectionStatus.NONE
    limits: bool = False
    texts: bool = False
    claims: bool = False
    letters: bool = False
    tried: bool = False
    kept: frozenset[Step] = field(default=frozenset())
    put_away: bool = False


def states(known: Known, steps: Collection[Step] = tuple(Step)) -> Mapping[Step, StepState]:
    """Say of each of these steps whether it is done, stays as it came, or is open; in the order of all."""
    done = {
        Step.FIRM: known.address,
        Step.LOOK: known.look,
        Step.PERSON: known.person,
        Step.BANK: known.account,
        Step.CARD: known.card is ConnectionStatus.READY,
        Step.LIMITS: known.limits,
        Step.TEXTS: known.texts,
        Step.IMPORT: known.claims,
        Step.LETTER: known.tried,
    }
    return {step: _state(step, known, done=done[step]) for step in Step if step in steps}


def _state(step: Step, known: Known, *, done: bool) -> StepState:
    if done:
        return StepState.DONE
    return StepState.KEPT if step in MAY_STAY and (known.letters or step in known.kept) else StepState.OPEN


def next_step(found: Mapping[Step, StepState]) -> Step | None:
    """The first step that is open; None when nothing is."""
    return next((step for step, state in found.items() if state is StepState.OPEN), None)


def leads(known: Known, steps: Collection[Step] = tuple(Step)) -> bool:
    """True while Today leads on to the next step: something is open, and nobody has put the list away."""
    return not known.put_away and next_step(states(known, steps)) is not None
