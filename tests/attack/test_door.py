"""Does the door hold against odd addresses, foreign names, borrowed sessions and talkative logs?"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from portal.app import create_app
from portal.rules.access import Room
from portal.store.access import codes_of_debtor
from portal.store.messages import Message
from portal.store.tables import metadata
from portal.store.today import Task
from portal.web.parts import Parts
from tests import examples
from tests.examples import COLETTE, DORA, STEFAN
from tests.objects import everything_for
from tests.people import Portal, forms_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "path",
    ["/a%00b", "/claims/a%00b", "/paid/a%00b", "/desk/claims/a%00b", "/velo-sutter?lang=%00", "/desk/claims?q=%00"],
)
def test_an_address_with_a_character_that_no_keyboard_makes_is_no_error_of_ours(portal: Portal, path: str) -> None:
    for browser in (portal.dora, portal.dora.is_in(), portal.staff("clara").is_in()):
        assert browser.opens(path).status_code in {303, 400, 404}


def test_a_text_with_such_a_character_is_refused_and_changes_nothing(portal: Portal) -> None:
    dora = portal.dora.is_in()
    assert dora.sends(f"{dora.path}/messages", text="a\x00b").status_code == 400
    assert "a\x00b" not in dora.reads(f"{dora.path}/messages")


@pytest.mark.parametrize("path", ["//elsewhere.example/a/b", "/%2F/elsewhere.example/a/b", "///elsewhere.example/a/b"])
def test_no_link_of_an_error_page_leads_to_another_site(portal: Portal, path: str) -> None:
    answer = portal.dora.client.get(path, base_url="http://127.0.0.1")
    html = answer.get_data(as_text=True)
    assert 'href="//' not in html
    assert not answer.headers.get("Location", "/").startswith("//")


@pytest.mark.parametrize(
    "where", ["https://elsewhere.example", "//elsewhere.example", "/desk", "../..", "plan\r\nX: 1"]
)
def test_next_is_a_name_and_never_an_address(portal: Portal, where: str) -> None:
    dora = portal.dora
    dora.signs_in()
    page = f"{dora.path}/open"
    token = dora.token(page)
    answer = dora.client.post(page, query_string={"next": where}, data={"fact": "14.03.1987", "csrf_token": token})
    assert answer.headers["Location"] == dora.path
    assert "X" not in answer.headers


def test_another_host_is_refused_outside_the_demo(parts: Parts) -> None:
    settings = examples.settings_for(parts.settings.database_url, parts.settings.files_root, demo=False)
    client = create_app(settings, parts=parts).test_client()
    assert client.get("/velo-sutter", headers={"Host": "127.0.0.1"}).status_code == 200
    answer = client.get("/velo-sutter", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert b"elsewhere.example" not in answer.data


def test_a_made_up_forwarded_address_gives_no_new_tries(portal: Portal) -> None:
    browser, token, last = portal.dora, portal.dora.token(), 0
    token = browser.token()
    for number in range(30):
        wrong = examples._code(f"nobody {number}").printed
        wrong = wrong.lower() if number % 2 else wrong.replace(" ", "-")
        data = {"code": wrong, "postcode": "4900", "csrf_token": token}
        last = browser.client.post(
            "/velo-sutter/enter", data=data, headers={"X-Forwarded-For": f"198.51.100.{number}"}
        ).status_code
    assert last == 429


@pytest.mark.parametrize("code", [STEFAN.code, COLETTE.code])
def test_anothers_code_with_the_own_postcode_opens_nothing(portal: Portal, code: str) -> None:
    answer = portal.dora.sends("/velo-sutter/enter", page="/velo-sutter", code=code, postcode=DORA.postcode)
    assert answer.status_code == 422
    assert "s=" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("change", ["revoked", "superseded", "expired"])
def test_a_dead_code_opens_nothing(portal: Portal, change: str) -> None:
    with portal.writing() as session:
        code = codes_of_debtor(session, examples.VELO, DORA.debtor_id)[0]
        past = portal.clock() - timedelta(seconds=1)
        if change == "revoked":
            code.revoked_at, code.revoke_reason = past, "desk"
        elif change == "superseded":
            code.superseded_at = past
        else:
            code.expires_at = past
    dora = portal.dora
    assert dora.signs_in().status_code == 422
    assert dora.opens(dora.path).status_code == 303
    wrong = portal.dora.sends("/velo-sutter/enter", page="/velo-sutter", code=DORA.code, postcode="8001")
    assert "abgelaufen" not in wrong.get_data(as_text=True)


def test_a_token_that_somebody_planted_is_never_taken_over(portal: Portal) -> None:
    dora, planted = portal.dora, "p" * 43
    dora.client.set_cookie("s", planted)
    dora.signs_in()
    fresh = dora.client.get_cookie("s")
    assert fresh is not None
    assert fresh.value != planted
    dora.sends(f"{dora.path}/open", fact="14.03.1987")
    after = dora.client.get_cookie("s")
    assert after is not None
    assert after.value != fresh.value
    old = portal.dora
    old.client.set_cookie("s", fresh.value)
    assert old.opens(f"{dora.path}").status_code == 303


def test_each_side_reads_only_its_own_cookie(portal: Portal) -> None:
    both = portal.staff("clara").is_in()
    clerk = both.client.get_cookie("a")
    assert clerk is not None
    wrong_way = portal.dora
    wrong_way.client.set_cookie("s", clerk.value)
    assert wrong_way.opens(f"/claims/{DORA.reference}").status_code == 303
    stefan = portal.stefan.is_in()
    debtor = stefan.client.get_cookie("s")
    assert debtor is not None
    both.client.set_cookie("s", debtor.value)
    assert both.opens(f"/claims/{DORA.reference}").status_code == 404
    assert both.opens(f"/desk/claims/{DORA.reference}").status_code == 200
    both.posts("/sign-out")
    assert both.opens(f"/desk/claims/{DORA.reference}").status_code == 200


def test_a_button_of_one_firm_makes_no_task_at_another(portal: Portal) -> None:
    dora = portal.dora
    portal.clock.move(days=100)
    html = dora.signs_in().get_data(as_text=True)
    sealed = next(fields["letter"][0] for _, fields in forms_of(html) if "letter" in fields)
    dora.posts("/cabinet-rochat/new-letter", letter=sealed)
    count = select(func.count()).select_from(Task).where(Task.creditor_id == examples.ROCHAT)
    assert portal.read(lambda session: session.scalar(count)) == 0
    for odd in ("", "x", "ä" * 50, sealed[:-8], sealed.swapcase()):
        assert dora.posts("/velo-sutter/new-letter", letter=odd).status_code == 303


def test_the_same_op_on_another_claim_is_another_message(portal: Portal) -> None:
    op, dora, stefan = str(uuid4()), portal.dora.is_in(), portal.stefan.is_in()
    dora.sends(f"{dora.path}/messages", text="Von Dora", op=op)
    answer = stefan.sends(f"{stefan.path}/messages", text="Von Stefan", op=op)
    html = stefan.follows(answer)
    assert "Von Stefan" in html
    assert "Von Dora" not in html
    again = dora.sends(f"{dora.path}/messages", text="Noch einmal", op=op)
    assert "Noch einmal" not in dora.follows(again)


def test_eight_same_clicks_at_once_are_one_message(portal: Portal) -> None:
    dora = portal.dora.is_in()
    token, op = dora.token(f"{dora.path}/messages"), str(uuid4())
    cookies = {name: dora.client.get_cookie(name) for name in ("s", "f")}

    def click(_number: int) -> int:
        client = portal.app.test_client()
        for name, cookie in cookies.items():
            assert cookie is not None
            client.set_cookie(name, cookie.value)
        data = {"text": "Einmal", "op": op, "csrf_token": token}
        return client.post(f"{dora.path}/messages", data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(click, range(8))) <= {303, 409}
    count = select(func.count()).select_from(Message).where(Message.claim_id == DORA.claim_id)
    assert portal.read(lambda session: session.scalar(count)) == 1


SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_what_people_write_is_shown_as_text_on_both_sides(portal: Portal) -> None:
    everything_for(portal)
    dora, clara = portal.dora.is_in(), portal.staff("clara").is_in()
    with portal.writing() as session:
        for table, column in (
            ("debtor", "name"), ("debtor", "street"), ("claim", "title"), ("claim", "invoice_number"),
            ("position", "label"), ("clerk", "name"), ("clerk", "function"), ("attachment", "name"),
            ("evidence", "title"), ("message", "text"), ("dispute", "text"), ("dispute", "answer"),
            ("hardship", "text"), ("plan", "reason"), ("creditor", "hours"), ("booking", "source"),
        ):  # fmt: skip
            place = metadata.tables[table]
            session.execute(update(place).values({place.c[column]: SCRIPT}))
    ways = ("", "/messages", "/dispute", "/plan", "/later", "/hardship", "/pay", "/open?again=1")
    pages = [dora.opens(dora.path + way).get_data(as_text=True) for way in ways]
    desk = ("", "/messages", "/booking", "/waive", "/offer", "/pause", "/evidence")
    pages += [clara.opens(clara.at(DORA) + way).get_data(as_text=True) for way in desk]
    pages += [clara.reads("/desk"), clara.reads("/desk/claims")]
    assert any("&lt;script&gt;" in html for html in pages)
    assert not [html for html in pages if "<script>alert" in html or "<img src=x" in html]


def test_logs_hold_no_code_no_fact_and_no_word_of_anybody(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    dora = portal.dora
    dora.signs_in()
    dora.sends(f"{dora.path}/open", fact="01.02.1903")
    dora.sends(f"{dora.path}/messages", text="CNRY-log-text")
    with portal.reading() as session, pytest.raises(Exception, match="nowhere") as broken:
        session.execute(text("SELECT 1 FROM nowhere WHERE x = :words"), {"words": "CNRY-parameter"})
    assert "CNRY-parameter" not in str(broken.value)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("portal"))
    assert DORA.code not in logged
    assert DORA.code.replace(" ", "") not in logged
    for word in ("1903", "CNRY-log-text", DORA.name, DORA.reference):
        assert word not in logged


def test_figures_of_another_script_as_the_sum_seen_are_no_error(portal: Portal) -> None:
    dora = portal.dora.is_in(Room.LETTER)
    for seen in ("²", "٣٢٦٠٣", "-1", "9" * 30):
        assert dora.sends(f"{dora.path}/pay", method="card", seen=seen).status_code in {409, 422}
