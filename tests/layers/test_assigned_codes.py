"""Codes by overlap: what a person decides counts, and survives the next check."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.errors import InputUndeclaredError
from layers.pipeline.build import check_workspace
from tests.layers.small_workspace import DESA, of_code, write_polygons, write_workspace

BY_OVERLAP = """[[boundaries]]
path = "batas.geojson"
code_system = "kemendagri"
name_column = "nama"
kecamatan_name_column = "kec"
[boundaries.codes_from]
path = "desa.geojson"
code_column = "kode"
name_column = "nama"
code_system = "kemendagri"
"""


def workspace(folder: Path, names: list[str]) -> Path:
    write_workspace(folder, "", {}, BY_OVERLAP)
    kecamatan = [kec for _, kec in DESA.values()]
    rows = {
        str(at): {"nama": name, "kec": kec}
        for at, (name, kec) in enumerate(zip(names, kecamatan, strict=True))
    }
    write_polygons(folder / "batas.geojson", rows)
    return folder


@pytest.mark.parametrize(
    ("answer", "used", "findings"),
    [("", 3, 1), ("ya", 4, 0), ("53.06.01.2002", 4, 0), ("5306012002", 4, 0), ("tidak", 3, 0)],
)
def test_a_contradiction_is_decided_in_matches(
    tmp_path: Path, answer: str, used: int, findings: int
) -> None:
    folder = workspace(tmp_path / "w", ["Waibao", "Zulu", "Oesao", "Raknamo"])
    assert check_workspace(folder).open_matches == 1
    path = folder / "matches.csv"
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("0.0,\n", f"0.0,{answer}\n"), encoding="utf-8")
    assert answer in path.read_text(encoding="utf-8")
    report = check_workspace(folder).report
    assert [load.matched for load in report.loads if load.input == "boundaries.1"] == [used]
    assert len(of_code(report, "boundary.code_name_contradicts")) == findings
    assert not of_code(report, "matches.not_understood")


@pytest.mark.parametrize("name", ["Desa Konga", "KONGA", "Kongga", "Konga Timur Raya"])
def test_spellings_and_short_forms_take_the_code(tmp_path: Path, name: str) -> None:
    folder = workspace(tmp_path / "w", ["Waibao", name, "Oesao", "Raknamo"])
    report = check_workspace(folder).report
    assert [load.matched for load in report.loads if load.input == "boundaries.1"] == [4]


def test_a_code_that_the_reference_has_not_is_told(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", ["Waibao", "Zulu", "Oesao", "Raknamo"])
    check_workspace(folder)
    path = folder / "matches.csv"
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("0.0,\n", "0.0,53.06.09.2001\n"), encoding="utf-8")
    assert of_code(check_workspace(folder).report, "matches.not_understood")


def test_where_no_polygon_takes_a_code_the_refusal_says_why(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", ["Alfa", "Beta", "Gama", "Delta"])
    with pytest.raises(InputUndeclaredError, match="names are not spellings of one") as refused:
        check_workspace(folder)
    assert "batas.geojson, row 1" in str(refused.value)
    assert "code_column" not in str(refused.value)
    path = folder / "matches.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([lines[0], *(f"{line}ya" for line in lines[1:])]))
    report = check_workspace(folder).report
    assert [load.matched for load in report.loads if load.input == "boundaries.1"] == [4]
