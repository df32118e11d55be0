"""Which papers and photos do the demo's firms and customers have: invoices, orders, terms, snapshots?"""

import datetime as dt
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from portal.demo.paper_words import MONTHS, PAPER_WORDS, TERMS, VAT_FREE
from portal.gateways.pdf import Papers, address_lines
from portal.rules.money import Money
from portal.rules.references import group_iban
from portal.rules.transfers import Address

THOUSANDS = "\u2019"


class Look(StrEnum):
    """How a small firm's own paper looks."""

    WORKSHOP = "workshop"
    PRACTICE = "practice"
    GARDEN = "garden"


class PhotoKind(StrEnum):
    """What a customer takes a snapshot of."""

    RECEIPT = "receipt"
    PARCEL = "parcel"
    DAMAGE = "damage"


@dataclass(frozen=True)
class Firm:
    """What stands at the head and foot of a firm's paper; `vat` is empty where the firm charges none."""

    address: Address
    look: Look
    motto: str
    phone: str
    email: str
    iban: str
    vat: str
    person: str


@dataclass(frozen=True)
class Line:
    """One line of an invoice: `count` pieces or hours in hundredths at a price each, tax in tenths of a per cent."""

    text: str
    price_minor: int
    count: int = 100
    unit: str = ""
    vat: int = 81

    @property
    def minor(self) -> int:
        """The line's sum in minor units, rounded half up once."""
        return (self.price_minor * self.count + 50) // 100


WORKSHOP = Firm(
    Address("Velo Sutter AG", "Lagerstrasse", "14", "4900", "Langenthal", "CH"), Look.WORKSHOP,
    "Werkstatt für Velos und E\u2011Bikes", "062 555 01 40", "werkstatt@velo-sutter.example",
    "CH9300762011623852957", "CHE-109.322.551 MWST", "Claudia Meier",
)  # fmt: skip
PRACTICE = Firm(
    Address("Cabinet dentaire du Lac", "Avenue de Cour", "22", "1007", "Lausanne", "CH"), Look.PRACTICE,
    "Dre Hélène Rochat · médecin-dentiste SSO", "021 555 01 72", "accueil@dentaire-lac.example",
    "CH5200767000S00112233", "", "Sylvie Favre",
)  # fmt: skip
GARDEN = Firm(
    Address("Giardino Bernasconi Sagl", "Via Cantonale", "57", "6828", "Balerna", "CH"), Look.GARDEN,
    "Vivaio, piante e progettazione giardini", "091 555 01 93", "ufficio@giardino-bernasconi.example",
    "CH3880808001234567890", "CHE-116.281.710 IVA", "Marco Bernasconi",
)  # fmt: skip


def invoice(
    papers: Papers, firm: Firm, customer: Address, number: str, day: dt.date, lines: Sequence[Line],
    *, language: str, currency: str, due: dt.date | None = None,
) -> bytes:  # fmt: skip
    """The firm's invoice as a tagged PDF, prices with tax included; due after 30 days unless told otherwise."""
    words = PAPER_WORDS[language]
    due = due or day + dt.timedelta(days=30)
    data = _sheet(firm, customer, language, f"{words['invoice']} {number}", day)
    data["facts"] = [[words["day"], data["day"]], [words["person"], firm.person]]
    data["lines"] = [_printed(line, currency) for line in lines]
    data["total"] = [words["total"], _amount(sum(line.minor for line in lines), currency)]
    data["taxes"] = _taxes(firm, lines, language, currency)
    data["ask"] = words["ask"].format(due=long_day(due, language))
    return papers.paper("demo_invoice", data)


def signed_order(
    papers: Papers, firm: Firm, customer: Address, number: str, day: dt.date, lines: Sequence[Line],
    *, language: str, currency: str,
) -> bytes:  # fmt: skip
    """The customer's order for these things, with terms accepted, place, day and a signature by hand."""
    words = PAPER_WORDS[language]
    data = _sheet(firm, customer, language, f"{words['order']} {number}", day)
    data["facts"] = [[words["day"], data["day"]], [words["person"], firm.person]]
    data["lines"] = [_printed(line, currency) for line in lines]
    data["total"] = [words["estimate"], _amount(sum(line.minor for line in lines), currency)]
    data["agreed"] = words["agreed"]
    data["signature"] = {"label": words["signature"], "name": customer.name, "svg": _signature(customer.name)}
    data["place"] = f"{firm.address.town}, {data['day']}"
    return papers.paper("demo_order", data)


def terms(papers: Papers, firm: Firm, day: dt.date, fee: Money, *, language: str) -> bytes:
    """The firm's terms, with the clause on which a reminder fee of this sum rests."""
    words = PAPER_WORDS[language]
    data = _sheet(firm, firm.address, language, words["terms"], day)
    said = {"firm": firm.address.name, "town": firm.address.town, "fee": _amount(fee.minor, fee.currency)}
    data["clauses"] = [[head, text.format(**said)] for head, text in TERMS[language]]
    data["valid"] = words["valid"].format(day=data["day"])
    return papers.paper("demo_terms", data)


def long_day(day: dt.date, language: str) -> str:
    """The day as papers of this language write it, "4. Dezember 2026"."""
    first = {"de": ".", "en": "", "fr": "er" if day.day == 1 else "", "it": "°" if day.day == 1 else ""}[language]
    return f"{day.day}{first}\u00a0{MONTHS[language][day.month - 1]} {day.year}"


def _sheet(firm: Firm, customer: Address, language: str, title: str, day: dt.date) -> dict[str, object]:
    return {
        "language": language,
        "words": PAPER_WORDS[language],
        "title": title,
        "day": long_day(day, language),
        "look": firm.look.value,
        "motto": firm.motto,
        "firm": address_lines(firm.address),
        "contact": [firm.phone, firm.email],
        "foot": [entry for entry in (f"IBAN {group_iban(firm.iban)}", firm.vat) if entry],
        "customer": address_lines(customer),
    }


def _printed(line: Line, currency: str) -> list[str]:
    whole, rest = divmod(line.count, 100)
    count = f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
    return [line.text, f"{count} {line.unit}".strip(), _bare(line.price_minor), _bare(line.minor)]


def _taxes(firm: Firm, lines: Sequence[Line], language: str, currency: str) -> list[str]:
    if not firm.vat:
        return [VAT_FREE[language]]
    words = PAPER_WORDS[language]
    shares = []
    for rate in sorted({line.vat for line in lines}, reverse=True):
        gross = sum(line.minor for line in lines if line.vat == rate)
        tax = (gross * rate * 2 + 1000 + rate) // (2 * (1000 + rate))
        shares.append(f"{words['vat']} {rate // 10}.{rate % 10}\u00a0%: {_amount(tax, currency)}")
    return shares


def _bare(minor: int) -> str:
    return f"{minor // 100:,}".replace(",", THOUSANDS) + f".{minor % 100:02d}"


def _amount(minor: int, currency: str) -> str:
    return f"{currency}\u00a0{_bare(minor)}"


def _signature(name: str) -> str:
    """A pen line that looks like this name signed: one loop or stroke a letter, the same for the same name."""
    pen = random.Random(name)
    path, x = ["M4 30"], 4.0
    for at, letter in enumerate(name):
        tall = 20 if letter.isupper() else pen.choice((5, 7, 9, 14))
        step = 11 if letter.isupper() else pen.uniform(3.2, 5.6)
        if letter == " ":
            x += 5
            path.append(f"M{x:.1f} {30 + pen.uniform(-2, 2):.1f}")
            continue
        low = 30 + pen.uniform(-1.5, 1.5) + at * -0.15
        path.append(f"C{x - 2:.1f} {low - tall:.1f} {x + step * 1.5:.1f} {low - tall - 3:.1f} {x + step:.1f} {low:.1f}")
        x += step
    path.append(f"q14 -9 {pen.uniform(20, 34):.1f} -{pen.uniform(4, 9):.1f}")
    width = x + 40
    stroke = 'fill="none" stroke="#1d2f6f" stroke-width="1.1" stroke-linecap="round" stroke-linejoin="round"'
    open_tag = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} 36">'
    return f'{open_tag}<path {stroke} d="{" ".join(path)}"/></svg>'


def photo(kind: PhotoKind | str) -> tuple[str, bytes]:
    """A name and a JPEG of 1280 x 960 pixels that looks like a phone's snapshot; the same bytes for the same kind."""
    kind = PhotoKind(kind)
    chance = random.Random(kind.value)
    draw, corners = _THINGS[kind]
    thing = draw(chance)
    scene = _table(chance)
    flat = thing.transform(scene.size, Image.Transform.PERSPECTIVE, _perspective(thing.size, corners), _SMOOTH)
    mask = Image.new("L", thing.size, 255)
    mask = mask.transform(scene.size, Image.Transform.PERSPECTIVE, _perspective(thing.size, corners), _SMOOTH)
    shadow = mask.filter(ImageFilter.BoxBlur(14)).point(lambda value: value // 2)
    scene.paste((30, 22, 16), (14, 18), shadow)
    scene.paste(flat, (0, 0), mask)
    out = io.BytesIO()
    _lens(scene, chance).save(out, "JPEG", quality=82)
    return f"IMG_{chance.randrange(1200, 9800)}.jpg", out.getvalue()


_SMOOTH = Image.Resampling.BILINEAR
_Point = tuple[float, float]


def _receipt(chance: random.Random) -> Image.Image:
    paper = Image.new("RGB", (620, 1000), (246, 244, 238))
    pen = ImageDraw.Draw(paper)
    rows = ["POSTSCHALTER", "4900 Langenthal", "", "Einzahlung bar", "Konto CH93 0076 ...957", "", "CHF       511.30",
            "Taxe        0.00", "", "Quittung Nr. 04471", "Schalter 3   10:42", "", "Vielen Dank"]  # fmt: skip
    for at, row in enumerate(rows):
        size = 46 if at in (0, 6) else 34
        pen.text((50, 60 + at * 66), row, fill=(58, 58, 70), font=ImageFont.load_default(size))
    for at in range(70):
        left = 50 + at * 7 + chance.randrange(3)
        pen.line((left, 930, left, 985), fill=(50, 50, 60), width=chance.choice((2, 3, 4)))
    return paper


def _parcel(chance: random.Random) -> Image.Image:
    box = Image.new("RGB", (1000, 760), (178, 136, 92))
    pen = ImageDraw.Draw(box)
    for at in range(0, 760, 9):
        pen.line((0, at, 1000, at + chance.randrange(-2, 3)), fill=(168, 127, 84))
    pen.rectangle((0, 335, 1000, 425), fill=(205, 178, 132))
    pen.rectangle((520, 60, 930, 320), fill=(244, 244, 240))
    for at, row in enumerate(["RETOUR", "Velo Sutter AG", "Lagerstrasse 14", "4900 Langenthal"]):
        pen.text((550, 80 + at * 52), row, fill=(30, 30, 34), font=ImageFont.load_default(44 if at == 0 else 36))
    return box


def _damage(chance: random.Random) -> Image.Image:
    frame = Image.new("RGB", (1100, 520), (38, 84, 96))
    pen = ImageDraw.Draw(frame)
    for at in range(520):
        shine = int(70 * (1 - abs(at - 170) / 350))
        pen.line((0, at, 1100, at), fill=(30 + shine, 70 + shine, 84 + shine))
    for _ in range(26):
        x, y = chance.gauss(560, 120), chance.gauss(270, 50)
        pen.line((x, y, x + chance.uniform(30, 170), y + chance.uniform(-26, 26)), fill=(206, 208, 204), width=3)
    return frame


_THINGS = {
    PhotoKind.RECEIPT: (_receipt, ((440, 50), (900, 90), (850, 930), (340, 870))),
    PhotoKind.PARCEL: (_parcel, ((200, 160), (1060, 100), (1150, 770), (140, 820))),
    PhotoKind.DAMAGE: (_damage, ((-40, 260), (1320, 160), (1330, 720), (-30, 690))),
}


def _table(chance: random.Random) -> Image.Image:
    wood = Image.new("RGB", (1280, 960), (126, 96, 68))
    pen = ImageDraw.Draw(wood)
    for at in range(0, 960, 4):
        tone = chance.randrange(-12, 13)
        pen.line((0, at, 1280, at + 24), fill=(126 + tone, 96 + tone, 68 + tone), width=5)
    return wood


def _lens(scene: Image.Image, chance: random.Random) -> Image.Image:
    """Softer focus, grain and less light towards the edges, as a hand-held phone makes it."""
    width, height = scene.size
    grain = Image.frombytes("L", (width // 2, height // 2), chance.randbytes(width * height // 4)).resize(scene.size)
    light = Image.radial_gradient("L").resize(scene.size).point(lambda value: 255 - value * 3 // 4)
    soft = scene.filter(ImageFilter.BoxBlur(1))
    lit = Image.composite(soft, soft.point(lambda value: value * 3 // 5), light)
    return Image.blend(lit, Image.merge("RGB", (grain, grain, grain)), 0.06)


def _perspective(size: tuple[int, int], corners: Sequence[_Point]) -> list[float]:
    """Pillow's eight coefficients that bring these four corners of the scene back to the flat thing's corners."""
    width, height = size
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return _solve(rows)


def _solve(rows: list[list[float]]) -> list[float]:
    """The solution of the linear equations by Gauss and Jordan, with the largest pivot."""
    for at in range(len(rows)):
        pivot = max(range(at, len(rows)), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(len(rows)):
            if other != at:
                rows[other] = [a - rows[other][at] * b for a, b in zip(rows[other], rows[at], strict=True)]
    return [row[-1] for row in rows]
