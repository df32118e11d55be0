"""Does the portal refuse to start half-configured, and say everything that is missing at once?"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from portal.app import create_app
from portal.settings import SettingsIncomplete, from_environment
from tests.examples import settings_for

KEY = "1:" + base64.b64encode(b"x" * 32).decode()
WHOLE = {
    "PORTAL_BASE_URL": "https://fall.example.ch",
    "PORTAL_SECRET_KEY": "s" * 40,
    "PORTAL_CODE_PEPPERS": KEY,
    "PORTAL_DATA_KEYS": KEY,
    "PORTAL_STRIPE_SECRET_KEY": "sk_test_x",
    "PORTAL_STRIPE_WEBHOOK_SECRETS": "whsec_a, whsec_b",
}


def test_a_whole_environment_is_read() -> None:
    settings = from_environment(WHOLE)
    assert settings.https
    assert settings.stripe_webhook_secrets == ("whsec_a", "whsec_b")
    assert "whsec" not in repr(settings)
    assert "sss" not in repr(settings)


@pytest.mark.parametrize("missing", sorted(WHOLE))
def test_a_missing_setting_stops_the_start_with_its_name(missing: str) -> None:
    with pytest.raises(SettingsIncomplete, match=missing):
        from_environment({name: value for name, value in WHOLE.items() if name != missing})


def test_everything_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(SettingsIncomplete) as caught:
        from_environment({})
    assert len(caught.value.sentences) == len(WHOLE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_BASE_URL", "http://fall.example.ch"),
        ("PORTAL_SECRET_KEY", "short"),
        ("PORTAL_CODE_PEPPERS", "no key"),
        ("PORTAL_DATA_KEYS", "1:c2hvcnQ="),
        ("PORTAL_FILES_URL", "s3://bucket/prefix"),
        ("PORTAL_REDIS_URL", "redis://127.0.0.1"),
        ("PORTAL_S3_ENDPOINT", "https://s3.example"),
        ("PORTAL_CLAMD", "clamd"),
        ("PORTAL_LOG_FORMAT", "xml"),
        ("PORTAL_TRUSTED_PROXIES", "many"),
        ("PORTAL_CLOCK_FILE", "clock"),
    ],
)
def test_a_setting_that_can_not_hold_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsIncomplete):
        from_environment({**WHOLE, name: value})


def test_create_app_refuses_what_contradicts_itself(tmp_path: Path) -> None:
    with pytest.raises(SettingsIncomplete):
        create_app(settings_for("sqlite://", tmp_path, base_url="http://fall.example.ch"))
