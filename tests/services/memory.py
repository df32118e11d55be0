"""Where do tests keep what they write: in memory where the machine has enough of it, so that no disk slows them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108
#: Two test processes with a server, a browser and their databases each stay far below this.
ENOUGH_BYTES = 4 * 1024**3


def write_to_memory() -> None:
    """From here on temporary folders of this process and its children lie in memory, unless TMPDIR says otherwise."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
