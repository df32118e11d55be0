"""Which country's rules does a claim follow, and which statutory rate is meant by a key?"""

from __future__ import annotations

from collections.abc import Mapping

from portal.rules.countries import austria, france, germany, italy, switzerland
from portal.rules.countries.profile import Asked, Notice, Profile
from portal.rules.rates import RateTable

__all__ = ["PROFILES", "RATE_TABLES", "Asked", "Notice", "Profile", "has_profile", "profile_of", "rate_table"]

PROFILES: Mapping[str, Profile] = {
    one.country: one for one in (switzerland.PROFILE, germany.PROFILE, austria.PROFILE, france.PROFILE, italy.PROFILE)
}
RATE_TABLES: Mapping[str, RateTable] = {table.key: table for profile in PROFILES.values() for table in profile.tables}


def has_profile(country: str) -> bool:
    """Whether the portal knows the rules of this country (ISO 3166-1, two capitals)."""
    return country in PROFILES


def profile_of(country: str) -> Profile:
    """The rules of the creditor's country. KeyError for a country without a profile: no other's rules are guessed."""
    return PROFILES[country]


def rate_table(key: str) -> RateTable:
    """The statutory rate with this key."""
    return RATE_TABLES[key]
