"""How does an admin give the letters the firm's own look and words, and see them before anybody else does?"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from wtforms import FileField, StringField, TextAreaField

from portal.actions.stationery import change_look, change_texts
from portal.gateways.pixels import CannotConvert, Converter, ConverterDown
from portal.rules.access import Right
from portal.rules.attachments import FileType, sniff
from portal.rules.letters import Window
from portal.rules.stationery import (
    LARGEST_COPY,
    LARGEST_LOGO,
    LONGEST,
    PLACEHOLDERS,
    LogoProblem,
    Part,
    TextFault,
    all_faults,
    tidy,
)
from portal.store.stationery import Logo, Stationery, languages_with_texts, stationery_of
from portal.web import i18n
from portal.web.creditor.set_up import back_from_step, pdf, specimen
from portal.web.forms import Form
from portal.web.i18n import N_
from portal.web.i18n import gettext as _
from portal.web.labels import stationery as labels
from portal.web.labels.letter_paper import WORDS
from portal.web.login import clerk, creditor
from portal.web.pages import back_to, page
from portal.web.parts import now, parts
from portal.web.security import Who, who
from portal.web.transaction import commit_then, db

pages = Blueprint("stationery", __name__)

COUNTRYS_WINDOW = "country"
PICTURES = (FileType.JPEG, FileType.PNG)
#: What our own texts are filled with on the page: the placeholders themselves.
SHOWN = {"invoice": "{invoice_day}", "amount": "{amount}", "owed": "{open}", "count": "{count}"}


class LookForm(Form):
    """The picture at the head of the letters, and where the envelopes have their window."""

    logo = FileField(N_("Logo"))
    window = StringField(N_("Window of your envelopes"))


class TextsForm(Form):
    """The creditor's own words in one language; the fields are the parts."""

    opening = TextAreaField(labels.PARTS[Part.OPENING])
    opening_many = TextAreaField(labels.PARTS[Part.OPENING_MANY])
    sign_off = TextAreaField(labels.PARTS[Part.SIGN_OFF])

    def texts(self) -> dict[Part, str]:
        """What was typed, as it would be kept."""
        return {part: tidy(str(self[part.value].data or "")) for part in Part}

    def refused(self, found: Mapping[Part, list[TextFault]]) -> bool:
        """Each fault stands on its field with its place; True if there was one."""
        for part, faults in found.items():
            for one in faults:
                words = _(labels.PROBLEMS[one.problem], what=one.what, line=one.line, sign=one.sign)
                self.say(part.value, words)
        return bool(found)


@pages.route("/settings/letters/look", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS, uploads=True)
def look() -> Response:
    """Choose the logo and the window; letters carry them from then on."""
    form = LookForm()
    known = stationery_of(db(), creditor().id, "")
    if request.method == "GET":
        form.window.data = known.window or COUNTRYS_WINDOW
    elif form.sent_well() and _looked(form):
        return back_from_step("creditor.stationery.overview")
    shown = base64.b64encode(known.logo.jpeg).decode() if known.logo else ""
    return page(form=form, logo=f"data:image/jpeg;base64,{shown}" if shown else "", windows=_windows())


def _windows() -> list[tuple[str, str, str]]:
    return [
        (COUNTRYS_WINDOW, _("As is usual in your country"), ""),
        (Window.RIGHT.value, _("On the right"), _("Envelopes C5 and C5/6 as in Switzerland")),
        (Window.LEFT.value, _("On the left"), _("Envelopes for DIN 5008 form B, as in Germany and Austria")),
    ]


def _looked(form: LookForm) -> bool:
    window = Window(form.window.data) if form.window.data in set(Window) else None
    sent = request.files.get("logo")
    without = "remove" in request.form
    logo = None
    data = b""
    if sent is not None:
        with sent.stream as stream:
            data = stream.read(LARGEST_LOGO + 1)
    if data and not without:
        found = _logo(data, parts().pictures)
        if isinstance(found, LogoProblem):
            form.say("logo", _(labels.LOGO_PROBLEMS[found]))
            return False
        logo = found
    change_look(
        db(), creditor().id, window, logo=logo, without_logo=without, clerk_id=clerk().clerk_id, now=now()
    )  # fmt: skip
    return True


def _logo(data: bytes, pictures: Converter) -> Logo | LogoProblem:
    """Our own copy of the picture, made where a stranger's bytes can do no harm."""
    kind = sniff(data)
    if kind not in PICTURES:
        return LogoProblem.TYPE
    if len(data) > LARGEST_LOGO:
        return LogoProblem.TOO_BIG
    try:
        made = commit_then(lambda: pictures.convert(data, kind))
    except CannotConvert:
        return LogoProblem.BROKEN
    except ConverterDown:
        return LogoProblem.LATER
    if len(made.data) > LARGEST_COPY or not made.width or not made.height:
        return LogoProblem.TOO_DETAILED
    return Logo(made.data, made.width, made.height)


@pages.get("/settings/letters")
@who(Who.CLERK, Right.SETTINGS)
def overview() -> Response:
    """The look, and in which languages the letters say something in the firm's own words."""
    own = languages_with_texts(db(), creditor().id)
    rows = [
        {
            "lang": code,
            "title": i18n.NAMES[code],
            "href": url_for("creditor.stationery.texts", language=code),
            "detail": _("your own words") if code in own else _("the texts that come with the portal"),
        }
        for code in i18n.LANGUAGES
    ]
    return page(rows=rows)


@pages.route("/settings/letters/<language>", methods=["GET", "POST"])
@who(Who.CLERK, Right.SETTINGS)
def texts(language: str) -> Response:
    """Write, try or take back the firm's own words in this language."""
    if language not in i18n.LANGUAGES:
        abort(404)
    form = TextsForm()
    known = stationery_of(db(), creditor().id, language)
    if request.method == "GET":
        for part in Part:
            form[part.value].data = known.texts.get(part, "")
    elif form.sent_well() and (done := _texts(form, language, known)) is not None:
        return done
    return page(
        form=form,
        tongue=language,
        title=i18n.NAMES[language],
        own=bool(known.texts),
        fields=[_field(form, part, language) for part in Part],
        placeholders=_placeholders(),
    )


def _texts(form: TextsForm, language: str, known: Stationery) -> Response | None:
    """The answer when the form did what its button says; None with sentences on the form."""
    wanted = dict.fromkeys(Part, "") if "ours" in request.form else form.texts()
    if "preview" not in request.form:
        found = change_texts(db(), creditor().id, language, wanted, clerk_id=clerk().clerk_id, now=now())
        return None if form.refused(found) else back_to("creditor.stationery.overview")
    if form.refused(all_faults(wanted)):
        return None
    tried = replace(known, texts={part.value: text for part, text in wanted.items() if text})
    made = commit_then(lambda: specimen(form, language, tried))
    return None if made is None else pdf(made)


def _field(form: TextsForm, part: Part, language: str) -> dict[str, Any]:
    ours = i18n.gettext_in(language, WORDS[labels.OURS[part]], **SHOWN)
    rows = 2 if part is Part.SIGN_OFF else 6
    return {"field": form[part.value], "ours": ours, "longest": LONGEST[part], "rows": rows}


def _placeholders() -> list[tuple[str, str, str]]:
    """Each placeholder with what it stands for and the texts that may use it."""
    where = {one: [_(labels.PARTS[part]) for part in Part if one in PLACEHOLDERS[part]] for one in labels.PLACEHOLDERS}
    return [(f"{{{one}}}", _(words), "; ".join(where[one])) for one, words in labels.PLACEHOLDERS.items()]
