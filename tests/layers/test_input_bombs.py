"""Harmful inputs in short: each ends in words that name its file, and raises no memory of ours.

All of them, each in a process of its own with its seconds and MB: ``python -m tests.chaos.bombs``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.errors import BoundariesError
from boundaries.findings.report import Report
from layers.errors import BlockedError, LayersError
from layers.pipeline.build import build_release, check_workspace
from layers.proposal.template import write_template
from tests.chaos import bomb_files, bombs, input_bombs, map_bombs, table_bombs
from tests.layers import small_workspace

LIMITS = "[limits]\nmemory_mb = 120\nseconds = 5\n"
OVER_LIMIT: dict[bomb_files.Writer, str] = {
    table_bombs.stray_cell: "limits.memory_mb",
    table_bombs.stray_cell_unstated: "limits.memory_mb",
    table_bombs.wide_csv: "limits.columns",
    table_bombs.wide_list: "limits.columns",
    map_bombs.star: "limits.crossings",
    map_bombs.stack: "limits.pairs",
    map_bombs.sparse_raster: "limits.memory_mb",
    table_bombs.repeated_ods_rows: "limits.memory_mb",
    input_bombs.huge_hole: "limits.file_mb",
}
UNREADABLE: dict[bomb_files.Writer, str] = {
    table_bombs.stacked_merges: "20,000 merged ranges of the sheet lie over each other",
    table_bombs.wide_merges: "1,998 merged ranges of the sheet lie over each other",
    map_bombs.endless_view: "'tanpa_akhir' is a view",
    map_bombs.virtual_layer: "virtual layer",
    map_bombs.nested_boundary_json: "not JSON|nested deeper",
    input_bombs.pipe: "it is a pipe",
    input_bombs.device: "it is a device",
    input_bombs.folder: "a folder",
    input_bombs.circle: "do not exist",
    input_bombs.many_members: "an archive of 21,000 files",
}


def lay(writer: bomb_files.Writer, tmp_path: Path) -> Path:
    folder = bombs.lay(writer, tmp_path / "w")
    path = folder / "wilayah.toml"
    path.write_text(path.read_text() + LIMITS)
    return folder


def over_limit(report: Report) -> list[tuple[str | None, str | None]]:
    findings = small_workspace.of_code(report, "input.over_limit")
    return [(finding.file, finding.value) for finding in findings]


@pytest.mark.parametrize("writer", OVER_LIMIT, ids=lambda writer: writer.__name__)
def test_what_goes_beyond_a_limit_is_a_finding(writer: bomb_files.Writer, tmp_path: Path) -> None:
    folder = lay(writer, tmp_path)
    (name,) = [path.name for path in folder.glob("b.*")]
    assert over_limit(check_workspace(folder).report) == [(name, OVER_LIMIT[writer])]


@pytest.mark.parametrize("writer", UNREADABLE, ids=lambda writer: writer.__name__)
def test_what_is_no_file_of_data_is_named(writer: bomb_files.Writer, tmp_path: Path) -> None:
    with pytest.raises((BoundariesError, LayersError), match=UNREADABLE[writer]) as raised:
        check_workspace(lay(writer, tmp_path))
    assert "b." in str(raised.value)


def test_what_a_file_says_is_not_repeated_without_end(tmp_path: Path) -> None:
    """A format of 100,000 letters: its beginning is enough to find it."""
    report = check_workspace(lay(table_bombs.quoted_format, tmp_path)).report
    messages = {finding.message for finding in report.findings}
    assert max(map(len, messages)) < 2_000
    assert any(message.endswith("Rows 2-1999.") for message in messages)


def test_nothing_is_built_of_it(tmp_path: Path) -> None:
    folder = lay(table_bombs.stray_cell, tmp_path)
    with pytest.raises(BlockedError, match=r"b\.xlsx A filled cell at XFD1048576"):
        build_release(folder, tmp_path / "releases")


def test_the_report_says_it_too(tmp_path: Path) -> None:
    folder = lay(table_bombs.stray_cell, tmp_path)
    check_workspace(folder, report_folder=tmp_path / "report")
    assert "input.over_limit" in (tmp_path / "report" / "findings.json").read_text()


WIDE = f"kode,nilai,{','.join(f'k{n}' for n in range(50))}\n53.06.01.2001,0.5{',1' * 50}\n"
FACILITIES = """[[facilities]]
id = "f"
path = "{name}"
kind = "puskesmas"
lon_column = "lon"
lat_column = "lat"
"""


def test_each_file_beyond_a_limit_has_its_finding_and_the_others_are_checked(
    tmp_path: Path,
) -> None:
    """Two tables and a list are too wide; the good table and the wrong code in it are told too."""
    tables = [bomb_files.TABLE.format(name=name) for name in ("a.csv", "b.csv", "c.csv")]
    tables = [text.replace('id = "', f'id = "n{n}') for n, text in enumerate(tables)]
    sections = "".join([*tables, FACILITIES.format(name="f.csv")]) + "[limits]\ncolumns = 40\n"
    good = "kode,nilai\n53.06.01.2001,0.5\n53.06.01.2999,0.6\n"
    places = WIDE.replace("kode,nilai", "lon,lat")
    files = {"a.csv": WIDE, "b.csv": good, "c.csv": WIDE, "f.csv": places}
    report = small_workspace.check_report(tmp_path / "w", sections, files)
    assert sorted(over_limit(report), key=str) == [
        (name, "limits.columns") for name in ("a.csv", "c.csv", "f.csv")
    ]
    assert [load.file for load in report.loads if load.input.startswith("tables")] == ["b.csv"]
    assert [f.row for f in small_workspace.of_code(report, "table.code_unknown")] == [3]
    with pytest.raises(BlockedError, match="3 findings block") as blocked:
        build_release(tmp_path / "w", tmp_path / "releases")
    assert all(f" {name} " in str(blocked.value) for name in ("a.csv", "c.csv", "f.csv"))


def test_without_its_lists_a_workspace_is_told_of_the_files_alone(tmp_path: Path) -> None:
    names = WIDE.replace("kode,nilai", "kode,nama")
    sections = bomb_files.NAMES.format(name="n.csv") + bomb_files.TABLE.format(name="b.csv")
    files = {"n.csv": names, "b.csv": WIDE}
    report = small_workspace.check_report(
        tmp_path / "w", sections + "[limits]\ncolumns = 40\n", files
    )
    assert [*over_limit(report)] == [("b.csv", "limits.columns"), ("n.csv", "limits.columns")]
    assert len(report.findings) == 2


def test_a_raised_limit_counts(tmp_path: Path) -> None:
    names = ",".join(f"k{number}" for number in range(50))
    text = f"kode,nilai,{names}\n53.06.01.2001,0.5{',1' * 50}\n"
    sections = bomb_files.TABLE.format(name="b.csv")
    low, high = ("[limits]\ncolumns = 40\n", "[limits]\ncolumns = 60\n")
    report = small_workspace.check_report(tmp_path / "low", sections + low, {"b.csv": text})
    assert over_limit(report) == [("b.csv", "limits.columns")]
    report = small_workspace.check_report(tmp_path / "high", sections + high, {"b.csv": text})
    assert over_limit(report) == []
    assert report.loads


def test_init_lists_it_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    folder.mkdir()
    table_bombs.stray_cell(folder)
    (folder / "baik.csv").write_text("kode,nama\n53.06.01.2001,Waibao\n")
    path, _ = write_template(folder)
    text = path.read_text()
    assert "XFD1048576" in text
    assert "baik.csv" in text


def test_a_declaration_nested_too_deep_is_a_message(tmp_path: Path) -> None:
    folder = bombs.lay(input_bombs.nested_declaration, tmp_path / "w")
    with pytest.raises(LayersError, match=r"wilayah\.toml"):
        check_workspace(folder)
