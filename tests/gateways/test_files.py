"""Do we get exactly the bytes we put, and does the disk alone tell nothing?"""

from __future__ import annotations

import base64
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.gateways.files import FileDamaged, FileMissing, LocalFiles, StorageFull
from portal.gateways.vault import DataKeys

GIB = 1024**3
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def keys() -> DataKeys:
    return DataKeys("k1:" + base64.b64encode(os.urandom(32)).decode())


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files", keys(), free_of=lambda _: (100 * GIB, 50 * GIB))


def path_of(tmp_path: Path, key: str) -> Path:
    return tmp_path / "files" / key[:2] / key[2:4] / key


def test_bytes_come_back_and_lie_encrypted_and_private(files: LocalFiles, tmp_path: Path) -> None:
    key = files.put(b"Lohnausweis 4711" * 100)
    path = path_of(tmp_path, key)
    assert files.get(key) == b"Lohnausweis 4711" * 100
    assert b"4711" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files.put(b"Lohnausweis 4711" * 100) != key


def test_a_missing_file_and_a_strange_key_are_missing(files: LocalFiles) -> None:
    for key in ("0" * 32, "../../../../etc/passwd", "", "0" * 31 + "G", "0" * 32 + "\n"):
        with pytest.raises(FileMissing):
            files.get(key)
        files.delete(key)


def test_deleting_twice_is_no_error(files: LocalFiles) -> None:
    key = files.put(b"x")
    files.delete(key)
    files.delete(key)
    with pytest.raises(FileMissing):
        files.get(key)


def test_changed_and_exchanged_files_are_damaged(files: LocalFiles, tmp_path: Path) -> None:
    one, two = files.put(b"one"), files.put(b"two")
    path_of(tmp_path, one).write_bytes(path_of(tmp_path, two).read_bytes())
    with pytest.raises(FileDamaged):
        files.get(one)
    path_of(tmp_path, two).write_bytes(b"")
    with pytest.raises(FileDamaged):
        files.get(two)


def test_a_link_out_of_the_store_is_not_followed(files: LocalFiles, tmp_path: Path) -> None:
    key = files.put(b"x")
    outside = tmp_path / "outside"
    path_of(tmp_path, key).rename(outside)
    path_of(tmp_path, key).symlink_to(outside)
    with pytest.raises(FileMissing):
        files.get(key)
    files.delete(key)
    assert outside.exists()


@pytest.mark.parametrize(("total", "free"), [(100 * GIB, 9 * GIB), (20 * GIB, 4 * GIB)])
def test_a_nearly_full_disk_takes_nothing(tmp_path: Path, total: int, free: int) -> None:
    full = LocalFiles(tmp_path, keys(), free_of=lambda _: (total, free))
    with pytest.raises(StorageFull):
        full.put(b"x")
    assert list(tmp_path.iterdir()) == []


def test_the_room_that_the_file_itself_needs_counts(tmp_path: Path) -> None:
    tight = LocalFiles(tmp_path, keys(), min_free_bytes=10, min_free_share=0.0, free_of=lambda _: (GIB, 15))
    tight.check_space(5)
    with pytest.raises(StorageFull):
        tight.check_space(6)


def test_the_real_disk_is_asked_when_nobody_else_answers(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "new" / "root", keys(), min_free_bytes=1, min_free_share=0.0)
    assert files.get(files.put(b"x")) == b"x"


def test_the_sweep_takes_old_unknown_files_only(files: LocalFiles, tmp_path: Path) -> None:
    known, orphan, fresh = (files.put(name) for name in (b"known", b"orphan", b"fresh"))
    long_ago = (NOW - timedelta(days=31)).timestamp()
    for key in (known, orphan):
        os.utime(path_of(tmp_path, key), (long_ago, long_ago))
    os.utime(path_of(tmp_path, fresh), (NOW.timestamp(), NOW.timestamp()))
    (tmp_path / "files" / "README").write_text("not ours")
    assert files.sweep({known}, NOW - timedelta(days=30)) == [orphan]
    assert files.get(known) == b"known"
    assert files.get(fresh) == b"fresh"
    assert (tmp_path / "files" / "README").exists()
