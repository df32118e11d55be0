"""Has this request been answered before? Same key and parameters get the stored answer, literally."""

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State


@dataclass(frozen=True)
class Stored:
    """An answer as it went out the first time."""

    status: int
    body: str


class Keys:
    """The idempotency keys of all accounts: docs.stripe.com/api/idempotent_requests."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, account: str, key: str, path: str, form: dict[str, Any]) -> Stored | None:
        """The stored answer; or None, and the key is this request's until `finish` or `abandon`."""
        if not 0 < len(key) <= 255:
            raise Refused("Idempotency keys can be at most 255 characters long.", type="idempotency_error")
        name, print_ = f"{account}:{key}", _fingerprint(path, form)
        with self._lock:
            known = self._state.answers.get(name)
            if known is not None:
                if known["print"] != print_:
                    raise _other_request(key, known["path"] == path)
                return Stored(known["status"], known["body"])
            if name in self._busy:
                raise Refused(
                    f"There is currently another in-progress request using this Idempotent Key: {key}",
                    status=409, type="idempotency_error", code="idempotency_key_in_use",
                )
            self._busy.add(name)
        return None

    def finish(self, account: str, key: str, path: str, form: dict[str, Any], answer: Stored) -> None:
        """The answer is stored under the key, a 500 as well."""
        with self._state.lock, self._lock:
            self._state.answers[f"{account}:{key}"] = {
                "print": _fingerprint(path, form), "path": path, "status": answer.status, "body": answer.body,
            }
        self._state.save()

    def abandon(self, account: str, key: str) -> None:
        """The key is free for whoever comes next, unless an answer was stored under it."""
        with self._lock:
            self._busy.discard(f"{account}:{key}")


def _fingerprint(path: str, form: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([path, form], sort_keys=True).encode()).hexdigest()


def _other_request(key: str, same_path: bool) -> Refused:
    what = "parameters" if same_path else "endpoint"
    return Refused(
        f"Keys for idempotent requests can only be used with the same {what} they were first used with. Try using a "
        f"key other than '{key}' if you meant to execute a different request.",
        type="idempotency_error",
    )
