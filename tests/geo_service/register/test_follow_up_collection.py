"""The collection ``tindak-lanjut``: items as they are now, as OGC API - Features asks for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from geo_service.register import event_store, records
from geo_service.register.records import Raised, Stepped
from tests.geo_service.client import Client
from tests.geo_service.register.test_public_pages import (
    CAMAT,
    DINAS,
    KECAMATAN,
    OFFICE,
    SEND,
    SENT,
    need,
    refused,
    register,
)
from tests.geo_service.test_token_layers import guard, make_token

__all__ = ["need", "refused", "register"]
HERE = "/collections/tindak-lanjut"


@pytest.fixture
def live(sample_releases: Path, register: event_store.Register) -> Iterator[Client]:
    with Client(sample_releases, register_url=register.name) as client:
        yield client


def ids(client: Client, query: str) -> set[str]:
    return {feature["id"] for feature in client.json(f"{HERE}/items?{query}")["features"]}


def feature(client: Client, item: records.Item) -> dict[str, Any]:
    found = client.json(f"{HERE}/items")["features"]
    return next(each for each in found if each["id"] == item.id)


def test_an_item_says_how_far_it_is_and_lies_in_its_desa(
    live: Client, refused: records.Item
) -> None:
    said = feature(live, refused)
    properties = said["properties"]
    assert properties["keadaan"] == "refused"
    assert properties["penerima"] == DINAS.nama
    assert properties["alasan"] == "<b>Tidak ada</b> dana."
    assert properties["dijawab"] == 1
    assert properties["anggaran_idr"] is None
    desa = live.json(f"/collections/desa/items/{refused.kode}")["geometry"]
    assert shapely.from_geojson(str(desa).replace("'", '"')).contains(
        shapely.Point(said["geometry"]["coordinates"])
    )
    assert live.get(properties["url"]).status_code == 200
    assert live.json(f"{HERE}/items/{refused.id}")["properties"] == properties
    assert live.get(f"{HERE}/items/{'0' * 16}").status_code == 404


def test_nothing_that_is_not_for_everybody_is_in_it(live: Client, refused: records.Item) -> None:
    for query in ("", "?f=csv"):
        text = live.get(f"{HERE}/items{query}").text
        assert refused.id in text
        assert "rahasia" not in text.casefold()


def test_filters_choose_and_a_wrong_one_is_refused(live: Client, refused: records.Item) -> None:
    everything = ids(live, "")
    assert len(everything) == 2
    assert ids(live, "keadaan=refused") == {refused.id}
    assert ids(live, f"layanan={refused.raised.layanan}") == {refused.id}
    assert ids(live, f"kode={KECAMATAN}") == ids(live, "kode=99") == everything
    assert ids(live, "kode=98") == set()
    assert len(ids(live, f"penerima={DINAS.nama}")) == 2
    assert len(ids(live, "lewat_tenggat=1")) == 1
    assert ids(live, "lewat_tenggat=1") | ids(live, "lewat_tenggat=0") == everything
    for query in ("kode=x", "lewat_tenggat=2", "bbox=1,2", "limit=0", "state=sent", "f=xml"):
        assert live.get(f"{HERE}/items?{query}").status_code == 400


def test_a_box_holds_what_lies_in_it(
    live: Client, register: event_store.Register, refused: records.Item
) -> None:
    raised = Raised(kode=refused.kode, title="Di peta", lon=139.5, lat=-4.5)
    marked = register.add(register.begin((raised,), CAMAT, SENT), (SEND,), CAMAT, SENT)
    lon, lat = feature(live, refused)["geometry"]["coordinates"]
    around = ids(live, f"bbox={lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}")
    assert refused.id in around
    assert marked.id not in around
    assert ids(live, "bbox=139,-5,140,-4") == {marked.id}
    assert ids(live, f"bbox={lon + 1e-5},{lat},{lon + 2e-5},{lat}") == set()
    assert ids(live, "bbox=90,-15,145,10") == ids(live, "")


def test_pages_lead_on_and_back_and_miss_nothing(live: Client, refused: records.Item) -> None:
    seen, url = list[str](), f"{HERE}/items?limit=1&kode={refused.kode}"
    while url:
        page = live.json(url)
        assert (page["numberMatched"], page["numberReturned"]) == (2, 1)
        seen += [each["id"] for each in page["features"]]
        links = {link["rel"]: link["href"] for link in page["links"]}
        url = links.get("next", "")
    assert len(set(seen)) == len(seen) == 2
    assert "prev" in links


def test_a_table_has_the_same_rows(live: Client, refused: records.Item) -> None:
    rows = list(csv.DictReader(io.StringIO(live.get(f"{HERE}/items?f=csv").text[1:])))
    features = live.json(f"{HERE}/items")["features"]
    assert [row["id"] for row in rows] == [each["id"] for each in features]
    row = next(row for row in rows if row["id"] == refused.id)
    assert (row["keadaan"], row["penerima"]) == ("refused", DINAS.nama)
    assert float(row["lon"]) == feature(live, refused)["geometry"]["coordinates"][0]


def test_a_workbook_has_the_same_rows_and_is_the_same_until_an_event(
    live: Client, register: event_store.Register, refused: records.Item
) -> None:
    first = live.get(f"{HERE}/items?f=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(first.content)).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    features = live.json(f"{HERE}/items")["features"]
    assert [row[0] for row in rows[1:]] == [each["id"] for each in features]
    cells = next(row for row in rows if row[0] == refused.id)
    row = dict(zip(rows[0], cells, strict=True))
    assert (row["keadaan"], row["alasan"]) == ("refused", "<b>Tidak ada</b> dana.")
    assert (row["dijawab"], row["anggaran_idr"]) == (1, None)
    etag = first.headers["etag"]
    assert live.get(f"{HERE}/items?f=xlsx", if_none_match=etag).status_code == 304
    reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
    register.add(refused, (reopen,), CAMAT, datetime.now(UTC))
    assert live.get(f"{HERE}/items?f=xlsx", if_none_match=etag).status_code == 200


def test_what_was_accepted_in_time_is_not_overdue_though_it_is_not_done(
    live: Client, register: event_store.Register, refused: records.Item
) -> None:
    raised = Raised(kode=refused.kode, title="Jalan")
    item = register.add(register.begin((raised,), CAMAT, SENT), (SEND,), CAMAT, SENT)
    assert item.id in ids(live, "lewat_tenggat=1")
    accept = Stepped(step="accept", task=DINAS, due=date(2999, 1, 1))
    taken = register.add(item, (accept,), OFFICE, SENT + timedelta(days=20))
    said = feature(live, taken)["properties"]
    assert (said["lewat_tenggat"], said["tenggat"]) == (0, None)
    assert not taken.is_overdue(register.way, datetime.now(UTC).date())
    made = live.json(f"/rumah/tanggapan/{KECAMATAN}.json")["wilayah"][refused.kode]
    # The answer came 6 days late, whatever it promises for later.
    assert (made["disanggupi"], made["terlambat"], made["tepat_waktu"]) == (1, 1, 1)


def test_an_event_changes_the_answer_and_its_etag(
    live: Client, register: event_store.Register, refused: records.Item
) -> None:
    first = live.get(f"{HERE}/items")
    etag = first.headers["etag"]
    assert live.get(f"{HERE}/items", if_none_match=etag).status_code == 304
    reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
    register.add(refused, (reopen,), CAMAT, datetime.now(UTC))
    again = live.get(f"{HERE}/items", if_none_match=etag)
    assert again.status_code == 200
    assert feature(live, refused)["properties"]["keadaan"] == "reopened"


def test_it_is_listed_and_declared_and_not_below_a_release(
    live: Client, refused: records.Item
) -> None:
    del refused
    rid = live.json("/")["release_id"]
    (listed,) = (c for c in live.json("/collections")["collections"] if c["id"] == "tindak-lanjut")
    assert listed == live.json(HERE)
    for link in listed["links"]:
        assert live.get(link["href"]).status_code == 200
    names = set(live.json(f"{HERE}/schema")["properties"]) - {"id", "geometry"}
    assert names == set(live.json(f"{HERE}/items")["features"][0]["properties"])
    declared = live.json("/api")["paths"]
    assert "application/geo+json" in declared[f"{HERE}/items"]["get"]["responses"]["200"]["content"]
    pinned = f"/releases/{rid}"
    assert "tindak-lanjut" not in live.get(f"{pinned}/collections").text
    assert f"{HERE}/items" not in live.json(f"{pinned}/api")["paths"]
    assert live.get(f"{pinned}{HERE}").status_code == 404


def test_without_a_register_there_is_no_such_collection(sample_releases: Path) -> None:
    with Client(sample_releases) as client:
        assert client.get(HERE).status_code == client.get(f"{HERE}/items").status_code == 404
        assert "tindak-lanjut" not in client.get("/collections").text
        assert f"{HERE}/items" not in client.json("/api")["paths"]


def test_needs_of_a_token_are_for_that_token(
    sample_releases: Path, tmp_path: Path, register: event_store.Register, refused: records.Item
) -> None:
    closed = guard(sample_releases, tmp_path / "closed", "needs")
    other = {"authorization": f"Bearer {make_token(closed, '*', areas=('99.01.02',))}"}
    whole = {"authorization": f"Bearer {make_token(closed, '*')}"}
    with Client(closed, register_url=register.name) as client:
        for path in ("", "/items", "/items?f=csv", f"/items/{refused.id}"):
            assert client.get(f"{HERE}{path}").status_code == 401
            assert client.get(f"{HERE}{path}", **whole).status_code == 200
        assert "tindak-lanjut" not in client.get("/collections").text
        assert refused.id in client.get(f"{HERE}/items", **whole).text
        assert client.get(f"{HERE}/items", **other).json()["features"] == []
        assert client.get(f"{HERE}/items/{refused.id}", **other).status_code == 404
