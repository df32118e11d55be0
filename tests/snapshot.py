"""What does the whole database hold, so that a test can say that nothing changed?"""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store.tables import metadata
from portal.web.traces import READ_MARKS, TECHNICAL_TABLES


def of(session: Session, *, technical: bool = False) -> dict[str, str]:
    """A digest per table of everything that counts; without technical tables and read marks unless asked."""
    found = {}
    for table in metadata.sorted_tables:
        if table.name in TECHNICAL_TABLES and not technical:
            continue
        columns = [column for column in table.columns if technical or (table.name, column.name) not in READ_MARKS]
        rows = sorted(repr(tuple(row)) for row in session.execute(select(*columns)))
        found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
