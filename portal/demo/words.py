"""What do the people of the demo write to each other, each in the language of the conversation?"""

from __future__ import annotations

WORDS = {
    "plan_proposed": (
        "Guten Abend. Der Akku funktioniert sehr gut, danke nochmals. Im Moment sind die Heizkosten und die Steuern "
        "zusammengekommen, ich kann nicht alles auf einmal bezahlen. Ich schlage acht Raten vor, immer am Ersten. "
        "Passt das für Sie?"
    ),
    "counter_offer": (
        "Bonjour Madame Perret. Merci de votre proposition. Dix versements, c’est un peu long pour un petit atelier "
        "comme le nôtre ; six versements, toujours le 25, seraient possibles. Est-ce que cela vous convient ? Sinon, "
        "dites-moi quel montant par mois est réaliste pour vous. Claudia Meier"
    ),
    "already_paid": (
        "Ich habe den Betrag am Postschalter in Langenthal bar einbezahlt. Die Quittung habe ich fotografiert. "
        "Auf dem Einzahlungsschein stand vielleicht die alte Rechnungsnummer."
    ),
    "paid_question": (
        "Grüezi Frau Meier. Ich war im Spital und habe die Rechnung übersehen, das tut mir leid. Ich bezahle sie "
        "nächste Woche. Muss ich die Mahngebühr auch bezahlen?"
    ),
    "paid_answer": (
        "Guten Tag Frau Lanz. Danke für Ihre Nachricht und gute Besserung. Die Mahngebühr lassen wir weg, es bleibt "
        "der Betrag der Rechnung mit dem Zins. Nächste Woche passt gut. Freundliche Grüsse, Claudia Meier"
    ),
    "hardship": (
        "Bonjour. Je suis seule avec ma fille depuis le printemps et mon temps de travail a été réduit. Je ne peux "
        "rien payer pour le moment. Je ne veux pas me cacher, j’aimerais trouver une solution plus tard."
    ),
    "hardship_message": (
        "Bonsoir Madame Favre. J’ai bien reçu votre lettre. En ce moment je ne peux rien payer, je vous explique "
        "pourquoi dans la page prévue pour cela. Que se passe-t-il maintenant ?"
    ),
    "hardship_answer": (
        "Bonjour Madame Jaquier. Merci de nous l’avoir dit. Vous n’avez rien à payer pour l’instant : le dossier est "
        "en pause et nous n’envoyons pas de rappel. Si vous le souhaitez, le service social de votre commune ou "
        "Caritas Vaud vous conseillent gratuitement. Je reprends contact avec vous avant la fin de la pause. "
        "Sylvie Favre"
    ),
    "costs": (
        "Je paie volontiers les soins, mais je ne comprends pas les 30 francs de frais. Je n’ai signé aucune condition "
        "qui en parle."
    ),
    "costs_answer": (
        "Vous avez raison, Monsieur Monnier. Il n’y a pas de base pour ces frais et nous y renonçons. Il reste le "
        "montant de la facture ; vous pouvez le payer en une fois ou en plusieurs fois, comme cela vous arrange. "
        "Sylvie Favre"
    ),
    "eur_question": (
        "Buongiorno, pago dall’Italia con un bonifico SEPA. L’IBAN svizzero va bene anche per un pagamento in euro? "
        "Ci sono spese?"
    ),
    "eur_answer": (
        "Buongiorno signora Bianchi. Sì, l’IBAN va bene anche in euro; le eventuali spese del bonifico le paghiamo "
        "noi. Metta per favore il riferimento che vede nella pagina del pagamento, così riconosciamo subito "
        "il versamento. Marco Bernasconi"
    ),
    "damaged": (
        "Il tavolo è arrivato con il piano graffiato e una vite mancante, come si vede nella foto. La siepe invece è "
        "molto bella e la pago. Per il tavolo vorrei una riparazione o uno sconto."
    ),
}
