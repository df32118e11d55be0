"""What does a firm have to say about itself, so that letters, bills and deadlines come out right?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from portal.rules.countries import has_profile
from portal.rules.transfers import LENGTHS, SWISS_SIGNS

#: The 26 cantons, whose holidays move deadlines.
CANTONS = frozenset(
    {
        "AG", "AI", "AR", "BE", "BL", "BS", "FR", "GE", "GL", "GR", "JU", "LU", "NE", "NW", "OW", "SG", "SH", "SO",
        "SZ", "TG", "TI", "UR", "VD", "VS", "ZG", "ZH",
    }
)  # fmt: skip
LANGUAGES = frozenset({"de", "fr", "it", "en"})
#: What can be changed, by column; all of it is text.
COLUMNS = (
    "name", "street", "house_number", "postcode", "town", "country", "canton", "language", "phone", "hours", "website",
)  # fmt: skip
NEEDED = ("name", "street", "postcode", "town", "phone")
LONGEST = {**LENGTHS, "phone": 40, "hours": 80, "website": 200}
_WEBSITE = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[!-~]*)?")


class FirmProblem(StrEnum):
    MISSING = "missing"
    TOO_LONG = "too_long"
    SIGNS = "signs"
    COUNTRY_UNKNOWN = "country_unknown"
    COUNTRY_FIXED = "country_fixed"
    CANTON_UNKNOWN = "canton_unknown"
    LANGUAGE_UNKNOWN = "language_unknown"
    PHONE_UNREADABLE = "phone_unreadable"
    WEBSITE_UNREADABLE = "website_unreadable"


def tidy(values: Mapping[str, str]) -> dict[str, str]:
    """The same values without needless spaces, a website with its scheme, no canton outside Switzerland."""
    found = {name: " ".join(values.get(name, "").split()) for name in COLUMNS}
    if found["website"] and "://" not in found["website"]:
        found["website"] = f"https://{found['website']}"
    found["canton"] = found["canton"].upper() if found["country"] == "CH" else ""
    return found


def problems(values: Mapping[str, str], *, country_in_use: str = "") -> list[tuple[str, FirmProblem]]:
    """Say everything that stands against these (tidy) values, each with its column.

    `country_in_use` is the country whose rules claims already follow; it can't be changed under them.
    """
    found = [(name, FirmProblem.MISSING) for name in NEEDED if not values[name]]
    found += [(name, FirmProblem.TOO_LONG) for name, most in LONGEST.items() if len(values[name]) > most]
    found += [(name, FirmProblem.SIGNS) for name in LENGTHS if not SWISS_SIGNS.fullmatch(values[name])]
    country = values["country"]
    if not has_profile(country):
        found.append(("country", FirmProblem.COUNTRY_UNKNOWN))
    elif country_in_use not in ("", country):
        found.append(("country", FirmProblem.COUNTRY_FIXED))
    if country == "CH" and values["canton"] not in CANTONS:
        found.append(("canton", FirmProblem.CANTON_UNKNOWN))
    if values["language"] not in LANGUAGES:
        found.append(("language", FirmProblem.LANGUAGE_UNKNOWN))
    if values["phone"] and not is_phone(values["phone"]):
        found.append(("phone", FirmProblem.PHONE_UNREADABLE))
    if values["website"] and not _WEBSITE.fullmatch(values["website"]):
        found.append(("website", FirmProblem.WEBSITE_UNREADABLE))
    return found


def is_phone(text: str) -> bool:
    """Whether this can be dialled: digits, spaces and the usual signs between them, 6 to 15 digits."""
    digits = sum(sign.isdigit() for sign in text)
    return re.fullmatch(r"\+?[0-9 ()/.'’-]+", text) is not None and 6 <= digits <= 15
