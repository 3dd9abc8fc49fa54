"""`geo-service token`: made once, listed without the text, revoked; wrong use is said in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from geo_service.access.token_file import TokenBook
from geo_service.cli.main import app
from geo_service.errors import TokenFileError
from layers.workspace.sections import LayerSection, Workspace

MINIMAL = {
    "schema": 1,
    "wilayah": {"id": "uji", "name": "Uji", "year": 2025, "scope": ["53.06"]},
    "boundaries": [{"path": "a.geojson", "code_system": "kemendagri", "code_column": "kode"}],
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["token", *map(str, arguments)], catch_exceptions=False)


def test_a_token_is_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    made = run("make", tmp_path, "--layer", "spending", "--days", 90, "--area", "53.06.13")
    text = made.stdout.strip().splitlines()[0]
    assert text.startswith("geo_")
    listed = run("list", tmp_path).stdout
    assert text not in listed
    token_id, state, layers, areas = listed.split()[:4]
    assert (state, layers, areas) == ("valid", "spending", "53.06.13")
    assert TokenBook(tmp_path).find(text, date.today()) is not None
    assert run("revoke", tmp_path, token_id).exit_code == 0
    assert "revoked" in run("list", tmp_path).stdout
    assert TokenBook(tmp_path).find(text, date.today()) is None


def test_help_teaches_the_whole_way() -> None:
    text = " ".join(run("--help").stdout.split())
    for part in ("[layers.spending]", "QGIS", "Authorization", "revoke", "wilayah.toml"):
        assert part in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("make", "nowhere", "--layer", "spending", "--days", 1), "no such folder"),
        (("make", ".", "--layer", "spending", "--days", 1, "--area", "53-06"), "no code"),
        (("revoke", ".", "12345678"), "no token '12345678'"),
    ],
)
def test_wrong_use_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TokenFileError, match=said):
        run(*arguments)


@pytest.mark.parametrize("days", [0, -1, 100_000])
def test_a_token_expires(tmp_path: Path, days: int) -> None:
    assert run("make", tmp_path, "--layer", "desa", "--days", days).exit_code == 2


def test_only_layers_that_there_are_may_be_closed() -> None:
    closed = {**MINIMAL, "layers": {"spending": {"access": "token"}}}
    assert Workspace.model_validate(closed).layers == {"spending": LayerSection(access="token")}
    for layers in (
        {"nope": {"access": "token"}},
        {"desa": {"access": "secret"}},
        {"desa": {"a": 1}},
    ):
        with pytest.raises(ValidationError):
            Workspace.model_validate({**MINIMAL, "layers": layers})
