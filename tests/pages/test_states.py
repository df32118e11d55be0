"""Is there a state for every page, and do the pairwise visits cover what they promise?"""

from __future__ import annotations

from tests.pages import states
from tests.pages.visits import LANGUAGES, SCHEMES, WIDTHS, pairwise

ALL = [*states.DEBTOR, *states.DESK]


def test_every_template_is_looked_at() -> None:
    assert {state.template for state in ALL} == states.every_template()


def test_each_state_and_each_pair_with_a_template_occurs() -> None:
    visits = list(pairwise(ALL))
    assert {visit.state.name for visit in visits} == {state.name for state in ALL}
    for template in states.every_template():
        own = [visit for visit in visits if visit.state.template == template]
        assert {visit.language for visit in own} == set(LANGUAGES), template
        assert {visit.scheme for visit in own} == set(SCHEMES), template
        assert {visit.width for visit in own} == set(WIDTHS), template
