"""Shipped histories: one code leads to one code, and they are proposed only where all agrees."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from boundaries.codes import KodeKemendagri
from boundaries.errors import InputUndeclaredError
from boundaries.findings.report import Severity
from layers.errors import WorkspaceError
from layers.pipeline.prepare import prepare_layers
from layers.proposal.template import write_template
from layers.tables.rows.row_places import Places, Reason
from layers.tables.rows.shipped_histories import (
    choose_histories,
    propose_histories,
    shipped_histories,
)
from tests.layers.small_workspace import BOUNDARIES, HEAD, write_polygons

NAMES = {"93.01.01.2001": "Waibao", "93.01.01.2002": "Konga", "93.01.02.2001": "Lamakera"}


@pytest.fixture
def merauke() -> Places:
    frame = pd.DataFrame({"kode": list(NAMES), "nama": list(NAMES.values())})
    return Places.of(frame)


def outside(*codes: str) -> dict[int, Reason]:
    return {
        at: Reason("table.outside_scope", "outside", kode, Severity.NOTE)
        for at, kode in enumerate(codes)
    }


def test_no_two_codes_lead_to_one_and_none_is_of_today() -> None:
    for history in shipped_histories().values():
        news = list(history.recodes.values())
        assert len(set(news)) == len(news)
        assert not set(news) & set(history.recodes)
        assert history.source
        assert history.year
        for old, new in history.recodes.items():
            assert len(old) == len(new)
            assert KodeKemendagri.parse(old).level == KodeKemendagri.parse(new).level


def test_kecamatan_are_carried_before_kabupaten() -> None:
    papua = shipped_histories()["papua-2022"]
    assert papua.today("91.01.02.2003") == "93.01.02.2003"
    assert papua.today("92.10.05.2003") == "96.05.05.2003"
    assert papua.today("92.10.18.2003") is None
    assert papua.today("91.02.01.2001") is None


def test_ends_and_names_that_agree_are_proposed(merauke: Places) -> None:
    reasons = outside("91.01.01.2001", "91.01.01.2002", "53.06.01.2001")
    (found,) = propose_histories(reasons, ["WAIBAO", "Kongga", "X"], merauke, "t.csv", [2, 3, 4])
    assert (found.severity, found.row, found.measure) == (Severity.WARNING, 2, 2)


@pytest.mark.parametrize(
    ("codes", "names"),
    [
        (["91.01.01.2001", "91.01.01.2002"], ["Sota", "Erambu"]),
        (["91.01.07.2001", "91.01.08.2002"], ["Waibao", "Konga"]),
        (["91.09.01.2001"], ["Waibao"]),
        (["53.06.01.2001"], ["Waibao"]),
        ([], []),
    ],
)
def test_what_does_not_agree_is_not_proposed(
    merauke: Places, codes: list[str], names: list[str]
) -> None:
    assert propose_histories(outside(*codes), names, merauke, "t.csv", [2, 3]) == []


def test_a_history_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(WorkspaceError, match="Use one of: papua-2022"):
        choose_histories(["papua-2002"])


def test_init_proposes_the_history_of_old_codes(tmp_path: Path) -> None:
    rows = "kode,desa,jiwa\n9101012001,Waibao,1\n9101012002,Konga,2\n"
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    path, _ = write_template(tmp_path)
    assert '# use = ["papua-2022"]' in path.read_text(encoding="utf-8")
    path.unlink()
    (tmp_path / "t.csv").write_text(rows.replace("9101", "5306"), encoding="utf-8")
    path, _ = write_template(tmp_path)
    assert "papua" not in path.read_text(encoding="utf-8")


TABLE = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
name_column = "desa"
year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"
"""
USE = '[history]\nuse = ["papua-2022"]\n'
OLD, NEW = "91.01", "93.01"
DESA = ("Waninggap", "Sota", "Erambu")


def merauke_folder(folder: Path, drawn: str, counted: str, scope: str, history: str) -> Path:
    """Polygons in the codes of one time, a table in those of one, the scope of one."""
    folder.mkdir()
    rows = {
        name: {"kode": f"{drawn}.01.200{number}", "nama": name}
        for number, name in enumerate(DESA, start=1)
    }
    write_polygons(folder / "desa.geojson", rows)
    lines = [f"{counted}.01.200{number},{name},{number}" for number, name in enumerate(DESA, 1)]
    (folder / "t.csv").write_text("\n".join(["kode,desa,jiwa", *lines]))
    boundaries = BOUNDARIES.replace('kecamatan_name_column = "kec"\n', "")
    head = HEAD.replace("53.06", scope)
    (folder / "wilayah.toml").write_text(head + history + boundaries + TABLE)
    return folder


@pytest.mark.parametrize("counted", [OLD, NEW])
@pytest.mark.parametrize("drawn", [OLD, NEW])
def test_polygons_and_tables_of_before_and_after_meet_by_codes_of_today(
    drawn: str, counted: str, tmp_path: Path
) -> None:
    prepared = prepare_layers(merauke_folder(tmp_path / "w", drawn, counted, NEW, USE))
    values = prepared.tables["indicators"]
    assert dict(zip(values["kode"], values["nilai"], strict=True)) == {
        f"{NEW}.01.200{number}": number for number in (1, 2, 3)
    }
    former = [found for found in prepared.report.findings if found.code == "boundary.code_former"]
    assert [found.measure for found in former] == ([3] if drawn == OLD else [])
    assert [load.desa_without_data for load in prepared.report.loads] == [0, 0]
    assert not prepared.report.blocks_publication


def test_polygons_of_before_ask_for_the_history(tmp_path: Path) -> None:
    folder = merauke_folder(tmp_path / "w", OLD, NEW, NEW, "")
    with pytest.raises(InputUndeclaredError, match=r"91\.01 .* is 93\.01 today.*papua-2022"):
        prepare_layers(folder)


def test_tables_of_after_ask_for_the_history_and_the_scope_of_today(tmp_path: Path) -> None:
    folder = merauke_folder(tmp_path / "w", OLD, NEW, OLD, "")
    report = prepare_layers(folder).report
    proposed, lost = (
        next(found for found in report.findings if found.code == code)
        for code in ("versions.history_proposed", "input.no_row_used")
    )
    assert "the scope of today, 93.01" in proposed.message
    assert proposed.message in lost.message
