"""What does a person with a letter see at the door, and what does somebody without one get?"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from portal.rules.access import Room
from portal.rules.letter_code import check_symbol
from portal.store.access import LetterCode, SignedIn
from portal.store.people import Debtor as DebtorRow
from portal.store.settings import Creditor
from portal.store.today import Task
from tests.actions.test_access import wrong_secret
from tests.examples import DORA, VELO
from tests.people import Portal, forms_of

BAD_CODES = [
    "", " ", "x", "7K4M", "7K4M 29QX ABCD EFGH", "0" * 15, "1" * 17, "ÄÖÜ", "\u0410" * 16, "A" * 5000,
    "\x00", "' OR 1=1",
]  # fmt: skip
BAD_POSTCODES = ["", " ", "no", "4" * 500, "4900'--", "\u0664\u0669\u0660\u0660x", "0000"]


def sessions(portal: Portal) -> int:
    found: list[SignedIn] = portal.read(lambda session: session.scalars(select(SignedIn)).all())
    return len(found)


def test_the_entry_page_names_the_firm_and_asks_for_two_things(portal: Portal) -> None:
    html = portal.dora.reads("/velo-sutter")
    assert "Velo Sutter AG" in html
    assert "<script" in html
    fields = forms_of(html)[0]
    assert fields[0] == "/velo-sutter/enter"
    assert set(fields[1]) == {"csrf_token", "code", "postcode"}
    assert 'autocomplete="postal-code"' in html
    for href in ("/velo-sutter/not-me", "/velo-sutter/genuine"):
        assert f'href="{href}"' in html


def test_a_page_without_firm_and_an_unknown_firm(portal: Portal) -> None:
    assert 'action="/enter"' in portal.dora.reads("/")
    assert portal.dora.opens("/nobody").status_code == 404
    assert portal.dora.opens("/nobody/not-me").status_code == 404


@pytest.mark.parametrize("path", ["/enter", "/velo-sutter/enter", "/cabinet-rochat/enter"])
def test_the_letter_opens_the_case_in_its_language(portal: Portal, path: str) -> None:
    dora = portal.dora
    answer = dora.sends(path, page=path.removesuffix("/enter") or "/", form=0, code=DORA.code, postcode="CH-4900")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/claims/{DORA.reference}")
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = dora.client.get_cookie("s")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    assert '<html lang="de' in dora.follows(answer)


def test_nothing_but_the_code_opens(portal: Portal) -> None:
    for code in BAD_CODES:
        answer = portal.dora.posts("/velo-sutter/enter", code=code, postcode=DORA.postcode)
        assert answer.status_code == (400 if "\0" in code else 422), code
    assert sessions(portal) == 0
    assert portal.read(lambda session: session.scalars(select(LetterCode.fail_code)).all()) == [0, 0, 0]


def test_nothing_but_the_postcode_opens(portal: Portal) -> None:
    for postcode in BAD_POSTCODES:
        answer = portal.dora.posts("/velo-sutter/enter", code=DORA.code, postcode=postcode)
        assert answer.status_code == (400 if "\0" in postcode else 422), postcode
    assert sessions(portal) == 0


def test_missing_and_wrong_typed_fields_open_nothing(portal: Portal) -> None:
    dora = portal.dora
    assert dora.posts("/velo-sutter/enter").status_code == 422
    assert dora.posts("/velo-sutter/enter", **{"code[]": DORA.code, "postcode[]": DORA.postcode}).status_code == 422
    headers = {"X-CSRFToken": dora.token()}
    both = {"code": DORA.code, "postcode": DORA.postcode}
    for body in (both, [], [1], "x", None, {"code": [DORA.code], "postcode": 4900}):
        assert dora.client.post("/velo-sutter/enter", json=body, headers=headers).status_code == 422
    assert dora.client.post("/velo-sutter/enter", data=both).status_code == 400
    assert dora.opens(f"/velo-sutter?code={DORA.code}&postcode=4900").status_code == 200
    assert sessions(portal) == 0


def test_all_refusals_have_one_face(portal: Portal) -> None:
    """Known or not, right or not: the same page but for what was typed and the token."""
    wrong = wrong_secret(DORA)
    faces = set()
    for text, postcode in (
        ("ZZZZZZ" + "0" * 9, "4900"),
        (wrong.lookup + wrong.secret, DORA.postcode),
        (DORA.code.replace(" ", "")[:15], "9999"),
    ):
        answer = portal.dora.posts("/velo-sutter/enter", code=text + check_symbol(text), postcode=postcode)
        assert answer.status_code == 422
        faces.add(re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)))
    assert len(faces) == 1


def test_too_often_is_one_answer_with_a_phone_and_without_counts(portal: Portal) -> None:
    dora = portal.dora
    for _ in range(5):
        assert dora.posts("/velo-sutter/enter", code=DORA.code, postcode="9999").status_code == 422
    answer = dora.posts("/velo-sutter/enter", code=DORA.code, postcode=DORA.postcode)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "062 922 00 00" in answer.get_data(as_text=True)
    assert sessions(portal) == 0


def test_ended_sessions_say_so(portal: Portal) -> None:
    dora = portal.dora.is_in()
    portal.clock.move(minutes=21)
    answer = dora.opens(dora.path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/velo-sutter?ended=1")
    assert "notice" in dora.follows(answer)


def test_signing_out_ends_the_session_for_good(portal: Portal) -> None:
    dora = portal.dora.is_in()
    cookie = dora.client.get_cookie("s")
    assert cookie is not None
    answer = dora.posts("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/velo-sutter")
    assert "cache" in answer.headers["Clear-Site-Data"]
    dora.client.set_cookie("s", cookie.value)
    assert dora.opens(dora.path).status_code == 303


def test_the_file_opens_with_the_fact_only(portal: Portal) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    path = f"{dora.path}/open"
    assert 'autocomplete="bday"' in dora.reads(path)
    for wrong in ("", " ", "1987", "x" * 3000, "1987-03-15", "31.02.1987"):
        answer = dora.sends(path, fact=wrong)
        assert answer.status_code == 422
        assert not answer.headers.getlist("Set-Cookie") or "s=" not in answer.headers["Set-Cookie"][:2]
    assert dora.posts(path, token_from=path).status_code == 422
    assert dora.posts(path, token_from=path, pin="739154").status_code == 422
    before = dora.client.get_cookie("s")
    answer = dora.sends(path, fact="14.3.1987")
    assert (answer.status_code, answer.headers["Location"]) == (303, dora.path)
    after = dora.client.get_cookie("s")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert portal.read(lambda s: s.scalars(select(SignedIn.room).where(SignedIn.ended_at.is_(None))).all()) == ["file"]


def test_ten_wrong_facts_retire_the_letter_and_end_the_session(portal: Portal) -> None:
    for _ in range(10):
        portal.clock.move(hours=25)
        dora = portal.dora.is_in(Room.LETTER)
        assert dora.sends(f"{dora.path}/open", fact="1.1.1950").status_code == 422
    assert dora.opens(dora.path).status_code == 303
    portal.clock.move(days=2)
    assert portal.dora.signs_in().status_code == 429


def test_room_one_shows_nothing_of_room_two(portal: Portal) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    assert dora.opens(f"{dora.path}/pin").status_code == 404
    assert dora.opens("/claims/2026-0533/open").status_code == 404
    assert dora.opens("/claims/2026-0777/open").status_code == 404
    assert dora.opens("/claims/nothing/open").status_code == 404


def test_a_strict_creditor_without_a_fact_keeps_the_file_closed(portal: Portal) -> None:
    with portal.writing() as session:
        session.execute(update(Creditor).where(Creditor.id == VELO).values(strict=True))
    stefan = portal.stefan
    assert stefan.signs_in().status_code == 303
    path = f"{stefan.path}/open"
    assert "form method" not in stefan.reads(path).split("<footer")[0]
    for sent in ({}, {"fact": ""}, {"fact": "1987-03-14"}, {"pin": "739154"}):
        assert stefan.posts(path, **sent).status_code in {200, 422}
    assert portal.read(lambda s: s.scalars(select(SignedIn.room)).all()) == ["letter"]


def test_a_pin_is_set_and_asked_for(portal: Portal) -> None:
    stefan = portal.stefan
    assert stefan.signs_in().status_code == 303
    path = f"{stefan.path}/pin"
    for bad in ("", "12345", "123456", "abcdef", "1" * 13, "140387"):
        assert stefan.sends(path, pin=bad).status_code == 422
    answer = stefan.sends(path, pin="739 154")
    assert (answer.status_code, answer.headers["Location"]) == (303, stefan.path)
    other = portal.stefan
    assert other.signs_in().status_code == 303
    opening = f"{other.path}/open"
    assert 'autocomplete="current-password"' in other.reads(opening)
    for wrong in ("", "739155", "7" * 3000, "abc"):
        assert other.sends(opening, pin=wrong).status_code == 422
    assert other.sends(opening, pin="739154").status_code == 303
    portal.clock.move(minutes=11)
    assert other.opens(path).headers["Location"] == f"{other.path}/open?again=1"


def test_no_pin_is_needed_where_a_fact_protects(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert "name=\"pin\"" not in dora.reads(f"{dora.path}/pin")
    assert dora.posts(f"{dora.path}/pin", pin="739154").status_code == 404
    assert portal.read(lambda s: s.get_one(DebtorRow, DORA.debtor_id).pin_hash) is None


def test_not_me_needs_no_code_and_asks_what_applies(portal: Portal) -> None:
    dora = portal.dora
    assert dora.sends("/velo-sutter/not-me").status_code == 422
    assert dora.sends("/velo-sutter/not-me", why="moved", code="7K4M").status_code == 422
    assert dora.sends("/velo-sutter/not-me", why="nonsense").status_code == 422
    answer = dora.sends("/velo-sutter/not-me", why="moved")
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, "/velo-sutter/not-me")
    assert "<form method=\"post\" novalidate" not in dora.follows(answer)
    assert dora.sends("/velo-sutter/not-me", why="died", code=DORA.code).status_code == 303
    assert dora.signs_in().status_code == 422
    assert len(portal.read(lambda session: session.scalars(select(Task)).all())) == 2


def test_an_expired_letter_offers_a_new_one_once(portal: Portal) -> None:
    portal.clock.move(days=91)
    dora = portal.dora
    assert dora.posts("/velo-sutter/enter", code=DORA.code, postcode="9999").status_code == 422
    answer = dora.posts("/velo-sutter/enter", code=DORA.code, postcode=DORA.postcode)
    assert answer.status_code == 422
    action, fields = forms_of(answer.get_data(as_text=True))[0]
    assert action == "/velo-sutter/new-letter"
    for _ in range(2):
        assert dora.client.post(action, data={name: values[0] for name, values in fields.items()}).status_code == 303
    assert dora.posts(action, letter="forged").status_code == 303
    assert [task.kind for task in portal.read(lambda s: s.scalars(select(Task)).all())] == ["new_letter"]


def test_another_persons_letter_ends_the_session_before(portal: Portal) -> None:
    browser = portal.dora
    assert browser.signs_in().status_code == 303
    answer = browser.posts("/velo-sutter/enter", code=portal.stefan.known.code, postcode=portal.stefan.known.postcode)
    assert answer.status_code == 303
    assert browser.opens(browser.path).status_code == 404
    rows = portal.read(lambda s: s.scalars(select(SignedIn).order_by(SignedIn.started_at)).all())
    assert sum(row.ended_at is None for row in rows) == 1


def test_the_quiet_pages_need_nobody(portal: Portal) -> None:
    for path in ("/help", "/help?canton=TI", "/privacy", "/accessibility", "/velo-sutter/genuine"):
        for lang in ("de", "fr", "it", "en"):
            html = portal.dora.reads(path + ("&" if "?" in path else "?") + f"lang={lang}")
            assert f'<html lang="{lang}' in html
            assert "<script" not in html


def test_a_language_switch_keeps_the_place(portal: Portal) -> None:
    assert 'href="/velo-sutter?lang=fr"' in portal.dora.reads("/velo-sutter")
    html = portal.dora.posts("/velo-sutter/enter", code="", postcode="").get_data(as_text=True)
    assert 'href="/velo-sutter/enter?lang=fr"' in html
    assert portal.dora.opens("/velo-sutter/enter?lang=fr").headers["Location"] == "/velo-sutter"


@pytest.mark.parametrize("path", ["/claims/2026-0418/open", "/claims/2026-0418/pin"])
def test_without_a_letter_the_way_leads_to_the_entry(portal: Portal, path: str) -> None:
    assert portal.dora.opens(path).headers["Location"] == "/"
    assert portal.staff("clara").is_in().opens(path).headers["Location"] == "/"


def test_whoever_has_only_the_letter_is_asked_to_set_a_pin_and_the_desk_says_so(portal: Portal) -> None:
    stefan, lena = portal.stefan.is_in(), portal.staff("lena").is_in()
    assert f'href="{stefan.path}/pin"' in stefan.reads(stefan.path)
    assert "Protected by the letter alone." in lena.reads(f"/desk{stefan.path}")
    assert stefan.sends(f"{stefan.path}/pin", pin="739182").status_code == 303
    assert f'href="{stefan.path}/pin"' not in stefan.reads(stefan.path)
    assert "Protected by a PIN" in lena.reads(f"/desk{stefan.path}")
    assert f'href="{portal.dora.path}/pin"' not in portal.dora.is_in().reads(portal.dora.path)
