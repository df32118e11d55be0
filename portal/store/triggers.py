"""What does the database itself refuse, so that money and history are only ever added (`decisions.md` 20)?

Every migration drops these triggers and creates them again from here, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: its name, its table, when it fires, and what it runs in each engine's own language.

    `once` says when PostgreSQL fires it if not for each row: once for all rows of a statement, which are `fresh`.
    """

    name: str
    table: str
    when: str
    sqlite: str
    postgres: str
    once: str = ""


def _refuse(table: str, operation: str, columns: str = "") -> Trigger:
    of_columns = f" OF {columns}" if columns else ""
    name = f"{table}_no_{operation.lower()}"
    return Trigger(
        name,
        table,
        f"BEFORE {operation}{of_columns} ON {table}",
        f"SELECT RAISE(ABORT, '{table}: rows of this table are only ever added');",
        "portal_refuse_change",
    )


def _all_of(table: str) -> str:
    """A file of claims brings thousands of rows in one statement; refused is the whole statement either way."""
    return f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"


ENTRY_CHECK = """
    SELECT RAISE(ABORT, 'entry: an entry needs at least two postings, written before it')
        WHERE (SELECT count(*) FROM posting WHERE entry_id = NEW.id) < 2;
    SELECT RAISE(ABORT, 'entry: an entry and its postings belong to one creditor')
        WHERE EXISTS (SELECT 1 FROM posting WHERE entry_id = NEW.id AND creditor_id <> NEW.creditor_id);
    SELECT RAISE(ABORT, 'entry: the postings of an entry add up to zero in each currency')
        WHERE EXISTS (
            SELECT 1 FROM posting WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount_minor) <> 0
        );
    SELECT RAISE(ABORT, 'entry: a reversal takes back on each account what its entry posted there')
        WHERE NEW.reverses_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM posting WHERE entry_id IN (NEW.id, NEW.reverses_id)
                GROUP BY account_id, currency HAVING sum(amount_minor) <> 0
        );
"""

POSTING_CHECK = """
    SELECT RAISE(ABORT, 'posting: an entry that stands takes no further posting')
        WHERE EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id);
"""

#: An account is one of them, because a posting means what its account says.
ADDED_ONLY = ("account", "entry", "posting", "event")

#: These are guarded from the first migration that has a ledger; any other table from the day it exists.
FIRST_GUARDED = frozenset({*ADDED_ONLY, "provider_event"})

#: Both engines.
TRIGGERS: tuple[Trigger, ...] = (
    *(_refuse(table, operation) for table in ADDED_ONLY for operation in ("UPDATE", "DELETE")),
    _refuse("provider_event", "UPDATE", "event_id, raw"),
    _refuse("provider_event", "DELETE"),
    _refuse("allocation", "UPDATE", "entry_id, claim_id, policy, word, declared, contested, paid_at, reference"),
    _refuse("allocation", "DELETE"),
    Trigger("entry_checked", "entry", "BEFORE INSERT ON entry", ENTRY_CHECK, "portal_check_entry", _all_of("entry")),
    Trigger(
        "posting_checked",
        "posting",
        "BEFORE INSERT ON posting",
        POSTING_CHECK,
        "portal_check_posting",
        _all_of("posting"),
    ),
)

#: PostgreSQL alone: TRUNCATE, and two transactions that write to one entry without seeing each other.
POSTGRES_TRUNCATE = tuple(f"{table}_no_truncate" for table in (*ADDED_ONLY, "provider_event"))
POSTGRES_BALANCED = "posting_balanced"

POSTGRES_FUNCTIONS: dict[str, str] = {
    "portal_refuse_change": """
    BEGIN
        RAISE EXCEPTION USING
            MESSAGE = TG_TABLE_NAME || ': rows of this table are only ever added',
            ERRCODE = 'restrict_violation';
    END
    """,
    # Each row's postings are looked for by their key: a join could be planned as a search through all postings.
    "portal_check_entry": """
    BEGIN
        IF EXISTS (SELECT 1 FROM fresh WHERE (SELECT count(*) FROM posting WHERE entry_id = fresh.id) < 2) THEN
            RAISE EXCEPTION USING
                MESSAGE = 'entry: an entry needs at least two postings, written before it',
                ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM fresh
                WHERE (SELECT bool_or(creditor_id <> fresh.creditor_id) FROM posting WHERE entry_id = fresh.id)
        ) THEN
            RAISE EXCEPTION USING
                MESSAGE = 'entry: an entry and its postings belong to one creditor',
                ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM fresh WHERE EXISTS (
                SELECT 1 FROM posting WHERE entry_id = fresh.id GROUP BY currency HAVING sum(amount_minor) <> 0
            )
        ) THEN
            RAISE EXCEPTION USING
                MESSAGE = 'entry: the postings of an entry add up to zero in each currency',
                ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM fresh WHERE reverses_id IS NOT NULL AND EXISTS (
                SELECT 1 FROM posting WHERE entry_id IN (fresh.id, fresh.reverses_id)
                    GROUP BY account_id, currency HAVING sum(amount_minor) <> 0
            )
        ) THEN
            RAISE EXCEPTION USING
                MESSAGE = 'entry: a reversal takes back on each account what its entry posted there',
                ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END
    """,
    "portal_check_posting": """
    BEGIN
        IF EXISTS (SELECT 1 FROM fresh WHERE (SELECT count(*) FROM entry WHERE id = fresh.entry_id) > 0) THEN
            RAISE EXCEPTION USING
                MESSAGE = 'posting: an entry that stands takes no further posting',
                ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END
    """,
    "portal_check_balance": """
    BEGIN
        IF EXISTS (
            SELECT 1 FROM posting WHERE entry_id = NEW.entry_id GROUP BY currency HAVING sum(amount_minor) <> 0
        ) THEN
            RAISE EXCEPTION USING
                MESSAGE = 'entry: the postings of an entry add up to zero in each currency',
                ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END
    """,
}


def names(dialect: str) -> frozenset[str]:
    """The names of all triggers that guard a database of this engine."""
    both = {trigger.name for trigger in TRIGGERS}
    return frozenset(both if dialect == "sqlite" else both | {*POSTGRES_TRUNCATE, POSTGRES_BALANCED})


def install(connection: Connection) -> None:
    """Every guarded table that exists is guarded; call it in the transaction that called `drop`."""
    tables = set(inspect(connection).get_table_names())
    statements = _sqlite(tables) if connection.dialect.name == "sqlite" else _postgres(tables)
    for statement in statements:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """No table is guarded any more, so that a migration can change it."""
    sqlite = connection.dialect.name == "sqlite"
    for name, table in _present(connection):
        if name in names(connection.dialect.name):
            connection.exec_driver_sql(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    for function in () if sqlite else POSTGRES_FUNCTIONS:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")


def missing(connection: Connection) -> frozenset[str]:
    """The triggers that should guard this database and are not there, or are switched off."""
    tables = set(inspect(connection).get_table_names())
    later = {trigger.name for trigger in TRIGGERS if trigger.table not in tables | FIRST_GUARDED}
    return names(connection.dialect.name) - later - {name for name, _ in _present(connection)}


def _present(connection: Connection) -> list[tuple[str, str]]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND n.nspname = current_schema()"
        )
    return [(str(row[0]), str(row[1])) for row in connection.execute(text(query))]


def _sqlite(tables: set[str]) -> Iterator[str]:
    for trigger in TRIGGERS:
        if trigger.table in tables:
            yield f"CREATE TRIGGER {trigger.name} {trigger.when} BEGIN {trigger.sqlite} END"


def _postgres(tables: set[str]) -> Iterator[str]:
    for function, body in POSTGRES_FUNCTIONS.items():
        yield f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
    for trigger in TRIGGERS:
        if trigger.table in tables:
            when = trigger.once or f"{trigger.when} FOR EACH ROW"
            yield f"CREATE TRIGGER {trigger.name} {when} EXECUTE FUNCTION {trigger.postgres}()"
    for name in POSTGRES_TRUNCATE:
        table = name.removesuffix("_no_truncate")
        if table in tables:
            yield (
                f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse_change()"
            )
    if "posting" in tables:
        yield (
            f"CREATE CONSTRAINT TRIGGER {POSTGRES_BALANCED} AFTER INSERT ON posting "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_check_balance()"
        )
