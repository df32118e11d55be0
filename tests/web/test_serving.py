"""Is a file named after what is really inside, and can no name break out of its header?"""

from __future__ import annotations

import pytest

from portal.web.serving import disposition, shown_name


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("beleg.heic", "jpeg", "beleg.jpg"),
        ("Rechnung Nr. 5 für Dora", "pdf", "Rechnung Nr. 5 für Dora.pdf"),
        ("rechnung.exe", "pdf", "rechnung.pdf"),
    ],
)
def test_the_extension_is_ours(name: str, kind: str, shown: str) -> None:
    assert shown_name(name, kind) == shown


def test_a_name_stays_inside_its_header() -> None:
    header = disposition('a"; filename="b\r\nSet-Cookie: x=ü.pdf')
    assert header.count('"') == 2
    assert "\r" not in header
    assert "\n" not in header
    assert header.startswith("attachment; ")
