"""Lists without a row, without a position, without a value: a release or a reason, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.test_damaged_inputs import hold
from tests.layers.small_workspace import write_workspace

HEADER = "nama,jenis,lon,lat,kode\n"
NOTHING = '{"type": "FeatureCollection", "features": []}'
PLACES = """[[facilities]]
id = "f"
path = "f.csv"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
"""
OFFICES = """kind = "kantor_desa"
code_column = "kode"
code_system = "kemendagri"
"""


@pytest.mark.parametrize(
    ("section", "name", "text", "outcome"),
    [
        (PLACES + 'kind = "pustu"\n', "f.csv", HEADER, "built"),
        (PLACES + 'kind = "warung"\n', "f.csv", HEADER + "A,,123.01,-8.39,\n", "built"),
        (PLACES + 'kind_column = "jenis"\n', "f.csv", HEADER, "built"),
        (PLACES + "kind_in_name = true\n", "f.csv", HEADER, "built"),
        (PLACES + OFFICES, "f.csv", HEADER, "built"),
        (PLACES + OFFICES, "f.csv", HEADER + "A,,,,53.06.01.2001\n", "blocked"),
        (
            '[[facilities]]\nid = "f"\npath = "f.geojson"\nkind = "pustu"\n',
            "f.geojson",
            NOTHING,
            "built",
        ),
        (
            '[[proposals]]\nid = "p"\npath = "p.geojson"\nactivity_column = "kegiatan"\n',
            "p.geojson",
            NOTHING,
            None,
        ),
    ],
)
def test_an_empty_list_is_built_or_blocked_in_words(
    tmp_path: Path, section: str, name: str, text: str, outcome: str | None
) -> None:
    folder = write_workspace(tmp_path / "kasus", section, {name: text})
    became = hold(folder)
    assert became == outcome or (outcome is None and became in {"built", "refused"})


def test_points_of_programmes_may_stand_in_one_column(tmp_path: Path) -> None:
    section = (
        '[[programmes]]\nid = "p"\npath = "p.csv"\nactivity_column = "kegiatan"\n'
        'position_column = "titik"\n'
    )
    text = 'kegiatan;titik\nSumur;"-8.39, 123.01"\nJalan;\n'
    assert hold(write_workspace(tmp_path / "kasus", section, {"p.csv": text})) == "built"
