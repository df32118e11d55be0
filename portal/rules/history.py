"""Which facts can happen to a claim, who can cause them, and who may see them afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    DEBTOR = "debtor"
    CLERK = "clerk"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person with a letter, a clerk, or the system by a rule of this name."""

    kind: ActorKind
    clerk_id: UUID | None = None
    signed_in_id: UUID | None = None
    rule: str | None = None


def system(rule: str) -> Actor:
    """The portal itself, by the rule of this name; both sides see "automatic" with the rule."""
    return Actor(ActorKind.SYSTEM, rule=rule)


class EventKind(StrEnum):
    """What has no event did not happen; the timeline of both sides is a selection of these."""

    INVOICE_SENT = "invoice_sent"
    REMINDER_SENT = "reminder_sent"
    LETTER_ISSUED = "letter_issued"
    LETTER_POSTED = "letter_posted"
    LETTER_REVOKED = "letter_revoked"
    EVIDENCE_ADDED = "evidence_added"
    EVIDENCE_MISSING = "evidence_missing"

    CLAIM_DRAFTED = "claim_drafted"
    CLAIM_OPENED = "claim_opened"
    CLAIM_SETTLED = "claim_settled"
    CLAIM_WITHDRAWN = "claim_withdrawn"
    CLAIM_HANDED_OVER = "claim_handed_over"
    CLAIM_REOPENED = "claim_reopened"

    PLAN_PROPOSED = "plan_proposed"
    PLAN_AGREED = "plan_agreed"
    PLAN_ACCEPTED = "plan_accepted"
    PLAN_COUNTERED = "plan_countered"
    PLAN_DECLINED = "plan_declined"
    PLAN_WITHDRAWN = "plan_withdrawn"
    PLAN_REPLACED = "plan_replaced"
    PLAN_EXPIRED = "plan_expired"
    PLAN_LATE = "plan_late"
    PLAN_ON_TRACK = "plan_on_track"
    PLAN_BROKEN = "plan_broken"
    PLAN_KEPT = "plan_kept"
    PLAN_ENDED = "plan_ended"
    INSTALMENT_MOVED = "instalment_moved"

    DEFERRAL_PROPOSED = "deferral_proposed"
    DEFERRAL_GRANTED = "deferral_granted"
    DEFERRAL_DECLINED = "deferral_declined"
    DEFERRAL_WITHDRAWN = "deferral_withdrawn"
    DEFERRAL_REPLACED = "deferral_replaced"
    DEFERRAL_ENDED = "deferral_ended"

    HARDSHIP_TOLD = "hardship_told"
    HARDSHIP_ACCEPTED = "hardship_accepted"
    HARDSHIP_ASKED = "hardship_asked"
    HARDSHIP_DECLINED = "hardship_declined"
    HARDSHIP_WITHDRAWN = "hardship_withdrawn"
    HARDSHIP_ENDED = "hardship_ended"

    DISPUTE_RAISED = "dispute_raised"
    DISPUTE_ASKED = "dispute_asked"
    DISPUTE_ANSWERED = "dispute_answered"
    DISPUTE_UPHELD = "dispute_upheld"
    DISPUTE_PARTLY = "dispute_partly"
    DISPUTE_REJECTED = "dispute_rejected"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_REOPENED = "dispute_reopened"

    OFFER_MADE = "offer_made"
    OFFER_TAKEN = "offer_taken"
    OFFER_EXPIRED = "offer_expired"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_STANDS_AGAIN = "offer_stands_again"
    OFFER_UNDONE = "offer_undone"

    MESSAGE_RECEIVED = "message_received"
    MESSAGE_SENT = "message_sent"
    NOTE_ADDED = "note_added"
    FILE_REFUSED = "file_refused"

    PAUSED = "paused"
    RESUMED = "resumed"

    PAYMENT_TOLD = "payment_told"
    PAYMENT_STARTED = "payment_started"
    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_NOT_COMPLETED = "payment_not_completed"
    PAYMENT_REVERSED = "payment_reversed"
    PAYMENT_REFUNDED = "payment_refunded"
    REFUND_REQUESTED = "refund_requested"
    REFUND_APPROVED = "refund_approved"
    REFUND_DECLINED = "refund_declined"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_FAILED = "refund_failed"
    REFUND_REVERSED = "refund_reversed"
    PAYMENTS_REALLOCATED = "payments_reallocated"
    OVERPAID = "overpaid"
    CREDIT_MOVED = "credit_moved"
    CREDIT_CAME = "credit_came"
    CREDIT_MOVED_BACK = "credit_moved_back"
    WAIVED = "waived"
    WAIVER_UNDONE = "waiver_undone"
    CREDITED = "credited"
    REST_DROPPED = "rest_dropped"

    WRONG_PERSON = "wrong_person"
    ADDRESS_UNCLEAR = "address_unclear"
    ADDRESS_ENTERED = "address_entered"
    PIN_SET = "pin_set"
    CONTACT_CHANGED = "contact_changed"
    FILE_OPENED = "file_opened"
    TASK_DONE = "task_done"


#: Events that only the desk sees; everything else stands in both timelines.
INTERNAL = frozenset(
    {
        EventKind.CLAIM_DRAFTED,
        EventKind.NOTE_ADDED,
        EventKind.PAYMENT_STARTED,
        EventKind.PAYMENT_NOT_COMPLETED,
        EventKind.REFUND_REQUESTED,
        EventKind.REFUND_DECLINED,
        EventKind.REFUND_UNKNOWN,
        EventKind.FILE_OPENED,
        EventKind.TASK_DONE,
        EventKind.LETTER_REVOKED,
        EventKind.LETTER_POSTED,
    }
)

#: Events that room 1 may see (`decisions.md` 1): the letter, and nothing that a person wrote or decided.
ON_THE_LETTER = frozenset({EventKind.INVOICE_SENT, EventKind.REMINDER_SENT, EventKind.LETTER_ISSUED})


class MoveNotAllowed(Exception):
    """The thing is not in a state from which this step leads on; the person gets the 409 page."""

    def __init__(self, thing: str, old: str | None, new: str) -> None:
        super().__init__(f"{thing} may not move from {old} to {new}")
        self.thing, self.old, self.new = thing, old, new
