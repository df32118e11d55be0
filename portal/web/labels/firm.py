"""How does what a firm says about itself read, and what stands against it?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.firm import FirmProblem
from portal.web.i18n import N_

NAMES: Mapping[str, str] = {
    "name": N_("Name of the firm, as on your invoices"),
    "street": N_("Street"),
    "house_number": N_("House number"),
    "postcode": N_("Postcode"),
    "town": N_("Town"),
    "country": N_("Country"),
    "canton": N_("Canton"),
    "language": N_("Language of the firm"),
    "phone": N_("Phone number for questions"),
    "hours": N_("Hours in which somebody answers"),
    "website": N_("Website"),
}
COUNTRIES: Mapping[str, str] = {
    "CH": N_("Switzerland"),
    "DE": N_("Germany"),
    "AT": N_("Austria"),
    "FR": N_("France"),
    "IT": N_("Italy"),
}
PROBLEMS = {
    FirmProblem.MISSING: N_("This is needed: %(what)s."),
    FirmProblem.TOO_LONG: N_("This is too long for a letter and a payment part: at most %(most)s characters."),
    FirmProblem.SIGNS: N_("A payment part knows Latin letters only. Write this in Latin letters."),
    FirmProblem.COUNTRY_UNKNOWN: N_("Choose the country whose law your claims follow."),
    FirmProblem.COUNTRY_FIXED: N_("Cases follow the rules of this country already. It can't be changed any more."),
    FirmProblem.CANTON_UNKNOWN: N_("Enter the two letters of the canton, for example BE. Its holidays move deadlines."),
    FirmProblem.LANGUAGE_UNKNOWN: N_("Choose a language."),
    FirmProblem.PHONE_UNREADABLE: N_("Enter a phone number, for example 062 922 00 00"),
    FirmProblem.WEBSITE_UNREADABLE: N_("Enter the address of your website, for example https://www.example.ch"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {FirmProblem: PROBLEMS}
