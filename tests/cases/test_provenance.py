"""The source of a number is the source of the table it came from."""

from __future__ import annotations

from collections.abc import Callable

from layers.release.citation import cite, find_inputs
from layers.release.manifest_file import read_manifest
from layers.release.provenance_file import FILE_NAME, Provenance
from tests.cases.field import CaseRun
from tests.geo_service.client import Client


def test_two_tables_of_one_layer_keep_their_sources_apart(case: Callable[[str], CaseRun]) -> None:
    run = case("102-median-of-hidden-counts-and-source-of-a-number")
    assert run.release is not None
    manifest = read_manifest(run.release)
    fields = next(layer.fields for layer in manifest.layers if layer.id == "desa")
    cited = {entry.name: cite(find_inputs(entry.inputs, manifest.inputs)) for entry in fields}
    assert cited["gizi_buruk_jumlah"] == ("Register gizi, Dinas A, 2025-01-01",)
    assert cited["posyandu_jumlah"] == ("Register posyandu, Dinas B, 2025-06-30",)


def test_hidden_and_shown_counts_name_their_rows(case: Callable[[str], CaseRun]) -> None:
    run = case("102-median-of-hidden-counts-and-source-of-a-number")
    assert run.release is not None
    provenance = Provenance(run.release / FILE_NAME)
    for number in range(1, 7):
        (piece,) = provenance.pieces("desa", "gizi_buruk_jumlah", 2025, [9901012000 + number])
        assert (piece.path, piece.first, piece.last) == ("gizi.csv", number + 1, number + 1)


def test_the_page_cites_the_table_and_no_other_supplier(case: Callable[[str], CaseRun]) -> None:
    run = case("102-median-of-hidden-counts-and-source-of-a-number")
    assert run.release is not None
    with Client(run.release.parent) as client:
        answer = client.get("/kecamatan/99.01.01?layer=desa.gizi_buruk_jumlah", accept="text/html")
    about = answer.text.split('data-part="about"')[1].split("data-part=")[0]
    assert "Register gizi, Dinas A, 2025-01-01" in about
    assert "Dinas B" not in about
    assert "tidak disebutkan" not in about
