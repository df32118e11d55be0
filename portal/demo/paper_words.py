"""What do the papers of the demo's firms say, in the firm's own language?"""

MONTHS = {
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
VAT_FREE = {
    "de": "Von der Mehrwertsteuer ausgenommen.",
    "fr": "Prestations exclues de la TVA (art. 21 LTVA).",
    "it": "Prestazioni escluse dall’IVA.",
    "en": "Exempt from value added tax.",
}
PAPER_WORDS = {
    "de": {
        "invoice": "Rechnung",
        "order": "Auftrag",
        "terms": "Geschäftsbedingungen",
        "number": "Nummer",
        "day": "Datum",
        "person": "Auskunft",
        "text": "Leistung",
        "count": "Menge",
        "price": "Preis",
        "sum": "Betrag",
        "total": "Total",
        "estimate": "Total gemäss Auftrag",
        "vat": "Inbegriffen MWST",
        "ask": "Bitte zahlen Sie bis {due} auf das unten genannte Konto. Vielen Dank für Ihren Auftrag.",
        "agreed": "Ich bestelle diese Leistungen. Die Geschäftsbedingungen auf der Rückseite habe ich erhalten und "
        "bin damit einverstanden.",
        "signature": "Unterschrift",
        "valid": "Gültig ab {day}",
    },
    "fr": {
        "invoice": "Facture",
        "order": "Commande",
        "terms": "Conditions générales",
        "number": "Numéro",
        "day": "Date",
        "person": "Renseignements",
        "text": "Prestation",
        "count": "Quantité",
        "price": "Prix",
        "sum": "Montant",
        "total": "Total",
        "estimate": "Total selon devis",
        "vat": "Dont TVA",
        "ask": "Merci de régler ce montant d’ici au {due} sur le compte indiqué ci-dessous.",
        "agreed": "J’accepte ce devis. J’ai reçu les conditions générales et je les accepte.",
        "signature": "Signature",
        "valid": "Valables dès le {day}",
    },
    "it": {
        "invoice": "Fattura",
        "order": "Ordine",
        "terms": "Condizioni generali",
        "number": "Numero",
        "day": "Data",
        "person": "Informazioni",
        "text": "Prestazione",
        "count": "Quantità",
        "price": "Prezzo",
        "sum": "Importo",
        "total": "Totale",
        "estimate": "Totale dell’ordine",
        "vat": "IVA compresa",
        "ask": "La preghiamo di versare l’importo entro il {due} sul conto indicato qui sotto. Grazie per la fiducia.",
        "agreed": "Ordino queste prestazioni. Ho ricevuto le condizioni generali e le accetto.",
        "signature": "Firma",
        "valid": "Valide dal {day}",
    },
    "en": {
        "invoice": "Invoice",
        "order": "Order",
        "terms": "Terms of business",
        "number": "Number",
        "day": "Date",
        "person": "Questions to",
        "text": "Service",
        "count": "Quantity",
        "price": "Price",
        "sum": "Amount",
        "total": "Total",
        "estimate": "Total as ordered",
        "vat": "Including VAT",
        "ask": "Payable by {due} to the account below. Thank you for your order.",
        "agreed": "I order these services. I have received the terms of business and agree to them.",
        "signature": "Signature",
        "valid": "Valid from {day}",
    },
}
TERMS = {
    "de": (
        (
            "Auftrag",
            (
                "Mit Ihrer Unterschrift beauftragen Sie {firm} mit den genannten Arbeiten. Wird eine Arbeit mehr "
                "als 10 % teurer als angegeben, rufen wir Sie vorher an."
            ),
        ),
        ("Preise", "Die Preise verstehen sich in Schweizer Franken, die Mehrwertsteuer ist inbegriffen."),
        (
            "Zahlung",
            (
                "Unsere Rechnungen sind innert 30 Tagen ohne Abzug zahlbar. Mit dem Ablauf dieser Frist tritt der "
                "Verzug ein. Der Verzugszins beträgt 5 % im Jahr."
            ),
        ),
        ("Mahngebühr", "Für die zweite und jede weitere Mahnung verrechnen wir {fee}. Die erste ist gratis."),
        (
            "Garantie",
            (
                "Auf unsere Arbeit geben wir zwölf Monate Garantie. Bitte melden Sie einen Mangel, sobald Sie "
                "ihn bemerken."
            ),
        ),
        ("Abholung", "Fertige Sachen bewahren wir drei Monate kostenlos für Sie auf."),
        (
            "Recht",
            (
                "Es gilt Schweizer Recht. Gerichtsstand ist {town}; für Konsumentinnen und Konsumenten gelten die "
                "Gerichtsstände des Gesetzes."
            ),
        ),
    ),
    "fr": (
        (
            "Mandat",
            (
                "Par votre signature, vous confiez à {firm} les prestations indiquées. Si leur prix dépasse le "
                "devis de plus de 10 %, nous vous appelons avant de continuer."
            ),
        ),
        ("Prix", "Les prix s’entendent en francs suisses."),
        (
            "Paiement",
            (
                "Nos factures sont payables à 30 jours, sans escompte. Passé ce délai, l’intérêt moratoire est "
                "de 5 % par an."
            ),
        ),
        ("Frais de rappel", "Le deuxième rappel et chaque rappel suivant coûtent {fee}. Le premier est gratuit."),
        ("Rendez-vous", "Un rendez-vous qui ne peut pas être tenu est à annuler 24 heures à l’avance."),
        ("Droit", "Le droit suisse s’applique. Le for est à {town}, sous réserve des fors légaux des consommateurs."),
    ),
    "it": (
        (
            "Ordine",
            (
                "Con la firma Lei affida a {firm} i lavori indicati. Se un lavoro costa oltre il 10 % in più "
                "di quanto indicato, La chiamiamo prima."
            ),
        ),
        ("Prezzi", "I prezzi comprendono l’imposta sul valore aggiunto."),
        (
            "Pagamento",
            (
                "Le fatture sono pagabili entro 30 giorni senza deduzioni. Scaduto il termine, l’interesse di "
                "mora è del 5 % all’anno."
            ),
        ),
        ("Spese di richiamo", "Per il secondo richiamo e per ogni altro fatturiamo {fee}. Il primo è gratuito."),
        ("Piante", "Le piante messe a dimora da noi sono garantite per una stagione, se vengono annaffiate."),
        ("Diritto", "Si applica il diritto svizzero. Foro: {town}, salvo i fori legali dei consumatori."),
    ),
    "en": (
        (
            "Order",
            (
                "By signing you order the listed work from {firm}. If any work costs over 10 % more than stated, "
                "we call you first."
            ),
        ),
        ("Prices", "Prices include value added tax."),
        ("Payment", "Invoices are payable within 30 days. After that, default interest is 5 % a year."),
        ("Reminder fee", "The second and each further reminder costs {fee}. The first is free."),
        ("Law", "Swiss law applies. Place of jurisdiction is {town}, unless the law gives consumers another."),
    ),
}
