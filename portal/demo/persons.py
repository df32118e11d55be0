"""Who owes something in the demo, for what, and which situation does each of them show?"""

from __future__ import annotations

from dataclasses import dataclass

from portal.demo.firms import DENTAIRE, GIARDINO, VELO, DemoFirm
from portal.demo.papers import Line
from portal.rules.access import FactKind
from portal.rules.transfers import Address


@dataclass(frozen=True)
class Bill:
    """One open invoice: what was bought, how many days ago it was written, and what came on top."""

    reference: str
    title: str
    days_old: int
    lines: tuple[Line, ...]
    currency: str = "CHF"
    fee_minor: int = 0
    fee_on_terms: bool = True
    signed: bool = False
    letter_days: int = 9
    line_by_line: bool = False

    @property
    def minor(self) -> int:
        """The invoice's sum."""
        return sum(line.minor for line in self.lines)


@dataclass(frozen=True)
class Person:
    """Somebody who got a letter."""

    firm: DemoFirm
    situation: str
    language: str
    address: Address
    bills: tuple[Bill, ...]
    fact: tuple[FactKind, str] | None
    salutation: str = ""
    canton: str = ""
    contact_name: str = ""
    customer_number: str = ""
    pin: str | None = None

    @property
    def name(self) -> str:
        return self.address.name

    @property
    def company(self) -> bool:
        return bool(self.contact_name)


def _born(day: str) -> tuple[FactKind, str]:
    return FactKind.BIRTH_DATE, day


def _service(price: int, extra: tuple[Line, ...] = ()) -> tuple[Line, ...]:
    return (Line("Grosser Service E\u2011Bike", price, unit="Stk."), *extra)


BRAKES = Line("Bremsbeläge Shimano, vorne und hinten", 3980, 200, "Stk.")
WORK = Line("Arbeit Werkstatt", 9800, 75, "Std.")
HYGIENE = Line("Nettoyage et détartrage", 14500)
XRAY = Line("Radiographie", 4250, 200)
FILLING = Line("Obturation composite, deux faces", 28600)

VELO_PERSONS = (
    Person(VELO, "open", "de", Address("Marco Brunner", "Gartenweg", "3", "4900", "Langenthal", "CH"),
           (Bill("2026-0418", "Grosser Service und neue Bremsen für Ihr E\u2011Bike", 118,
                 (*_service(16900), BRAKES, WORK), fee_minor=2000, signed=True),),
           _born("1987-03-14"), "Herr", "BE", customer_number="K-10418"),
    Person(VELO, "plan_running", "de", Address("Nadja Wyss", "Mühlestrasse", "27", "4912", "Aarwangen", "CH"),
           (Bill("2026-0377", "Lastenvelo-Reparatur nach Unfall", 140,
                 (Line("Rahmen richten und Gabel ersetzen", 61200), Line("Arbeit Werkstatt", 9800, 350, "Std.")),
                 signed=True, letter_days=62),), _born("1991-11-02"), "Frau", "BE", customer_number="K-10377"),
    Person(VELO, "instalment_late", "it", Address("Luca Ferrari", "Via Stazione", "8", "6500", "Bellinzona", "CH"),
           (Bill("2026-0352", "Bici da corsa d'occasione, saldo", 155,
                 (Line("Bici da corsa d'occasione, saldo", 84000),), signed=True, letter_days=70),),
           _born("1984-06-21"), "Signor", "TI", customer_number="K-10352"),
    Person(VELO, "plan_proposed", "de", Address("Stefan Gerber", "Thunstrasse", "41", "3360", "Herzogenbuchsee", "CH"),
           (Bill("2026-0431", "E\u2011Bike\u2011Akku mit Einbau", 96,
                 (Line("Akku 625 Wh", 88900, unit="Stk."), WORK), signed=True),),
           _born("1979-01-30"), "Herr", "BE", customer_number="K-10431"),
    Person(VELO, "counter_offer", "fr", Address("Aline Perret", "Rue du Midi", "15", "2502", "Bienne", "CH"),
           (Bill("2026-0402", "Vélo pour enfant et siège", 104,
                 (Line("Vélo pour enfant 20 pouces", 54900), Line("Siège enfant avec montage", 18900)), signed=True),),
           _born("1993-09-08"), "Madame", "BE", customer_number="K-10402"),
    Person(VELO, "disputed", "de", Address("Jonas Aebi", "Lotzwilstrasse", "9", "4932", "Lotzwil", "CH"),
           (Bill("2026-0389", "Winterservice und neue Kette", 112,
                 (Line("Winterservice", 18900), Line("Kette, Ritzel und Kettenblatt", 22440), WORK,
                  Line("Beleuchtungsset vorne und hinten", 2450)), fee_minor=2000),),
           _born("1989-12-05"), "Herr", "BE", customer_number="K-10389"),
    Person(VELO, "several_claims", "de", Address("Petra Zaugg", "Dorfgasse", "2", "4914", "Roggwil", "CH"),
           (Bill("2026-0366", "Service Kindervelo", 148, (Line("Service Kindervelo", 8900),)),
            Bill("2026-0440", "Helm und Schloss", 88,
                 (Line("Velohelm", 7900), Line("Faltschloss", 11900)))),
           None, "Frau", "BE", customer_number="K-10366", pin="482915"),
    Person(VELO, "paid", "de", Address("Heidi Lanz", "Aarwangenstrasse", "60", "4900", "Langenthal", "CH"),
           (Bill("2026-0325", "Frühlingsservice und neue Reifen", 160,
                 (Line("Frühlingsservice", 12900), Line("Reifen mit Montage", 4950, 200, "Stk.")), fee_minor=2000,
                 letter_days=28),), _born("1966-04-17"), "Frau", "BE", customer_number="K-10325"),
)  # fmt: skip
DENTAIRE_PERSONS = (
    Person(DENTAIRE, "paused_hardship", "fr", Address("Sophie Jaquier", "Rue Centrale", "18", "1003", "Lausanne", "CH"),
           (Bill("F-2201", "Soins dentaires", 125, (HYGIENE, XRAY, FILLING), letter_days=30),),
           _born("1990-07-01"), "Madame", "VD"),
    Person(DENTAIRE, "dispute_decided", "fr", Address("Julien Monnier", "Ch. des Vignes", "4", "1110", "Morges", "CH"),
           (Bill("F-2176", "Soins dentaires", 150, (HYGIENE, XRAY, Line("Gouttière de protection", 39000)),
                 fee_minor=3000, fee_on_terms=False, letter_days=44),), _born("1975-02-11"), "Monsieur", "VD"),
    Person(DENTAIRE, "offer", "fr", Address("Camille Rey", "Avenue d'Ouchy", "51", "1006", "Lausanne", "CH"),
           (Bill("F-2098", "Soins dentaires", 290, (FILLING, Line("Couronne provisoire", 42000)), letter_days=12),),
           _born("1998-10-23"), "Madame", "VD"),
    Person(DENTAIRE, "deferred", "de", Address("Thomas Berger", "Avenue de la Gare", "7", "1003", "Lausanne", "CH"),
           (Bill("F-2240", "Zahnbehandlung", 82, (HYGIENE, XRAY)),), _born("1982-05-19"), "Herr", "VD"),
    Person(DENTAIRE, "open", "it", Address("Chiara Fontana", "Rue de la Borde", "33", "1018", "Lausanne", "CH"),
           (Bill("F-2252", "Cure dentarie", 76, (HYGIENE,)),), _born("2000-08-14"), "Signora", "VD"),
)  # fmt: skip
GIARDINO_PERSONS = (
    Person(GIARDINO, "eur_claim", "it", Address("Giulia Bianchi", "Via Garibaldi", "24", "22100", "Como", "IT"),
           (Bill("G-1187", "Ulivo e vasi in terracotta", 92,
                 (Line("Ulivo secolare in vaso", 39000), Line("Vaso in terracotta 60 cm", 8500, 200, "pz.")),
                 currency="EUR", signed=True),), _born("1986-12-12"), "Signora", customer_number="C-1187"),
    Person(GIARDINO, "disputed", "it", Address("Andrea Rossi", "Via alle Vigne", "11", "6828", "Balerna", "CH"),
           (Bill("G-1203", "Siepe e tavolo da giardino", 90,
                 (Line("Siepe di lauro, fornitura e posa", 4900, 1200, "m"), Line("Tavolo da giardino", 32000)),
                 line_by_line=True),),
           _born("1971-03-03"), "Signor", "TI", customer_number="C-1203"),
    Person(GIARDINO, "plan_running", "it", Address("Matteo Galli", "Corso San Gottardo", "90", "6830", "Chiasso", "CH"),
           (Bill("G-1169", "Giardino roccioso", 130,
                 (Line("Progettazione", 45000), Line("Piante e pietre", 63500)), signed=True, letter_days=58),),
           _born("1980-01-25"), "Signor", "TI", customer_number="C-1169"),
    Person(GIARDINO, "open", "it", Address("Albergo Splendido Sagl", "Lungolago", "2", "6900", "Lugano", "CH"),
           (Bill("G-1212", "Piante per la terrazza, stagione estiva", 84,
                 (Line("Fioriere con piante stagionali", 18500, 600, "pz."),), currency="EUR"),),
           (FactKind.CUSTOMER_NUMBER, "C-77120"), "", "TI", contact_name="Franca Moretti", customer_number="C-77120"),
    Person(GIARDINO, "paid", "de", Address("Ursula Kälin", "Via Soldini", "5", "6828", "Balerna", "CH"),
           (Bill("G-1154", "Rosen und Kräuterbeet", 150,
                 (Line("Rosen, Lieferung und Pflanzung", 28900), Line("Kräuterbeet", 9400)), letter_days=21),),
           _born("1959-09-30"), "Frau", "TI", customer_number="C-1154"),
)  # fmt: skip
PERSONS = VELO_PERSONS + DENTAIRE_PERSONS + GIARDINO_PERSONS
