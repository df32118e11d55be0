"""Which settings hold: the only reader of the environment, which refuses to start half-configured."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CHECKOUT_ORIGIN = "https://checkout.stripe.com"
#: Where a creditor tells Stripe who he is; the stand-in has both under one address.
ONBOARDING_ORIGIN = "https://connect.stripe.com"

NOT_BUILT = {
    "PORTAL_REDIS_URL": "PORTAL_REDIS_URL is not built yet: leave it out, the database holds the limits.",
    "PORTAL_S3_ENDPOINT": "PORTAL_S3_ENDPOINT is not built yet: use PORTAL_FILES_URL=file:///…",
}


class SettingsIncomplete(Exception):
    """Something is missing or contradicts itself; each sentence says what to set."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Settings:
    """All settings of one installation; secrets are never shown when it is printed."""

    database_url: str
    base_url: str
    secret_key: str = field(repr=False)
    code_peppers: str = field(repr=False)
    data_keys: str = field(repr=False)
    files_root: Path
    stripe_secret_key: str = field(repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(repr=False)
    stripe_api_base: str = "https://api.stripe.com"
    stripe_page_origin: str = CHECKOUT_ORIGIN
    mail_url: str = ""
    clamd: str = ""
    trusted_proxies: int = 0
    log_format: str = "text"
    threads: int = 4
    demo: bool = False
    clock_file: Path | None = None
    demo_day: str = ""

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the `PORTAL_*` settings; raises SettingsIncomplete that names everything that is missing."""
    sentences: list[str] = []

    def needed(name: str, what: str) -> str:
        value = environment.get(name, "").strip()
        if not value:
            sentences.append(f"{name} is missing: set it to {what}.")
        return value

    base_url = needed("PORTAL_BASE_URL", "the address under which people reach the portal").rstrip("/")
    settings = Settings(
        database_url=environment.get("PORTAL_DATABASE_URL", "").strip() or "sqlite:///var/portal.db",
        base_url=base_url,
        secret_key=needed("PORTAL_SECRET_KEY", "at least 32 random characters"),
        code_peppers=needed("PORTAL_CODE_PEPPERS", "kid:base64 of 32 random bytes, newest first"),
        data_keys=needed("PORTAL_DATA_KEYS", "kid:base64 of 32 random bytes, newest first"),
        files_root=_files_root(environment.get("PORTAL_FILES_URL", ""), sentences),
        stripe_secret_key=needed("PORTAL_STRIPE_SECRET_KEY", "the platform's secret key"),
        stripe_webhook_secrets=tuple(
            part.strip()
            for part in needed("PORTAL_STRIPE_WEBHOOK_SECRETS", "the endpoint's signing secrets").split(",")
            if part.strip()
        ),
        stripe_api_base=environment.get("PORTAL_STRIPE_API_BASE", "").rstrip("/") or "https://api.stripe.com",
        stripe_page_origin=environment.get("PORTAL_STRIPE_PAGE_ORIGIN", "").rstrip("/") or CHECKOUT_ORIGIN,
        mail_url=environment.get("PORTAL_MAIL_URL", "").strip(),
        clamd=environment.get("PORTAL_CLAMD", "").strip(),
        trusted_proxies=_count(environment.get("PORTAL_TRUSTED_PROXIES", ""), sentences),
        log_format=environment.get("PORTAL_LOG_FORMAT", "").strip() or "text",
        demo=environment.get("PORTAL_DEMO", "") == "1",
        clock_file=Path(environment["PORTAL_CLOCK_FILE"]) if environment.get("PORTAL_CLOCK_FILE") else None,
        demo_day=environment.get("PORTAL_DEMO_DAY", ""),
    )
    sentences += problems(settings, environment)
    if sentences:
        raise SettingsIncomplete(sentences)
    return settings


def problems(settings: Settings, environment: Mapping[str, str] | None = None) -> list[str]:
    """Say everything that contradicts itself in these settings, a sentence each."""
    found: list[str] = []
    if settings.base_url and not settings.https and settings.host not in LOOPBACK:
        found.append("PORTAL_BASE_URL is plain http, which is allowed on this machine only: use https.")
    if settings.secret_key and len(settings.secret_key) < 32:
        found.append("PORTAL_SECRET_KEY is too short: use at least 32 random characters.")
    for name, spec in (("PORTAL_CODE_PEPPERS", settings.code_peppers), ("PORTAL_DATA_KEYS", settings.data_keys)):
        if spec and not _keys_are_sound(spec):
            found.append(f"{name} is not readable: write kid:base64 of 32 random bytes, newest first.")
    if settings.log_format not in {"text", "json"}:
        found.append("PORTAL_LOG_FORMAT knows text and json.")
    if settings.mail_url and not _mail_is_sound(settings.mail_url):
        found.append(
            "PORTAL_MAIL_URL is smtp://user:password@host:587?from=post@your.domain&bounces=back@your.domain, "
            "or smtps://…:465."
        )
    if settings.clamd and not settings.clamd.startswith(("unix:/", "tcp://")):
        found.append("PORTAL_CLAMD is unix:/path or tcp://host:port.")
    if (settings.clock_file or settings.demo_day) and not settings.demo:
        found.append("A moved clock exists in the demo only.")
    return found + [sentence for name, sentence in NOT_BUILT.items() if environment and environment.get(name)]


def _files_root(url: str, sentences: list[str]) -> Path:
    if not url.strip():
        return Path("var/files").resolve()
    parts = urlsplit(url.strip())
    if parts.scheme == "file" and parts.path:
        return Path(parts.path)
    sentences.append("PORTAL_FILES_URL knows file:///… so far; s3:// is not built yet.")
    return Path("var/files")


def _count(raw: str, sentences: list[str]) -> int:
    if not raw.strip():
        return 0
    if raw.strip().isdigit() and int(raw) <= 5:
        return int(raw)
    sentences.append("PORTAL_TRUSTED_PROXIES is the number of proxies in front, 0 to 5.")
    return 0


def _mail_is_sound(url: str) -> bool:
    try:
        parts = urlsplit(url)
        addresses = [value for values in parse_qs(parts.query).values() for value in values]
        sound = all(value.count("@") == 1 and not value.startswith("@") for value in addresses)
        return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and (parts.port or 587) > 0 and sound
    except ValueError:
        return False


def _keys_are_sound(spec: str) -> bool:
    for part in spec.split(","):
        kid, colon, raw = part.strip().partition(":")
        try:
            if not kid or not colon or len(base64.b64decode(raw, validate=True)) < 32:
                return False
        except binascii.Error:
            return False
    return True
