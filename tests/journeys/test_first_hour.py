"""Does a firm that was made in the shell come to a letter that works, step by step at the desk?"""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp

from portal.actions.people import NewClerk, NewCreditor, add_clerk, add_creditor
from portal.rules.access import Role
from portal.rules.transfers import parse_swiss
from portal.store.settings import Creditor
from tests.examples import PASSWORD, SEED
from tests.journeys.live import Live
from tests.journeys.manners import Manner
from tests.journeys.steps import Deskhand, Hand
from tests.web.test_letter_paper import pictures

#: The steps are the same on both engines; `tests/web/creditor/test_set_up.py` has every refusal.
once = pytest.mark.parametrize(
    ("database_url", "manner"), [("sqlite", Manner("de", scripts=False))], indirect=["database_url"], ids=str
)
FIRM = {"name": "Gipser Wyss GmbH", "house_number": "5", "canton": "BE", "hours": "Mo–Fr 8–12"}
COLLEAGUE = {"name": "Mia Wyss", "email": "mia@example.org", "function": "Büro", "phone": "034 402 00 01"}
LIST = (
    "Rechnungsnr;Kunde;Strasse;PLZ;Ort;Rechnungsdatum;Fällig am;Betrag\r\n"
    "R-1;Anna Muster;Gasse 1;4900;Langenthal;01.08.2026;31.08.2026;1'120,50\r\n"
)


def new_firm(live: Live) -> None:
    """The firm and its administrator, with nothing but what the shell asks for."""
    with live.parts.database.writing() as session:
        firm = add_creditor(session, NewCreditor(
            slug="gipser-wyss", name="Gipser Wyss", street="Kalkweg", postcode="3550", town="Langnau",
            phone="034 402 00 00", stripe_account="",
        ))  # fmt: skip
        assert isinstance(firm, Creditor)
        admin = NewClerk(name="Urs Wyss", email="urs@example.org", role=Role.ADMIN, password=PASSWORD, totp_seed=SEED)
        add_clerk(session, firm.id, admin, passwords=live.parts.passwords, vault=live.parts.data_keys)


def takes_step(urs: Deskhand, place: str) -> None:
    urs.goes_to("/desk/set-up")
    urs.taps_on(f"main a.row[href='{place}']")


def fills_in(urs: Deskhand, **fields: str) -> None:
    for name, value in fields.items():
        urs.types(f"main [name={name}]", value)


@once
def test_from_the_first_sign_in_to_a_test_letter_and_the_first_case(live: Live, manner: Manner, tmp_path: Path) -> None:
    new_firm(live)
    urs = Deskhand(live, live.desk(scripts=manner.scripts, language="de"), "de", name="urs")
    urs.signs_in()
    urs.sees("Die erste Stunde")
    urs.taps_on("main a.button[href='/desk/set-up']")

    takes_step(urs, "/desk/settings/firm")
    fills_in(urs, **FIRM)
    urs.sends()
    urs.is_at("/desk/set-up")

    takes_step(urs, "/desk/settings/account/change")
    fills_in(urs, iban="CH93 0076 2011 6238 5295 8")
    urs.sends(status=422)
    fills_in(urs, iban="CH93 0076 2011 6238 5295 7", qr_iban="CH44 3199 9123 0008 8901 2")
    urs.sends()

    takes_step(urs, "/desk/people")
    urs.taps_on("main a[href='/desk/people/new']")
    fills_in(urs, **COLLEAGUE)
    urs.picks("[name=role][value=lead]")
    urs.sends()
    urs.has("main code", 2)

    urs.goes_to("/desk/set-up")
    urs.has("form[action*='/keep/']", 5)
    while urs.page.locator("form[action*='/keep/']:not([action$='letter']) button").count():
        urs.taps_on("form[action*='/keep/']:not([action$='letter']) button")

    takes_step(urs, "/desk/set-up/letter")
    read = [
        code.text for page in pictures(urs.saves("main form button"), tmp_path) for code in zxingcpp.read_barcodes(page)
    ]
    link, bill = sorted(read, key=lambda text: not text.startswith("http"))
    assert parse_swiss(bill).payee.name == "Gipser Wyss GmbH"

    urs_phone = Hand(live, live.phone())
    urs_phone.goes_to(link.removeprefix(live.base))
    urs_phone.types("[name=postcode]", "3550")
    urs_phone.sends()
    urs_phone.is_at("/gipser-wyss/specimen")
    urs_phone.sees("Das ist ein Testbrief")

    takes_step(urs, "/desk/imports")
    urs.adds("[name=file]", "offen.csv", "text/csv", LIST.encode())
    urs.sends()
    urs.sends("main form:has(select)")
    urs.taps_on("main form[action$='/take'] button")
    live.work()
    urs.goes_to("/desk/set-up")
    urs.sees("Alles ist bereit")
    urs.goes_to("/desk")
    urs.sees_not("Weiter einrichten")
