"""Does this code belong to an address that was just given, and who stops mail with this address of a page?

Nothing of either is kept: both are keyed hashes of ids under the peppers (`security.md` 2.9).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from uuid import UUID

from portal.gateways.hashing import Peppers
from portal.rules.notices import CODE_DIGITS

CHECK_BYTES = 16


class ContactProofs:
    """The codes that show that an address is somebody's, and the tokens with which a person ends her e-mails."""

    def __init__(self, peppers: Peppers) -> None:
        self._peppers = peppers

    def code(self, row_id: UUID, address: str) -> str:
        """Eight digits for this one request; the same each time the mail is tried again."""
        return self._code(self._peppers.newest, row_id, address)

    def fits(self, row_id: UUID, address: str, typed: str) -> bool:
        """True if these digits are the code that was sent."""
        good = [hmac.compare_digest(self._code(kid, row_id, address), typed) for kid in self._peppers.kids]
        return any(good)

    def stop_token(self, debtor_id: UUID) -> str:
        """What stands in the address of the page on which this person ends her e-mails; it opens nothing else."""
        data = debtor_id.bytes + self._check(self._peppers.newest, debtor_id)
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def who_stops(self, token: str) -> UUID | None:
        """Whose e-mails end with this token; None if we did not give it out."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(data) != 16 + CHECK_BYTES:
            return None
        debtor_id = UUID(bytes=data[:16])
        good = [hmac.compare_digest(self._check(kid, debtor_id), data[16:]) for kid in self._peppers.kids]
        return debtor_id if any(good) else None

    def _code(self, kid: int, row_id: UUID, address: str) -> str:
        keyed = self._peppers.keyed(kid, "contact1", str(row_id), address)
        return str(int.from_bytes(keyed[:16], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)

    def _check(self, kid: int, debtor_id: UUID) -> bytes:
        return self._peppers.keyed(kid, "stop1", str(debtor_id))[:CHECK_BYTES]
