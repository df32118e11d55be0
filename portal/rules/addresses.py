"""What an address needs so that a letter reaches the person, and what stands against it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from portal.rules.access import normalise_postcode
from portal.rules.letters import unprintable
from portal.rules.transfers import Address


class AddressProblem(StrEnum):
    NAME_MISSING = "name_missing"
    STREET_MISSING = "street_missing"
    POSTCODE_UNREADABLE = "postcode_unreadable"
    TOWN_MISSING = "town_missing"
    COUNTRY_MISSING = "country_missing"
    SIGNS = "signs"


#: Where a letter of ours is posted to (ISO 3166-1).
COUNTRIES = ("CH", "LI", "DE", "AT", "FR", "IT")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a person gets letters, and who reads them at a company."""

    address: Address
    contact_name: str = ""


def problems_of(envelope: Envelope) -> list[AddressProblem]:
    """Say everything that stands against this address."""
    address = envelope.address
    checks = (
        (not address.name, AddressProblem.NAME_MISSING),
        (not address.street, AddressProblem.STREET_MISSING),
        (normalise_postcode(address.postcode) is None, AddressProblem.POSTCODE_UNREADABLE),
        (not address.town, AddressProblem.TOWN_MISSING),
        (address.country not in COUNTRIES, AddressProblem.COUNTRY_MISSING),
        (sign_in(envelope) is not None, AddressProblem.SIGNS),
    )
    return [problem for holds, problem in checks if holds]


def sign_in(envelope: Envelope) -> str | None:
    """The first line with a sign that a letter can't print."""
    to = envelope.address
    lines = (to.name, envelope.contact_name, to.street, to.house_number, to.postcode, to.town)
    return unprintable(tuple(unicodedata.normalize("NFC", line) for line in lines))
