"""Can everyone use the desk's pages, in each language, scheme and width?"""

from __future__ import annotations

import pytest

from tests.pages import states
from tests.pages.stage import State
from tests.pages.visits import Site, all_good, all_good_everywhere, pairwise

STATES: list[State] = states.DESK
TEMPLATES = sorted({state.template for state in STATES})


def of(template: str) -> list[State]:
    return [state for state in STATES if state.template == template]


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_page_is_usable_in_each_language_scheme_and_width(site: Site, template: str) -> None:
    visits = [visit for visit in pairwise(STATES) if visit.state.template == template]
    all_good(site, visits)


@pytest.mark.all
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_state_is_usable_in_each_language_scheme_and_width(site: Site, template: str) -> None:
    all_good_everywhere(site, of(template))
