"""What happens when somebody asks whether a paper is ours: an answer without data, and not too often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from portal.actions.throttles import TooOften, count, give_back
from portal.gateways.hashing import PaperNumbers
from portal.rules.access import NETWORK_WINDOWS
from portal.rules.receipts import Issued
from portal.store.database import Database


def check_paper(
    database: Database, numbers: PaperNumbers, creditor_id: UUID, typed: str, *, network: str, now: datetime
) -> Issued | None:
    """What a genuine number of this firm says, else None; raises TooOften once a network has guessed too often.

    Only a number with a right check symbol is a guess. A genuine one always gets its answer.
    """
    with database.writing() as session:
        counted = count(session, network, NETWORK_WINDOWS, scope="paper", now=now)
        found = numbers.check(creditor_id, typed)
        if found is not None:
            give_back(session, counted, now=now)
    if found is None and counted.over is not None:
        raise TooOften(counted.over)
    return found
