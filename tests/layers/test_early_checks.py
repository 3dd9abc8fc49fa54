"""What is declared wrongly is told before the polygons are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.errors import InputError
from layers.pipeline.build import check_workspace
from tests.layers.small_workspace import write_workspace

TABLE = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"
"""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (TABLE.replace('"kode"', '"kod"'), "no column 'kod'"),
        (TABLE.replace("jiwa =", "orang ="), "no column 'orang'"),
        (TABLE.replace("penduduk_jiwa", "penduduk"), "penduduk: no such indicator"),
        (TABLE.replace("t.csv", "u.csv"), "u.csv"),
    ],
)
def test_it_is_told_before_the_polygons(tmp_path: Path, wrong: str, message: str) -> None:
    folder = write_workspace(tmp_path / "w", wrong, {"t.csv": "kode,jiwa\n53.06.01.2001,1\n"})
    (folder / "desa.geojson").write_text("no polygons at all", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        check_workspace(folder)
