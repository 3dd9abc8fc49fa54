"""Whatever stands in a parameter, path, filter, header or body: an answer or a problem, no failure.

A few examples of each parser in every test run; ``make fuzz`` tries many.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.geo_service.client import Client

KINDS = ["puskesmas", "sd", "nope"]


def words_of(text: str) -> list[str]:
    """The words of a grammar."""
    return text.split()


NUMBERS = [
    *words_of("0 1 -1 9 10 122.5 -8.6 181 -181 541 1e5 1e999 -1e999 nan inf 1_0 0x1 ² ٣ ½ １ + -"),
    *words_of(". , e 1e 00 9007199254740993 18446744073709551616"),
    *("9" * 400, "0" * 90, f"1.{'3' * 90}"),
]
CQL2 = words_of("""
    idm_skor nama geometry nope = <> < > <= >= AND OR NOT ( ) , 'x' '' ' " 1 -1 1e400 1. .5 - + *
    / LIKE '%_%~' IN BETWEEN IS NULL S_INTERSECTS( BBOX( POINT( POINT EMPTY LINESTRING( POLYGON((
    MULTIPOINT GEOMETRYCOLLECTION( DATE('2024-13-01') TIMESTAMP('x') INTERVAL('..','..') CASEI(
    ACCENTI( true FALSE A_EQUALS( T_AFTER( DIV Z ZM SRID=4326; é ²
""")
JSON = words_of("""
    {"op": "args" [ ] } : , "and" "or" "not" "=" "<" "between" "in" "like" "isNull" "casei"
    "s_intersects" {"property":"idm_skor"} {"property":"geometry"} {"property":"nama"}
    {"bbox":[1,2,3,4]} {"bbox":[]} {"type":"Point","coordinates":[1,2]} null true 1 -1e308 1e400
    "x" {"date":"2024-01-01"} {"op":"not","args":[ {"op":"=","args":[
""")
MOMENTS = [
    *words_of("2024-01-31 2024-13-01 0000-01-01 0000-02-29 9999-12-31 1900-02-29 ٢٠٢٤-01-01 2024"),
    *words_of("T 00:00:00 24:00:00 24:00:01 23:59:60 Z +23:59 -23:59 / .. . .5 - : +"),
    f".{'9' * 400}",
]
PATHS = words_of("""
    collections desa items tiles styles releases files kecamatan 99.01.01 99 embed asal banding ..
    . %2e%2e %00 %ff %2f ; ? # & = \\ : @ é ² 10 856 536.mvt .png .csv .json manifest.json
""")


def joined(words: list[str], glue: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Texts of a grammar, half of them of its words, with anything between."""
    word = st.one_of(st.sampled_from(words), st.sampled_from(words), st.text(max_size=6))
    return st.builds(
        lambda parts, sign: sign.join(parts), st.lists(word, max_size=9), st.sampled_from(glue)
    )


ITEMS = "/collections/desa/items"
GRAMMARS: dict[str, tuple[list[str], tuple[str, ...], Callable[[str], str]]] = {
    "limit": (NUMBERS, ("",), lambda text: f"{ITEMS}?limit={text}"),
    "offset": (NUMBERS, ("",), lambda text: f"{ITEMS}?offset={text}"),
    "bbox": (NUMBERS, (",", ", ", ""), lambda text: f"{ITEMS}?bbox={text}"),
    "property": (NUMBERS, ("",), lambda text: f"{ITEMS}?idm_skor={text}"),
    "feature": (NUMBERS, ("",), lambda text: f"{ITEMS}/x{text}"),
    "filter": (CQL2, (" ", ""), lambda text: f"{ITEMS}?filter={text}"),
    "filter-json": (JSON, ("", " "), lambda text: f"{ITEMS}?filter-lang=cql2-json&filter={text}"),
    "datetime": (MOMENTS, ("", "/"), lambda text: f"{ITEMS}?datetime={text}"),
    "tile": (NUMBERS, ("/",), lambda text: f"/tiles/desa/{text}.mvt".replace("%2F", "/")),
    "pinned": (NUMBERS, ("",), lambda text: f"/releases/{text}/collections"),
    "path": (PATHS, ("/",), lambda text: f"/x/{text}".replace("%2F", "/").replace("/x/", "/", 1)),
    "lang": (NUMBERS, ("",), lambda text: f"/?lang={text}&f={text}"),
    "search": (PATHS, (" ",), lambda text: f"/cari?q={text}"),
    "area": (NUMBERS, (".",), lambda text: f"/kecamatan/99{text}?tahun={text}&k={text}"),
    "picture": (NUMBERS, ("",), lambda text: f"/kecamatan/99.01.01.png?width=x{text}"),
    "view": (NUMBERS, (",",), lambda text: f"/kecamatan/99.01.01?view={text}&opacity={text}"),
    "trial": (NUMBERS, (",", ";"), lambda text: f"/kecamatan/99.01.01?coba={text}"),
    "findings": (NUMBERS, ("",), lambda text: f"/reports/?halaman={text}&wilayah={text}"),
}
MOST_EXAMPLES = 3
"""Of each grammar for each damaged workspace of ``--fuzz``: asking costs less than building."""


def fuzz(request: pytest.FixtureRequest) -> settings:
    """As many examples as the command line asks for."""
    return settings(
        max_examples=request.config.getoption("--fuzz") * MOST_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_no_text_in_an_address_is_a_failure(
    client: Client,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    grammar: str,
) -> None:
    words, glue, url_of = GRAMMARS[grammar]

    @fuzz(request)
    @given(joined(words, glue))
    def ask(text: str) -> None:
        with caplog.at_level(logging.ERROR):
            answer = client.get(url_of(quote(text, safe="%", errors="replace")))
        assert answer.status_code < 500, text
        assert "Traceback" not in answer.text
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.json()["detail"]) < 5_000

    ask()
    assert caplog.records == []


HEADERS = [
    *("host", "accept", "accept-encoding", "accept-language", "range", "if-range", "if-none-match"),
    *("authorization", "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix", "cookie"),
    *("x-forwarded-port", "x-forwarded-proto", "forwarded", "content-type"),
]
SIGNS = words_of("""
    bytes= 0- -1 1-2 ; q= q=² , * / html gzip en id Bearer geo_ [::1] :99999 .. " ' \\ é W/
""")


def test_no_header_is_a_failure(
    client: Client, request: pytest.FixtureRequest, rid: str, caplog: pytest.LogCaptureFixture
) -> None:
    urls = ["/", f"{ITEMS}?limit=1", f"/releases/{rid}/files/downloads/desa.csv"]
    value = joined([*SIGNS, *NUMBERS], ("", " ", ","))

    @fuzz(request)
    @given(st.dictionaries(st.sampled_from(HEADERS), value, max_size=4), st.sampled_from(urls))
    def ask(headers: dict[str, str], url: str) -> None:
        sent = {
            name.replace("-", "_"): text.encode("ascii", "ignore").decode().strip("\x00\r\n \t")
            for name, text in headers.items()
        }
        printable = {name: text for name, text in sent.items() if text.isprintable()}
        with caplog.at_level(logging.ERROR):
            assert client.get(url, **printable).status_code < 500, printable

    ask()
    assert caplog.records == []


def values() -> st.SearchStrategy[object]:
    """Any JSON, with many points and kinds."""
    leaf = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)
    )
    point = st.lists(st.floats(-200, 200), max_size=3)
    kind = st.sampled_from([*KINDS, "cover", "distance", "prove", "explore"])
    return st.recursive(
        st.one_of(leaf, point, kind),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    )


@pytest.mark.parametrize("process", ["new-facility", "siting"])
def test_no_body_is_a_failure(
    client: Client,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    process: str,
) -> None:
    names = st.sampled_from(
        ["kind", "points", "number", "goal", "effort", "candidates", "bbox", "decided", "method"]
    )
    inputs = st.one_of(
        st.dictionaries(names, values(), max_size=6),
        st.fixed_dictionaries({"kind": st.sampled_from(KINDS), "points": values()}),
    )
    body = st.one_of(
        st.builds(lambda given: {"inputs": given}, inputs), values(), st.binary(max_size=40)
    )

    @fuzz(request)
    @given(body)
    def ask(document: object) -> None:
        with caplog.at_level(logging.ERROR):
            answer = client.post(f"/processes/{process}/execution", document)
        assert answer.status_code < 500, document
        assert "Traceback" not in answer.text

    ask()
    assert caplog.records == []
