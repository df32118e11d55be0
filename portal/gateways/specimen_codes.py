"""Which code stands on a firm's test letter: it has the form of a real one, opens nothing, and is kept nowhere."""

from __future__ import annotations

import hmac
from uuid import UUID

from portal.gateways.hashing import Peppers
from portal.rules.letter_code import ALPHABET, LOOKUP_LENGTH, SECRET_LENGTH, Code, check_symbol

DRAWS = LOOKUP_LENGTH + SECRET_LENGTH


class SpecimenCodes:
    """A keyed hash of the firm's id under the peppers, so that the portal knows the code without a row."""

    def __init__(self, peppers: Peppers) -> None:
        self._peppers = peppers

    def code(self, creditor_id: UUID) -> Code:
        """The same code for every test letter of this firm."""
        return self._code(self._peppers.newest, creditor_id)

    def is_one(self, creditor_id: UUID, code: Code) -> bool:
        """True if this is the code of this firm's test letter."""
        typed = code.compact.encode()
        same = [hmac.compare_digest(self._code(kid, creditor_id).compact.encode(), typed) for kid in self._peppers.kids]
        return any(same)

    def _code(self, kid: int, creditor_id: UUID) -> Code:
        keyed = self._peppers.keyed(kid, "specimen1", str(creditor_id))
        text = "".join(ALPHABET[byte % 32] for byte in keyed[:DRAWS])
        return Code(text[:LOOKUP_LENGTH], text[LOOKUP_LENGTH:], check_symbol(text))
