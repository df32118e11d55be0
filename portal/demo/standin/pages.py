"""What does a payer see on the hosted payment page, and where does each button lead?"""

from dataclasses import asdict
from html import escape
from urllib.parse import parse_qs, urlsplit

from portal.demo.standin import accounts, payments, sessions
from portal.demo.standin.accounts import Standing
from portal.demo.standin.refusals import Refused
from portal.demo.standin.state import State, Thing
from portal.demo.standin.wire import Answer, Request
from portal.demo.standin.words import WORDS, language, money

STYLE = """
:root { color-scheme: light dark; --paper: #f6f7fb; --sheet: #fff; --ink: #1a1f36; --soft: #4f566b; --edge: #7a8195;
  --go: #4338ca; --on: #fff; --bad: #a3231f; --badtint: #fbe9e7; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161f; --sheet: #1e212d; --ink: #eef0f6; --soft: #b3b9c9;
  --edge: #8c93a6; --go: #a5b4fc; --on: #14161f; --bad: #ff9c92; --badtint: #42191a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 27rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
.test { margin: 0; padding: .5rem 1rem; background: #ffc53d; color: #1a1f36; text-align: center; font-size: .9375rem; }
dl, form, .note { background: var(--sheet); border-radius: .75rem; padding: 1rem; margin: 0 0 1rem; }
dt { color: var(--soft); font-size: .9375rem; } dd { margin: 0 0 .75rem; overflow-wrap: anywhere; }
dd.sum { font-size: 1.75rem; font-weight: 600; font-variant-numeric: tabular-nums; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; } legend { padding: 0; font-weight: 600; margin-bottom: .5rem; }
label { display: flex; gap: .75rem; align-items: center; min-height: 3.25rem; padding: 0 .75rem; margin-bottom: .5rem;
  border: 1px solid var(--edge); border-radius: .5rem; }
input { width: 1.25rem; height: 1.25rem; accent-color: var(--go); }
button, a.button { display: block; width: 100%; min-height: 3.25rem; margin-top: .5rem; padding: .75rem; font: inherit;
  text-align: center; border-radius: .5rem; border: 1px solid var(--edge); background: none; color: inherit; }
button.go, a.button { background: var(--go); border-color: var(--go); color: var(--on); font-weight: 600; }
.error { background: var(--badtint); color: var(--bad); border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 1rem; }
:focus-visible { outline: 3px solid #ffc53d; outline-offset: 2px; box-shadow: 0 0 0 5px var(--ink); }
"""

PAGE = """<!doctype html>
<html lang="%(lang)s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(title)s</title><link rel="stylesheet" href="/pay.css"></head>
<body><header><p class="test">%(test)s</p></header><main><h1>%(title)s</h1>
%(inside)s
</main></body></html>
"""


#: The payer's bank answers days later; a switch lets the days pass.
SLOW = frozenset({"sepa_debit"})


class Pages:
    """Everything below `/pay` and `/connect`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, request: Request) -> Answer:
        """The page of one session, or what its buttons do; a session that never was is a 404 page."""
        if request.path == "/pay.css":
            return Answer(200, STYLE, "text/css; charset=utf-8", {"Cache-Control": "max-age=3600"})
        accepted = request.headers.get("accept-language", "")
        if request.path.startswith("/connect/"):
            return self._onboarding(request, language(None, accepted))
        with self._state.lock:
            sessions.expire_due(self._state)
            try:
                account, session = self._state.any("checkout.session", request.path.removeprefix("/pay/"))
            except Refused:
                words = WORDS[language(None, accepted)]
                return _page(404, language(None, accepted), words["none"], "", "")
            speech = language(session["locale"], accepted)
            if session["status"] != "open":
                return self._over(account, session, speech)
            if request.method == "POST":
                return self._pressed(account, session, speech, parse_qs(request.body))
            return self._form(200, account, session, speech, None)

    def _onboarding(self, request: Request, speech: str) -> Answer:
        """Stripe's own form for a new account; pressing its button fills everything in, and leads back."""
        link = request.path.removeprefix("/connect/")
        with self._state.lock:
            given = self._state.extras.get(link)
            if given is None or not link.startswith("link_"):
                return _page(404, speech, WORDS[speech]["none"], "", "")
            if request.method != "POST":
                words = WORDS[speech]
                inside = f"""<div class="note"><p>{words["asks"]}</p></div>
<form method="post" action="/connect/{link}"><button class="go">{words["filled"]}</button></form>"""
                return _page(200, speech, words["account"], inside, _origin(given["return_url"]))
            account = self._state.accounts[given["account"]]
            self._state.book.change(account.id, **asdict(Standing()))
            self._state.happened(account.id, "account.updated", accounts.shape(account, self._state.clock.now()))
            self._state.save()
            return _gone_to(given["return_url"])

    def _pressed(self, account: str, session: Thing, speech: str, form: dict[str, list[str]]) -> Answer:
        act, method = form.get("act", [""])[0], form.get("method", [""])[0]
        if act == "back" and session["cancel_url"]:
            return _gone_to(session["cancel_url"])
        if act not in ("pay", "fail"):
            return self._form(422, account, session, speech, None)
        if method not in session["payment_method_types"]:
            return self._form(422, account, session, speech, "choose")
        if act == "fail":
            payments.fail(self._state, account, session, method)
            self._state.save()
            return self._form(402, account, session, speech, "failed")
        payments.pay(self._state, account, session, method, delayed=method in SLOW)
        self._state.save()
        return _gone_to(_success(session))

    def _form(self, status: int, account: str, session: Thing, speech: str, error: str | None) -> Answer:
        words, sum_ = WORDS[speech], money(session["amount_total"], session["currency"], speech)
        methods = session["payment_method_types"]
        radios = "".join(
            f'<label><input type="radio" name="method" value="{method}" required'
            f'{" checked" if method == methods[0] else ""}> {words[method]}</label>' for method in methods
        )
        back = f'<button name="act" value="back" formnovalidate>{words["back"]}</button>'
        told = f'<p class="error" role="alert" id="error">{words[error]}</p>' if error else ""
        return self._filled(status, account, session, speech, f"""{told}<dl><dt>{words["to"]}</dt>
<dd>{escape(self._merchant(account))}</dd><dt>{words["for"]}</dt><dd>{escape(self._what(session))}</dd>
<dt>{words["amount"]}</dt><dd class="sum">{sum_}</dd></dl>
<form method="post" action="/pay/{session["id"]}"><fieldset><legend>{words["method"]}</legend>{radios}</fieldset>
<button class="go" name="act" value="pay">{words["pay"] % {"amount": sum_}}</button>
<button name="act" value="fail">{words["fail"]}</button>{back if session["cancel_url"] else ""}</form>""")

    def _over(self, account: str, session: Thing, speech: str) -> Answer:
        paid = session["payment_status"] == "paid"
        state = "paid" if paid else "processing" if session["status"] == "complete" else "expired"
        url = session["cancel_url"] if state == "expired" else _success(session)
        link = f'<a class="button" href="{escape(url)}">{WORDS[speech]["on"]}</a>' if url else ""
        return self._filled(
            410 if state == "expired" else 200, account, session, speech,
            f'<div class="note"><p>{WORDS[speech][state]}</p>{link}</div>',
        )

    def _filled(self, status: int, account: str, session: Thing, speech: str, inside: str) -> Answer:
        title = WORDS[speech]["title"] % {"merchant": self._merchant(account)}
        targets = {_origin(url) for url in (session["success_url"], session["cancel_url"]) if url}
        return _page(status, speech, title, inside, " ".join(sorted(targets)))

    def _merchant(self, account: str) -> str:
        return self._state.accounts[account].name or account

    def _what(self, session: Thing) -> str:
        return ", ".join(item["description"] for item in self._state.extras[session["id"]]["line_items"])


def _page(status: int, speech: str, title: str, inside: str, targets: str) -> Answer:
    body = PAGE % {"lang": speech, "title": escape(title), "test": WORDS[speech]["test"], "inside": inside}
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {targets}"
    )
    return Answer(status, body, "text/html; charset=utf-8", {
        "Content-Security-Policy": policy.strip(), "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    })


def _gone_to(url: str) -> Answer:
    return Answer(303, "", "text/plain; charset=utf-8", {"Location": url, "Cache-Control": "no-store"})


def _success(session: Thing) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


