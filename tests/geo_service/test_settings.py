"""Settings: read from GEO_* variables, unknown and wrong ones refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from geo_service.errors import SettingsError
from geo_service.settings import Settings, describe_settings, read_settings

README = Path(__file__).parents[2] / "geo_service" / "README.md"


def test_defaults_serve_one_machine() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)


def test_variables_are_read_and_overridden_by_what_is_given() -> None:
    environ = {"GEO_PORT": "9000", "GEO_TRUSTED_PROXIES": "10.0.0.1, ::1", "PATH": "/bin"}
    settings = read_settings(environ, port=None, workers=2)
    assert (settings.port, settings.workers) == (9000, 2)
    assert settings.trusted_proxies == ("10.0.0.1", "::1")
    networks = read_settings({"GEO_TRUSTED_PROXIES": "172.16.0.0/12 fd00::/8 *"})
    assert networks.trusted_proxies == ("172.16.0.0/12", "fd00::/8", "*")
    assert read_settings(environ, port=1).port == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEO_PROT", "1"),
        ("GEO_PORT", "x"),
        ("GEO_PORT", "70000"),
        ("GEO_WORKERS", "0"),
        ("GEO_PUBLIC_URL", "peta.go.id"),
        ("GEO_TRUSTED_PROXIES", "my-proxy"),
        ("GEO_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("GEO_LOG", "loud"),
        ("GEO_LOG", "info xml"),
        ("GEO_LOG_LEVEL", "info"),
        ("GEO_FRAME_ANCESTORS", "a; script-src *"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_settings_are_frozen_and_few() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1
    assert len(Settings.model_fields) < 20


def test_every_setting_is_described_and_documented() -> None:
    lines = describe_settings(Settings())
    documented = README.read_text(encoding="utf-8")
    for line in lines:
        name = line.split("=")[0]
        assert len(line.split("# ")[1]) > 10
        assert f"`{name}`" in documented
