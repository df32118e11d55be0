"""How are the page and its floor served: the same gunicorn, the same number of workers and threads?"""

from __future__ import annotations

import os
import sys

from benchmarks import floor
from portal.app import create_app
from portal.server import serve
from portal.settings import from_environment
from portal.web import logs

MAKERS = {"floor": floor.make, "portal": lambda: create_app(from_environment(os.environ))}

if __name__ == "__main__":
    with open(os.devnull, "w") as nowhere:
        logs.configure("json", stream=nowhere)  # a server in production writes its lines, too
        serve(MAKERS[sys.argv[1]], port=int(sys.argv[2]), workers=2, threads=4)
