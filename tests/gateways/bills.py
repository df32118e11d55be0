"""Bills that the tests of codes and papers share: with and without payer, amount, reference; all four languages."""

from portal.rules.money import Money
from portal.rules.references import qr_reference, scor_reference
from portal.rules.transfers import Account, Address, Bill

PAYEE = Address("Velo Sutter AG", "Lagerstrasse", "14", "8400", "Winterthur", "CH")
DORA = Address("Dora Keller", "Rosenweg", "3a", "8404", "Winterthur", "CH")
LONG = Address(
    "Fondation intercommunale de l'Île-de-Pérouse-sur-Sénéquier-Žižkov-Ăž", "Chemin du Vieux-Moulin-de-la-Côte",
    "118bis", "1800", "Vevey", "CH",
)  # fmt: skip
ABROAD = Address("Èva Grünwald", "Bahnhofstraße", "2", "79539", "Lörrach", "DE")
QR, PLAIN = Account("CH4431999123000889012"), Account("CH9300762011623852957")
BILLS = [
    Bill(QR, PAYEE, DORA, Money(128803, "CHF"), qr_reference("21000000000313947143000901"), "Rechnung 2026-0417"),
    Bill(PLAIN, PAYEE, ABROAD, Money(5, "EUR"), scor_reference("417"), "Creditor reference"),
    Bill(PLAIN, LONG, None, None, "", "Sans montant", "EUR"),
    Bill(QR, LONG, LONG, Money(99_999_999_999, "CHF"), qr_reference(7), '#panic() *grassetto* #read("x") ' + "è" * 100),
]
SEPA = Bill(
    Account("DE89370400440532013000"), PAYEE, DORA, Money(4550, "EUR"), scor_reference("417"), "Fattura 26/204"
)  # fmt: skip
