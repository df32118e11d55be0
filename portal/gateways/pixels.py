"""How does a stranger's file become a copy that we made ourselves?

The decoding happens in a child process that has nothing to lose: no secrets in its environment, limits on memory, time
and output, no network where bubblewrap exists. `sandbox` is the child's side, `pixel_copy` and `pdf_cleaning` the work.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from portal.rules.attachments import FileProblem, FileType, sniff

log = logging.getLogger(__name__)

SECONDS = 30.0
READY = b"ready\n"
LARGEST_COPY = 64 * 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]
BOOT = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives")
WORKERS = {FileType.PDF: "portal.gateways.pdf_cleaning"}
PICTURES = "portal.gateways.pixel_copy"


@dataclass(frozen=True)
class Converted:
    """A clean copy; `width` and `height` in pixels for pictures, `pages` for PDFs."""

    data: bytes
    media_type: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None


class CannotConvert(Exception):
    """The file itself can't be turned into a copy, and trying again would not help."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class ConverterDown(Exception):
    """The child process could not even start: our fault, the file waits and is tried again."""


class Converter(Protocol):
    def convert(self, data: bytes, type: FileType) -> Converted: ...


class SandboxConverter:
    """Runs one child process per file; `seconds` is the longest it may take on the wall clock."""

    def __init__(self, *, seconds: float = SECONDS, bwrap: str | None = shutil.which("bwrap")) -> None:
        self._seconds = seconds
        self._bwrap = bwrap

    @cached_property
    def walled(self) -> bool:
        """True when children run inside bubblewrap, without network and without our files."""
        if self._bwrap is None:
            return False
        trial = [*_wall(self._bwrap), sys.executable, "-I", "-c", "pass"]
        ended = subprocess.run(trial, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if ended.returncode:
            log.warning("bubblewrap is installed but can't run here; files are converted with resource limits only")
        return ended.returncode == 0

    def convert(self, data: bytes, type: FileType) -> Converted:
        """A copy made from pixels or cleaned pages; raises CannotConvert (the file) or ConverterDown (us)."""
        with _scratch() as given, _scratch() as made:
            given.write(data)
            given.seek(0)
            try:
                ended = self._run(self._command(type), given, made)
            except OSError as error:
                raise ConverterDown(f"the converter for {type} could not be started") from error
            made.seek(0)
            answer = made.read(LARGEST_COPY + 1)
        if not answer.startswith(READY):
            raise ConverterDown(f"the converter for {type} ended with {ended} before it was ready")
        if ended is None:
            raise CannotConvert(FileProblem.TOO_COMPLEX)
        return _read_answer(answer.removeprefix(READY), type)

    def _command(self, type: FileType) -> list[str]:
        wall = _wall(self._bwrap) if self._bwrap and self.walled else []
        return [*wall, sys.executable, "-I", "-c", BOOT, str(ROOT), WORKERS.get(type, PICTURES), type.value]

    def _run(self, command: list[str], given: BinaryIO, made: BinaryIO) -> int | None:
        """The exit code, or None after the whole process group had to be killed."""
        child = subprocess.Popen(
            command,
            stdin=given,
            stdout=made,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        try:
            return child.wait(self._seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end_group(child)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _scratch() -> BinaryIO:
    """A file without a name: the child's limit on file size holds for it, and no plain bytes reach a disk on Linux."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("portal"), "w+b")
    return tempfile.TemporaryFile()


def _wall(bwrap: str) -> list[str]:
    """No network, no other processes, no file of ours but the interpreter and this package (bwrap(1))."""
    interpreter = Path(os.path.realpath(sys.executable)).parents[1]
    seen = dict.fromkeys([*SYSTEM, str(interpreter), sys.base_prefix, sys.prefix, str(ROOT / "portal")])
    binds = [word for path in seen if path != "/" for word in ("--ro-bind-try", path, path)]
    return [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--dev", "/dev", *binds]


def _read_answer(answer: bytes, type: FileType) -> Converted:
    """The child has touched a stranger's bytes, so its answer is believed only where it fits."""
    line, _, body = answer.partition(b"\n")
    try:
        facts = json.loads(line)
        if "problem" in facts:
            raise CannotConvert(FileProblem(facts["problem"]))
        copy = Converted(body, type.served.media_type, *(_count(facts[name]) for name in ("pages", "width", "height")))
    except (ValueError, TypeError, KeyError) as error:
        raise CannotConvert(FileProblem.BROKEN) from error
    if sniff(body) is not type.served or len(body) > LARGEST_COPY - len(line) - len(READY):
        raise CannotConvert(FileProblem.BROKEN)
    return copy


def _count(value: object) -> int | None:
    if value is None or (isinstance(value, int) and value > 0):
        return value
    raise ValueError("not a count")
