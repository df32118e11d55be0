"""Where does a person find help that is independent of the creditor, and what holds for data and access?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, g, request

from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.pages import page
from portal.web.security import Who, who

pages = Blueprint("help", __name__)

#: Names as the cantons write them themselves; they need no translation.
CANTONS = {
    "AG": "Aargau", "AI": "Appenzell Innerrhoden", "AR": "Appenzell Ausserrhoden", "BE": "Bern / Berne",
    "BL": "Basel-Landschaft", "BS": "Basel-Stadt", "FR": "Fribourg / Freiburg", "GE": "Genève", "GL": "Glarus",
    "GR": "Graubünden / Grigioni / Grischun", "JU": "Jura", "LU": "Luzern", "NE": "Neuchâtel", "NW": "Nidwalden",
    "OW": "Obwalden", "SG": "St. Gallen", "SH": "Schaffhausen", "SO": "Solothurn", "SZ": "Schwyz", "TG": "Thurgau",
    "TI": "Ticino", "UR": "Uri", "VD": "Vaud", "VS": "Valais / Wallis", "ZG": "Zug", "ZH": "Zürich",
}  # fmt: skip
FRENCH = frozenset({"FR", "GE", "JU", "NE", "VD", "VS"})


@dataclass(frozen=True)
class Advice:
    """A service that helps people with debts and belongs to no creditor; `cantons` empty: everywhere."""

    name: str
    what: str
    href: str
    cantons: frozenset[str] = frozenset()


#: Names from `law.md` 1.6.6; their own pages say who answers where, so no phone number is kept here.
SERVICES = (
    Advice("Plusminus", N_("Budget and debt advice in Basel"), "https://www.plusminus.ch", frozenset({"BS", "BL"})),
    Advice("FRC", N_("Consumer advice and budget advice in French-speaking Switzerland"), "https://www.frc.ch", FRENCH),
    Advice("ACSI", N_("Consumer advice in the Italian-speaking part"), "https://www.acsi.ch", frozenset({"TI", "GR"})),
    Advice("Schuldenberatung Schweiz", N_("All debt advice services, by canton"), "https://www.schulden.ch"),
    Advice("Caritas", N_("Debt and social advice"), "https://www.caritas.ch"),
    Advice("Budgetberatung Schweiz", N_("Help with a household budget"), "https://www.budgetberatung.ch"),
)


@pages.get("/help")
@who(Who.ANYONE)
def advice() -> Response:
    """Independent help, by canton, and how to find out whether a letter is genuine."""
    firm = g.get("creditor")
    asked = request.args.get("canton", "")
    canton = asked if asked in CANTONS else (firm.canton if firm is not None else "")
    found = [
        (service.name, service.href, _(service.what))
        for service in SERVICES
        if not service.cantons or canton in service.cantons
    ]
    return page(cantons=CANTONS, canton=canton, services=found)


@pages.get("/privacy")
@who(Who.ANYONE)
def privacy() -> Response:
    """What the portal keeps of a person, why, and for how long."""
    return page()


@pages.get("/accessibility")
@who(Who.ANYONE)
def accessibility() -> Response:
    """How the portal can be used with aids, and whom to tell if it can't."""
    return page()
