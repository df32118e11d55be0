"""Which misbehaviour is switched on, for which requests, and for how many of them?"""

import threading
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from portal.demo.standin.refusals import Refused


class Kind(StrEnum):
    """What a request may suffer."""

    DELAY = "delay"
    STATUS = "status"
    HANG = "hang"
    DROP = "drop"
    HALF_RESPONSE = "half_response"
    LATE_PAY = "late_pay"


ANSWERS = ("complete", "processing", "expired")


@dataclass(frozen=True)
class Fault:
    """One switch; `next` counts the requests it still hits, None means until it is cleared."""

    kind: Kind
    path: str = "/v1"
    method: str | None = None
    next: int | None = None
    seconds: float = 0.0  # delay: before the answer; hang: how long the line stays open
    status: int = 500
    retry_after: int | None = None
    should_retry: bool | None = None
    stored: bool | None = None  # status: kept under the idempotency key; None: a 500 is, nothing else
    done: bool | None = None  # the request is carried out all the same; None: only by half_response
    answer: str = "complete"  # late_pay: what the expiry of a session paid at this moment is answered with

    @property
    def is_done(self) -> bool:
        """Whether the request takes effect although its answer is spoiled."""
        return self.kind is Kind.HALF_RESPONSE if self.done is None else self.done

    @property
    def is_stored(self) -> bool:
        """Whether the spoiled answer comes again for the same idempotency key."""
        return self.status == 500 if self.stored is None else self.stored

    @property
    def is_late_pay(self) -> bool:
        """Whether this is for the expiry of a session alone."""
        return self.kind is Kind.LATE_PAY


def parsed(text: Any) -> Fault:
    """The fault behind one JSON object of `POST /_standin/faults`."""
    known = set(Fault.__dataclass_fields__)
    if not isinstance(text, dict) or not set(text) <= known or text.get("kind") not in list(Kind):
        raise Refused(f"A fault has a kind out of {[str(kind) for kind in Kind]} and fields out of {sorted(known)}.")
    fault = Fault(**{**text, "kind": Kind(text["kind"])})
    if fault.answer not in ANSWERS:
        raise Refused(f"answer is one of {ANSWERS}", param="answer")
    return fault


class Faults:
    """The switches that are on, in the order they were set."""

    def __init__(self) -> None:
        self._on: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, faults: list[Fault]) -> None:
        """These switches are on as well."""
        with self._lock:
            self._on.extend(faults)

    def clear(self) -> None:
        """All switches are off."""
        with self._lock:
            self._on.clear()

    def take(self, method: str, path: str, late_pay: bool = False) -> Fault | None:
        """The first switch that concerns this request; its count is one less."""
        with self._lock:
            for at, fault in enumerate(self._on):
                if fault.is_late_pay == late_pay and path.startswith(fault.path) and fault.method in (None, method):
                    self._count(at, fault)
                    return fault
        return None

    def _count(self, at: int, fault: Fault) -> None:
        if fault.next is None:
            return
        if fault.next <= 1:
            del self._on[at]
        else:
            self._on[at] = replace(fault, next=fault.next - 1)

    def shown(self) -> list[dict[str, Any]]:
        """The switches as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._on]
