"""Does the desk open for password and digits together only, and does a letter's code show itself once?"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal.store.access import LetterCode, SignedIn
from portal.store.letters import Letter
from portal.store.people import Clerk
from tests.examples import CLARA, DORA, PASSWORD, email_of, otp_at
from tests.people import Portal, forms_of

PATH = "/desk/sign-in"


def one_go(portal: Portal, name: str = "clara", **changes: str) -> tuple[int, str]:
    fields = {"email": email_of(name), "password": PASSWORD, "otp": otp_at(portal.clock()), **changes}
    answer = portal.staff(name).posts(PATH, token_from=PATH, **fields)
    return answer.status_code, answer.headers.get("Location", "")


def sessions(portal: Portal) -> int:
    found: list[SignedIn] = portal.read(lambda session: session.scalars(select(SignedIn)).all())
    return len(found)


def test_password_and_digits_open_the_desk(portal: Portal) -> None:
    clara = portal.staff("clara")
    fields = {"email": " Clara@Example.org ", "password": PASSWORD, "otp": otp_at(portal.clock())}
    answer = clara.posts(PATH, token_from=PATH, **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    cookie = clara.client.get_cookie("a")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Strict")
    assert clara.opens(PATH).headers["Location"] == "/desk"


def test_in_two_steps_the_first_says_nothing(portal: Portal) -> None:
    for name, password, good in (("clara", PASSWORD, True), ("clara", "wrong", False), ("nobody", PASSWORD, False)):
        browser = portal.staff("clara")
        first = browser.posts(PATH, token_from=PATH, email=email_of(name), password=password, otp="")
        assert (first.status_code, first.headers["Location"]) == (303, PATH)
        html = browser.follows(first)
        assert set(forms_of(html)[0][1]) == {"csrf_token", "otp"}
        answer = browser.posts(PATH, token_from=PATH, otp=otp_at(portal.clock()))
        assert answer.status_code == (303 if good else 422)
        portal.clock.move(minutes=1)
    assert sessions(portal) == 1


def test_the_first_step_is_forgotten_after_five_minutes(portal: Portal) -> None:
    browser = portal.staff("clara")
    browser.posts(PATH, token_from=PATH, email=email_of("clara"), password=PASSWORD)
    portal.clock.move(minutes=6)
    assert browser.posts(PATH, token_from=PATH, otp=otp_at(portal.clock())).status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"email": ""}, {"email": "nobody@example.org"}, {"email": "x" * 5000}, {"password": ""}, {"password": "wrong"},
        {"password": "x" * 20000}, {"otp": "000000"}, {"otp": "12345"}, {"otp": "abcdef"}, {"otp": "\u0661" * 6},
    ],
)  # fmt: skip
def test_anything_wrong_opens_nothing(portal: Portal, changes: dict[str, str]) -> None:
    assert one_go(portal, **changes)[0] == 422
    assert sessions(portal) == 0


def test_wrong_password_and_wrong_digits_look_the_same(portal: Portal) -> None:
    faces = set()
    for changes in ({"password": "wrong"}, {"otp": "000000"}, {"email": "nobody@example.org"}):
        fields = {"email": email_of("clara"), "password": PASSWORD, "otp": otp_at(portal.clock()), **changes}
        html = portal.staff("clara").posts(PATH, token_from=PATH, **fields).get_data(as_text=True)
        faces.add(re.sub(r'value="[^"]*"', "", html))
    assert len(faces) == 1


def test_digits_count_once(portal: Portal) -> None:
    assert one_go(portal) == (303, "/desk")
    assert one_go(portal)[0] == 422
    portal.clock.move(seconds=30)
    assert one_go(portal)[0] == 303
    assert one_go(portal, otp=otp_at(portal.clock() - (portal.clock() - portal.clock())))[0] == 422


def test_an_account_rests_after_five_wrong_tries_known_or_not(portal: Portal) -> None:
    for name in ("clara", "nobody"):
        for _ in range(5):
            assert one_go(portal, email=email_of(name), password="wrong")[0] == 422
        assert one_go(portal, email=email_of(name))[0] == 429
    portal.clock.move(seconds=61)
    assert one_go(portal)[0] == 303
    assert portal.read(lambda session: session.get_one(Clerk, CLARA).tries) == 0


def test_a_third_session_ends_the_first(portal: Portal) -> None:
    for _ in range(3):
        portal.clock.move(minutes=1)
        assert one_go(portal)[0] == 303
    rows = portal.read(lambda s: s.scalars(select(SignedIn).order_by(SignedIn.started_at)).all())
    assert [row.ended_at is None for row in rows] == [False, True, True]


def test_signing_out_ends_the_session(portal: Portal) -> None:
    clara = portal.staff("clara").is_in()
    answer = clara.client.post("/desk/sign-out", data={"csrf_token": clara.token()})
    assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
    assert portal.read(lambda s: s.scalars(select(SignedIn)).one().signed_out)


def test_nobody_gets_the_sign_in_page(portal: Portal) -> None:
    path = f"/desk/claims/{DORA.reference}/letter-code"
    assert portal.dora.is_in().opens(path).headers["Location"] == PATH
    assert portal.staff("clara").opens(path).headers["Location"] == PATH


def test_the_admin_gets_a_code_once(portal: Portal) -> None:
    adam = portal.staff("adam").is_in()
    path = f"{adam.at(DORA)}/letter-code"
    fields = {name: values[0] for name, values in forms_of(adam.reads(path))[-1][1].items()}
    answer = adam.client.post(path, data=fields)
    html = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found = re.search(r"<code>([0-9A-Z ]{19})</code>", html)
    assert found is not None
    assert html.count(found[1]) == 1
    for sentence in ("Guten Tag", "ist noch offen", "haben Sie drei Möglichkeiten", "Freundliche Grüsse"):
        assert sentence in html.split('<article class="letter" lang="de">')[1]
    again = adam.client.post(path, data=fields)
    assert again.status_code == 409
    assert found[1] not in again.get_data(as_text=True)
    dora = portal.dora
    answer = dora.posts("/velo-sutter/enter", code=found[1].lower(), postcode=DORA.postcode)
    assert answer.status_code == 303
    assert len(portal.read(lambda s: s.scalars(select(Letter).where(Letter.debtor_id == DORA.debtor_id)).all())) == 2


def test_the_admin_can_end_the_old_codes_at_once(portal: Portal) -> None:
    adam, dora = portal.staff("adam").is_in(), portal.dora.is_in()
    assert adam.sends(f"{adam.at(DORA)}/letter-code", stop_old="1").status_code == 200
    assert dora.opens(dora.path).status_code == 303
    rows = portal.read(lambda s: s.scalars(select(LetterCode).where(LetterCode.debtor_id == DORA.debtor_id)).all())
    assert sorted(row.revoke_reason or "" for row in rows) == ["", "staff"]


@pytest.mark.parametrize("name", ["clara", "lena", "otto", "carl"])
def test_nobody_else_gets_a_code(portal: Portal, name: str) -> None:
    somebody = portal.staff(name).is_in()
    path = f"{somebody.at(DORA)}/letter-code"
    assert somebody.opens(path).status_code == 404
    assert somebody.client.post(path, data={"csrf_token": somebody.token()}).status_code == 404
    assert portal.staff("adam").is_in().opens("/desk/claims/F-2201/letter-code").status_code == 404
