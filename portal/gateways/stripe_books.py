"""What stands in Stripe's own books of an account: its events, each movement of its balance, and its payouts?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import stripe

from portal.gateways.stripe import Movement, PayoutState, VerifiedEvent
from portal.gateways.stripe_answers import every, said

PAGE = 100


class StripeBooks:
    """The reading half of the speaker: lists, which say what no webhook has told (`security.md` 3.5)."""

    _client: stripe.StripeClient

    def events_since(self, account: str, since: datetime) -> Iterator[VerifiedEvent]:
        """Every event of the account since then, the newest first; Stripe keeps them for 30 days."""
        listed = every(
            lambda: self._client.v1.events.list(
                {"created": {"gte": int(since.timestamp())}, "limit": PAGE}, {"stripe_account": account}
            )
        )
        for event in listed:
            yield VerifiedEvent(
                id=event["id"],
                account=account,
                livemode=bool(event["livemode"]),
                type=event["type"],
                created=_moment(event["created"]),
                object_id=str(event["data"]["object"].get("id") or "")[:200],
                raw=json.dumps(event, default=str).encode(),
            )

    def movements_since(self, account: str, since: datetime) -> Iterator[Movement]:
        """Every movement of the account's balance since then, the newest first."""
        yield from map(
            _movement,
            every(
                lambda: self._client.v1.balance_transactions.list(
                    {"created": {"gte": int(since.timestamp())}, "limit": PAGE, "expand": ["data.source"]},
                    {"stripe_account": account},
                )
            ),
        )

    def movements_of_payment(self, account: str, pi_id: str) -> list[Movement]:
        """Every movement that one payment has made: what came in, went back, was taken back and came again."""
        options: stripe.RequestOptions = {"stripe_account": account}
        charges = every(
            lambda: self._client.v1.charges.list(
                {"payment_intent": pi_id, "limit": PAGE, "expand": ["data.balance_transaction"]}, options
            )
        )
        refunds = every(
            lambda: self._client.v1.refunds.list(
                {
                    "payment_intent": pi_id,
                    "limit": PAGE,
                    "expand": ["data.balance_transaction", "data.failure_balance_transaction"],
                },
                options,
            )
        )
        disputes = every(lambda: self._client.v1.disputes.list({"payment_intent": pi_id, "limit": PAGE}, options))
        rows = [one.get("balance_transaction") for one in charges]
        rows += [one.get(name) for one in refunds for name in ("balance_transaction", "failure_balance_transaction")]
        rows += [row for one in disputes for row in one["balance_transactions"]]
        return [_movement(row, of=pi_id) for row in rows if isinstance(row, dict)]

    def payout(self, account: str, payout_id: str) -> PayoutState:
        """The payout as it is now."""
        found = said(lambda: self._client.v1.payouts.retrieve(payout_id, options={"stripe_account": account})).to_dict()
        return PayoutState(
            id=found["id"],
            amount_minor=int(found["amount"]),
            currency=str(found["currency"]).upper(),
            status=str(found["status"]),
            automatic=bool(found["automatic"]),
            created=_moment(found["created"]),
            arrives=_moment(found["arrival_date"]),
        )

    def movements_of_payout(self, account: str, payout_id: str) -> Iterator[Movement]:
        """What an automatic payout is made of, and the payout's own movement; Stripe lists no manual payout's."""
        yield from map(
            _movement,
            every(
                lambda: self._client.v1.balance_transactions.list(
                    {"payout": payout_id, "limit": PAGE, "expand": ["data.source"]}, {"stripe_account": account}
                )
            ),
        )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _movement(row: dict[str, Any], *, of: str | None = None) -> Movement:
    source = row.get("source")
    thing: dict[str, Any] = source if isinstance(source, dict) else {"id": source}
    return Movement(
        id=row["id"],
        type=str(row["type"]),
        object_id=of or _object_of(thing) or row["id"],
        amount_minor=int(row["amount"]),
        fee_minor=int(row["fee"]),
        currency=str(row["currency"]).upper(),
        created=_moment(row["created"]),
    )


def _object_of(source: dict[str, Any]) -> str | None:
    """The payment a charge, refund or dispute belongs to, or the payout itself."""
    if source.get("object") == "payout":
        return str(source["id"])
    if source.get("object") not in ("charge", "refund", "dispute"):
        return None
    for name in ("payment_intent", "charge"):
        found = source.get(name)
        if isinstance(found, dict):
            found = found.get("id")
        if isinstance(found, str) and found:
            return found
    return str(source["id"])
