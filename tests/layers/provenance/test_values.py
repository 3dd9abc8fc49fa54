"""Each kind of value rests on exactly its inputs, down to the row; a missing one too."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from layers.release.manifest_file import FieldEntry, Manifest
from layers.release.provenance_file import FILE_NAME, Provenance
from tests.layers.provenance.world import FIDS, write_workspace

Found = set[tuple[str, str, int, int]]


def found(provenance: Provenance, layer: str, field: str, tahun: int | None, *places: int) -> Found:
    """(role, file, first row, last row) of what some values rest on."""
    pieces = provenance.pieces(layer, field, tahun, [FIDS[place] for place in places])
    return {(piece.role, piece.path, piece.first, piece.last) for piece in pieces}


@pytest.mark.parametrize(
    ("layer", "field", "tahun", "place", "expected"),
    [
        ("desa", "area_ha", None, 2, {("boundary", "batas.geojson", 3, 3)}),
        ("desa", "air_minum_layak_pct", 2024, 0, {("value", "air_2024.csv", 2, 2)}),
        ("desa", "air_minum_layak_pct", 2025, 0, {("value", "air_2025.csv", 3, 3)}),
        # An empty cell says why there is no value; a desa without a row has nothing.
        ("desa", "air_minum_layak_pct", 2025, 2, {("value", "air_2025.csv", 4, 4)}),
        ("desa", "air_minum_layak_pct", 2025, 3, set()),
        # Hidden: the row, as for any other.
        ("desa", "gizi_buruk_jumlah", 2025, 1, {("value", "gizi.csv", 3, 3)}),
        ("spending", "anggaran_idr", 2025, 0, {("budget", "apbdes.csv", 2, 3)}),
        ("spending", "kesehatan_idr", 2025, 0, {("budget", "apbdes.csv", 2, 2)}),
        # None of its lines is for health: all of them say zero.
        ("spending", "kesehatan_idr", 2025, 1, {("budget", "apbdes.csv", 4, 5)}),
        ("spending", "realisasi_idr", 2025, 1, {("budget", "apbdes.csv", 5, 5)}),
        ("spending", "dana_desa_idr", 2025, 1, {("budget", "apbdes.csv", 5, 5)}),
        (
            "spending",
            "anggaran_per_jiwa_idr",
            2025,
            1,
            {("budget", "apbdes.csv", 4, 5), ("people", "gizi.csv", 3, 3)},
        ),
        (
            "gaps",
            "jarak_sd_m",
            None,
            0,
            {("origin", "kantor.csv", 3, 3), ("facility", "sekolah.csv", 3, 3)},
        ),
        (
            "gaps",
            "gap_sd_m",
            None,
            2,
            {("origin", "batas.geojson", 3, 3), ("facility", "sekolah.csv", 2, 2)},
        ),
        # In need, not paid by the desa: all its lines, and the whole list of programmes.
        (
            "needs",
            "air_minum_state",
            None,
            0,
            {
                ("value", "air_2025.csv", 3, 3),
                ("budget", "apbdes.csv", 2, 3),
                ("programme", "rkpd.csv", 0, 0),
            },
        ),
        # Without need a line of its own budget decides, and no programme.
        (
            "needs",
            "air_minum_state",
            None,
            1,
            {("value", "air_2025.csv", 2, 2), ("budget", "apbdes.csv", 5, 5)},
        ),
    ],
)
def test_a_value_rests_on_exactly_its_rows(
    provenance: Provenance, layer: str, field: str, tahun: int | None, place: int, expected: Found
) -> None:
    assert found(provenance, layer, field, tahun, place) == expected


def test_places_together_rest_on_what_each_rests_on(provenance: Provenance) -> None:
    alone = [found(provenance, "gaps", "jarak_sd_m", None, place) for place in (0, 1)]
    assert found(provenance, "gaps", "jarak_sd_m", None, 0, 1) == alone[0] | alone[1]


def entry_of(manifest: Manifest, layer: str, name: str) -> FieldEntry:
    fields = next(entry.fields for entry in manifest.layers if entry.id == layer)
    return next(entry for entry in fields if entry.name == name)


def test_the_manifest_names_the_inputs_of_each_field_and_year(manifest: Manifest) -> None:
    water = entry_of(manifest, "desa", "air_minum_layak_pct")
    assert water.inputs == ("tables.air_2024", "tables.air_2025")
    assert water.year_inputs == {2024: ("tables.air_2024",), 2025: ("tables.air_2025",)}
    status = entry_of(manifest, "desa", "air_minum_layak_pct_status")
    assert status.inputs == water.inputs
    assert entry_of(manifest, "desa", "gizi_buruk_jumlah").inputs == ("tables.gizi",)
    assert entry_of(manifest, "desa", "nama").inputs == ("boundaries.1",)


def test_every_number_names_its_inputs(manifest: Manifest) -> None:
    without = [
        (layer.id, entry.name)
        for layer in manifest.layers
        for entry in layer.fields
        if entry.thematic
        and sum(entry.status_counts.get(one, 0) for one in ("ok",)) > 0
        and not entry.inputs
    ]
    assert without == []
    names = {entry.input for entry in manifest.inputs}
    used = {one for layer in manifest.layers for entry in layer.fields for one in entry.inputs}
    assert used <= names


@pytest.mark.parametrize("level", ["kecamatan", "kabupaten"])
def test_what_sums_up_desa_says_of_which_field(manifest: Manifest, level: str) -> None:
    assert entry_of(manifest, level, "penduduk_jiwa_jumlah").summary_of == "desa.penduduk_jiwa"
    assert entry_of(manifest, level, "air_minum_layak_pct_median").summary_of == (
        "desa.air_minum_layak_pct"
    )
    assert entry_of(manifest, level, "anggaran_idr_jumlah").summary_of == "spending.anggaran_idr"
    assert entry_of(manifest, level, "need_count").summary_of == "needs.need_count"
    assert entry_of(manifest, level, "desa_count").summary_of == "desa.area_ha"
    companion = entry_of(manifest, level, "penduduk_jiwa_desa_dengan_data")
    assert companion.inputs == ("tables.gizi",)


def test_a_norm_is_no_source_of_a_distance(manifest: Manifest) -> None:
    distance = entry_of(manifest, "gaps", "jarak_sd_m")
    assert distance.inputs == ("boundaries.1", "facilities.kantor", "facilities.sekolah")
    assert distance.source is not None
    assert "IDM" in distance.source


def test_a_layer_cites_what_its_values_rest_on_and_tiles_what_is_in_them(
    manifest: Manifest,
) -> None:
    desa = next(layer for layer in manifest.layers if layer.id == "desa")
    assert desa.attribution is not None
    assert desa.tile_attribution is not None
    assert "Register gizi, Puskesmas, 2025-06-30, CC-BY-4.0" in desa.attribution
    assert "Siskeudes" not in desa.attribution
    assert "Register gizi" not in desa.tile_attribution
    assert desa.suppliers == ("Bagian Pemerintahan", "Dinas Kesehatan", "Puskesmas")


def test_the_geopackage_cites_each_column(release: Path, manifest: Manifest) -> None:
    database = sqlite3.connect(release / "downloads" / "desa.gpkg")
    rows = database.execute(
        "SELECT column_name, metadata FROM gpkg_metadata_reference AS r "
        "JOIN gpkg_metadata AS m ON m.id = r.md_file_id WHERE reference_scope = 'column'"
    ).fetchall()
    cited = {name: json.loads(text) for name, text in rows}
    assert cited["gizi_buruk_jumlah"]["inputs"] == [
        {
            "input": "tables.gizi",
            "file": "gizi.csv",
            "source": "Register gizi",
            "supplier": "Puskesmas",
            "date": "2025-06-30",
            "licence": "CC-BY-4.0",
        }
    ]
    fields = next(layer.fields for layer in manifest.layers if layer.id == "desa")
    assert set(cited) == {entry.name for entry in fields if entry.inputs or entry.source}


def test_a_csv_is_described_beside_it(release: Path) -> None:
    path = release / "downloads" / "desa.csv-metadata.json"
    columns = json.loads(path.read_text("utf-8"))["tableSchema"]["columns"]
    header = (release / "downloads" / "desa.csv").read_text("utf-8").splitlines()[0]
    assert [column["name"] for column in columns] == header.split(",")
    water = next(column for column in columns if column["name"] == "air_minum_layak_pct")
    assert [one["dc:identifier"] for one in water["dc:source"]] == [
        "tables.air_2024",
        "tables.air_2025",
    ]


def test_no_file_but_the_provenance_names_rows(release: Path) -> None:
    """So the same data in another order of rows stays the same release."""
    for name in ("desa.csv-metadata.json", "gaps.csv-metadata.json"):
        text = (release / "downloads" / name).read_text("utf-8")
        assert '"row"' not in text
        assert "first_row" not in text
    assert FILE_NAME.startswith("tables/")


def test_a_workspace_without_tables_still_has_its_polygons(tmp_path: Path) -> None:
    from layers.pipeline.prepare import prepare_layers

    folder = write_workspace(tmp_path / "uji")
    text = (folder / "wilayah.toml").read_text("utf-8")
    (folder / "wilayah.toml").write_text(text[: text.index("[[tables]]")], "utf-8")
    prepared = prepare_layers(folder)
    prepared.extras[FILE_NAME](tmp_path / "p.sqlite")
    provenance = Provenance(tmp_path / "p.sqlite")
    assert found(provenance, "desa", "area_ha", None, 0) == {("boundary", "batas.geojson", 1, 1)}
