"""Do stolen bytes show nothing, and is every change to them noticed?"""

from __future__ import annotations

import base64
import os

import pytest

from portal.gateways.vault import BadKeys, CannotOpen, DataKeys


def spec(*labels: str) -> str:
    return ",".join(f"{label}:{base64.b64encode(os.urandom(32)).decode()}" for label in labels)


def test_sealed_bytes_open_again_and_show_nothing() -> None:
    keys = DataKeys(spec("k1"))
    sealed = keys.seal(b"Lohnausweis" * 10, b"file-1")
    assert b"Lohnausweis" not in sealed
    assert keys.open(sealed, b"file-1") == b"Lohnausweis" * 10
    assert keys.seal(b"Lohnausweis" * 10, b"file-1") != sealed
    assert keys.open(keys.seal(b"", b""), b"") == b""


def test_another_context_or_another_key_opens_nothing() -> None:
    keys = DataKeys(spec("k1"))
    sealed = keys.seal(b"x", b"file-1")
    for other, context in ((keys, b"file-2"), (DataKeys(spec("k1")), b"file-1"), (DataKeys(spec("k2")), b"file-1")):
        with pytest.raises(CannotOpen):
            other.open(sealed, context)


def test_every_changed_or_missing_byte_is_noticed() -> None:
    keys = DataKeys(spec("k1"))
    sealed = keys.seal(b"abc", b"c")
    for at in range(len(sealed)):
        with pytest.raises(CannotOpen):
            keys.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], b"c")
        with pytest.raises(CannotOpen):
            keys.open(sealed[:at], b"c")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens() -> None:
    old = spec("k1")
    sealed = DataKeys(old).seal(b"x", b"c")
    both = DataKeys(f"{spec('k2')},{old}")
    assert both.open(sealed, b"c") == b"x"
    with pytest.raises(CannotOpen):
        DataKeys(old).open(both.seal(b"x", b"c"), b"c")


@pytest.mark.parametrize("bad", ["", " , ", "k1", "k1:", "k1:c2hvcnQ=", ":AAAA", "k1:%%%", "a b:AAAA"])
def test_bad_lists_of_keys_are_refused(bad: str) -> None:
    with pytest.raises(BadKeys):
        DataKeys(bad)


def test_the_same_id_twice_is_refused_and_no_key_is_ever_printed() -> None:
    text = spec("k1")
    with pytest.raises(BadKeys) as refused:
        DataKeys(f"{text},{text}")
    secret = text.partition(":")[2]
    assert secret not in str(refused.value)
    assert secret not in repr(DataKeys(text))
