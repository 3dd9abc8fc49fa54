"""``geo-service whatif`` and ``siting``: tables for people, JSON for programs, told exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.errors import GeoServiceError
from layers.errors import InputError
from tests.end_to_end.processes import run
from tests.geo_service.test_processes import FAR
from tests.layers.publish.world import SOUTH, WEST

PLACE = f"{FAR[0]},{FAR[1]}"


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def test_what_if_prints_people_and_desa_before_and_after(releases: Path) -> None:
    done = ask("whatif", releases, "--kind", "puskesmas", "--at", PLACE)
    assert done.exit_code == 0
    assert "Desa 12 99.01.02.2012" in done.output
    assert "people within the norm (of 1,200 of the raster)" in done.output
    assert "gap → ok" in done.output


def test_a_desa_may_be_named_and_the_answer_be_json(releases: Path) -> None:
    done = ask("whatif", releases, "--kind", "sd", "--at", "99.01.02.2012", "--at", PLACE, "--json")
    answer = json.loads(done.output)
    assert len(answer["points"]) == 2
    assert answer["points"][0] == answer["points"][1]
    assert answer["gaps"]["before"] is None


def test_siting_says_how_sure_it_is_and_where_candidates_come_from(releases: Path) -> None:
    done = ask("siting", releases, "--kind", "puskesmas", "--number", 1)
    assert done.exit_code == 0
    assert "Proven by HiGHS" in done.output
    assert "origins of desa" in done.output
    quick = ask("siting", releases, "--kind", "puskesmas", "--number", 1, "--effort", "explore")
    assert "Greedy choice" in quick.output


@pytest.mark.parametrize("decimal", [".", ","])
def test_candidates_come_from_a_table_and_no_row_is_dropped_silently(
    releases: Path, tmp_path: Path, decimal: str
) -> None:
    file = tmp_path / "tanah.csv"
    lines = ["nama;bujur;lintang", f"Balai;{FAR[0]};{FAR[1]}", "Laut;150.0;-3.0", "Kosong;;"]
    file.write_text("\n".join(lines).replace(".", decimal), encoding="utf-8")
    done = ask("siting", releases, "--kind", "puskesmas", "--number", 1, "--candidates", file)
    assert done.exit_code == 0, done.output
    assert "row 2 Balai" in done.output
    assert "Candidates (1): given" in done.output
    assert "tanah.csv row 3" in done.output
    assert "tanah.csv row 4" in done.output


def test_candidates_come_from_points(releases: Path, tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": place}}
        for place in (FAR, [WEST + 0.01, SOUTH + 0.01])
    ]
    file = tmp_path / "tanah.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    done = ask(
        "siting", releases, "--kind", "puskesmas", "--number", 1, "--candidates", file, "--json"
    )
    answer = json.loads(done.output)
    assert [site["row"] for site in answer["sites"]] == [1]


def test_nothing_gained_ends_with_1(releases: Path, tmp_path: Path) -> None:
    file = tmp_path / "dekat.csv"
    file.write_text(f"lon,lat\n{WEST},{SOUTH}\n", encoding="utf-8")
    done = ask("siting", releases, "--kind", "puskesmas", "--number", 1, "--candidates", file)
    assert done.exit_code == 1
    assert "No candidate gains anything" in done.output


def test_a_release_without_arrays_ends_with_1(pair: tuple[Path, str, str]) -> None:
    done = ask("whatif", pair[0], "--kind", "sd", "--at", PLACE)
    assert done.exit_code == 1
    assert "without facilities" in done.output


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--kind", "pasar", "--at", PLACE], "kind must be one of"),
        (["--kind", "sd", "--at", "somewhere"], "no place"),
        (["--kind", "sd", "--at", "1,2,3"], "no place"),
        (["--kind", "sd", "--at", "-8.4,121.1"], "outside the release"),
        (["--kind", "sd", "--at", "nan,1"], "is no place"),
        (["--kind", "sd"] + ["--at", PLACE] * 6, "one to 5"),
    ],
)
def test_wrong_use_is_told_in_words(releases: Path, arguments: list[str], word: str) -> None:
    with pytest.raises(GeoServiceError, match=word):
        ask("whatif", releases, *arguments)


@pytest.mark.parametrize(
    ("content", "word"),
    [("a,b\n1,2\n", "no column of longitudes"), ("lon,lat\n0,0\n", "no usable place")],
)
def test_an_unusable_list_is_told_in_words(
    releases: Path, tmp_path: Path, content: str, word: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        ask("siting", releases, "--kind", "sd", "--number", 1, "--candidates", file)


def test_wrong_use_ends_with_2_and_one_message(releases: Path) -> None:
    done = run("whatif", releases, "--kind", "sd", "--at", "0,0")
    assert done.returncode == 2
    assert "outside the release" in done.stderr
    assert "Traceback" not in done.stderr
    assert run("siting", releases, "--kind", "sd", "--number", "0").returncode == 2
