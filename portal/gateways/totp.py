"""Does the clerk hold the phone that was set up: six digits that change every 30 seconds (RFC 6238)."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

import pyotp

from portal.gateways.vault import CannotOpen, DataKeys

STEP_SECONDS = 30
#: Phones' clocks may be a step early or late.
STEPS = (-1, 0, 1)
DIGITS = 6


def new_seed() -> str:
    """A fresh seed of 160 random bits, as base 32."""
    return pyotp.random_base32(32)


def seal(keys: DataKeys, clerk_id: UUID, seed: str) -> bytes:
    """The seed as the database keeps it: readable only with a data key, and only for this clerk."""
    return keys.seal(seed.encode(), _context(clerk_id))


def setup_address(seed: str, email: str, issuer: str) -> str:
    """What the QR code says that an authenticator app scans once."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=issuer)


def matching_step(keys: DataKeys, clerk_id: UUID, sealed: bytes, digits: str, *, now: datetime) -> int | None:
    """The number of the 30-second step these digits belong to, one early or late included; None if they are wrong."""
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    try:
        phone = pyotp.TOTP(keys.open(sealed, _context(clerk_id)).decode())
    except CannotOpen:
        return None
    step = int(now.timestamp()) // STEP_SECONDS
    found = [
        step + offset
        for offset in STEPS
        if hmac.compare_digest(phone.at((step + offset) * STEP_SECONDS), digits)
    ]
    return max(found, default=None)


def _context(clerk_id: UUID) -> bytes:
    return f"totp|{clerk_id}".encode()
