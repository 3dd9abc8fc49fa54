"""How links are written behind proxies, and what hostile headers cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.geo_service.client import Client

FORWARDED = {"x_forwarded_proto": "https", "x_forwarded_host": "peta.go.id"}


def first_link(client: Client, path: str = "/", **headers: str) -> str:
    return str(client.get(path, **headers).json()["links"][0]["href"])


def test_links_use_the_host_of_the_request(client: Client) -> None:
    assert first_link(client, host="a.example:81") == "http://a.example:81/"


def test_forwarded_headers_count_only_from_a_trusted_proxy(releases: Path) -> None:
    with Client(releases, peer="127.0.0.1") as near, Client(releases) as far:
        assert first_link(near, **FORWARDED) == "https://peta.go.id/"
        assert first_link(far, **FORWARDED) == "http://peta.example/"
        prefixed = first_link(near, x_forwarded_prefix="/dashboard/", **FORWARDED)
        assert prefixed == "https://peta.go.id/dashboard/"


def test_the_public_url_wins_and_its_path_may_be_passed_on(releases: Path) -> None:
    with Client(releases, public_url="https://peta.go.id/dashboard/") as client:
        for path in ("/collections", "/dashboard/collections"):
            assert first_link(client, path) == "https://peta.go.id/dashboard/collections"
        tiles = client.json("/dashboard/tiles/desa.json")["tiles"][0]
        assert tiles.startswith("https://peta.go.id/dashboard/releases/")
        path = tiles.removeprefix("https://peta.go.id").format(z=10, x=856, y=536)
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("host", ['a"b', "a b", "a/b", "<x>", "a:b:c", "a@b"])
def test_a_host_that_is_none_is_refused(client: Client, host: str) -> None:
    answer = client.get("/", host=host)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
