"""The origin of every value: file and rows, what was observed about them, and why there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from geo_service.releases.release import Release
from layers.pipeline.build import build_release
from layers.release import findings_file, provenance_file
from tests.geo_service.client import Client
from tests.geo_service.republished import republish
from tests.layers.provenance.world import KODE, write_workspace
from tests.web_map import conftest, small_pages
from web_map.pages.origin.origin import explain_absence, group_pieces
from web_map.words import Words


def origin_of(client: Client, path: str, layer: str) -> dict[str, Any]:
    found: dict[str, Any] = client.json(f"/{path}/asal.json?layer={layer}")
    return found


def test_an_origin_goes_down_to_file_and_row(small: Client) -> None:
    found = origin_of(small, f"desa/{KODE[0]}", "gaps.jarak_sd_m")
    assert [(one["role"], one["file"], one["rows"]) for one in found["inputs"]] == [
        ("origin", "kantor.csv", [[3, 3]]),
        ("facility", "sekolah.csv", [[3, 3]]),
    ]
    assert all(len(one["sha256"]) == 64 for one in found["inputs"])
    page = small_pages.page_of(small, f"/desa/{KODE[0]}/asal?layer=gaps.jarak_sd_m")
    assert "kantor.csv" in page
    assert "Dinas Pendidikan" in page


@pytest.mark.parametrize("place", ["kecamatan/99.01.01", "kabupaten/99.01"])
def test_a_sum_is_made_of_exactly_its_desa(small: Client, place: str) -> None:
    level = place.split("/")[0]
    found = origin_of(small, place, f"{level}.anggaran_idr_jumlah")
    assert found["desa"] == [KODE[0], KODE[1]]
    assert [(one["file"], one["rows"]) for one in found["inputs"]] == [("apbdes.csv", [[2, 5]])]


def test_a_sum_without_any_desa_says_where_it_was_looked_for(small: Client) -> None:
    found = origin_of(small, "kecamatan/99.01.02", "kecamatan.anggaran_idr_jumlah")
    assert found["value"] is None
    assert found["inputs"] == []
    assert [one["input"] for one in found["searched"]] == ["spending.apbdes"]


@pytest.mark.parametrize(
    ("children", "said"),
    [
        (["no_data", "no_data"], "none of its"),
        (["ok", "no_data", "no_data", "not_applicable"], "only 1 of its 3 "),
        (["ok", "ok", "no_data"], "only 2 of its 3 "),
        ([], "nothing"),
    ],
)
def test_why_there_is_no_sum_counts_the_desa_that_have_a_value(
    children: list[str], said: str
) -> None:
    """A zero of a part is no sum; its desa still have values, and the page shows them."""
    text = explain_absence(Words("en"), "no_data", children)
    assert said in text or (said == "nothing" and "of its" not in text)


def test_a_missing_value_says_why(small: Client) -> None:
    empty = origin_of(small, f"desa/{KODE[2]}", "desa.air_minum_layak_pct")
    assert (empty["status"], empty["inputs"][0]["rows"]) == ("no_data", [[4, 4]])
    absent = origin_of(small, f"desa/{KODE[3]}", "desa.air_minum_layak_pct")
    assert absent["inputs"] == []
    assert [one["file"] for one in absent["searched"]] == ["air_2025.csv"]
    page = small_pages.page_of(small, f"/desa/{KODE[3]}/asal?layer=desa.air_minum_layak_pct")
    assert "Tidak ada angka" in page


def test_a_hidden_count_shows_file_and_row_and_nothing_of_it(small: Client) -> None:
    found = origin_of(small, f"desa/{KODE[1]}", "desa.gizi_buruk_jumlah")
    assert (found["status"], found["value"]) == ("suppressed", None)
    assert found["inputs"][0]["rows"] == [[3, 3]]
    page = small_pages.page_of(small, f"/desa/{KODE[1]}/asal?layer=desa.gizi_buruk_jumlah&lang=en")
    main = page.split("<main")[1].split("</main>")[0]
    assert "it is hidden" in main
    assert "800" not in main  # what else stands in that row


@pytest.mark.parametrize(
    "url",
    [
        f"/desa/{KODE[0]}/asal?layer=desa.nothing",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&tahun=1999",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&wrong=1",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&tahun=²",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&tahun={'9' * 4400}",
        "/kecamatan/99.01.01?method=quantile&k=②",
        "/kecamatan/99.01.01?opacity=²",
        f"/kecamatan/99.01.01.png?width={'9' * 4400}",
    ],
)
def test_what_is_not_there_is_refused(small: Client, url: str) -> None:
    assert small.get(url).status_code == 400


def test_an_unknown_place_has_no_origin(small: Client) -> None:
    answer = small.get("/desa/99.01.01.2999/asal?layer=desa.gizi_buruk_jumlah")
    assert answer.status_code == 404


def test_profile_panel_and_follow_up_lead_to_origins_that_open(small: Client) -> None:
    pages = {
        f"/desa/{KODE[0]}": 5,
        f"{small_pages.KECAMATAN}?layer=gaps.jarak_sd_m&desa={KODE[0]}": 1,
        f"{small_pages.KECAMATAN}/tindak-lanjut": 1,
    }
    for url, least in pages.items():
        links = [
            part.split('"')[0]
            for part in small_pages.page_of(small, url).split('href="')
            if "/asal?" in part.split('"')[0]
        ]
        assert len(links) >= least, url
        for link in links[:6]:
            assert small.get(link, accept="text/html").status_code == 200, link


def test_every_value_of_every_place_has_an_origin(small: Client, release: Release) -> None:
    for layer in release.manifest.layers:
        if layer.level not in ("desa", "kecamatan", "kabupaten"):
            continue
        features = release.features(layer.id)
        kode = str(features.property_column("kode").value(0))
        for entry in layer.fields:
            if not entry.thematic or entry.type not in ("integer", "number"):
                continue
            found = origin_of(small, f"{layer.level}/{kode}", f"{layer.id}.{entry.name}")
            if found["status"] == "ok":
                assert found["inputs"], (layer.id, entry.name)


VALUE = re.compile(r'data-value="([^"]*)">.*?<a class="origin" href="([^"?]+)[?]([^"]+)"([^>]*)>')


@pytest.mark.parametrize(
    "page",
    [small_pages.KECAMATAN, f"/embed{small_pages.KECAMATAN}", f"{small_pages.KECAMATAN}/banding"],
)
def test_every_value_of_a_table_leads_to_the_origin_of_that_very_value(
    pages: conftest.Pages, page: str
) -> None:
    table = small_pages.part_of(pages.get(f"{page}?layer=desa.idm_skor").text, "table").split(
        "<tbody>"
    )[1]
    assert "data-value" in table
    values = [VALUE.findall(cell) for cell in table.split("<td ") if "data-value" in cell]
    assert all(len(found) == 1 for found in values)
    for ((shown, path, query, rest),) in values[:6]:
        origin = pages.json(f"{path}.json?{unescape(query)}")
        assert origin["value"] == (float(shown) if shown else None)
        assert ('target="_blank"' in rest) == page.startswith("/embed")


THOUSANDS = (
    f"kode,gizi,jiwa\n{KODE[0]},12,1.234\n{KODE[1]},2,800\n{KODE[2]},15,2.5\n{KODE[3]},0,1.045\n"
)
BEYOND = f"kode,air\n{KODE[1]},95\n{KODE[0]},400\n{KODE[2]},\n"


@pytest.fixture(scope="module")
def doubtful_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world with a number out of range in one file, and a column without its dots."""
    scratch = tmp_path_factory.mktemp("doubtful")
    workspace = write_workspace(scratch / "uji", air_2025=BEYOND, gizi=THOUSANDS)
    build_release(workspace, scratch / "releases", publish=True)
    return scratch / "releases"


@pytest.fixture(scope="module")
def doubtful(doubtful_releases: Path) -> Iterator[Client]:
    with Client(doubtful_releases) as client:
        yield client


def observed_at(client: Client, path: str, layer: str) -> list[tuple[str, str]]:
    """File and rows of what was observed about a value."""
    findings = origin_of(client, path, layer)["findings"]
    return [(one["file"], one["rows"]) for one in findings]


def test_a_finding_of_a_row_is_shown_beside_the_value_of_that_row_only(doubtful: Client) -> None:
    water = "desa.air_minum_layak_pct"
    assert observed_at(doubtful, f"desa/{KODE[0]}", water) == [("air_2025.csv", "3")]
    for kode in KODE[1:]:
        assert observed_at(doubtful, f"desa/{kode}", water) == []
    assert observed_at(doubtful, f"desa/{KODE[0]}", f"{water}&tahun=2024") == []
    page = small_pages.page_of(doubtful, f"/desa/{KODE[0]}/asal?layer={water}&lang=en")
    assert "air_2025.csv" in page.split("origin-findings")[2].split("</section>")[0]


def test_a_finding_of_a_column_is_shown_beside_each_of_its_rows(doubtful: Client) -> None:
    for number, kode in enumerate(KODE):
        rows = observed_at(doubtful, f"desa/{kode}", "desa.penduduk_jiwa")
        assert rows == [("gizi.csv", str(number + 2))]
        assert observed_at(doubtful, f"desa/{kode}", "desa.gizi_buruk_jumlah") == []


def test_what_was_observed_is_read_from_keys_and_never_from_a_sentence(
    doubtful: Client, doubtful_releases: Path, tmp_path: Path
) -> None:
    def blank(folder: Path) -> None:
        path = folder / findings_file.FINDINGS_NAME
        content = json.loads(path.read_text(encoding="utf-8"))
        records = [
            findings_file.FindingRecord.model_validate_json(
                json.dumps(record | {"message": "gizi_buruk_jumlah 1999: Rows 90-99."})
            )
            for record in content["findings"]
        ]
        path.unlink()
        findings_file.write_findings_file(path, findings_file.FindingsContent(findings=records))

    (tmp_path / "releases").mkdir()
    republish((doubtful_releases / "current").resolve(), tmp_path / "releases", blank)
    layers = [f"desa.{name}" for name in ("air_minum_layak_pct", "penduduk_jiwa")]
    with Client(tmp_path / "releases") as bare:
        for kode, layer in product(KODE, [*layers, "desa.gizi_buruk_jumlah"]):
            place = f"desa/{kode}"
            assert observed_at(bare, place, layer) == observed_at(doubtful, place, layer)


SPOKEN_ROWS = re.compile(r"\b[Rr]ows \d+[-,.]")


def test_a_finding_carries_what_its_sentence_names(sample_releases: Path) -> None:
    manifest = json.loads((sample_releases / "current" / "manifest.json").read_text())
    names = {entry["name"] for layer in manifest["layers"] for entry in layer["fields"]}
    findings = findings_file.read_findings(sample_releases / "current")
    spoken = set[str]()
    for record in findings.records(0, len(findings)):
        fields = {name for name in re.findall(r"\b[a-z]+_\w+", record.message) if name in names}
        assert fields <= set(record.fields or ()), record
        assert record.rows or not SPOKEN_ROWS.search(record.message), record
        assert record.tahun or not re.match(r"\w+ 20\d\d\b", record.message), record
        spoken |= fields
    assert len(spoken) > 5


def test_a_finding_without_a_file_is_shown_where_it_is_about_the_value(
    pages: conftest.Pages, sample_releases: Path
) -> None:
    split = "99.01.03.2007"
    old = pages.json(f"/desa/{split}/asal.json?layer=desa.air_minum_layak_pct&tahun=2023")
    assert old["status"] == "before_split"
    assert [one["file"] for one in old["findings"]] == [None]
    for layer in ("desa.idm_skor&tahun=2024", "gaps.jarak_puskesmas_m", "desa.area_ha"):
        other = pages.json(f"/desa/{split}/asal.json?layer={layer}")
        assert not [one for one in other["findings"] if one["title"] == old["findings"][0]["title"]]
    # Roads that end there are no reason for what a table says, and are for a way.
    island, road = "99.01.02.2012", "Jalan"
    stunting = pages.json(f"/desa/{island}/asal.json?layer=desa.stunting_pct")
    travel = pages.json(f"/desa/{island}/asal.json?layer=gaps.waktu_puskesmas_min")
    assert not [one for one in stunting["findings"] if road in one["title"]]
    assert len(travel["findings"]) >= len(stunting["findings"])


def test_a_hidden_count_has_no_findings(doubtful: Client) -> None:
    assert origin_of(doubtful, f"desa/{KODE[1]}", "desa.gizi_buruk_jumlah")["findings"] == []


def test_every_published_value_of_every_level_has_a_page(small: Client, release: Release) -> None:
    for layer in release.manifest.layers:
        if layer.level not in ("desa", "kecamatan", "kabupaten"):
            continue
        features = release.features(layer.id)
        kode = str(features.property_column("kode").value(0))
        for entry in layer.fields:
            url = f"/{layer.level}/{kode}/asal"
            name = f"{layer.id}.{entry.name}"
            found = small.json(f"{url}.json?layer={name}")
            value = features.property_column(entry.name).value(0)
            if not entry.thematic:
                assert found["value"] == value, name
                assert found["status"] == ("no_data" if value is None else "ok"), name
            assert {one["input"] for one in found["inputs"]} <= set(
                entry.inputs
            ) or not entry.inputs, name
    page = small_pages.page_of(small, f"/desa/{KODE[0]}/asal?layer=gaps.origin")
    assert "tidak dicatat berkas atau baris" in page
    area = origin_of(small, f"desa/{KODE[0]}", "gaps.area_ha")
    assert [one["role"] for one in area["inputs"]] == ["boundary"]


def test_status_year_and_counts_come_from_where_their_value_does(small: Client) -> None:
    water = origin_of(small, f"desa/{KODE[0]}", "desa.air_minum_layak_pct")
    for ending in ("status", "tahun"):
        beside = origin_of(small, f"desa/{KODE[0]}", f"desa.air_minum_layak_pct_{ending}")
        assert beside["inputs"] == water["inputs"]
    assert "2.025" not in small_pages.page_of(
        small, f"/desa/{KODE[0]}/asal?layer=desa.air_minum_layak_pct_tahun"
    )
    summary = origin_of(small, "kecamatan/99.01.01", "kecamatan.anggaran_idr_jumlah")
    count = origin_of(small, "kecamatan/99.01.01", "kecamatan.anggaran_idr_desa_dengan_data")
    assert count["value"] == 2
    assert (count["inputs"], count["desa"]) == (summary["inputs"], summary["desa"])


def test_a_file_that_counts_as_a_whole_and_by_rows_says_both(release: Release) -> None:
    whole, row = (
        provenance_file.Piece("value", "tables.gizi", "gizi.csv"),
        provenance_file.Piece("value", "tables.gizi", "gizi.csv", 3, 3),
    )
    for pieces in ([whole, row], [row, whole]):
        (used,) = group_pieces(release, pieces)
        assert (used.is_whole, used.rows) == (True, ((3, 3),))
    (used,) = group_pieces(release, [row])
    assert not used.is_whole
    (used,) = group_pieces(release, [whole])
    assert (used.is_whole, used.rows_text) == (True, "")


def test_a_sum_over_a_split_says_why_there_is_none_and_what_its_desa_have(
    pages: conftest.Pages,
) -> None:
    path = "/kecamatan/99.01.03/asal"
    query = "layer=kecamatan.penduduk_jiwa_jumlah&tahun=2023"
    found = pages.json(f"{path}.json?{query}")
    assert (found["status"], found["value"]) == ("before_split", None)
    page = unescape(pages.get(f"{path}?{query}&lang=en").text)
    assert "2 negeri/kelurahan were measured before a split" in page
    assert "Made from" not in page
    assert found["desa_total"] == 14
    assert page.split("origin-parts")[2].count("before the split") == 2
    after = pages.json(f"{path}.json?layer=kecamatan.penduduk_jiwa_jumlah&tahun=2024")
    assert after["status"] == "ok"
