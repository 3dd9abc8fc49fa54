"""``matches.csv`` through check and build: written by one, read by both, counted once decided."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from layers.pipeline.build import build_release, check_workspace
from layers.pipeline.prepare import prepare_layers
from layers.release.manifest_file import read_manifest
from tests.end_to_end.processes import run

DESA = {"99.01.01.2001": "Lamakera", "99.01.01.2002": "Konga", "99.01.01.2003": "Waibao"}
TOML = """\
schema = 1
[wilayah]
id = "kecil"
name = "Kabupaten Kecil"
scope = ["99.01"]
year = 2025
[[boundaries]]
path = "batas.geojson"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
kecamatan_name_column = "kecamatan"
[[tables]]
id = "air"
path = "air.csv"
kecamatan_column = "kecamatan"
name_column = "desa"
year = 2025
[tables.columns]
air = "air_minum_layak_pct"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Three desa in a row, and a table by name with one misspelt and one strange name."""
    folder = tmp_path / "kecil"
    folder.mkdir()
    features = []
    for at, (kode, nama) in enumerate(DESA.items()):
        west, east = 124 + at / 100, 124.01 + at / 100
        ring = [[west, -9], [east, -9], [east, -8.99], [west, -8.99], [west, -9]]
        features.append(
            {
                "type": "Feature",
                "properties": {"kode": kode, "nama": nama, "kecamatan": "Titehena"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "batas.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "wilayah.toml").write_text(TOML, encoding="utf-8")
    (folder / "air.csv").write_text(
        "kecamatan,desa,air\nTitehena,Lamakerra,41\nTitehena,KONGA,42\nTitehena,Antah,43\n"
    )
    return folder


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "matches.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def decide(folder: Path, name: str, answer: str) -> None:
    told = lines(folder)
    with (folder / "matches.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, told[0].keys())
        writer.writeheader()
        for line in told:
            writer.writerow(line | ({"keputusan": answer} if line["nama"] == name else {}))


def values(folder: Path) -> dict[str, float]:
    frame = prepare_layers(folder).tables["indicators"]
    frame = frame[frame["status"] == "ok"]
    return dict(zip(frame["kode"], frame["nilai"], strict=True))


def test_check_writes_what_waits_for_a_decision_and_guesses_nothing(workspace: Path) -> None:
    checked = check_workspace(workspace)
    assert checked.open_matches == 2
    told = {line["nama"]: line for line in lines(workspace)}
    assert told["Lamakerra"]["usulan_kode"] == "99.01.01.2001"
    assert told["Antah"]["usulan_kode"] == ""
    assert {line["keputusan"] for line in told.values()} == {""}
    assert values(workspace) == {"99.01.01.2002": 42}


def test_the_command_says_where_the_names_are(workspace: Path) -> None:
    done = run("check", workspace)
    assert done.returncode == 0
    assert "Names that need a decision: 2" in done.stdout
    assert "matches.csv" in done.stdout


def test_decisions_are_read_and_kept_while_the_rest_stays_open(workspace: Path) -> None:
    check_workspace(workspace)
    decide(workspace, "Lamakerra", "ya")
    decide(workspace, "Antah", "99.01.01.2003")
    assert values(workspace) == {"99.01.01.2001": 41, "99.01.01.2002": 42, "99.01.01.2003": 43}
    before = lines(workspace)
    assert check_workspace(workspace).open_matches == 0
    assert lines(workspace) == before


def test_build_never_writes_into_the_workspace(workspace: Path, tmp_path: Path) -> None:
    build_release(workspace, tmp_path / "releases")
    assert sorted(path.name for path in workspace.iterdir()) == [
        "air.csv",
        "batas.geojson",
        "wilayah.toml",
    ]


def test_the_file_is_an_input_only_once_something_is_decided(
    workspace: Path, tmp_path: Path
) -> None:
    before = build_release(workspace, tmp_path / "releases")
    check_workspace(workspace)
    undecided = build_release(workspace, tmp_path / "releases")
    assert undecided.release_id == before.release_id
    decide(workspace, "Lamakerra", "tidak")
    decided = build_release(workspace, tmp_path / "releases")
    assert decided.release_id != before.release_id
    named = {entry.input for entry in read_manifest(decided.path).inputs}
    assert "matches" in named
    assert "matches" not in {entry.input for entry in read_manifest(before.path).inputs}


def test_nothing_open_and_no_file_means_no_file(workspace: Path) -> None:
    (workspace / "air.csv").write_text("kecamatan,desa,air\nTitehena,Konga,42\n")
    assert check_workspace(workspace).open_matches == 0
    assert not (workspace / "matches.csv").exists()
