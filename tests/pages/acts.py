"""What does somebody do on a page before it is looked at: send it empty, fill it in wrongly, press twice?"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests import hostile

Act = Callable[[Page], None]


def send(**fields: str) -> Act:
    """Fill these fields in by name and press the button of the form they stand in, or of the page's first form."""

    def does(page: Page) -> None:
        for name, value in fields.items():
            place = page.locator(f"main [name={name}]:not([type=hidden])").first
            if place.get_attribute("type") in {"radio", "checkbox"}:
                page.locator(f"main [name={name}][value='{value}']").check(force=True)
            else:
                place.fill(value)
        first = next(iter(fields), None)
        form = f"main form:has([name={first}]:not([type=hidden]))" if first else "main form:has(button)"
        press(page, form)

    return does


def press(page: Page, form: str) -> None:
    """The form's own button, and the page that follows."""
    button = page.locator(f"{form} button:not([name=look]):not([name=remove]):not(.sr)").first
    with page.expect_navigation():
        button.click()


def sent_empty(*fields: str, form: str = "main form:has(button)") -> Act:
    """Empty these fields and choices, then send."""

    def does(page: Page) -> None:
        for name in fields:
            for place in page.locator(f"main [name={name}]").all():
                if place.get_attribute("type") in {"radio", "checkbox"}:
                    place.evaluate("field => { field.checked = false }")
                else:
                    place.fill("")
        press(page, form)

    return does


def with_photo(page: Page) -> None:
    """Choose a photo, leave the words out, and send."""
    if page.locator("main .kept").count() == 0:
        photo = {"name": "Quittung vom Postschalter.jpg", "mimeType": "image/jpeg", "buffer": hostile.jpeg()}
        page.locator("main [type=file]").first.set_input_files(photo)  # type: ignore[arg-type]
    press(page, "main form[enctype]")


def twice(page: Page) -> None:
    """The same form arrives a second time, as a double click sends it."""
    read = "() => Object.fromEntries(new FormData(document.querySelector('main form')))"
    page.context.request.post(page.url, form=page.evaluate(read))
    press(page, "main form")
