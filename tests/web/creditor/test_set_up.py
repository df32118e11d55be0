"""How does a new firm get from its first sign-in to a letter that works?"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.actions.people import NewClerk, NewCreditor, add_clerk, add_creditor
from portal.rules.access import Role
from portal.rules.set_up import Known, Step, StepState, leads, next_step, states
from portal.store.access import SignedIn
from portal.store.connections import Connection
from portal.store.people import Clerk
from portal.store.set_up import SetUpMark, known_of
from portal.store.settings import Creditor, bank_account, creditor_by_id, currencies_of
from portal.store.today import Task
from tests import snapshot
from tests.examples import PASSWORD, SEED, VELO
from tests.pdf_text import text_of
from tests.people import Person, Portal, forms_of

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
IBAN, QR_IBAN = "CH93 0076 2011 6238 5295 7", "CH44 3199 9123 0008 8901 2"
FIRM = {
    "name": "Gipser Wyss GmbH", "street": "Kalkweg", "house_number": "5", "postcode": "3550", "town": "Langnau",
    "country": "CH", "canton": "be", "language": "de", "phone": "034 402 00 00", "hours": "Mo–Fr 8–12",
    "website": "www.example.ch",
}  # fmt: skip
COLLEAGUE = {
    "name": "Mia Wyss", "email": "mia@example.org", "role": "lead", "function": "Büro", "phone": "034 402 00 01",
    "hours": "Mo–Fr 8–12", "language": "de",
}  # fmt: skip


@dataclass
class Admin(Person):
    """Whoever sets a new firm up."""

    creditor_id: UUID

    def steps(self) -> dict[Step, StepState]:
        with self.portal.reading() as session:
            return dict(states(known_of(session, creditor_by_id(session, self.creditor_id))))

    def open_steps(self) -> set[Step]:
        return {step for step, state in self.steps().items() if state is StepState.OPEN}


@pytest.fixture
def admin(portal: Portal) -> Admin:
    """A firm as the shell makes it with the fewest words, and its administrator at the desk."""
    with portal.writing() as session:
        firm = add_creditor(
            session,
            NewCreditor(
                slug="gipser-wyss", name="Gipser Wyss", street="Kalkweg", postcode="3550", town="Langnau",
                phone="034 402 00 00", stripe_account="",
            ),
        )  # fmt: skip
        assert isinstance(firm, Creditor)
        new = NewClerk(name="Urs Wyss", email="urs@example.org", role=Role.ADMIN, password=PASSWORD, totp_seed=SEED)
        clerk = add_clerk(session, firm.id, new, passwords=portal.parts.passwords, vault=portal.parts.data_keys)
        assert isinstance(clerk, Clerk)
        token = f"{uuid4().hex}{uuid4().hex[:11]}"
        session.add(
            SignedIn(
                token_hash=hashlib.sha256(token.encode()).digest(), audience="desk", creditor_id=firm.id,
                clerk_id=clerk.id, started_at=portal.clock(), seen_at=portal.clock(),
            )
        )  # fmt: skip
    person = Admin(portal, portal.app.test_client(), firm.id)
    person.client.set_cookie("a", token)
    return person.speaks("en")


def goes_back(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.headers["Location"] == "/desk/set-up"


def is_ready_for_letters(admin: Admin) -> None:
    """The three steps that a letter needs."""
    assert goes_back(admin.sends("/desk/settings/firm", **FIRM))
    assert goes_back(admin.sends("/desk/settings/account/change", iban=IBAN, qr_iban=QR_IBAN))
    admin.sends("/desk/people/new", **COLLEAGUE)


@on_sqlite
def test_a_new_firm_is_led_through_its_steps_and_each_closes_by_what_the_data_says(admin: Admin) -> None:
    first = admin.reads("/desk")
    assert "Go on setting up" in first
    assert "Next: The firm." in first
    assert admin.open_steps() == set(Step)
    is_ready_for_letters(admin)
    assert not {Step.FIRM, Step.PERSON, Step.BANK} & admin.open_steps()
    page = admin.reads("/desk/set-up")
    assert page.count("still to do") == page.count('class="tag wait"')
    assert goes_back(admin.sends("/desk/settings/change"))
    assert admin.steps()[Step.LIMITS] is StepState.KEPT  # looked at, and nothing changed
    admin.sends("/desk/settings/change", answer_days="3")
    assert admin.steps()[Step.LIMITS] is StepState.DONE
    with admin.portal.writing() as session:
        session.get_one(Creditor, admin.creditor_id).stripe_account = "acct_wyss"
        session.add(
            Connection(
                creditor_id=admin.creditor_id, account="acct_wyss", checked_at=admin.portal.clock(),
                charges_enabled=True, payouts_enabled=True, details_submitted=True, methods=["card"], due=[],
            )
        )  # fmt: skip
    assert admin.steps()[Step.CARD] is StepState.DONE


def test_a_step_can_stay_as_it_came_and_the_list_can_be_put_away_and_fetched_again(admin: Admin) -> None:
    keep = "/desk/set-up/keep/"
    assert goes_back(admin.sends(f"{keep}limits", page="/desk/set-up"))
    assert goes_back(admin.posts(f"{keep}limits", token_from="/desk/set-up"))
    assert admin.steps()[Step.LIMITS] is StepState.KEPT
    for step in ("bank", "firm", "import", "nothing"):
        assert admin.posts(f"{keep}{step}", token_from="/desk/set-up").status_code == 404
    admin.sends("/desk/set-up/put-away", page="/desk/set-up")
    assert "Go on setting up" not in admin.reads("/desk")
    assert "The first hour, step by step" in admin.reads("/desk/settings")
    admin.sends("/desk/set-up/again", page="/desk/set-up")
    assert "Go on setting up" in admin.reads("/desk")


@on_sqlite
def test_a_firm_that_has_written_letters_is_not_led(portal: Portal) -> None:
    page = portal.staff("adam").is_in().reads("/desk")
    assert "Go on setting up" not in page
    assert "Go on setting up" not in portal.staff("clara").is_in().reads("/desk")


@on_sqlite
def test_what_the_firm_says_of_itself_is_checked_and_its_change_is_kept(admin: Admin) -> None:
    wrong = FIRM | {"name": "", "canton": "XX", "phone": "call me", "website": "not a page", "town": "東京"}
    answer = admin.sends("/desk/settings/firm", **wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for sentence in ("This is needed: Name of the firm", "two letters of the canton", "Enter a phone number",
                     "address of your website", "Latin letters"):  # fmt: skip
        assert sentence in page, sentence
    admin.sends("/desk/settings/firm", **FIRM)
    firm = admin.portal.read(lambda session: creditor_by_id(session, admin.creditor_id))
    assert (firm.name, firm.canton, firm.website) == ("Gipser Wyss GmbH", "BE", "https://www.example.ch")
    (task,) = admin.portal.read(lambda session: session.scalars(select(Task).where(Task.kind == "firm_changed")).all())
    assert task.details["changed"]["name"] == ["Gipser Wyss", "Gipser Wyss GmbH"]


@on_sqlite
def test_the_country_stays_once_cases_follow_its_rules(portal: Portal) -> None:
    adam = portal.staff("adam").is_in()
    answer = adam.sends("/desk/settings/firm", country="DE")
    assert answer.status_code == 422
    assert "Cases follow the rules of this country already" in answer.get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"iban": ""}, "Enter the IBAN."),
        ({"iban": "CH93 0076 2011 6238 5295 8"}, "This IBAN is not right"),
        ({"iban": QR_IBAN}, "This is a QR-IBAN"),
        ({"iban": IBAN, "qr_iban": IBAN}, "This is a usual IBAN"),
        ({"iban": IBAN, "qr_iban": "CH00"}, "This QR-IBAN is not right"),
        ({"iban": "DE89 3704 0044 0532 0130 00", "qr_iban": QR_IBAN}, "belongs to an account in Switzerland"),
        ({"iban": IBAN, "bic": "NOBANK"}, "A BIC has 8 or 11 characters"),
    ],
)
def test_an_account_is_checked_figure_by_figure(admin: Admin, given: dict[str, str], sentence: str) -> None:
    answer = admin.sends("/desk/settings/account/change", **given)
    assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (422, True)
    assert admin.portal.read(lambda session: currencies_of(session, admin.creditor_id)) == []


@on_sqlite
def test_before_letters_a_slip_in_the_account_is_put_right_alone(admin: Admin) -> None:
    admin.sends("/desk/settings/account/change", iban=IBAN)
    admin.sends("/desk/settings/account/change", iban="CH56 0483 5012 3456 7800 9")
    page = admin.reads("/desk/settings/account")
    assert "CH56 0483 5012 3456 7800 9" in page
    assert "Waits for a second person" not in page


def test_once_letters_name_an_account_another_one_needs_a_second_person(portal: Portal) -> None:
    adam, lena, clara = (portal.staff(name).is_in() for name in ("adam", "lena", "clara"))
    place, other = "/desk/settings/account", "CH5604835012345678009"
    before = held(portal)
    adam.sends(f"{place}/change", iban=other)
    assert held(portal) == before
    assert adam.sends(f"{place}/change", iban=IBAN).status_code == 422
    assert "I have compared it" not in adam.reads(place)
    (agree,) = (action for action, _ in forms_of(lena.reads(place)) if action.endswith("/agree"))
    assert adam.posts(agree, token_from=place).status_code == 422
    assert clara.posts(agree, token_from=place).status_code == 404
    assert held(portal) == before
    assert "Another bank account waits for a second person" in lena.reads("/desk")
    assert lena.posts(agree, token_from=place).status_code == 303
    assert held(portal) == (other, before[1])
    assert "Another bank account waits" not in lena.reads("/desk")
    assert lena.posts(agree.replace("agree", "drop"), token_from=place).status_code == 303
    assert held(portal) == (other, before[1])  # decided is decided


@on_sqlite
def test_a_request_can_be_dropped_and_a_strangers_is_not_there(portal: Portal) -> None:
    adam, carl = portal.staff("adam").is_in(), portal.staff("carl").is_in()
    before = held(portal)
    adam.sends("/desk/settings/account/change", iban="CH5604835012345678009")
    (drop,) = (action for action, _ in forms_of(adam.reads("/desk/settings/account")) if action.endswith("/drop"))
    assert carl.posts(drop, token_from="/desk/settings/account").status_code == 404
    assert adam.posts(drop, token_from="/desk/settings/account").status_code == 303
    assert (held(portal), "Waits for a second person" in adam.reads("/desk/settings/account")) == (before, False)


def held(portal: Portal) -> tuple[str, str | None]:
    """The account to which Velo Sutter's debtors transfer."""
    with portal.reading() as session:
        row = bank_account(session, VELO, "CHF")
        assert row is not None
        return row.iban, row.qr_iban


@on_sqlite
def test_a_colleague_gets_a_sign_in_that_works_and_is_shown_once(admin: Admin) -> None:
    is_ready_for_letters(admin)
    (mia,) = admin.portal.read(lambda session: session.scalars(select(Clerk).filter_by(email="mia@example.org")).all())
    place = f"/desk/people/{mia.id}"
    answer = admin.sends(f"{place}/sign-in", page=place)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    password, seed = re.findall(r"<code>([^<]+)</code>", page)
    browser = Person(admin.portal, admin.portal.app.test_client()).speaks("en")
    digits = pyotp.TOTP(seed.replace(" ", "")).at(admin.portal.clock())
    given = {"email": "mia@example.org", "password": password, "otp": digits}
    assert browser.sends("/desk/sign-in", **given).headers["Location"] == "/desk"
    assert password not in repr(admin.portal.read(lambda session: session.scalars(select(Task.details)).all()))
    again = admin.sends("/desk/people/new", **COLLEAGUE)
    assert (again.status_code, "signs in with this address already" in again.get_data(as_text=True)) == (422, True)
    own = admin.portal.read(lambda session: session.scalars(select(Clerk.id).filter_by(email="urs@example.org")).one())
    assert admin.posts(f"/desk/people/{own}/sign-in", token_from="/desk/people/new").status_code == 404
    assert browser.opens("/desk").status_code == 200
    admin.sends(f"{place}/sign-in", page=place)
    assert browser.opens("/desk").status_code == 303  # out everywhere


@on_sqlite
def test_who_answers_needs_a_name_a_role_and_a_number_that_can_be_called(admin: Admin) -> None:
    answer = admin.sends("/desk/people/new", name="", email="nobody", role="boss", phone="by pigeon")
    page = answer.get_data(as_text=True)
    for sentence in ("Enter the name", "Enter an e-mail address", "Choose what this person does", "a phone number"):
        assert sentence in page, sentence
    assert Step.PERSON in admin.open_steps()


def test_a_test_letter_looks_real_opens_a_page_that_says_so_and_leaves_no_trace(admin: Admin) -> None:
    assert "these steps are needed" in admin.reads("/desk/set-up/letter")
    is_ready_for_letters(admin)
    before = admin.portal.read(snapshot.of)
    answer = admin.sends("/desk/set-up/letter", language="fr")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert admin.portal.read(snapshot.of) == before
    said = text_of(answer.data)
    code = admin.portal.parts.specimens.code(admin.creditor_id)
    assert said.count("Lettre d’essai, rien n’est dû") >= 3
    for words in ("Gipser Wyss GmbH", "Urs Wyss", "Mia Wyss", *code.printed.split(" ")):
        assert words in said, words
    person = Person(admin.portal, admin.portal.app.test_client()).speaks("en")
    other = person.sends("/velo-sutter/enter", page="/velo-sutter", form=0, code=code.printed, postcode="3550")
    assert other.status_code == 422
    entered = person.sends("/gipser-wyss/enter", page="/gipser-wyss", form=0, code=code.printed, postcode="3550")
    assert "There is no case behind it" in person.follows(entered)
    assert admin.steps()[Step.LETTER] is StepState.DONE
    assert "The code of the test letter was entered on" in admin.reads("/desk/set-up/letter")
    marks = admin.portal.read(lambda session: session.scalars(select(SetUpMark)).all())
    person.sends("/gipser-wyss/enter", page="/gipser-wyss", form=0, code=code.printed, postcode="3550")
    assert len(marks) == len(admin.portal.read(lambda session: session.scalars(select(SetUpMark)).all())) == 1


def test_steps_follow_from_the_data() -> None:
    assert next_step(states(Known())) is Step.FIRM
    assert leads(Known())
    assert not leads(Known(put_away=True))
    working = Known(address=True, person=True, account=True, claims=True, letters=True)
    assert not leads(working)
    assert states(working)[Step.CARD] is StepState.KEPT
    assert states(Known(kept=frozenset({Step.BANK})))[Step.BANK] is StepState.OPEN
