"""How are bytes kept so that a stolen disk or database alone shows nothing?

Envelope encryption: each sealed value has its own AES-256-GCM key, wrapped by a data key that stands in neither the
database nor the file store (`PORTAL_DATA_KEYS`). Layout: "KV1", length of the key id, key id, nonce, wrapped key,
nonce, cipher text.
"""

from __future__ import annotations

import base64
import binascii
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"KV1"
NONCE = 12
KEY = 32
WRAPPED = KEY + 16
URL_SAFE = str.maketrans("-_", "+/")
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class BadKeys(ValueError):
    """The list of data keys is not `kid:base64,…` with keys of 32 bytes; the message never holds key material."""


class CannotOpen(Exception):
    """The sealed bytes were changed, belong to another context, or their data key is gone."""


class DataKeys:
    """The data keys, newest first: the first one seals, all of them open."""

    def __init__(self, spec: str) -> None:
        self._keys = _parsed(spec)
        self._newest = next(iter(self._keys))

    def __repr__(self) -> str:
        return f"DataKeys({', '.join(self._keys)})"

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Only a data key and the same context can read the bytes again (NIST SP 800-38D, random nonces)."""
        label = self._newest.encode()
        header = MAGIC + bytes([len(label)]) + label
        own_key = AESGCM.generate_key(bit_length=256)
        outer, inner = os.urandom(NONCE), os.urandom(NONCE)
        wrapped = AESGCM(self._keys[self._newest]).encrypt(outer, own_key, header + context)
        return header + outer + wrapped + inner + AESGCM(own_key).encrypt(inner, plain, header + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The bytes as they were sealed for this context; raises CannotOpen for anything else."""
        header, rest = _split(sealed)
        key = self._keys.get(header[len(MAGIC) + 1 :].decode("ascii", "replace"))
        if key is None:
            raise CannotOpen("the data key of these bytes is not configured")
        wrapped, body = rest[: NONCE + WRAPPED], rest[NONCE + WRAPPED :]
        try:
            own_key = AESGCM(key).decrypt(wrapped[:NONCE], wrapped[NONCE:], header + context)
            return AESGCM(own_key).decrypt(body[:NONCE], body[NONCE:], header + context)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("the bytes were changed or belong elsewhere") from error


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    start = len(MAGIC) + 1
    end = start + (sealed[len(MAGIC)] if len(sealed) >= start else 0)
    if not sealed.startswith(MAGIC) or len(sealed) < end + NONCE + WRAPPED + NONCE + 16:
        raise CannotOpen("these bytes were not sealed by us, or are cut off")
    return sealed[:end], sealed[end:]


def _parsed(spec: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for number, item in enumerate((part for part in spec.split(",") if part.strip()), start=1):
        label, _, text = item.strip().partition(":")
        if not KEY_ID.fullmatch(label) or label in keys:
            raise BadKeys(f"data key {number} needs an id of its own before the colon")
        keys[label] = _decoded(text, label)
    if not keys:
        raise BadKeys("there is no data key")
    return keys


def _decoded(text: str, label: str) -> bytes:
    try:
        padded = text.translate(URL_SAFE) + "=" * (-len(text) % 4)
        key = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY:
        raise BadKeys(f"data key {label} is not the base64 of 32 bytes")
    return key
