"""Where do uploaded bytes lie, and how do we get exactly these bytes again?"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from portal.gateways.vault import CannotOpen, DataKeys

KEY = re.compile(r"[0-9a-f]{32}")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
MIN_FREE_BYTES = 5 * 1024**3
MIN_FREE_SHARE = 0.10


class FileUnreadable(Exception):
    """The row knows a file whose bytes we can't give; the page shows "damaged, send it again"."""


class FileMissing(FileUnreadable):
    """There is no file under this key."""


class FileDamaged(FileUnreadable):
    """The file under this key was changed, moved from another key, or its data key is gone."""


class StorageFull(Exception):
    """The store takes no more files until somebody makes room."""


class FileStore(Protocol):
    def put(self, data: bytes) -> str: ...
    def get(self, key: str) -> bytes: ...
    def delete(self, key: str) -> None: ...
    def check_space(self, size: int = 0) -> None: ...
    def sweep(self, known: set[str], older_than: datetime) -> list[str]: ...


class LocalFiles:
    """Encrypted files in two levels of folders below one root (mode 0600 and 0700)."""

    def __init__(
        self,
        root: Path,
        keys: DataKeys,
        *,
        min_free_bytes: int = MIN_FREE_BYTES,
        min_free_share: float = MIN_FREE_SHARE,
        free_of: Callable[[Path], tuple[int, int]] | None = None,
    ) -> None:
        self._root = Path(os.path.realpath(root))
        self._keys = keys
        self._min_free_bytes = min_free_bytes
        self._min_free_share = min_free_share
        self._free_of = free_of or _free_of

    def put(self, data: bytes) -> str:
        """The bytes lie encrypted on the disk (fsync) under a new random key; raises StorageFull."""
        self.check_space(len(data))
        key = secrets.token_hex(16)
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_new(path, self._keys.seal(data, key.encode()))
        except OSError as error:
            if error.errno in FULL:
                raise StorageFull("the disk is full") from error
            raise
        for folder in (path.parent, path.parent.parent, self._root):
            _sync_folder(folder)
        return key

    def get(self, key: str) -> bytes:
        """The bytes once put under this key; raises FileMissing, or FileDamaged when they are not those any more."""
        try:
            sealed = _read(self._path(key))
        except FileNotFoundError as error:
            raise FileMissing(key) from error
        except OSError as error:
            raise FileDamaged(key) from error
        try:
            return self._keys.open(sealed, key.encode())
        except CannotOpen as error:
            raise FileDamaged(key) from error

    def delete(self, key: str) -> None:
        """Nothing lies under this key any more, its own encryption key included; doing it twice is no error."""
        try:
            self._path(key).unlink(missing_ok=True)
        except FileMissing:
            return

    def check_space(self, size: int = 0) -> None:
        """Raises StorageFull when less than 5 GiB or 10 % would stay free after `size` bytes more (security.md 4.2)."""
        total, free = self._free_of(_existing(self._root))
        if free - size < max(self._min_free_bytes, int(total * self._min_free_share)):
            raise StorageFull("too little room is left on the disk of the file store")

    def sweep(self, known: set[str], older_than: datetime) -> list[str]:
        """Files that no row knows, written before `older_than`, are gone; answers with their keys, sorted."""
        limit = older_than.timestamp()
        gone = [path for path in self._files() if path.name not in known and path.lstat().st_mtime < limit]
        for path in gone:
            path.unlink(missing_ok=True)
        return sorted(path.name for path in gone)

    def _files(self) -> Iterator[Path]:
        return (path for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*") if KEY.fullmatch(path.name))

    def _path(self, key: str) -> Path:
        """Built from our own key only, and still below the root after every link is followed."""
        if not KEY.fullmatch(key):
            raise FileMissing("this is not a key of ours")
        path = self._root / key[:2] / key[2:4] / key
        if Path(os.path.realpath(path)) != path:
            raise FileMissing("the path leaves the file store")
        return path


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        return file.read()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _existing(path: Path) -> Path:
    return path if path.exists() or path.parent == path else _existing(path.parent)


def _free_of(path: Path) -> tuple[int, int]:
    usage = shutil.disk_usage(path)
    return usage.total, usage.free
