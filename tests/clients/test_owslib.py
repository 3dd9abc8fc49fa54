"""OWSLib, the client library of many Python programs, walks the API."""

from __future__ import annotations

from owslib.ogcapi.features import Features


def test_owslib_walks_the_api(base: str) -> None:
    api = Features(f"{base}/")
    assert set(api.feature_collections()) == {"desa", "kecamatan", "facilities"}
    assert any(path.startswith("/collections") for path in api.api()["paths"])
    assert "idm_skor" in api.collection_queryables("desa")["properties"]
    page = api.collection_items("desa", limit=5, kode_kecamatan="99.01.02")
    assert (page["numberMatched"], page["numberReturned"]) == (8, 5)
    boxed = api.collection_items("desa", bbox=[121.001, -8.499, 121.019, -8.481])
    assert [feature["properties"]["kode"] for feature in boxed["features"]] == ["99.01.01.2001"]
    assert api.collection_item("desa", "9901012001")["properties"]["nama"] == "Desa 1"
