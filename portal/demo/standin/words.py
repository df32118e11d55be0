"""What does the hosted payment page say, in the four languages of the portal?"""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Pay %(merchant)s", "to": "You are paying", "amount": "Amount", "for": "For",
        "method": "How would you like to pay?", "card": "Card", "twint": "TWINT",
        "sepa_debit": "Direct debit (takes some days)", "paypal": "PayPal",
        "account": "Account at the payment provider",
        "asks": "This is where the provider asks who you are. In the practice there is nothing to fill in.",
        "filled": "Everything is filled in",
        "pay": "Pay %(amount)s", "fail": "Payment fails", "back": "Go back",
        "failed": "The payment did not go through. Nothing was charged. You can try again, or choose another method.",
        "choose": "Choose how you would like to pay.",
        "expired": "This payment page has ended. Nothing was charged.", "paid": "This has been paid.",
        "processing": "This payment is being processed.",
        "on": "Continue", "test": "Practice page: no money moves here.", "none": "There is no such payment page.",
    },
    "de": {
        "title": "Zahlung an %(merchant)s", "to": "Sie bezahlen an", "amount": "Betrag", "for": "Für",
        "method": "Wie möchten Sie bezahlen?", "card": "Karte", "twint": "TWINT",
        "sepa_debit": "Lastschrift (dauert einige Tage)", "paypal": "PayPal",
        "account": "Konto beim Zahlungsanbieter",
        "asks": "Hier fragt der Anbieter, wer Sie sind. In der Übung gibt es nichts auszufüllen.",
        "filled": "Alles ist ausgefüllt",
        "pay": "%(amount)s bezahlen", "fail": "Zahlung misslingt", "back": "Zurück",
        "failed": "Die Zahlung hat nicht geklappt. Es wurde nichts belastet. Sie können es noch einmal versuchen oder "
                  "eine andere Zahlungsart wählen.",
        "choose": "Wählen Sie, wie Sie bezahlen möchten.",
        "expired": "Diese Zahlungsseite ist abgelaufen. Es wurde nichts belastet.", "paid": "Das ist bezahlt.",
        "processing": "Diese Zahlung ist in Bearbeitung.",
        "on": "Weiter", "test": "Übungsseite: Hier fliesst kein Geld.", "none": "Diese Zahlungsseite gibt es nicht.",
    },
    "fr": {
        "title": "Paiement à %(merchant)s", "to": "Vous payez à", "amount": "Montant", "for": "Pour",
        "method": "Comment souhaitez-vous payer ?", "card": "Carte", "twint": "TWINT",
        "sepa_debit": "Prélèvement (prend quelques jours)", "paypal": "PayPal",
        "account": "Compte chez le prestataire de paiement",
        "asks": "C’est ici que le prestataire demande qui vous êtes. Pour l’exercice, il n’y a rien à remplir.",
        "filled": "Tout est rempli",
        "pay": "Payer %(amount)s", "fail": "Le paiement échoue", "back": "Retour",
        "failed": "Le paiement n’a pas abouti. Rien n’a été débité. Vous pouvez réessayer ou choisir un autre moyen de "
                  "paiement.",
        "choose": "Choisissez comment vous souhaitez payer.",
        "expired": "Cette page de paiement a expiré. Rien n’a été débité.", "paid": "C’est payé.",
        "processing": "Ce paiement est en cours de traitement.",
        "on": "Continuer", "test": "Page d’essai : aucun argent n’est transféré.",
        "none": "Cette page de paiement n’existe pas.",
    },
    "it": {
        "title": "Pagamento a %(merchant)s", "to": "Paga a", "amount": "Importo", "for": "Per",
        "method": "Come desidera pagare?", "card": "Carta", "twint": "TWINT",
        "sepa_debit": "Addebito diretto (richiede alcuni giorni)", "paypal": "PayPal",
        "account": "Conto presso il fornitore di pagamento",
        "asks": "Qui il fornitore chiede chi è Lei. Nell’esercizio non c’è nulla da compilare.",
        "filled": "Tutto è compilato",
        "pay": "Pagare %(amount)s", "fail": "Il pagamento non riesce", "back": "Indietro",
        "failed": "Il pagamento non è riuscito. Non è stato addebitato nulla. Può riprovare o scegliere un altro "
                  "metodo di pagamento.",
        "choose": "Scelga come desidera pagare.",
        "expired": "Questa pagina di pagamento è scaduta. Non è stato addebitato nulla.", "paid": "È pagato.",
        "processing": "Questo pagamento è in corso.",
        "on": "Continuare", "test": "Pagina di prova: non si muove denaro.",
        "none": "Questa pagina di pagamento non esiste.",
    },
}


def language(locale: str | None, accepted: str) -> str:
    """The session's language; for `auto` the browser's first one that we have, else English."""
    wanted = [locale or "auto", *(part.split(";")[0].strip() for part in accepted.split(","))]
    for tag in wanted:
        if tag.split("-")[0].lower() in WORDS:
            return tag.split("-")[0].lower()
    return "en"


def money(minor: int, currency: str, language: str) -> str:
    """`CHF 1’234.50`, with a no-break space; English groups with a comma."""
    whole, cents = divmod(minor, 100)
    grouped = f"{whole:,}" if language == "en" else f"{whole:,}".replace(",", "’")
    return f"{currency.upper()}\u00a0{grouped}.{cents:02d}"
