"""What does the command line say about the books: are they true, and how did a sum come about?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from portal.store.ledger_checks import verify
from portal.store.ledger_dump import canonical
from portal.web.parts import Parts

OpenParts = Callable[[], AbstractContextManager[Parts]]


@click.group()
def ledger() -> None:
    """The books."""


@ledger.command("verify")
@click.pass_obj
def verify_ledger(open_parts: OpenParts) -> None:
    """All invariants of the ledger; exit 1 and the offending rows if one fails."""
    with open_parts() as parts, parts.database.reading() as session:
        found = verify(session)
    for finding in found:
        amount = "" if finding.minor is None else f" {finding.currency or ''} {finding.minor}"
        click.echo(f"{finding.rule}: {finding.subject} {finding.subject_id}{amount}")
    click.echo(f"{len(found)} rows break a rule." if found else "Every rule of the ledger holds.")
    raise SystemExit(1 if found else 0)


@ledger.command("dump")
@click.option("--canonical", "in_one_form", is_flag=True, required=True, help="Sums only: no ids, no clock times.")
@click.pass_obj
def dump_ledger(open_parts: OpenParts, in_one_form: bool) -> None:
    """The whole ledger as text lines that are the same whichever way led there."""
    with open_parts() as parts, parts.database.reading() as session:
        for line in canonical(session):
            click.echo(line)
