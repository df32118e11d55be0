"""What may the child process do that opens a stranger's file? (the child's side of `pixels`)"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable

from portal.gateways.pixels import LARGEST_COPY, READY, CannotConvert, Converted
from portal.rules.attachments import MAX_FILE_BYTES, FileProblem, FileType

MEMORY = 1024**3
CPU_SECONDS = 20


def serve(convert: Callable[[bytes, FileType], Converted]) -> None:
    """Limits itself, reads the file from stdin, and writes one line of facts and the copy to the first stdout."""
    out = os.dup(1)
    os.dup2(2, 1)
    type = FileType(sys.argv[3])
    _confine(threads=type is FileType.HEIC)
    with os.fdopen(out, "wb") as answer:
        answer.write(READY)
        answer.flush()
        facts, body = _worked(convert, sys.stdin.buffer.read(MAX_FILE_BYTES + 1), type)
        answer.write(json.dumps(facts).encode() + b"\n" + body)


def _worked(
    convert: Callable[[bytes, FileType], Converted], data: bytes, type: FileType
) -> tuple[dict[str, str | int | None], bytes]:
    try:
        copy = convert(data, type) if len(data) <= MAX_FILE_BYTES else _refuse(FileProblem.TOO_BIG)
    except CannotConvert as refused:
        return {"problem": refused.problem.value}, b""
    except MemoryError:
        return {"problem": FileProblem.TOO_COMPLEX.value}, b""
    except Exception:  # a stranger's bytes: whatever the decoder says, the file can't be read
        return {"problem": FileProblem.BROKEN.value}, b""
    return {"pages": copy.pages, "width": copy.width, "height": copy.height}, copy.data


def _refuse(problem: FileProblem) -> Converted:
    raise CannotConvert(problem)


def _confine(*, threads: bool) -> None:
    """Memory, CPU time, output and open files are bounded; no core file; no new process or thread (root is exempt).

    libde265, inside libheif, can't decode without threads of its own, and the limit counts threads like processes.
    """
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: LARGEST_COPY,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_CORE: 0,
    }
    if not threads:
        limits[resource.RLIMIT_NPROC] = 0
    for what, most in limits.items():
        _, hard = resource.getrlimit(what)
        ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (ceiling, ceiling))
