"""Numbers in parameters, paths and filters are read in one way, and what is none is refused."""

from __future__ import annotations

import math
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.http.query_numbers import decimal_number, whole_number
from tests.geo_service.client import Client

NO_NUMBERS = [
    *("²", "٣", "1_0", "9" * 5000, "nan", "inf", "-inf", "1e999", "0x10", "１", "1,5", "--1", "+"),
    *("Ⅷ", "½", "1\x00", "1e", ".e5", "e5", "1__0", "0b1", "१"),
]
PAGE = "/kecamatan/99.01.01"
PLACES = [
    "/collections/desa/items?limit={}",
    "/collections/desa/items?offset={}",
    "/collections/desa/items?bbox={},-9,123,8",
    "/collections/desa/items?bbox=1,2,3,{}",
    "/collections/desa/items?idm_skor={}",
    "/collections/desa/items/{}",
    "/collections/desa/items?filter=idm_skor={}",
    "/collections/desa/items?filter=S_INTERSECTS(geometry,BBOX(1,2,3,{}))",
    "/collections/desa/items?filter=S_INTERSECTS(geometry,POINT(1 {}))",
    "/collections/desa/items?datetime={}",
    "/tiles/desa/{}/1/1.mvt",
    "/tiles/desa/10/{}/1.mvt",
    f"{PAGE}.png?width={{}}",
    f"{PAGE}?k={{}}",
    f"{PAGE}?tahun={{}}",
    f"{PAGE}?opacity={{}}",
    f"{PAGE}?view={{}},1,1",
    "/desa/99.01.01.2003/asal?layer=desa.idm_skor&tahun={}",
    "/reports/?halaman={}",
]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_number_is_refused_wherever_one_is_read(
    sample_releases: Path, place: str
) -> None:
    with Client(sample_releases) as client:
        for text in NO_NUMBERS:
            answer = client.get(place.replace("{}", quote(text, safe="")).replace(" ", "%20"))
            assert answer.status_code in {400, 404}, (place, text[:20])
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("box", ["181,-10,100,10", "541,-10,100,10", "1e300,-10,-1e300,10"])
def test_a_box_beyond_the_antimeridian_ends(client: Client, box: str) -> None:
    assert client.get(f"/collections/desa/items?bbox={box}").status_code == 200
    filtered = f"/collections/desa/items?filter=S_INTERSECTS(geometry,BBOX({box}))"
    assert client.get(filtered).status_code == 200


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_as_it_is_written(number: float) -> None:
    assert decimal_number(repr(number)) == number
    assert decimal_number(repr(number).replace("+", " ")) == number


@given(st.integers(0, 10**19 - 1))
def test_every_whole_number_is_read(number: int) -> None:
    assert whole_number(str(number)) == number


@given(st.text(max_size=80))
def test_no_text_is_read_as_more_than_a_number(text: str) -> None:
    decimal, whole = decimal_number(text), whole_number(text)
    assert decimal is None or (text.isascii() and math.isfinite(decimal))
    assert whole is None or (text.isascii() and text.isdigit())
