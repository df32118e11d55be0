"""Does no e-mail, in no language, say a sum, a name, a word of debt, or lead to anything that is opened by it?"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from portal.actions.notices import ToWrite
from portal.gateways.mail import Mail, written
from portal.rules.notices import NoticeKind
from portal.web import mails
from portal.web.i18n import LANGUAGES
from portal.web.parts import Parts
from tests.examples import DORA, VELO

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
    pytest.mark.parametrize("kind", NoticeKind),
]
#: What a stranger who looks over the shoulder must not read; `ux.md` 3.4 and more.
WORDS = (
    "schuld", "mahn", "inkasso", "forderung", "betreib", "rechnung", "zahl", "dette", "débit", "créance", "poursuit",
    "facture", "payer", "paiement", "recouvr", "debit", "credito", "incass", "esecuzion", "fattura", "pagament",
    "debt", "owe", "invoice", "payment", "claim", "collect", "chf", "eur ", "sofort", "immédiat", "letzte",
)  # fmt: skip
SIGNS_IN = ("#", "/claims", "/enter", "/open", "/desk", "code=", "token=")


def mail_of(parts: Parts, kind: NoticeKind, language: str) -> Mail:
    to_clerk = kind in {NoticeKind.DIGEST, NoticeKind.PROMISE}
    numbers = {"decide": 3, "answer": 2, "tasks": 1, "promised": 1}
    details = {"code_id": str(uuid4())} if kind is NoticeKind.CODE else numbers if to_clerk else {}
    return mails.written(parts, ToWrite(
        id=uuid4(), kind=kind, to="dora@example.org", language=language, message_id="<a@kulanz.example>",
        creditor_id=VELO, firm="Velo Sutter AG", slug="velo-sutter", debtor_id=None if to_clerk else DORA.debtor_id,
        details=details,
    ))  # fmt: skip


def test_it_says_nothing_of_the_matter_and_opens_nothing(parts: Parts, kind: NoticeKind, language: str) -> None:
    mail = mail_of(parts, kind, language)
    shown = re.sub(r"<[^>]*>", " ", mail.html)
    whole = f"{mail.subject}\n{mail.text}\n{shown}".lower()
    assert [word for word in WORDS if word in whole] == []
    links = re.findall(r"https?://\S+", f"{mail.text} {mail.html}")
    assert [link for link in links if "/stop/" not in link] == []
    assert [sign for sign in SIGNS_IN if sign in mail.text] == []
    assert re.search(r"\d[.,]\d\d\b", mail.text) is None


def test_it_is_text_and_html_with_the_same_words_and_one_click_where_it_can_be_stopped(
    parts: Parts, kind: NoticeKind, language: str
) -> None:
    mail = mail_of(parts, kind, language)
    sent = written(mail, "post@kulanz.example", "Mon, 23 Nov 2026 09:00:00 +0000")
    text, html = sent.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    for line in filter(None, (line.strip() for line in mail.text.replace("-- ", "").splitlines())):
        assert line in mail.html.replace("&#39;", "'").replace("&amp;", "&"), line
    assert f'lang="{language}"' in mail.html
    assert re.search(r"<(?:img|a|script|link|form)\b", mail.html) is None
    if kind is NoticeKind.NEWS:
        assert re.fullmatch(r"<http://127\.0\.0\.1/stop/[\w-]+>", sent["List-Unsubscribe"])
        assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    else:
        assert (sent["List-Unsubscribe"], "/stop/" in mail.text) == (None, False)
