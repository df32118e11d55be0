"""How does the .venv find this checkout? Run by `make install` with the .venv's own Python.

A line in site-packages and a starter in bin: an editable install without a build and its downloads.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
STARTER = """#!{python}
import sys

from portal.commands import main

if __name__ == "__main__":
    sys.exit(main())
"""


def link() -> None:
    """`.venv/bin/portal` runs this checkout's code."""
    Path(sysconfig.get_path("purelib"), "kulanz.pth").write_text(f"{CHECKOUT}\n", encoding="utf-8")
    starter = Path(sys.prefix, "bin", "portal")
    starter.write_text(STARTER.format(python=Path(sys.prefix, "bin", "python")), encoding="utf-8")
    starter.chmod(0o755)


if __name__ == "__main__":
    link()
