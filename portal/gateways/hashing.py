"""How are codes, facts, PINs and passwords kept so that a stolen database opens nothing?

Argon2id under a pepper that is not in the database (`security.md` 2.4, 2.9). Every argon2 of a stranger's guess
runs inside a HashGate and outside any transaction (`decisions.md` 5).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from portal.rules.access import FactKind
from portal.rules.receipts import DAY_BITS, KIND_BITS, MAC_BITS, TAG_BITS, Issued, pack, read_number, spell, unpack

LONGEST_PASSWORD = 128
GATE_SECONDS = 1


class PeppersUnusable(Exception):
    """The setting `kid:base64,…` can't be read, or a stored hash names a pepper that is gone."""


class TooBusy(Exception):
    """No place at the gate within a second; answered 429 with Retry-After 2, and not counted as a try."""

    retry_after = 2


@dataclass(frozen=True)
class Cost:
    """Argon2id's memory in KiB, passes and lanes; stored beside each hash so that it can be raised later."""

    memory: int
    passes: int
    lanes: int = 1

    @property
    def kdf(self) -> str:
        """The way it stands in the column `kdf`."""
        return f"a2id:{self.memory}:{self.passes}:{self.lanes}"

    @classmethod
    def read(cls, kdf: str) -> Cost:
        """The cost a stored hash was made with; ValueError if the text is not one of ours."""
        name, memory, passes, lanes = kdf.split(":")
        if name != "a2id":
            raise ValueError(f"unknown kdf {name}")
        return cls(int(memory), int(passes), int(lanes))


FULL_COST = Cost(memory=19456, passes=2)
#: Only for tests and the demo's sample data, passed from outside.
CHEAP_COST = Cost(memory=8, passes=1)


def cost_for(*, cheap: bool) -> Cost:
    """The production cost, or the one with which a test makes a hundred letters."""
    return CHEAP_COST if cheap else FULL_COST


class Peppers:
    """The keys outside the database, newest first, as `kid:base64,kid:base64`."""

    def __init__(self, setting: str) -> None:
        self._keys = dict(_pepper(part) for part in setting.split(",") if part.strip())
        if not self._keys:
            raise PeppersUnusable("no pepper is set")
        self.newest = next(iter(self._keys))

    def keyed(self, kid: int, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 over the purpose and the parts, each with its length, so that no two inputs look the same."""
        if kid not in self._keys:
            raise PeppersUnusable(f"pepper {kid} is not set")
        message = "".join(f"{len(part)}:{part}|" for part in (purpose, *parts))
        return hmac.digest(self._keys[kid], message.encode(), hashlib.sha256)

    @property
    def kids(self) -> tuple[int, ...]:
        """All key numbers, newest first."""
        return tuple(self._keys)

    def __repr__(self) -> str:
        return f"Peppers(kids={self.kids})"


def _pepper(part: str) -> tuple[int, bytes]:
    kid, separator, encoded = part.strip().partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
        number = int(kid)
    except (binascii.Error, ValueError) as error:
        raise PeppersUnusable("a pepper reads kid:base64, with a number as kid") from error
    if not separator or len(key) < 32:
        raise PeppersUnusable(f"pepper {number} is shorter than 32 bytes")
    return number, key


@dataclass(frozen=True)
class HashedCode:
    """What the database keeps of a letter's secret (or a PIN)."""

    salt: bytes = field(repr=False)
    hash: bytes = field(repr=False)
    kdf: str
    kid: int


class _PepperedHasher:
    """Argon2id over a keyed hash; one purpose never verifies another's."""

    def __init__(self, peppers: Peppers, purpose: str, cost: Cost) -> None:
        self._peppers, self._purpose, self._cost = peppers, purpose, cost
        self._dummy = self._make("dummy", "dummy")

    def _make(self, owner: str, secret: str) -> HashedCode:
        salt, kid = secrets.token_bytes(16), self._peppers.newest
        return HashedCode(salt, self._derive(owner, secret, salt, kid, self._cost), self._cost.kdf, kid)

    def _check(self, owner: str, secret: str, stored: HashedCode) -> bool:
        derived = self._derive(owner, secret, stored.salt, stored.kid, Cost.read(stored.kdf))
        return hmac.compare_digest(derived, stored.hash)

    def _derive(self, owner: str, secret: str, salt: bytes, kid: int, cost: Cost) -> bytes:
        keyed = self._peppers.keyed(kid, self._purpose, owner, secret)
        return hash_secret_raw(keyed, salt, cost.passes, cost.memory, cost.lanes, 32, Type.ID)


class CodeHasher(_PepperedHasher):
    """Hashes of letter codes."""

    def __init__(self, peppers: Peppers, cost: Cost = FULL_COST) -> None:
        super().__init__(peppers, "lc1", cost)

    def hash(self, lookup: str, secret: str) -> HashedCode:
        """The secret can be verified from now on and read by nobody."""
        return self._make(lookup, secret)

    def verify(self, lookup: str, secret: str, stored: HashedCode) -> bool:
        """True if the secret is the letter's; takes as long for a wrong one."""
        return self._check(lookup, secret, stored)

    def dummy(self, lookup: str, secret: str) -> bool:
        """Always False, after the same work as a real check: an unknown letter answers no faster."""
        self._check(lookup, secret, self._dummy)
        return False


class PinHasher(_PepperedHasher):
    """Hashes of the PINs that debtors set; `owner` is the debtor's id."""

    def __init__(self, peppers: Peppers, cost: Cost = FULL_COST) -> None:
        super().__init__(peppers, "pin1", cost)

    def hash(self, owner: UUID, pin: str) -> HashedCode:
        """The normalised PIN can be verified from now on and read by nobody."""
        return self._make(str(owner), pin)

    def verify(self, owner: UUID, pin: str, stored: HashedCode) -> bool:
        """True if the normalised PIN is this debtor's."""
        return self._check(str(owner), pin, stored)


class FactHasher:
    """Keyed hashes of facts: the same fact at the same creditor gives the same bytes, so identities can be found."""

    def __init__(self, peppers: Peppers) -> None:
        self._peppers = peppers

    def hash(self, creditor_id: UUID, kind: FactKind, value: str, *, kid: int | None = None) -> bytes:
        """32 bytes for the normalised fact, under the newest pepper or the one named."""
        return self._peppers.keyed(
            self._peppers.newest if kid is None else kid, "fact1", str(creditor_id), kind.value, value
        )

    def matches(self, creditor_id: UUID, kind: FactKind, value: str, stored: bytes) -> bool:
        """True if the normalised fact is the stored one; every pepper is tried, in constant time each."""
        results = [
            hmac.compare_digest(self.hash(creditor_id, kind, value, kid=kid), stored) for kid in self._peppers.kids
        ]
        return any(results)


class PaperNumbers:
    """Numbers of papers that prove by themselves that we gave them out: no row is needed, and none can be counted up.

    A number hides its kind and day under a keyed mask and carries a keyed check of 35 bits over firm, kind, day and a
    tag drawn from what the paper is about. Whoever has a good number got it from us; it says nothing else.
    """

    def __init__(self, peppers: Peppers) -> None:
        self._peppers = peppers

    def number(self, creditor_id: UUID, issued: Issued, about: str) -> str:
        """The number of the paper about this thing, the same each time while the newest pepper stays."""
        kid, said = self._peppers.newest, pack(issued)
        tag = self._bits(kid, TAG_BITS, "tag", str(creditor_id), str(said), about)
        mac = self._mac(kid, creditor_id, said, tag)
        return spell((said ^ self._mask(kid, tag, mac)) << TAG_BITS + MAC_BITS | tag << MAC_BITS | mac)

    def check(self, creditor_id: UUID, typed: str) -> Issued | None:
        """What a genuine number of this firm says; None for every other text, whichever reason it has."""
        bits = read_number(typed)
        if bits is None:
            return None
        hidden, tag = bits >> TAG_BITS + MAC_BITS, bits >> MAC_BITS & (1 << TAG_BITS) - 1
        mac = bits & (1 << MAC_BITS) - 1
        for kid in self._peppers.kids:
            said = hidden ^ self._mask(kid, tag, mac)
            right = self._mac(kid, creditor_id, said, tag)
            if hmac.compare_digest(right.to_bytes(8), mac.to_bytes(8)):
                return unpack(said)
        return None

    def _mac(self, kid: int, creditor_id: UUID, said: int, tag: int) -> int:
        return self._bits(kid, MAC_BITS, "mac", str(creditor_id), str(said), str(tag))

    def _mask(self, kid: int, tag: int, mac: int) -> int:
        return self._bits(kid, KIND_BITS + DAY_BITS, "mask", str(tag), str(mac))

    def _bits(self, kid: int, count: int, *parts: str) -> int:
        return int.from_bytes(self._peppers.keyed(kid, "paper1", *parts)) >> 256 - count


class PasswordTooLong(Exception):
    """More than 128 characters: refused before any work is done."""


class PasswordHasher:
    """Hashes of staff passwords in argon2's own text form."""

    def __init__(self, cost: Cost = FULL_COST) -> None:
        self._argon2 = Argon2(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)
        self._dummy = self._argon2.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """The password can be verified from now on; PasswordTooLong over 128 characters."""
        if len(password) > LONGEST_PASSWORD:
            raise PasswordTooLong
        return self._argon2.hash(password)

    def verify(self, password: str, stored: str | None) -> bool:
        """True if the password is right; with no account (None) the same work is done and the answer is False."""
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            self._argon2.verify(stored or self._dummy, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """True if the hash was made at another cost; hash again after a successful sign-in."""
        return self._argon2.check_needs_rehash(stored)


class HashGate:
    """At most half of a process's threads hash at once, so that guesses never take the whole site."""

    def __init__(self, threads: int) -> None:
        self.places = max(1, threads // 2)
        self._places = threading.BoundedSemaphore(self.places)

    @contextmanager
    def enter(self, seconds: float = GATE_SECONDS) -> Iterator[None]:
        """A place is held inside the block; TooBusy if none came free in time."""
        if not self._places.acquire(timeout=seconds):
            raise TooBusy
        try:
            yield
        finally:
            self._places.release()
