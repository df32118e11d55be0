"""Which modules make up the two fronts, the debtor's and the desk's."""

from __future__ import annotations

from types import ModuleType

from portal.web.creditor import access as desk_access
from portal.web.creditor import accounts as desk_accounts
from portal.web.creditor import addresses as desk_addresses
from portal.web.creditor import bank as desk_bank
from portal.web.creditor import bookings as desk_bookings
from portal.web.creditor import claims as desk_claims
from portal.web.creditor import connections as desk_connections
from portal.web.creditor import credits as desk_credits
from portal.web.creditor import deferrals as desk_deferrals
from portal.web.creditor import disputes as desk_disputes
from portal.web.creditor import evidence as desk_evidence
from portal.web.creditor import firm as desk_firm
from portal.web.creditor import hardship as desk_hardship
from portal.web.creditor import imports as desk_imports
from portal.web.creditor import letters as desk_letters
from portal.web.creditor import messages as desk_messages
from portal.web.creditor import offers as desk_offers
from portal.web.creditor import openings as desk_openings
from portal.web.creditor import pauses as desk_pauses
from portal.web.creditor import people as desk_people
from portal.web.creditor import picks as desk_picks
from portal.web.creditor import plans as desk_plans
from portal.web.creditor import previews as desk_previews
from portal.web.creditor import rates as desk_rates
from portal.web.creditor import receipts as desk_receipts
from portal.web.creditor import reconciliation as desk_reconciliation
from portal.web.creditor import refunds as desk_refunds
from portal.web.creditor import reissues as desk_reissues
from portal.web.creditor import runs as desk_runs
from portal.web.creditor import set_up as desk_set_up
from portal.web.creditor import settings as desk_settings
from portal.web.creditor import stationery as desk_stationery
from portal.web.creditor import today as desk_today
from portal.web.creditor import waivers as desk_waivers
from portal.web.debtor import access as debtor_access
from portal.web.debtor import claims as debtor_claims
from portal.web.debtor import deferrals as debtor_deferrals
from portal.web.debtor import disputes as debtor_disputes
from portal.web.debtor import evidence as debtor_evidence
from portal.web.debtor import hardship as debtor_hardship
from portal.web.debtor import help as debtor_help
from portal.web.debtor import letters as debtor_letters
from portal.web.debtor import messages as debtor_messages
from portal.web.debtor import notices as debtor_notices
from portal.web.debtor import offers as debtor_offers
from portal.web.debtor import payments as debtor_payments
from portal.web.debtor import plans as debtor_plans
from portal.web.debtor import receipts as debtor_receipts
from portal.web.debtor import transfers as debtor_transfers

DEBTOR: tuple[ModuleType, ...] = (
    debtor_plans,
    debtor_deferrals,
    debtor_hardship,
    debtor_access,
    debtor_help,
    debtor_letters,
    debtor_claims,
    debtor_evidence,
    debtor_payments,
    debtor_transfers,
    debtor_receipts,
    debtor_messages,
    debtor_notices,
    debtor_offers,
    debtor_disputes,
)
DESK: tuple[ModuleType, ...] = (
    desk_plans,
    desk_deferrals,
    desk_hardship,
    desk_access,
    desk_accounts,
    desk_bank,
    desk_bookings,
    desk_imports,
    desk_firm,
    desk_letters,
    desk_runs,
    desk_reissues,
    desk_picks,
    desk_previews,
    desk_addresses,
    desk_offers,
    desk_openings,
    desk_pauses,
    desk_people,
    desk_reconciliation,
    desk_refunds,
    desk_credits,
    desk_connections,
    desk_receipts,
    desk_rates,
    desk_settings,
    desk_set_up,
    desk_stationery,
    desk_waivers,
    desk_disputes,
    desk_evidence,
    desk_today,
    desk_claims,
    desk_messages,
)
