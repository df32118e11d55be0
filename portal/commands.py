"""The `portal` command line: what can an operator do, and what does each command say?"""

from __future__ import annotations

import json
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.digests import mornings
from portal.actions.people import NewClerk, NewCreditor, add_clerk, add_creditor
from portal.app import build_parts, create_app, system_clock
from portal.bank_commands import import_bank
from portal.checkup import look
from portal.comparisons import all_of_them
from portal.daily import run_daily
from portal.demo import run as demo_run
from portal.demo.run import DemoRefused
from portal.gateways.totp import new_seed, setup_address
from portal.import_commands import import_claims, undo_import
from portal.ledger_commands import ledger
from portal.letter_commands import letter_runs, letters
from portal.mail_commands import read_bounces
from portal.rules.access import Role
from portal.rules.accounts import problems as account_problems
from portal.rules.accounts import read as read_account
from portal.rules.people import PASSWORD_SHORTEST, ClerkProblem, CreditorProblem
from portal.server import serve as serve_forever
from portal.set_up_commands import write_test_letter
from portal.settings import Settings, SettingsIncomplete, from_environment
from portal.store.schema import migrate as migrate_database
from portal.store.settings import BankAccount, creditor_by_slug
from portal.web import logs
from portal.web.labels.accounts import PROBLEMS as ACCOUNTS
from portal.web.parts import Parts
from portal.web.security import policy_of
from portal.worker import Worker

SENTENCES = {
    ClerkProblem.NAME_MISSING: "A name is missing.",
    ClerkProblem.EMAIL_UNREADABLE: "The mail address can't be read.",
    ClerkProblem.EMAIL_TAKEN: "Somebody signs in with this mail address already.",
    ClerkProblem.PASSWORD_SHORT: f"The password has fewer than {PASSWORD_SHORTEST} characters.",
    ClerkProblem.PASSWORD_LONG: "The password is too long.",
    CreditorProblem.NAME_MISSING: "A name is missing.",
    CreditorProblem.SLUG_UNUSABLE: "The slug takes small letters, digits and hyphens, and no word the portal uses.",
    CreditorProblem.SLUG_TAKEN: "This slug is taken.",
}
#: People and Stripe wait for a page, nobody for the worker: where both want the processor, pages go first.
WORKER_NICE = 5
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def portal(context: click.Context) -> None:
    """Kulanz: a self-service portal in which a firm settles open invoices with its customers itself."""
    context.obj = _parts


@portal.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--no-serve", is_flag=True, help="Create everything and end.")
@click.option("--today", default="", help="The day on which the demo begins, YYYY-MM-DD.")
@click.option("--clock", type=click.Path(path_type=Path), help="A file with seconds by which the clock is moved.")
def demo(port: int, data: Path, no_serve: bool, today: str, clock: Path | None) -> None:
    """Three firms with living sample data, on this machine only; a new demo replaces an older one's data."""
    if today and (problem := demo_run.day_problem(today)):
        _refuse(problem)
    place = demo_run.place_for(data, port, today=today, clock_file=clock)
    try:
        if no_serve:
            said = demo_run.create(place)
            demo_run.write_json(place, said)
            for line in demo_run.lines_about(said)[:-2]:
                click.echo(line)
            click.echo(f"\nEverything lies in {place.folder}; nothing is running.")
            return
        raise SystemExit(demo_run.run(place, click.echo))
    except DemoRefused as refused:
        _refuse(str(refused))


@portal.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
def serve(host: str, port: int, workers: int) -> None:
    """The web server, on PORTAL_* settings; it listens on this machine only unless told otherwise."""
    settings = _settings()
    logs.configure(settings.log_format)
    serve_forever(lambda: create_app(settings), host=host, port=port, workers=workers, threads=settings.threads)


@portal.command()
@click.option("--once", is_flag=True, help="End when nothing is due any more.")
def worker(once: bool) -> None:
    """Background work: webhook inbox, reconciliation, files."""
    with _parts() as parts:
        working = Worker(parts, wall=system_clock)
        if once:
            working.plan()
            count = working.drain()
            click.echo(f"{count} things were done; nothing is due any more.")
            return
        os.nice(WORKER_NICE)
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        working.run(stop)


@portal.command()
@click.option("--date", "day", type=DAY, help="The day to run for, YYYY-MM-DD; by default today.")
@click.option("--since", type=DAY, help="Compare Stripe's books from this day on, for example after a restore.")
def daily(day: datetime | None, since: datetime | None) -> None:
    """The day's run: due instalments, deadlines, pauses that end, what waits told to the desk, and the books compared.

    Safe to repeat; catches up missed days, also where Stripe did not answer. Exit 1 if a book of ours is wrong.
    """
    with _parts() as parts:
        count = run_daily(parts.database, now=parts.clock(), day=day.date() if day else None, files=parts.files)
        if parts.mail.configured:
            mornings(parts.database, now=parts.clock(), day=day.date() if day else None)
        unasked, wrong = all_of_them(parts, now=parts.clock(), since=since.replace(tzinfo=UTC) if since else None)
    click.echo(f"The day's run is done for {count} creditor{'' if count == 1 else 's'}.")
    for sentence in unasked:
        click.echo(sentence)
    if wrong:
        _refuse(f"{wrong} things in the ledger or among its files are wrong; `portal ledger verify` names the rows.")


@portal.command()
def migrate() -> None:
    """The database has the newest schema."""
    with _parts() as parts:
        _make_folder(parts)
        migrate_database(parts.database)
    click.echo("The database has the newest schema, and the ledger's guards are in place.")


@portal.command()
def check() -> None:
    """One line each: configuration, database, schema, storage, scanner, Stripe, mail; exit 1 if something is wrong."""
    with _parts() as parts:
        findings = list(look(parts))
    for finding in findings:
        click.echo(finding.line)
    raise SystemExit(0 if all(finding.good for finding in findings) else 1)


@portal.command("add-creditor")
@click.option("--slug", required=True, help="The first segment of its addresses.")
@click.option("--name", required=True)
@click.option("--street", required=True)
@click.option("--house-number", default="")
@click.option("--postcode", required=True)
@click.option("--town", required=True)
@click.option("--country", default="CH", show_default=True)
@click.option("--canton", default="")
@click.option("--language", type=click.Choice(["de", "fr", "it", "en"]), default="de", show_default=True)
@click.option("--phone", required=True)
@click.option("--hours", default="")
@click.option("--website", default="")
@click.option("--stripe-account", default="", help="acct_…; without one debtors transfer, until the desk opens one.")
@click.option("--currency", type=click.Choice(["CHF", "EUR"]), default="CHF", show_default=True)
@click.option("--iban", default="", help="Where transfers in this currency go; without one the desk names it later.")
@click.option("--qr-iban")
@click.option("--bic")
@click.option("--sepa", is_flag=True, help="The account takes SEPA transfers in EUR.")
@click.option("--strict", is_flag=True, help="The letter alone never opens the whole file.")
@click.option("--health", is_flag=True, help="The firm treats people: its documents never open with the letter alone.")
def new_creditor(currency: str, iban: str, qr_iban: str | None, bic: str | None, sepa: bool, **given: Any) -> None:
    """A firm and its bank account, without SQL; whatever is left out, `/desk/set-up` asks for."""
    account = read_account(currency, iban, qr_iban or "", bic or "", sepa=sepa)
    if (iban or qr_iban) and (found := account_problems(account)):
        _refuse(*(ACCOUNTS[problem] for problem in found))
    with _parts() as parts, parts.database.writing() as session:
        added = add_creditor(session, NewCreditor(**given))
        if isinstance(added, list):
            _refuse(*(SENTENCES[problem] for problem in added))
        if account.iban:
            session.add(BankAccount(creditor_id=added.id, **asdict(account)))
        click.echo(f"{added.name} has its pages under {parts.settings.base_url}/{added.slug}.")


@portal.command("add-clerk")
@click.option("--creditor", "slug", required=True, help="The firm's slug.")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--function", default="")
@click.option("--phone", default="")
@click.option("--hours", default="")
@click.option("--language", type=click.Choice(["de", "fr", "it", "en"]), default="de", show_default=True)
@click.option("--password", envvar="PORTAL_NEW_PASSWORD", help="Or PORTAL_NEW_PASSWORD; by default one is made up.")
def new_clerk(slug: str, role: str, password: str | None, **given: Any) -> None:
    """A colleague who can sign in at the desk; says the password if it was made up, and the seed for the phone."""
    made_up = password or secrets.token_urlsafe(15)
    seed = new_seed()
    with _parts() as parts, parts.database.writing() as session:
        creditor = creditor_by_slug(session, slug)
        if creditor is None:
            _refuse(f"There is no creditor {slug!r}.")
        added = add_clerk(
            session, creditor.id, NewClerk(role=Role(role), password=made_up, totp_seed=seed, **given),
            passwords=parts.passwords, vault=parts.data_keys,
        )  # fmt: skip
        if isinstance(added, list):
            _refuse(*(SENTENCES[problem] for problem in added))
        click.echo(f"{added.name} can sign in at {parts.settings.base_url}/desk/sign-in as {added.email}.")
        if password is None:
            click.echo(f"Password: {made_up}")
        click.echo(f"Authenticator: {seed}")
        click.echo(setup_address(seed, added.email, creditor.name))


portal.add_command(ledger)
portal.add_command(import_bank)
portal.add_command(letters)
portal.add_command(letter_runs)
portal.add_command(read_bounces)
portal.add_command(write_test_letter)
portal.add_command(import_claims)
portal.add_command(undo_import)


@portal.command()
@click.option("--json", "as_json", is_flag=True)
def routes(as_json: bool) -> None:
    """Every address: rule, methods, endpoint, who may."""
    with _parts() as parts:
        found = list(routes_of(create_app(parts.settings, parts=parts)))
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for one in found:
        methods = ",".join(one["methods"])
        click.echo(f"{methods:10} {one['rule']:60} {one['policy']}{' · ' + one['right'] if one['right'] else ''}")


def routes_of(app: Flask) -> Iterator[dict[str, Any]]:
    """Every address with its methods, its endpoint and everybody who may call it."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        policy = policy_of(app, rule.endpoint)
        yield {
            "rule": rule.rule,
            "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
            "endpoint": rule.endpoint,
            "policy": policy.audience.value,
            "right": policy.right.value if policy.right else None,
            "params": sorted(rule.arguments),
        }


def _settings() -> Settings:
    try:
        return from_environment(os.environ)
    except SettingsIncomplete as incomplete:
        _refuse(*incomplete.sentences)


@contextmanager
def _parts() -> Iterator[Parts]:
    settings = _settings()
    logs.configure(settings.log_format)
    try:
        parts = build_parts(settings)
    except SettingsIncomplete as incomplete:
        _refuse(*incomplete.sentences)
    try:
        yield parts
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        _refuse(f"The database did not do it: {type(cause).__name__}. `portal check` says more.")
    finally:
        parts.database.close()


def _make_folder(parts: Parts) -> None:
    file = parts.database.engine.url.database
    if parts.database.is_sqlite and file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        click.echo(sentence, err=True)
    raise SystemExit(1)


def main() -> None:
    """The entry point of the installed `portal` command."""
    portal(prog_name="portal")


if __name__ == "__main__":
    main()
