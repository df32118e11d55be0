"""The official words of the QR-bill in four languages (IG QR-bill v2.3, annex D), as the web layer would pass them."""

KEYS = (
    "title", "note", "code", "payment_part", "account", "reference", "additional", "currency", "amount", "receipt",
    "acceptance_point", "separate", "payable_by", "payable_by_blank",
)  # fmt: skip
SAID = {
    "en": "QR-bill|Open it in your banking app.|Swiss QR code|Payment part|Account / Payable to|Reference|"
    "Additional information|Currency|Amount|Receipt|Acceptance point|Separate before paying in|Payable by|"
    "Payable by (name/address)",
    "de": "QR-Rechnung|Öffnen Sie sie in Ihrer Banking-App.|Swiss QR Code|Zahlteil|Konto / Zahlbar an|Referenz|"
    "Zusätzliche Informationen|Währung|Betrag|Empfangsschein|Annahmestelle|Vor der Einzahlung abzutrennen|"
    "Zahlbar durch|Zahlbar durch (Name/Adresse)",
    "fr": "QR-facture|Ouvrez-la dans votre application bancaire.|Swiss QR Code|Section paiement|Compte / Payable à|"
    "Référence|Informations supplémentaires|Monnaie|Montant|Récépissé|Point de dépôt|A détacher avant le versement|"
    "Payable par|Payable par (nom/adresse)",
    "it": "QR-fattura|La apra nella Sua app bancaria.|Codice QR svizzero|Sezione pagamento|Conto / Pagabile a|"
    "Riferimento|Informazioni supplementari|Valuta|Importo|Ricevuta|Punto di accettazione|"
    "Da staccare prima del versamento|Pagabile da|Pagabile da (nome/indirizzo)",
}
WORDS = {language: dict(zip(KEYS, said.split("|"), strict=True)) for language, said in SAID.items()}
