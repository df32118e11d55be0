"""What stands against an address that is entered anew, and how countries are called?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.addresses import AddressProblem
from portal.web.i18n import N_

PROBLEMS = {
    AddressProblem.NAME_MISSING: N_("Enter the name as it stands on the invoice."),
    AddressProblem.STREET_MISSING: N_("Enter the street."),
    AddressProblem.POSTCODE_UNREADABLE: N_("Enter the postcode, for example 4900"),
    AddressProblem.TOWN_MISSING: N_("Enter the town."),
    AddressProblem.COUNTRY_MISSING: N_("Choose the country."),
    AddressProblem.SIGNS: N_("«%(what)s» has a sign that can't be printed right. Enter it in Latin letters."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {AddressProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    AddressProblem: {
        AddressProblem.NAME_MISSING: "name",
        AddressProblem.STREET_MISSING: "street",
        AddressProblem.POSTCODE_UNREADABLE: "postcode",
        AddressProblem.TOWN_MISSING: "town",
        AddressProblem.COUNTRY_MISSING: "country",
        AddressProblem.SIGNS: "name",
    },
}
COUNTRIES = {
    "CH": N_("Switzerland"),
    "LI": N_("Liechtenstein"),
    "DE": N_("Germany"),
    "AT": N_("Austria"),
    "FR": N_("France"),
    "IT": N_("Italy"),
}
