"""How is the demo's database filled: firms, their people, and every debtor's story told by the portal's actions?"""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.actions.goodwill import change_rule
from portal.actions.people import NewClerk, NewCreditor, add_clerk, add_creditor
from portal.daily import run_daily
from portal.demo.cases import begin
from portal.demo.documents import make_ready
from portal.demo.firms import FIRMS, DemoFirm
from portal.demo.persons import PERSONS, Person
from portal.demo.scene import Desk, must, none_against
from portal.demo.stories import STORIES
from portal.gateways.totp import new_seed
from portal.rules.access import Role
from portal.rules.claims import PositionKind
from portal.store.settings import BankAccount
from portal.web.parts import Parts

PASSWORD = "vierzehn blaue velos"
#: A firm that promises something has done so since before its letters.
PROMISED_SINCE = timedelta(days=90)


def build(parts: Parts, *, base_url: str) -> dict[str, object]:
    """The empty database holds the demo as it stands now; answers with the people that `demo.json` names."""
    end = parts.clock()
    staff: list[dict[str, object]] = []
    desks = {firm.slug: _firm(parts, firm, staff, end) for firm in FIRMS}
    debtors = [_person(parts, desks[person.firm.slug], person, end, base_url) for person in PERSONS]
    make_ready(parts, now=end)
    run_daily(parts.database, now=end)
    return {
        "creditors": [{"slug": firm.slug, "name": firm.name} for firm in FIRMS],
        "debtors": debtors,
        "staff": staff,
    }


def _firm(parts: Parts, firm: DemoFirm, staff: list[dict[str, object]], end: datetime) -> Desk:
    with parts.database.writing() as session:
        at = firm.paper.address
        creditor = must(firm.slug, add_creditor(
            session,
            NewCreditor(
                slug=firm.slug, name=firm.name, street=at.street, house_number=at.house_number, postcode=at.postcode,
                town=at.town, phone=firm.paper.phone, stripe_account=firm.stripe_account, country=at.country,
                canton=firm.canton, language=firm.language, hours=firm.hours, health=firm.health,
            ),
        ))  # fmt: skip
        creditor.accent = firm.accent
        for account in firm.accounts:
            session.add(
                BankAccount(
                    creditor_id=creditor.id, currency=account.currency, iban=account.iban, qr_iban=account.qr_iban,
                    bic=account.bic,
                )
            )  # fmt: skip
        clerks = {}
        for colleague in firm.staff:
            seed = new_seed()
            clerk = must(colleague.email, add_clerk(
                session, creditor.id,
                NewClerk(
                    name=colleague.name, email=colleague.email, role=colleague.role, password=PASSWORD,
                    totp_seed=seed, function=colleague.function, phone=colleague.phone, hours=firm.hours,
                    language=firm.language, feminine=colleague.feminine,
                ),
                passwords=parts.passwords, vault=parts.data_keys,
            ))  # fmt: skip
            clerks[colleague.role] = clerk.id
            staff.append(
                {
                    "creditor": firm.slug, "email": colleague.email, "password": PASSWORD, "totp_secret": seed,
                    "role": colleague.role.value,
                }
            )  # fmt: skip
        if firm.goodwill_days:
            promised = end - PROMISED_SINCE
            none_against("the promise", change_rule(
                session, creditor, on=True, days=firm.goodwill_days, kinds=frozenset({PositionKind.REMINDER_FEE}),
                clerk_id=clerks[Role.ADMIN], now=promised, today=promised.date(),
            ))  # fmt: skip
        return Desk(firm, creditor, clerks)


def _person(parts: Parts, desk: Desk, person: Person, end: datetime, base_url: str) -> dict[str, object]:
    with parts.database.writing() as session:
        story = begin(parts, session, desk, person, end)
        STORIES[person.bills[0].reference](story)
        return {
            "name": person.name,
            "language": person.language,
            "creditor": desk.firm.slug,
            "reference": story.claim.reference,
            "code": story.code,
            "link": f"{base_url}/{desk.firm.slug}#{story.code.replace(' ', '')}",
            "postcode": person.address.postcode,
            "situation": person.situation,
            "fact": {"kind": person.fact[0].value, "value": person.fact[1]} if person.fact else None,
            "pin": person.pin,
        }
