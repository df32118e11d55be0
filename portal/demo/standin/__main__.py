"""How is the stand-in started on its own? `python -m portal.demo.standin --port N --webhook URL --secret whsec_…`"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from portal.demo.standin.accounts import parsed
from portal.demo.standin.server import SECRET, StandIn


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(prog="python -m portal.demo.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--webhook", action="append", default=[], help="where events go; may be given several times")
    parser.add_argument("--secret", default=SECRET, help="what events are signed with")
    parser.add_argument("--data", type=Path, help="folder in which everything survives a restart")
    parser.add_argument("--clock", type=Path, help="file with an offset in seconds, read at each use")
    parser.add_argument("--offset", type=int, default=0, help="seconds by which the clock is moved in any case")
    parser.add_argument("--public", help="address under which browsers reach the pay pages")
    parser.add_argument("--account", type=parsed, nargs="+", action="extend", default=[], dest="accounts",
                        help="acct_x:CHF,EUR:card,twint:Name")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """The stand-in runs until it is told to end (SIGTERM or SIGINT); its address is the first line it prints."""
    given = options(arguments)
    standin = StandIn(
        given.port, given.accounts, given.webhook, given.secret, given.data, given.clock, given.public, given.offset,
    )

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    print(standin.start(), flush=True)
    try:
        standin.wait()
    except KeyboardInterrupt:
        standin.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
