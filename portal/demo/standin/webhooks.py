"""How do events reach the portal: signed, retried, and held, lost, doubled or shuffled when a switch says so?"""

import heapq
import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import stripe

from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State

BACK_OFF = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before the second, third … try; then given up
SENDERS = 4
PATIENCE = 10.0


@dataclass(frozen=True)
class Switches:
    """off: nothing is ever sent; hold: kept until released; drop: share of events that is never sent."""

    off: bool = False
    hold: bool = False
    duplicate: int = 1
    shuffle: int | None = None  # seed of the order
    drop: float = 0.0
    seed: int = 0  # of what is dropped


@dataclass(order=True)
class Delivery:
    """One event on its way to one address."""

    due: float
    number: int
    event: str
    url: str
    tries: int = 0


class Webhooks:
    """A queue in memory and a few threads that empty it; Stripe promises neither order nor once, nor does this."""

    def __init__(self, state: State, urls: Sequence[str], secret: str) -> None:
        self._state, self._urls, self._secret = state, tuple(urls), secret
        self._queue: list[Delivery] = []
        self._held: list[str] = []
        self._under_way = 0
        self._number = 0
        self._stopped = False
        self._wake = threading.Condition()
        self._switches = Switches()
        self._dropping = random.Random(0)
        self._threads: list[threading.Thread] = []
        self.log: list[dict[str, Any]] = []
        state.endpoints = self._urls
        state.on_event = self._arrived

    def start(self) -> None:
        """Events are being sent, those left over from before a restart first."""
        for event in [event for event in self._state.undelivered if event in self._state.things["event"]]:
            self._send([event])
        for _ in range(SENDERS if self._urls else 0):
            thread = threading.Thread(target=self._work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """No further delivery begins, and those under way have ended."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(PATIENCE + 1)

    def switch(self, change: Any) -> None:
        """The switches named in the JSON object are set; turning `hold` off lets go what was held."""
        if not isinstance(change, dict) or not set(change) <= set(Switches.__dataclass_fields__):
            raise Refused(f"webhooks has fields out of {sorted(Switches.__dataclass_fields__)}")
        with self._wake:
            self._switches = replace(self._switches, **change)
            if "seed" in change or "drop" in change:
                self._dropping = random.Random(self._switches.seed)
        if not self._switches.hold:
            self.release()

    def reset(self) -> None:
        """All switches are as at the start; what was held goes out, once and in order."""
        self._switches = Switches()
        self.release()

    def shown(self) -> dict[str, Any]:
        """The switches and how much is held or waiting, as JSON."""
        with self._wake:
            waiting = len(self._queue) + self._under_way
            return {**asdict(self._switches), "held": len(self._held), "waiting": waiting}

    def release(self) -> int:
        """What was held is on its way (doubled and shuffled as switched); the number of events."""
        with self._wake:
            held, self._held = self._held, []
        self._send(held)
        return len(held)

    def send_again(self, event: str, times: int = 1) -> None:
        """The event goes out `times` more, as when someone presses "Resend" at Stripe."""
        for _ in range(times):
            self._queue_up([event])

    def drain(self, timeout: float) -> bool:
        """True once nothing is waiting or under way (held events do not count); False after `timeout` seconds."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._queue and not self._under_way, timeout)

    def _arrived(self, event: str) -> None:
        with self._wake:
            switches = self._switches
            if switches.off or self._dropping.random() < switches.drop:
                return
            if switches.hold:
                self._held.append(event)
                return
        self._send([event])

    def _send(self, events: list[str]) -> None:
        switches = self._switches
        copies = [event for event in events for _ in range(max(1, switches.duplicate))]
        if switches.shuffle is not None:
            random.Random(switches.shuffle).shuffle(copies)
        self._queue_up(copies)

    def _queue_up(self, events: list[str]) -> None:
        with self._wake:
            for event in events:
                for url in self._urls:
                    self._number += 1
                    heapq.heappush(self._queue, Delivery(time.monotonic(), self._number, event, url))
            self._wake.notify_all()

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            status = self._deliver(delivery)
            with self._wake:
                self._under_way -= 1
                self.log.append({"event": delivery.event, "url": delivery.url, "status": status})
                if not 200 <= (status or 0) < 300 and delivery.tries < len(BACK_OFF):
                    delivery.due = time.monotonic() + BACK_OFF[delivery.tries]
                    delivery.tries += 1
                    heapq.heappush(self._queue, delivery)
                self._wake.notify_all()

    def _next(self) -> Delivery | None:
        with self._wake:
            while not self._stopped:
                now = time.monotonic()
                if self._queue and self._queue[0].due <= now:
                    self._under_way += 1
                    return heapq.heappop(self._queue)
                self._wake.wait(self._queue[0].due - now if self._queue else None)
        return None

    def _deliver(self, delivery: Delivery) -> int | None:
        with self._state.lock:
            body = json.dumps(self._state.things["event"][delivery.event], indent=2)
        status = self._post(delivery.url, body)
        if status is not None and 200 <= status < 300:
            self._state.delivered(delivery.event, delivery.url)
        return status

    def _post(self, url: str, body: str) -> int | None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
        headers = {
            "Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (+stand-in)",
            "Connection": "close",
            "Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, self._secret),
        }
        try:
            connection.request("POST", parts.path or "/", body.encode(), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
