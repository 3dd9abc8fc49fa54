"""Each kind of bad input: one clear message, exit 1 or 2, no traceback, nothing half-written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.processes import run

SQUARE = [[[124.0, -9.0], [124.1, -9.0], [124.1, -8.9], [124.0, -8.9], [124.0, -9.0]]]
TOML = """\
schema = 1
[wilayah]
id = "kecil"
name = "Kecil"
scope = ["99.01"]
year = 2025
[[boundaries]]
path = "batas.geojson"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""


def collection(*codes: str, rings: object = SQUARE) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"kode": code, "nama": f"Desa {code[-1]}"},
            "geometry": {"type": "Polygon", "coordinates": rings},
        }
        for code in codes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def write(folder: Path, toml: str = TOML, boundaries: str | bytes | None = None) -> Path:
    folder.mkdir()
    (folder / "wilayah.toml").write_text(toml)
    content = collection("99.01.01.2001") if boundaries is None else boundaries
    data = content.encode() if isinstance(content, str) else content
    (folder / "batas.geojson").write_bytes(data)
    return folder


def missing_file(folder: Path) -> None:
    write(folder)
    (folder / "batas.geojson").unlink()


def unreadable_file(folder: Path) -> None:
    write(folder, boundaries=b"\x00\x01 this is no GeoJSON \xff")


def truncated_file(folder: Path) -> None:
    write(folder, boundaries=collection("99.01.01.2001", "99.01.01.2002")[:150])


def wrong_crs(folder: Path) -> None:
    rings = [[[x * 1000 + 500000, y * 1000 + 9000000] for x, y in ring] for ring in SQUARE]
    write(folder, boundaries=collection("99.01.01.2001", rings=rings))


def empty_layer(folder: Path) -> None:
    write(folder, boundaries='{"type": "FeatureCollection", "features": []}')


def unknown_key(folder: Path) -> None:
    write(folder, toml=TOML + 'code_colum = "kode"\n')


def no_code_column(folder: Path) -> None:
    write(folder, toml=TOML.replace('code_column = "kode"', 'code_column = "KDEPUM"'))


def code_system_not_declared(folder: Path) -> None:
    write(folder, toml=TOML.replace('code_system = "kemendagri"\n', ""))


def not_toml(folder: Path) -> None:
    write(folder, toml="schema = 1\n[wilayah\n")


def no_workspace(folder: Path) -> None:
    folder.mkdir()


def outside_scope(folder: Path) -> None:
    write(folder, toml=TOML.replace("99.01", "98.01"))


CASES: list[tuple[Callable[[Path], object], str]] = [
    (missing_file, r"batas\.geojson.*\n?.*|do not exist"),
    (unreadable_file, r"batas\.geojson"),
    (truncated_file, r"batas\.geojson"),
    (wrong_crs, r"(?i)crs|degrees|lon"),
    (empty_layer, r"(?i)no (features|polygons|rows)|empty"),
    (unknown_key, r"code_colum.*unknown key.*code_column"),
    (no_code_column, r"KDEPUM.*(kode|columns)"),
    (code_system_not_declared, r"code_system.*required"),
    (not_toml, r"not a TOML file"),
    (no_workspace, r"geo-service init"),
    (outside_scope, r"(?i)scope"),
]


@pytest.mark.parametrize(
    ("make", "expected"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
@pytest.mark.parametrize("command", ["check", "build"])
def test_bad_input_ends_with_one_clear_message(
    tmp_path: Path, command: str, make: Callable[[Path], object], expected: str
) -> None:
    workspace, releases = tmp_path / "ws", tmp_path / "releases"
    make(workspace)
    before = sorted(workspace.rglob("*"))
    options: list[str | Path] = ["--to", releases] if command == "build" else []
    done = run(command, workspace, *options)
    said = done.stdout + done.stderr
    assert done.returncode in (1, 2), said
    assert "Traceback" not in said
    assert re.search(expected, said), said
    assert sorted(workspace.rglob("*")) == before
    left = [path for path in releases.rglob("*") if path.is_file()] if releases.exists() else []
    assert [path for path in left if path.name != ".lock"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "nowhere"],
        ["publish", "nowhere", "sampel-0123456789abcdef"],
        ["publish", "nowhere", "../etc"],
        ["rollback", "nowhere"],
        ["prune", "nowhere", "--keep", "0"],
        ["serve", "nowhere"],
        ["build", "nowhere", "--to", "elsewhere"],
        ["check"],
        ["unknown"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_exit_code_2(tmp_path: Path, arguments: list[str]) -> None:
    placed = [
        str(tmp_path / word) if word in {"nowhere", "elsewhere"} else word for word in arguments
    ]
    done = run(*placed)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip()) > 20
    assert not (tmp_path / "elsewhere").exists()


def test_init_never_overwrites(tmp_path: Path) -> None:
    assert run("init", tmp_path / "ws").returncode == 0
    first = (tmp_path / "ws" / "wilayah.toml").read_bytes()
    again = run("init", tmp_path / "ws")
    assert again.returncode == 2
    assert (tmp_path / "ws" / "wilayah.toml").read_bytes() == first


def test_init_proposes_the_files_of_the_folder(tmp_path: Path, sample_workspace: Path) -> None:
    folder = tmp_path / "ws"
    shutil.copytree(sample_workspace, folder)
    (folder / "wilayah.toml").unlink()
    run("init", folder, check=True)
    text = (folder / "wilayah.toml").read_text()
    assert "[[boundaries]]" in text
    assert "columns in the file: " in text
    assert "(not read)" not in text


def test_each_command_teaches_with_an_example() -> None:
    names = re.findall(r"^│ (\w+)", run("--help", check=True).stdout, re.MULTILINE)
    commands = {
        "init",
        "check",
        "build",
        "verify",
        "publish",
        "rollback",
        "prune",
        "serve",
        "demo",
        "settings",
    }
    assert commands <= set(names)
    for name in commands:
        assert "Example" in run(name, "--help", check=True).stdout
