"""To which account, from whom and with which reference is a sum on a claim transferred?"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.rules.money import Money
from portal.rules.references import is_qr_reference
from portal.rules.transfers import Account, Address, Bill, as_payer
from portal.store.claims import Claim
from portal.store.people import Debtor, debtor_by_id
from portal.store.settings import Creditor, bank_account


def bill_of(session: Session, firm: Creditor, claim: Claim, amount: Money, person: Debtor | None = None) -> Bill | None:
    """The bill of this sum to the creditor's account; None where the creditor has named no account in this currency.

    `person` saves the question who owes the claim.
    """
    account = bank_account(session, claim.creditor_id, claim.currency)
    person = person or debtor_by_id(session, claim.creditor_id, claim.debtor_id)
    if account is None or person is None:
        return None
    with_qr = is_qr_reference(claim.qr_reference) and account.qr_iban
    return Bill(
        account=Account(account.qr_iban if with_qr and account.qr_iban else account.iban, account.bic),
        payee=address_of(firm),
        payer=as_payer(address_of(person)),
        amount=amount,
        reference=claim.qr_reference,
        message=claim.invoice_number[:100],
    )


def address_of(one: Creditor | Debtor) -> Address:
    """The structured address of a firm or a person."""
    return Address(one.name, one.street, one.house_number, one.postcode, one.town, one.country)
