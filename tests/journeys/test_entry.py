"""Does somebody with a letter get to the claim, with and without JavaScript, and is the first screen enough?"""

from __future__ import annotations

import pytest

from tests.examples import DORA, STEFAN
from tests.journeys.live import Live
from tests.journeys.manners import Manner
from tests.journeys.steps import reader
from tests.services import axe


def test_the_letters_link_opens_the_claim_and_all_four_ways_are_on_the_first_screen(live: Live) -> None:
    dora = reader(live)
    dora.follows_the_letter()
    assert dora.taps == 1
    dora.page.set_viewport_size({"width": 390, "height": 664})
    for way in ("/pay", "/plan", "/dispute", "/messages"):
        box = dora.page.locator(f"main a[href^='{dora.path}{way}']").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 664, way
    assert axe.violations(dora.page) == []


@pytest.mark.parametrize("known", [DORA, STEFAN], ids=["de", "fr"])
def test_the_typed_code_opens_the_claim_without_any_script(live: Live, known) -> None:  # type: ignore[no-untyped-def]
    person = reader(live, known, Manner(known.language, scripts=False))
    person.types_the_code()
    assert person.page.locator("html").get_attribute("lang") == f"{known.language}-CH"
    assert person.typed == 2
