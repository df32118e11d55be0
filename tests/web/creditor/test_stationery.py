"""Does an admin give the letters the firm's look and words, and is every mistake refused with its place?"""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from portal.actions.stationery import LOOK_TASK, TEXTS_TASK
from portal.gateways.pixels import Converted
from portal.rules.attachments import FileType
from portal.rules.set_up import Step, StepState, states
from portal.rules.stationery import LARGEST_LOGO, LogoProblem
from portal.store.set_up import known_of
from portal.store.settings import creditor_by_id
from portal.store.stationery import stationery_of
from portal.store.today import Task
from portal.web.creditor.stationery import _logo
from tests.examples import VELO
from tests.pdf_text import text_of
from tests.people import Portal

#: The engine makes a difference to what is kept alone.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOOK, GERMAN = "/desk/settings/letters/look", "/desk/settings/letters/de"
OWN = "Liebe Grüsse aus der Werkstatt, {person}.\n\nFür {title} sind {open} offen. Reden Sie mit uns."


def picture(kind: str = "PNG", width: int = 600) -> bytes:
    image = Image.new("RGB", (width, width // 4), "white")
    ImageDraw.Draw(image).ellipse((10, 10, width // 5, width // 4 - 10), outline="black", width=12)
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()


def test_texts_are_tried_kept_and_taken_back(portal: Portal) -> None:
    adam = portal.staff("adam").is_in()
    tried = adam.sends(GERMAN, opening=OWN, opening_many="", sign_off="Herzlich", preview="1")
    assert (tried.status_code, tried.mimetype) == (200, "application/pdf")
    said = " ".join(text_of(tried.data).split())
    assert "Liebe Grüsse aus der Werkstatt, " in said
    assert "Herzlich" in said
    assert "Rufen Sie die Nummer auf Ihrer ersten Rechnung" in said
    assert portal.read(lambda session: stationery_of(session, VELO, "de").texts) == {}
    assert adam.sends(GERMAN, opening=OWN + "\r\n\r\n", opening_many="", sign_off="Herzlich").status_code == 303
    kept = portal.read(lambda session: stationery_of(session, VELO, "de").texts)
    assert kept == {"opening": OWN, "sign_off": "Herzlich"}
    assert portal.read(lambda session: stationery_of(session, VELO, "fr").texts) == {}
    assert adam.sends(GERMAN, opening=OWN, opening_many="", sign_off="", ours="1").status_code == 303
    assert portal.read(lambda session: stationery_of(session, VELO, "de").texts) == {}
    tasks = portal.read(lambda session: session.query(Task).filter(Task.kind == TEXTS_TASK).all())
    assert [task.details["language"] for task in tasks] == ["de", "de"]


@SQLITE
@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("opening", "Offen: {open}.\nVom {tag} an.", "Line 2, sign 5: «{tag}» is not one of the placeholders."),
        ("opening", "Offen: {open}, {}.", "Line 1, sign 16: nothing stands between the braces."),
        ("opening", "Offen: {open}, {count}.", "«{count}» is not one of the placeholders."),
        ("opening", "Offen: {open} und }", "Line 1, sign 19: this brace has no partner."),
        ("opening", "Offen: {open} 王", "«王» can&#39;t be printed right."),
        ("opening", "Es ist etwas offen.", "The letter has to say how much it is about."),
        ("opening", "{open} " + "Wort " * 100, "at most 480 characters"),
        ("opening", "{open}" + "\n\nWort" * 4, "at most 7 lines"),
        ("sign_off", "{code}", "«{code}» is not one of the placeholders."),
    ],
)
@pytest.mark.parametrize("button", ["", "preview"])
def test_each_mistake_is_refused_with_its_place(
    portal: Portal, field: str, text: str, sentence: str, button: str
) -> None:
    fields = {"opening": "", "opening_many": "", "sign_off": "", field: text, **({button: "1"} if button else {})}
    answer = portal.staff("adam").is_in().sends(GERMAN, page=GERMAN + "?lang=en", **fields)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert portal.read(lambda session: stationery_of(session, VELO, "de").texts) == {}


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_our_own_copy_and_goes_again(portal: Portal, kind: str) -> None:
    adam = portal.staff("adam").is_in()
    assert adam.sends(LOOK, window="left", logo=(io.BytesIO(picture(kind)), "logo.png")).status_code == 303
    kept = portal.read(lambda session: stationery_of(session, VELO, "de"))
    assert kept.window == "left"
    assert kept.logo is not None
    assert (kept.logo.width, kept.logo.height) == (600, 150)
    assert kept.logo.jpeg.startswith(b"\xff\xd8\xff")
    assert 'src="data:image/jpeg;base64,' in adam.reads(LOOK)
    assert portal.read(lambda session: states(known_of(session, creditor_by_id(session, VELO)))[Step.LOOK]) is (
        StepState.DONE
    )
    assert adam.sends(LOOK, window="country").status_code == 303
    assert portal.read(lambda session: stationery_of(session, VELO, "de").logo) is not None
    assert adam.sends(LOOK, window="country", remove="1").status_code == 303
    gone = portal.read(lambda session: stationery_of(session, VELO, "de"))
    assert (gone.window, gone.logo) == ("", None)
    assert portal.read(lambda session: session.query(Task).filter(Task.kind == LOOK_TASK).count()) == 3


@SQLITE
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7", "Take a picture that is a JPEG or a PNG."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Take a picture that is a JPEG or a PNG."),
        (picture()[:300], "This picture can&#39;t be opened."),
    ],
)
def test_what_is_no_picture_is_refused(portal: Portal, data: bytes, sentence: str) -> None:
    adam = portal.staff("adam").is_in()
    answer = adam.sends(LOOK, page=LOOK + "?lang=en", window="right", logo=(io.BytesIO(data), "logo.png"))
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert portal.read(lambda session: stationery_of(session, VELO, "de")).window == ""


def test_a_picture_that_is_too_big_is_refused() -> None:
    class Copier:
        def convert(self, data: bytes, type: FileType) -> Converted:
            return Converted(data, "image/jpeg", None, 3000, 1000)

    assert _logo(picture() + bytes(LARGEST_LOGO), Copier()) is LogoProblem.TOO_BIG


@SQLITE
@pytest.mark.parametrize("name", ["clara", "lena", "otto"])
def test_nobody_else_finds_the_pages(portal: Portal, name: str) -> None:
    staff = portal.staff(name).is_in()
    assert {staff.opens(path).status_code for path in (LOOK, GERMAN, "/desk/settings/letters")} == {404}


@SQLITE
def test_there_is_no_page_for_another_language(portal: Portal) -> None:
    assert portal.staff("adam").is_in().opens("/desk/settings/letters/es").status_code == 404
