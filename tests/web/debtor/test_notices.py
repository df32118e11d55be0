"""How does Dora choose to be told by e-mail, prove that the address is hers, and end it again?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.gateways.mail import NoMail
from portal.rules.access import Room
from portal.rules.notices import NoticeKind, read_address
from portal.store.history import Event
from portal.store.notices import ContactCode, Notice
from portal.store.people import Debtor as Person
from tests.examples import DORA
from tests.people import Debtor, Portal

ADDRESS = "dora@example.org"


def code_of(portal: Portal) -> str:
    asked = portal.read(
        lambda session: session.scalars(select(ContactCode).order_by(ContactCode.asked_at.desc())).first()
    )
    return portal.parts.contact.code(asked.id, asked.address)


def way_of(portal: Portal) -> tuple[str | None, str | None]:
    person = portal.read(lambda session: session.get_one(Person, DORA.debtor_id))
    return person.contact_way, person.email


def gives(dora: Debtor, address: str = ADDRESS) -> None:
    answer = dora.sends(f"{dora.path}/contact", way="email", email=address)
    assert answer.headers["Location"] == f"{dora.path}/contact/confirm"


def test_an_address_counts_only_after_its_code_was_typed(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert "How we reach you" in dora.reads(dora.path)
    gives(dora)
    assert way_of(portal) == (None, None)
    (mail,) = portal.read(lambda session: session.scalars(select(Notice)).all())
    assert (mail.kind, mail.address) == (NoticeKind.CODE, ADDRESS)
    code = code_of(portal)
    assert code not in repr(mail.details)
    answer = dora.sends(f"{dora.path}/contact/confirm", code=f"{code[:4]} {code[4:]}")
    assert answer.status_code == 303
    assert way_of(portal) == ("email", ADDRESS)
    assert f"Answers are told to {ADDRESS}" in dora.reads(f"{dora.path}/contact?saved=1")
    kinds = portal.read(lambda session: session.scalars(select(Event.kind)).all())
    assert kinds.count("contact_changed") == 1
    assert dora.opens(f"{dora.path}/contact/confirm").status_code == 303


def test_going_back_to_post_forgets_the_address(portal: Portal) -> None:
    dora = portal.dora.is_in()
    gives(dora)
    dora.sends(f"{dora.path}/contact/confirm", code=code_of(portal))
    dora.sends(f"{dora.path}/contact", way="self")
    assert way_of(portal) == ("self", None)


def test_after_five_wrong_codes_the_right_one_opens_nothing(portal: Portal) -> None:
    dora = portal.dora.is_in()
    gives(dora)
    right = code_of(portal)
    wrong = "00000000" if right != "00000000" else "11111111"
    for _ in range(5):
        answer = dora.sends(f"{dora.path}/contact/confirm", code=wrong)
        assert (answer.status_code, "not the code" in answer.get_data(as_text=True)) == (422, True)
    answer = dora.sends(f"{dora.path}/contact/confirm", code=right)
    assert (answer.status_code, "does not work any more" in answer.get_data(as_text=True)) == (422, True)
    assert way_of(portal) == (None, None)


def test_a_code_ends_after_ten_minutes_and_a_newer_one_replaces_it(portal: Portal) -> None:
    dora = portal.dora.is_in()
    gives(dora)
    old = code_of(portal)
    portal.clock.move(minutes=1)
    gives(dora, "other@example.org")
    assert dora.sends(f"{dora.path}/contact/confirm", code=old).status_code == 422
    page = dora.opens(f"{dora.path}/contact/confirm")
    assert page.status_code == 200
    portal.clock.move(minutes=10)
    answer = dora.posts(f"{dora.path}/contact/confirm", token_from=f"{dora.path}/contact", code=code_of(portal))
    assert answer.status_code == 422
    assert way_of(portal) == (None, None)


def test_nobody_has_codes_sent_without_end(portal: Portal) -> None:
    dora = portal.dora.is_in()
    for _ in range(4):
        gives(dora)
    assert dora.sends(f"{dora.path}/contact", way="email", email=ADDRESS).status_code == 429
    assert len(portal.read(lambda session: session.scalars(select(Notice)).all())) == 4


def test_an_address_that_is_none_is_said_on_its_field_and_stays(portal: Portal) -> None:
    dora = portal.dora.is_in()
    answer = dora.sends(f"{dora.path}/contact", way="email", email="dora@example")
    assert answer.status_code == 422
    assert 'value="dora@example"' in answer.get_data(as_text=True)
    assert dora.sends(f"{dora.path}/contact", way="").status_code == 422


@pytest.mark.parametrize(
    "typed",
    ["a@b@c.ch", "a b@c.ch", "a@c", "a\r\nBcc: x@y.ch@c.ch", ".a@c.ch", "a..b@c.ch", "", "a@-c.ch"],
)
def test_what_is_no_address(typed: str) -> None:
    assert read_address(typed) is None
    assert read_address(" Dora.Keller+x@ex-ample.co.uk ") == "Dora.Keller+x@ex-ample.co.uk"


def test_with_the_letter_alone_nobody_sees_or_changes_it(portal: Portal) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    assert "How we reach you" not in dora.reads(dora.path)
    assert dora.opens(f"{dora.path}/contact").status_code == 404
    assert dora.posts(f"{dora.path}/contact", token_from=dora.path, way="self").status_code == 404


def test_one_click_ends_the_mails_without_a_session_and_a_look_ends_nothing(portal: Portal) -> None:
    with portal.writing() as session:
        person = session.get_one(Person, DORA.debtor_id)
        person.contact_way, person.email, person.email_confirmed_at = "email", ADDRESS, portal.clock()
    token = portal.parts.contact.stop_token(DORA.debtor_id)
    browser = portal.dora.client
    page = browser.get(f"/stop/{token}")
    assert (page.status_code, DORA.name in page.get_data(as_text=True)) == (200, False)
    assert way_of(portal) == ("email", ADDRESS)
    for _ in range(2):
        answer = browser.post(f"/stop/{token}", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert way_of(portal) == ("post", None)
    flipped = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert browser.post(f"/stop/{flipped}").status_code == 404
    assert browser.get("/stop/nothing").status_code == 404



on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASKS = "How should we tell you that there is an answer?"


def objects(dora: Debtor) -> str:
    """Dora objects, and reads the page that confirms it."""
    return dora.follows(dora.sends(f"{dora.path}/dispute?reason=quality", text="Die Bremse quietscht."))


def test_after_the_first_thing_she_sends_dora_is_asked_once(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert ASKS not in dora.reads(f"{dora.path}/messages")
    assert ASKS in dora.follows(dora.sends(f"{dora.path}/messages", text="Eine Frage."))
    portal.clock.move(minutes=5)
    assert ASKS not in objects(dora)
    assert ASKS not in dora.reads(f"{dora.path}/messages")


@on_sqlite
def test_who_put_the_question_away_is_not_asked_again_and_can_still_choose(portal: Portal) -> None:
    dora = portal.dora.is_in()
    page = objects(dora)
    assert ASKS in page
    for _ in range(2):
        answer = dora.posts(f"{dora.path}/contact/later", token_from=dora.path)
        assert answer.headers["Location"] == dora.path
    assert ASKS not in dora.reads(f"{dora.path}/messages")
    assert way_of(portal) == (None, None)
    dora.sends(f"{dora.path}/contact", way="self")
    assert way_of(portal) == ("self", None)


@on_sqlite
def test_where_there_is_no_mail_server_nobody_is_asked(portal: Portal) -> None:
    portal.app.extensions["portal"] = replace(portal.parts, mail=NoMail())
    assert ASKS not in objects(portal.dora.is_in())


@on_sqlite
def test_who_has_answered_is_not_asked(portal: Portal) -> None:
    dora = portal.dora.is_in()
    dora.sends(f"{dora.path}/contact", way="post")
    assert ASKS not in dora.follows(dora.sends(f"{dora.path}/messages", text="Eine Frage."))


@on_sqlite
def test_with_the_letter_alone_the_question_leads_through_the_whole_file(portal: Portal) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    page = dora.follows(dora.sends(f"{dora.path}/messages", text="Eine Frage."))
    assert f'href="{dora.path}/open?next=contact"' in page
    assert dora.posts(f"{dora.path}/contact/later", token_from=dora.path).status_code == 303
    assert ASKS not in dora.reads(f"{dora.path}/messages")
    stefan = portal.stefan.is_in()
    assert stefan.posts(f"{dora.path}/contact/later", token_from=stefan.path).status_code == 404


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("plan/check?instalments=3&day=25", {}),
        ("later", {"date": "2026-12-18"}),
        ("hardship", {"needs": "more_time"}),
        ("told", {}),
    ],
)
@on_sqlite
def test_each_way_out_asks_on_the_page_that_confirms_it(portal: Portal, place: str, fields: dict[str, str]) -> None:
    dora = portal.dora.is_in()
    path = f"{dora.path}/{place}"
    answer = dora.posts(path, token_from=dora.path) if place == "told" else dora.sends(path, **fields)
    assert ASKS in dora.follows(answer)
