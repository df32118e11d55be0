"""How does a clerk come to the desk and leave it again?"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta

from flask import Blueprint, Response, g, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import EmailField, PasswordField, StringField

from portal.actions import sessions
from portal.actions.sign_in import LONGEST_EMAIL, password_is_right
from portal.actions.sign_in import sign_in as let_in
from portal.actions.throttles import TooOften
from portal.gateways.hashing import LONGEST_PASSWORD
from portal.gateways.totp import DIGITS
from portal.gateways.vault import CannotOpen
from portal.rules.access import network_key
from portal.web.errors import error_page
from portal.web.forms import Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.login import ClerkVisitor, address, drop_cookie, hash_token, new_token, set_cookie
from portal.web.pages import page
from portal.web.parts import now, parts
from portal.web.security import Who, who
from portal.web.transaction import db

pages = Blueprint("access", __name__)
#: Between password and digits: sealed, so that nobody sees whether the password was right.
STEP_COOKIE = "step"
STEP_LIFE = timedelta(minutes=5)
PURPOSE = b"desk sign-in"


class SignInForm(Form):
    """Address, password and the six digits of the phone, in one go or one after the other."""

    email = EmailField(N_("E-mail address"))
    password = PasswordField(N_("Password"))
    otp = StringField(N_("Six figures from your app"))


@pages.route("/sign-in", methods=["GET", "POST"])
@who(Who.ANYONE)
def sign_in() -> BaseResponse:
    """Password and six digits open the desk; whatever was wrong, the sentence is the same."""
    step = _step()
    if request.method != "POST":
        if isinstance(g.get("visitor"), ClerkVisitor):
            return _to("/desk")
        fresh = "again" in request.args
        return page(form=SignInForm(formdata=None), second=step is not None and not fresh)
    form = SignInForm(request.form)
    email, password = str(form.email.data or ""), str(form.password.data or "")
    digits = "".join(str(form.otp.data or "").split())
    second = step is not None and not email and not password
    if second and step is not None:
        email, right = step
    elif not _complete(form, email, password):
        return page(form=form, second=False)
    else:
        try:
            right = _check(email, password)
        except TooOften as error:
            return _too_often(error)
        if not digits:
            return _remember(_to("/desk/sign-in"), email, right)
    return _finish(form, email, digits, right, second=second)


def _complete(form: SignInForm, email: str, password: str) -> bool:
    if not email.strip() or len(email) > LONGEST_EMAIL:
        form.say("email", _("Enter your e-mail address."))
    if not password or len(password) > LONGEST_PASSWORD:
        form.say("password", _("Enter your password."))
    return not form.errors


def _check(email: str, password: str) -> bool:
    found = parts()
    return password_is_right(
        found.database, email, password, passwords=found.passwords, gate=found.gate, network=network_key(address()),
        now=now(),
    )  # fmt: skip


def _finish(form: SignInForm, email: str, digits: str, right: bool, *, second: bool) -> BaseResponse:
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        form.say("otp", _("Enter the six figures that your app shows."))
        return page(form=form, second=second)
    visitor, token = g.get("visitor"), new_token()
    try:
        signed_in = let_in(
            parts().database, email, digits, password_was_right=right, keys=parts().data_keys,
            network=network_key(address()), current=visitor.session_id if visitor is not None else None,
            token_hash=hash_token(token), now=now(),
        )  # fmt: skip
    except TooOften as error:
        return _too_often(error)
    if signed_in is not None:
        g.pop("visitor", None)
        return _forget(set_cookie(_to("/desk"), token, desk=True))
    form.say("", _("E-mail address, password or figures are not right. Check them and try again."))
    form.otp.data = ""
    return _forget_in(page(form=form, second=False))


def _too_often(error: TooOften) -> Response:
    answer = error_page(
        429, _("That was too often"), _("We take no more tries at the moment. Try again later."),
        links=((_("To sign in"), "/desk/sign-in"),),
    )  # fmt: skip
    answer.headers["Retry-After"] = str(max(1, int(error.wait.total_seconds())))
    return answer


def _step() -> tuple[str, bool] | None:
    raw = request.cookies.get(STEP_COOKIE, "")
    if not 0 < len(raw) <= 2000:
        return None
    try:
        kept = json.loads(parts().data_keys.open(base64.urlsafe_b64decode(raw.encode()), PURPOSE))
    except (CannotOpen, binascii.Error, ValueError):
        return None
    if now() - datetime.fromisoformat(kept["at"]) > STEP_LIFE:
        return None
    return kept["email"], kept["right"] == "yes"


def _remember(answer: Response, email: str, right: bool) -> Response:
    plain = json.dumps({"email": email, "right": "yes" if right else "not", "at": now().isoformat()})
    sealed = base64.urlsafe_b64encode(parts().data_keys.seal(plain.encode(), PURPOSE)).decode()
    answer.set_cookie(
        STEP_COOKIE, sealed, max_age=int(STEP_LIFE.total_seconds()), path="/desk/sign-in", httponly=True,
        secure=parts().settings.https, samesite="Strict",
    )  # fmt: skip
    return answer


def _forget(answer: Response) -> Response:
    answer.delete_cookie(
        STEP_COOKIE, path="/desk/sign-in", httponly=True, secure=parts().settings.https, samesite="Strict"
    )
    return answer


def _forget_in(answer: Response) -> Response:
    return _forget(answer) if STEP_COOKIE in request.cookies else answer


def _to(path: str) -> Response:
    answer = Response(status=303)
    answer.headers["Location"] = path
    return answer


@pages.post("/sign-out")
@who(Who.ANYONE)
def sign_out() -> BaseResponse:
    """The clerk leaves the desk."""
    visitor = g.get("visitor")
    if isinstance(visitor, ClerkVisitor):
        sessions.sign_out(db(), visitor.session_id, now=now())
    return drop_cookie(_to("/desk/sign-in"), desk=True)
