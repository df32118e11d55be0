"""Who may come in, with which proof, how often they may try, and what a role may do at the desk."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from itertools import pairwise

# --- rooms, sessions, life of a letter code ---


class Room(StrEnum):
    """How much of the claim is open: the letter (code and postcode) or the whole file (`decisions.md` 1)."""

    LETTER = "letter"
    FILE = "file"


@dataclass(frozen=True)
class SessionLife:
    """A session ends after `idle` without a request and after `absolute` in any case; `parallel` run at once."""

    idle: timedelta
    absolute: timedelta
    parallel: int

    def is_over(self, *, started_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """True once either limit is reached."""
        return now - seen_at >= self.idle or now - started_at >= self.absolute


DEBTOR_SESSION = SessionLife(idle=timedelta(minutes=20), absolute=timedelta(hours=2), parallel=3)
STAFF_SESSION = SessionLife(idle=timedelta(minutes=30), absolute=timedelta(hours=8), parallel=2)
#: How long after the last proof a sensitive step needs no new one.
FRESH_PROOF = timedelta(minutes=10)
#: Ended sessions stay this long, so that a text sent too late can be offered again (`decisions.md` 17).
KEEP_ENDED_SESSION = timedelta(hours=24)

CODE_LIFE = timedelta(days=90)
CODE_LIFE_AFTER_CLOSING = timedelta(days=30)
#: The old letter's code still works this long after a new letter was issued: post takes time.
CODE_OVERLAP = timedelta(days=14)

# --- facts ---


class FactKind(StrEnum):
    """What the creditor knows about the debtor and the letter doesn't print."""

    BIRTH_DATE = "birth_date"
    CUSTOMER_NUMBER = "customer_number"
    CONTRACT_NUMBER = "contract_number"
    PHONE_LAST4 = "phone_last4"


_COUNTRY_PREFIX = re.compile(r"(?:CH|FL|LI|DE?|AT?|FR?|IT?|LU?|BE?|NL)(?=\d{4,5}(?:[A-Z]{2})?$)")
_POSTCODE = re.compile(r"(?=.*\d)[A-Z0-9]{3,10}")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBER = re.compile(r"[A-Z0-9]{1,40}")
_LONGEST_FACT = 64


def normalise_postcode(raw: str) -> str | None:
    """The postcode as it is compared: `CH-8001` is 8001, `SW1A 1AA` is SW1A1AA, leading zeros stay; None if none."""
    text = _COUNTRY_PREFIX.sub("", _compact(raw))
    return text if _POSTCODE.fullmatch(text) else None


def normalise_fact(kind: FactKind, raw: str) -> str | None:
    """The fact as it is hashed and compared (a date as ISO day); None if it can't be one of this kind."""
    if len(raw) > _LONGEST_FACT:
        return None
    match kind:
        case FactKind.BIRTH_DATE:
            return _birth_date(raw)
        case FactKind.PHONE_LAST4:
            digits = "".join(character for character in _compact(raw) if character != "+")
            return digits[-4:] if re.fullmatch(r"[0-9]{4,20}", digits) else None
        case FactKind.CUSTOMER_NUMBER | FactKind.CONTRACT_NUMBER:
            text = _compact(raw)
            return text if _NUMBER.fullmatch(text) else None


def _compact(raw: str) -> str:
    """Upper case without spaces, hyphens, dots, slashes, brackets and invisible characters."""
    if len(raw) > _LONGEST_FACT:
        return ""
    text = unicodedata.normalize("NFKC", raw).upper()
    return "".join(
        character
        for character in text
        if character not in "./()" and unicodedata.category(character) not in {"Zs", "Cc", "Cf", "Pd"}
    )


def _birth_date(raw: str) -> str | None:
    text = "".join(unicodedata.normalize("NFKC", raw).split())
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return born.isoformat() if born.year >= 1880 else None


# --- the PIN a debtor sets

PIN_SHORTEST = 6
PIN_LONGEST = 12


class PinProblem(StrEnum):
    """Why a PIN is not taken."""

    NOT_DIGITS = "not_digits"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_EASY = "too_easy"


def normalise_pin(raw: str) -> str:
    """The PIN as it is hashed: digits of any script as ASCII, spaces and hyphens gone."""
    return _compact(raw)


def pin_problems(pin: str) -> list[PinProblem]:
    """All reasons why this (normalised) PIN is refused; empty if it is good."""
    if not re.fullmatch(r"[0-9]*", pin):
        return [PinProblem.NOT_DIGITS]
    if len(pin) < PIN_SHORTEST:
        return [PinProblem.TOO_SHORT]
    if len(pin) > PIN_LONGEST:
        return [PinProblem.TOO_LONG]
    return [PinProblem.TOO_EASY] if _is_easy(pin) else []


def _is_easy(pin: str) -> bool:
    return len(set(pin)) <= 2 or _is_run(pin) or _repeats(pin) or _is_palindrome_run(pin) or _is_date(pin)


def _is_run(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps in ({1}, {9}, {2}, {8})


def _repeats(pin: str) -> bool:
    """121212, 123123, 12341234: a block said again."""
    return any(len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1))


def _is_palindrome_run(pin: str) -> bool:
    """123321: a run and back."""
    half = pin[: (len(pin) + 1) // 2]
    return pin == pin[::-1] and len(half) >= 3 and _is_run(half)


def _is_date(pin: str) -> bool:
    """A birthday in any usual order, or two years side by side: the first thing a thief of the letter tries."""
    if len(pin) == 6:
        orders = [(pin[:2], pin[2:4], f"{century}{pin[4:]}") for century in ("19", "20")]
        orders += [(pin[4:], pin[2:4], f"{century}{pin[:2]}") for century in ("19", "20")]
        orders += [("1", pin[:2], pin[2:]), ("1", pin[4:], pin[:4])]
    elif len(pin) == 8:
        orders = [(pin[:2], pin[2:4], pin[4:]), (pin[6:], pin[4:6], pin[:4])]
        if 1900 <= int(pin[:4]) <= 2099 and 1900 <= int(pin[4:]) <= 2099:
            return True
    else:
        return False
    return any(_is_day(*order) for order in orders)


def _is_day(day: str, month: str, year: str) -> bool:
    try:
        return 1900 <= date(int(year), int(month), int(day)).year <= 2099
    except ValueError:
        return False


# --- throttles (security.md 2.6, decisions.md 4) ---


class Retired(Enum):
    """The letter's code is dead for good; a new letter is needed."""

    RETIRED = "retired"


RETIRE = Retired.RETIRED

#: Tries of the fact that are compared at all; the reserving UPDATE says `WHERE fail_fact < FACT_TRIES`.
FACT_TRIES = 10
FREE_SECRET_TRIES = 5
SECRET_ALERT = 100


def lock_after(fail_fact: int) -> timedelta | Retired | None:
    """How long the letter rests after its n-th wrong fact behind a right code: 5th 15 min, 8th 24 h, 10th for ever."""
    if fail_fact >= FACT_TRIES:
        return RETIRE
    return {5: timedelta(minutes=15), 8: timedelta(hours=24)}.get(fail_fact)


def slow_after(fail_code: int) -> timedelta | None:
    """How long the letter rests after its n-th wrong secret; never retired, since a stranger could do it."""
    if fail_code < FREE_SECRET_TRIES:
        return None
    return timedelta(minutes=15) if fail_code < 10 else timedelta(hours=1)


def alert_after(fail_code: int) -> bool:
    """True at every hundredth wrong secret of one letter: someone should look."""
    return fail_code > 0 and fail_code % SECRET_ALERT == 0


@dataclass(frozen=True)
class Window:
    """At most `limit` (in fifths of a failure) within `length`."""

    length: timedelta
    limit: int


#: Counted in fifths, so that a typing error (check symbol) weighs 0.2 and sums stay whole numbers.
FAILURE_WEIGHT = 5
TYPING_ERROR_WEIGHT = 1
NETWORK_WINDOWS = (
    Window(timedelta(minutes=10), 20 * FAILURE_WEIGHT),
    Window(timedelta(days=1), 100 * FAILURE_WEIGHT),
)
STAFF_NETWORK_WINDOW = Window(timedelta(hours=1), 50 * FAILURE_WEIGHT)
#: A letter without a failure in this time still gets through an exhausted network.
CLEAN_LETTER = timedelta(hours=1)
GLOBAL_PER_MINUTE = 600


def network_wait(windows: tuple[Window, ...], counted: tuple[int, ...]) -> timedelta | None:
    """The longest window that is used up (the answer's Retry-After), or None while the network may go on."""
    used_up = [window.length for window, count in zip(windows, counted, strict=True) if count >= window.limit]
    return max(used_up, default=None)


def global_alarm(failures_in_minute: int, usual_in_minute: int) -> bool:
    """True when all networks' failures pass 10 a second or 20 times the usual; right codes are never blocked."""
    return failures_in_minute > GLOBAL_PER_MINUTE or (usual_in_minute > 0 and failures_in_minute > 20 * usual_in_minute)


def staff_wait(failures: int) -> timedelta | None:
    """How long an account rests after its n-th failure in a row: from the 5th 60 s, doubling to one hour."""
    if failures < 5:
        return None
    seconds: int = 60 << min(failures - 5, 6)
    return min(timedelta(seconds=seconds), timedelta(hours=1))


def network_key(address: str) -> str:
    """The network that is counted for this address: an IPv4 address itself, an IPv6 address's /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            plain = ipaddress.IPv6Address(int(ip))  # without the zone of a link-local address
            return str(ipaddress.ip_network((plain, 64), strict=False))
        ip = ip.ipv4_mapped
    return f"{ip}/32"


# --- roles (decisions.md 9) ---


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """What can be done at the desk; a button without the right isn't shown, an address without it answers 404."""

    READ = "read"
    ANSWER = "answer"
    DECIDE = "decide"
    PAUSE = "pause"
    WAIVE = "waive"
    WAIVE_ALL = "waive_all"
    OFFER = "offer"
    BOOK = "book"
    REFUND = "refund"
    APPROVE = "approve"
    LEGAL_STEP = "legal_step"
    IMPORT = "import"
    LETTERS = "letters"
    REISSUE = "reissue"
    ADDRESS = "address"
    EXPORT = "export"
    PEOPLE = "people"
    TEXTS = "texts"
    BANK = "bank"
    SETTINGS = "settings"


_AGENT = frozenset({Right.READ, Right.ANSWER, Right.DECIDE, Right.PAUSE, Right.WAIVE, Right.ADDRESS})
_LEAD = _AGENT | {
    Right.WAIVE_ALL,
    Right.OFFER,
    Right.BOOK,
    Right.REFUND,
    Right.APPROVE,
    Right.LEGAL_STEP,
    Right.IMPORT,
    Right.LETTERS,
    Right.EXPORT,
}
_ADMIN = frozenset(
    {
        Right.READ,
        Right.APPROVE,
        Right.IMPORT,
        Right.LETTERS,
        Right.REISSUE,
        Right.ADDRESS,
        Right.PEOPLE,
        Right.TEXTS,
        Right.BANK,
        Right.SETTINGS,
    }
)
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    Role.ADMIN: _ADMIN,
    Role.AUDITOR: frozenset({Right.READ, Right.EXPORT}),
}


@dataclass(frozen=True)
class RoleLimits:
    """A creditor's own limits, in minor units of the claim's currency and in persons."""

    agent_waive_minor: int = 100_00
    alone_refund_minor: int = 500_00
    alone_export_persons: int = 100


def allowed(role: Role, right: Right) -> bool:
    """True if the role has the right at all; sums and second persons are asked separately."""
    return right in RIGHTS[role]


def may_waive(role: Role, minor: int, limits: RoleLimits) -> bool:
    """True if this role may waive so much alone."""
    return allowed(role, Right.WAIVE_ALL) or (allowed(role, Right.WAIVE) and minor <= limits.agent_waive_minor)


def refund_needs_second(minor: int, limits: RoleLimits) -> bool:
    """True if a refund of this sum needs a second person."""
    return minor > limits.alone_refund_minor


def export_needs_second(persons: int, limits: RoleLimits) -> bool:
    """True if an export over so many persons needs a second person; a change of IBAN and a legal step always do."""
    return persons > limits.alone_export_persons
