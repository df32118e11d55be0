"""Does every answer carry the same protection, and does nothing get in that was not sent from our own page?"""

from __future__ import annotations

import re

import pytest

from tests.people import Portal

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@pytest.mark.parametrize(
    "path", ["/", "/velo-sutter", "/claims", "/nothing", "/healthz", "/desk", "/desk/sign-in", "/help"]
)
def test_every_answer_carries_the_headers_once(portal: Portal, path: str) -> None:
    answer = portal.dora.opens(path)
    for name, value in ALWAYS.items():
        assert answer.headers.getlist(name) == [value], (path, name)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_static_files_never_change_under_their_address(portal: Portal) -> None:
    html = portal.dora.reads("/velo-sutter")
    sheet = re.search(r'href="(/css/[0-9a-f]{64}\.css)"', html)
    assert sheet
    answer = portal.dora.opens(sheet[1], headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= 6 * 1024
    font = re.search(r"/static/[0-9a-f]{16}/fonts/serif600\.woff2", portal.dora.opens(sheet[1]).get_data(as_text=True))
    assert font
    assert portal.dora.opens(font[0]).status_code == 200
    assert len(portal.dora.opens(font[0]).data) <= 16 * 1024


def test_pages_hold_no_inline_script_or_style(portal: Portal) -> None:
    for path in ("/velo-sutter", "/help", "/desk/sign-in", "/nothing"):
        html = portal.dora.opens(path).get_data(as_text=True)
        assert not re.search(r"\sstyle=|\son\w+=|javascript:|<style", html), path
        assert not re.search(r"<script(?![^>]*src=)", html), path


def test_a_post_without_our_token_changes_nothing(portal: Portal) -> None:
    dora = portal.dora.is_in()
    answer = dora.client.post(f"{dora.path}/messages", data={"text": "Guten Tag"})
    assert answer.status_code == 400
    assert "Guten Tag" not in dora.reads(f"{dora.path}/messages")


def test_a_post_from_another_site_is_refused(portal: Portal) -> None:
    dora = portal.dora.is_in()
    token = dora.token(f"{dora.path}/messages")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = dora.client.post(f"{dora.path}/messages", data={"text": "Hallo", "csrf_token": token}, headers=headers)
        assert answer.status_code == 400, headers


def test_too_much_at_once_is_refused_before_it_is_read(portal: Portal) -> None:
    dora = portal.dora.is_in()
    token = dora.token(f"{dora.path}/plan")
    answer = dora.client.post(f"{dora.path}/plan", data={"csrf_token": token, "instalments": "3" * 80_000})
    assert answer.status_code == 413


def test_an_expired_session_leads_to_the_entry_page_and_keeps_the_text(portal: Portal) -> None:
    dora = portal.dora.is_in()
    token = dora.token(f"{dora.path}/messages")
    portal.clock.move(minutes=21)
    answer = dora.client.post(f"{dora.path}/messages", data={"text": "Ich schreibe gerade", "csrf_token": token})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/velo-sutter")
    again = portal.dora.is_in()
    assert "Ich schreibe gerade" in again.reads(f"{again.path}/messages")
