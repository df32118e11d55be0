"""What does the stand-in remember? Objects by id, the account each belongs to, and the clock they are stamped with."""

import copy
import json
import os
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import stripe

from portal.demo.standin.accounts import Account, Accounts
from portal.demo.standin.refusals import Refused, missing

Thing = dict[str, Any]
KINDS = (
    "checkout.session", "payment_intent", "charge", "refund", "dispute", "balance_transaction", "payout", "event",
)
PREFIX = {
    "checkout.session": "cs_test_", "payment_intent": "pi_3", "charge": "ch_3", "refund": "re_3", "dispute": "du_1",
    "balance_transaction": "txn_3", "payout": "po_1", "event": "evt_1",
}
LETTERS = string.ascii_letters + string.digits


class Clock:
    """Seconds since 1970, moved by `offset` and by the seconds that stand in the file (nothing there: real time)."""

    def __init__(self, path: Path | None, offset: int = 0) -> None:
        self._path = path
        self._fixed = offset

    def now(self) -> int:
        """The moment objects are stamped with, in whole seconds; the file is read each time."""
        return int(time.time() + self._offset())

    def _offset(self) -> float:
        if self._path is None or not self._path.exists():
            return self._fixed
        return self._fixed + float(self._path.read_text(encoding="utf-8").strip() or 0)


class State:
    """Everything Stripe would keep for these accounts; hold `lock` while reading more than one thing or writing."""

    def __init__(self, accounts: Iterable[Account], clock: Clock, folder: Path | None) -> None:
        self.book = Accounts({account.id: account for account in accounts})
        self.clock = clock
        self.lock = threading.RLock()
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
        self.owner: dict[str, str] = {}
        self.extras: dict[str, Thing] = {}  # by session: line items and what the payment will carry
        self.paid_out: dict[str, str] = {}  # by balance transaction: the payout that it belongs to
        self.undelivered: dict[str, list[str]] = {}  # by event: the webhook addresses that have not said 2xx
        self.answers: dict[str, Thing] = {}  # by account and idempotency key: the stored answer
        self.endpoints: tuple[str, ...] = ()
        self.on_event: Callable[[str], None] = lambda event: None
        self._file = folder / "standin.json" if folder else None
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self._load()

    @property
    def accounts(self) -> dict[str, Account]:
        """Every account by its id."""
        return self.book.known

    def new_id(self, kind: str) -> str:
        """A fresh id with the prefix that Stripe gives this kind."""
        return PREFIX[kind] + "".join(secrets.choice(LETTERS) for _ in range(24))

    def keep(self, account: str, kind: str, thing: Thing) -> Thing:
        """The object now belongs to the account; the very dict is kept, so later changes to it count."""
        self.things[kind][thing["id"]] = thing
        self.owner[thing["id"]] = account
        return thing

    def find(self, account: str, kind: str, id: str, param: str = "id") -> Thing:
        """The account's own object; another account's is as missing as one that never was."""
        thing = self.things[kind].get(id)
        if thing is None or self.owner[id] != account:
            raise missing(kind, id, param)
        return thing

    def any(self, kind: str, id: str) -> tuple[str, Thing]:
        """Account and object, whoever it belongs to: for the switches and the pay page, not for the API."""
        thing = self.things[kind].get(id)
        if thing is None:
            raise missing(kind, id)
        return self.owner[id], thing

    def of(self, account: str, kind: str) -> list[Thing]:
        """The account's objects of one kind, newest first."""
        return [thing for thing in reversed(self.things[kind].values()) if self.owner[thing["id"]] == account]

    def account(self, id: str) -> Account:
        """The connected account, or Stripe's 403."""
        if id not in self.accounts or self.book.standing(id).gone:
            raise Refused(
                f"The provided key does not have access to account '{id}' (or that account does not exist). "
                "Application access may have been revoked.",
                status=403, code="account_invalid",
            )
        return self.accounts[id]

    def happened(self, account: str, type: str, thing: Thing) -> Thing:
        """An event with a snapshot of the object exists and is on its way to every webhook address."""
        event: Thing = {
            "id": self.new_id("event"), "object": "event", "account": account, "api_version": stripe.api_version,
            "created": self.clock.now(), "data": {"object": copy.deepcopy(thing)}, "livemode": False,
            "pending_webhooks": len(self.endpoints), "request": {"id": None, "idempotency_key": None}, "type": type,
        }
        self.keep(account, "event", event)
        if self.endpoints:
            self.undelivered[event["id"]] = list(self.endpoints)
            self.on_event(event["id"])
        return event

    def delivered(self, event: str, url: str) -> None:
        """This address has taken the event; `pending_webhooks` counts one less."""
        with self.lock:
            waiting = [other for other in self.undelivered.get(event, []) if other != url]
            self.things["event"][event]["pending_webhooks"] = len(waiting)
            self.undelivered[event] = waiting
            if not waiting:
                del self.undelivered[event]
            self.save()

    def save(self) -> None:
        """What is remembered survives a restart, when a folder was given."""
        if self._file is None:
            return
        fresh = self._file.with_suffix(".new")
        with self.lock:
            kept = {**{name: getattr(self, name) for name in SAVED}, "book": self.book.saved()}
            fresh.write_text(json.dumps(kept), encoding="utf-8")
            os.replace(fresh, self._file)

    def _load(self) -> None:
        if self._file is None or not self._file.exists():
            return
        saved = json.loads(self._file.read_text(encoding="utf-8"))
        for name in SAVED:
            setattr(self, name, saved.get(name, getattr(self, name)))
        for kind in KINDS:
            self.things.setdefault(kind, {})


SAVED = ("things", "owner", "extras", "paid_out", "undelivered", "answers")
