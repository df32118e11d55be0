"""Why is a statement written out once in a test process, and not anew for every test's own database?

A fifth of all test time went into SQL that had been written a moment before: what SQLAlchemy compiles is kept by engine
and by dialect, and each test has an engine of its own. So the engines of one kind share the first one's dialect, once
that one has met its server.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event

from portal.store import database

#: All statements of the portal and of its tests, with room.
KEPT = 5_000


def share_what_is_compiled() -> None:
    """From here on every engine of this process looks first at what another one of its kind has compiled."""
    first: dict[str, Engine] = {}

    def create(*given: Any, **more: Any) -> Engine:
        engine = create_engine(*given, query_cache_size=KEPT, **more)
        known = first.get(engine.dialect.name)
        if known is None:
            event.listen(engine, "connect", lambda *_: first.setdefault(engine.dialect.name, engine))
        else:
            engine.dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    vars(database)["create_engine"] = create
