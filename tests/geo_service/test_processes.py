"""OGC API - Processes: described, executed, bounded; whatever is sent, never an error of ours."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo_service.errors import ServerBusyError
from geo_service.http.gate import Gate
from geo_service.ogc.executions import LARGEST_BODY
from tests.geo_service.client import HOST, Client
from tests.geo_service.scenarios import PUSKESMAS
from tests.layers.publish.world import SIDE, SOUTH, WEST

NEW, SITING = "/processes/new-facility/execution", "/processes/siting/execution"
FAR = [WEST + 5.5 * SIDE, SOUTH + 1.5 * SIDE]
ASKED: dict[str, Any] = {"inputs": {"kind": "puskesmas", "points": [FAR]}}
WISHED: dict[str, Any] = {"inputs": {"kind": "puskesmas", "number": 1}}


def test_processes_are_listed_described_and_linked(client: Client) -> None:
    landing = client.json("/")
    rel = "http://www.opengis.net/def/rel/ogc/1.0/processes"
    (link,) = [one for one in landing["links"] if one["rel"] == rel]
    listed = client.json(link["href"])["processes"]
    assert [one["id"] for one in listed] == ["new-facility", "siting"]
    for one in listed:
        links = {link["rel"].rsplit("/", 1)[-1]: link["href"] for link in one["links"]}
        described = client.json(links["self"])
        assert described["jobControlOptions"] == ["sync-execute"]
        assert described["inputs"]["kind"]["schema"]["enum"] == ["puskesmas", "sd"]
        assert client.post(links["execute"], {"inputs": {}}).status_code == 400
    assert len(client.json("/processes?limit=1")["processes"]) == 1
    conformance = client.json("/conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core" in conformance


def test_a_new_facility_is_answered_with_people_gaps_and_names(client: Client) -> None:
    answer = client.post(NEW, ASKED)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    result = answer.json()
    people = result["people"]
    assert people["total"] == 1200
    assert 0 < people["newly_covered"] == people["covered_after"] - people["covered_before"]
    assert result["gaps"]["closed"] == result["gaps"]["before"] - result["gaps"]["after"] > 0
    assert result["points"] == [
        {"lon": FAR[0], "lat": FAR[1], "kode": "99.01.02.2012", "nama": "Desa 12"}
    ]
    first = result["desa"][0]
    assert (first["nama"], first["status_before"], first["status_after"]) == (
        "Desa 12",
        "gap",
        "ok",
    )
    assert first["distance_after_m"] == first["gap_after_m"] == 0


def test_where_no_facility_was_known_the_past_is_null_and_not_zero(client: Client) -> None:
    asked = {"inputs": {"kind": "sd", "points": [list(PUSKESMAS)]}}
    result = client.post(NEW, asked).json()
    assert result["people"]["mean_distance_before_m"] is None
    assert result["gaps"]["before"] is None
    assert (result["gaps"]["closed"], result["gaps"]["first_known"]) == (0, 12)
    assert result["people"]["covered_before"] is None
    assert result["people"]["newly_covered"] is None
    assert (result["people"]["known_desa"], result["people"]["total_desa"]) == (None, 12)
    assert {one["status_before"] for one in result["desa"]} == {"no_data"}
    assert {one["gap_before_m"] for one in result["desa"]} == {None}


def test_sites_are_chosen_with_the_gap_stated(client: Client) -> None:
    result = client.post(SITING, WISHED).json()
    assert result["status"] == "optimal"
    assert result["gap"] <= 1e-4
    assert result["people"]["newly_covered"] == pytest.approx(result["gain"])
    (site,) = result["sites"]
    assert site["kode"].startswith("99.01.02")
    quick = client.post(SITING, {"inputs": WISHED["inputs"] | {"effort": "explore"}}).json()
    assert quick["solver"] == "greedy_swap"
    assert quick["gain"] >= 0.99 * result["gain"]


def test_a_document_names_the_output(client: Client) -> None:
    raw = client.post(NEW, ASKED).json()
    named = client.post(NEW, ASKED | {"response": "document", "outputs": {"result": {}}}).json()
    assert named == {"result": raw}


def test_an_input_may_be_qualified(client: Client) -> None:
    qualified = {"kind": {"value": "puskesmas"}, "points": {"value": [FAR]}}
    assert client.post(NEW, {"inputs": qualified}).json() == client.post(NEW, ASKED).json()


def test_a_pinned_release_answers_too_and_is_not_stored(client: Client, rid: str) -> None:
    answer = client.post(f"/releases/{rid}{NEW}", ASKED)
    assert answer.json() == client.post(NEW, ASKED).json()
    assert answer.headers["cache-control"] == "no-store"
    described = client.get(f"/releases/{rid}/processes/siting")
    assert described.headers["cache-control"] == "public, no-cache"


def with_inputs(**inputs: object) -> dict[str, Any]:
    return {"inputs": {**ASKED["inputs"], **inputs}}


REFUSED: list[tuple[object, str]] = [
    (b"", "not JSON"),
    (b"{", "not JSON"),
    (b"\xff\xfe", "not JSON"),
    (b"[" * 90_000, "not JSON"),
    (b'{"inputs": {"points": [[1e999, 0]]}}', "not JSON"),
    (b'{"inputs": {"points": [[NaN, 0]]}}', "not JSON"),
    ([], "object"),
    ({"inputs": []}, "inputs"),
    ({"inputs": {}}, "is missing"),
    (ASKED | {"subscriber": {}}, "subscriber"),
    (ASKED | {"mode": "async"}, "mode"),
    (ASKED | {"response": "pdf"}, "response"),
    (ASKED | {"outputs": {"picture": {}}}, "outputs"),
    (ASKED | {"outputs": {"result": {"transmissionMode": "reference"}}}, "transmissionMode"),
    (with_inputs(kind="pasar"), "kind must be one of puskesmas, sd"),
    (with_inputs(points=[]), "points"),
    (with_inputs(points=[FAR] * 6), "one to 5"),
    (with_inputs(points=[FAR[::-1]]), "swapped"),
    (with_inputs(points=[[0, 0]]), f"lon must be from {WEST}"),
    (with_inputs(points=[[10**300, 1]]), "points"),
    (with_inputs(points=[[10**30, 1]]), "outside the release"),
    (with_inputs(points=[["a", None]]), "points"),
    (with_inputs(method="network"), "method must be straight_line"),
    (with_inputs(colour=1), "colour"),
]


@pytest.mark.parametrize(("body", "word"), REFUSED, ids=[word for _, word in REFUSED])
def test_what_is_asked_wrongly_is_refused_by_name(client: Client, body: object, word: str) -> None:
    answer = client.post(NEW, body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert word in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/xml", "multipart/form-data"])
def test_another_media_type_is_415(client: Client, media_type: str) -> None:
    assert client.post(NEW, ASKED, media_type).status_code == 415


def test_media_type_with_charset_is_fine_and_a_packed_body_is_not(client: Client) -> None:
    assert client.post(NEW, ASKED, "application/json; charset=utf-8").status_code == 200
    assert client.post(NEW, ASKED, content_encoding="gzip").status_code == 415


def test_no_more_than_the_bound_is_read(client: Client) -> None:
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += 10_000
            yield b" " * 10_000

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=client.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as inner:
            headers = {"content-type": "application/json"}
            return await inner.post(NEW, content=chunks(), headers=headers)

    answer = asyncio.run(ask())
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert sent <= LARGEST_BODY + 20_000


def test_methods_are_told(client: Client) -> None:
    refused = client.get(NEW)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert client.post("/processes", {}).headers["allow"] == "GET, HEAD, OPTIONS"
    preflight = client.request("OPTIONS", NEW, origin="https://portal.example")
    assert preflight.headers["allow"] == "POST, OPTIONS"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "Content-Type" in preflight.headers["access-control-allow-headers"]


def test_unknown_processes_and_jobs_have_the_types_of_the_standard(client: Client) -> None:
    base = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
    for answer in (client.get("/processes/nope"), client.post("/processes/nope/execution", {})):
        assert (answer.status_code, answer.json()["type"]) == (404, f"{base}/no-such-process")
    for url in ("/jobs/1", "/jobs/1/results"):
        answer = client.get(url)
        assert (answer.status_code, answer.json()["type"]) == (404, f"{base}/no-such-job")


def test_a_release_without_arrays_says_so(pair: tuple[Path, str, str]) -> None:
    with Client(pair[0]) as client:
        assert client.json("/processes")["processes"] == []
        answer = client.post(NEW, ASKED)
        assert answer.status_code == 404
        assert "facilities" in answer.json()["detail"]
        assert NEW not in client.json("/api")["paths"]


SCALARS = (
    st.none()
    | st.booleans()
    | st.text(max_size=5)
    | st.floats(allow_nan=False)
    | (st.integers() | st.sampled_from([10**19, -(10**40), *FAR, "sd", "puskesmas", "cover"]))
)
NAMES = st.sampled_from(
    ["inputs", "kind", "points", "number", "candidates", "goal", "effort", "value", "x"]
)
NESTED = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
)
LIKELY = st.fixed_dictionaries(
    {
        "inputs": st.fixed_dictionaries(
            {"kind": st.sampled_from(["sd", "puskesmas"])},
            optional={
                "points": st.lists(st.lists(SCALARS, max_size=3) | SCALARS, max_size=3) | NESTED,
                "number": SCALARS,
                "effort": st.just("explore"),
                "candidates": st.lists(st.lists(SCALARS, max_size=3), max_size=3) | SCALARS,
                "goal": st.sampled_from(["cover", "distance"]) | SCALARS,
            },
        )
    }
)


@pytest.mark.parametrize("url", [NEW, SITING])
def test_no_body_makes_the_server_fail(client: Client, url: str) -> None:
    @settings(
        max_examples=150,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=NESTED.map(json.dumps) | LIKELY.map(json.dumps) | st.binary(max_size=40))
    @example(body='{"inputs": {"kind": "sd", "number": 1e400}}')
    def never_fails(body: str | bytes) -> None:
        sent = body.encode() if isinstance(body, str) else body
        answer = client.post(url, sent)
        assert answer.status_code in (200, 400), answer.text
        assert answer.json()

    never_fails()


def test_tiles_are_served_while_a_computation_runs(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def compute(*_: object, **__: object) -> dict[str, str]:
        begun.set()
        assert go_on.wait(20)
        return {"answer": "late"}

    monkeypatch.setattr("geo_service.ogc.what_if.execute", compute)

    async def ask() -> tuple[httpx.Response, list[int]]:
        transport = httpx.ASGITransport(app=client.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as inner:
            running = asyncio.create_task(inner.post(NEW, json=ASKED))
            while not begun.is_set():
                await asyncio.sleep(0.001)
            tiles = [await inner.get("/tiles/desa/10/856/536.mvt") for _ in range(50)]
            assert not running.done()
            go_on.set()
            return await running, [tile.status_code for tile in tiles]

    answer, tiles = asyncio.run(ask())
    assert set(tiles) == {200}
    assert answer.json() == {"answer": "late"}


def test_beyond_a_short_queue_a_client_is_asked_to_come_back(
    releases: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()

    def compute(*_: object, **__: object) -> dict[str, bool]:
        assert go_on.wait(20)
        return {"done": True}

    monkeypatch.setattr("geo_service.ogc.what_if.execute", compute)

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=client.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as inner:
            tasks = [asyncio.create_task(inner.post(NEW, json=ASKED)) for _ in range(9)]
            while sum(task.done() for task in tasks) < 4:
                await asyncio.sleep(0.001)
            go_on.set()
            return list(await asyncio.gather(*tasks))

    with Client(releases) as client:
        answers = asyncio.run(ask())
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [503] * 4
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert int(busy.headers["retry-after"]) > 0
    assert "waiting" in busy.json()["detail"]
    assert caplog.records == []


def test_a_quick_answer_does_not_wait_for_a_slow_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def compute(_: object, process_id: str, inputs: dict[str, Any]) -> dict[str, str]:
        if process_id == "siting" and inputs.get("effort") != "explore":
            assert go_on.wait(20)
        return {"process": process_id}

    monkeypatch.setattr("geo_service.ogc.what_if.execute", compute)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=client.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as inner:
            slow = asyncio.create_task(inner.post(SITING, json=WISHED))
            quick = {"inputs": WISHED["inputs"] | {"effort": "explore"}}
            answers = [await inner.post(NEW, json=ASKED), await inner.post(SITING, json=quick)]
            assert not slow.done()
            go_on.set()
            return [answer.status_code for answer in [*answers, await slow]]

    assert asyncio.run(ask()) == [200, 200, 200]


def test_who_waits_too_long_is_told_and_the_place_stays_taken_until_the_work_is_done() -> None:
    gate, go_on = Gate(most_waiting=0, patience_s=0.05), threading.Event()
    with pytest.raises(ServerBusyError, match="in time"):
        gate.run_here(lambda: go_on.wait(20))
    with pytest.raises(ServerBusyError, match="waiting"):
        gate.run_here(lambda: None)
    go_on.set()
    for _ in range(200):
        try:
            gate.run_here(lambda: None)
            break
        except ServerBusyError:
            time.sleep(0.01)
    else:
        raise AssertionError("the gate never opened again")


def test_what_the_work_raises_arrives() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        Gate().run_here(fail)
