"""Which names can a letter print, and which are refused by name?"""

from __future__ import annotations

import pytest

from portal.rules.letters import unprintable
from portal.rules.transfers import Address, as_payer


@pytest.mark.parametrize(
    "name", ["محمد", "דוד", "王小明", "김민수", "अनिल", "สมชาย", "Dora 😀", "Dora\u200d", "Dora\u202e"]
)
def test_names_in_other_scripts_are_refused_by_name(name: str) -> None:
    assert unprintable(("Gartenweg 3", name)) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dörte Müller", "Dörte Müller"),
        ("Nguyễn Thị Ánh", "Nguyen Thi Ánh"),
        ("Елена Щукина", None),
        ("Şerban Țiu", "Şerban Țiu"),
    ],
)
def test_the_payer_of_a_payment_part_is_written_in_the_signs_it_knows(name: str, said: str | None) -> None:
    payer = as_payer(Address(name, "Gartenweg", "3", "4900", "Langenthal", "CH"))
    assert (payer.name if payer else None) == said
    assert payer is None or (payer.street, payer.country) == ("Gartenweg", "CH")
