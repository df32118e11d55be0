"""What does the command line do with e-mails that came back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import BinaryIO

import click

from portal.actions.bounces import BounceOutcome, came_back
from portal.gateways.bounces import LARGEST, BounceReason, read_bounce
from portal.web.parts import Parts

SENTENCES: Mapping[BounceReason | BounceOutcome, str] = {
    BounceReason.TOO_LARGE: "larger than 1 MB, which no report is; nothing was changed",
    BounceReason.NO_REPORT: "not a delivery report (RFC 3464); nothing was changed",
    BounceReason.NOT_FINAL: "the server is still trying; nothing was changed",
    BounceReason.NOT_OURS: "names none of our e-mails; nothing was changed",
    BounceOutcome.NOT_OURS: "names none of our e-mails to that address; nothing was changed",
    BounceOutcome.KNOWN: "known already; nothing was changed",
    BounceOutcome.NOTED: "noted; the desk has a task",
    BounceOutcome.NOTED_POST: "noted; the desk has a task, and the person hears by post again",
}


@click.command("read-bounces")
@click.argument("files", nargs=-1, required=True, type=click.File("rb"), metavar="FILE...|-")
@click.pass_obj
def read_bounces(parts_of: Callable[[], AbstractContextManager[Parts]], files: tuple[BinaryIO, ...]) -> None:
    """Take in e-mails that came back: one message in each FILE, or from standard input, as mail servers hand it over.

    Whoever could not be reached hears by post again, and the desk has a task. A message that is no report, or not about
    one of our e-mails, changes nothing. Safe to repeat; exit 0 for whatever could be read, so that no report bounces.
    """
    with parts_of() as parts:
        if not parts.mail.configured:
            raise click.ClickException("PORTAL_MAIL_URL is not set, so there are no e-mails of ours.")
        for file in files:
            found = read_bounce(file.read(LARGEST + 1), parts.mail.domain)
            said = found if isinstance(found, BounceReason) else came_back(parts.database, found, now=parts.clock())
            name = getattr(file, "name", "-")
            click.echo(f"{name}: {SENTENCES[said]}")
