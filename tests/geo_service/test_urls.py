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


def test_a_trusted_proxy_is_known_in_each_form_of_its_address(releases: Path) -> None:
    for peer, trusted in (("::ffff:127.0.0.1", ("127.0.0.1",)), ("10.1.2.3", ("10.0.0.0/8",))):
        with Client(releases, peer=peer, trusted_proxies=trusted) as client:
            assert first_link(client, **FORWARDED) == "https://peta.go.id/"


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


PROTO = {
    "https": "https",
    "HTTPS": "https",
    "Https , http": "https",
    "https,http": "https",
    "http, https": "http",
    " , https": "https",
    "": "http",
    " https": "https",
    "https\t": "https",
    '"https"': "https",
    "on": "https",
    "On,off": "https",
    "off": "http",
    "wss": "https",
    "WS": "http",
    "https://": "https",
    "ftp": "http",
    "1": "http",
    "unknown, https": "https",
    "$scheme": "http",
}


@pytest.mark.parametrize(("proto", "scheme"), PROTO.items())
def test_the_first_scheme_of_a_list_counts_in_any_case(
    releases: Path, proto: str, scheme: str
) -> None:
    with Client(releases, peer="127.0.0.1") as near:
        link = first_link(near, x_forwarded_proto=proto, x_forwarded_host="peta.go.id")
    assert link == f"{scheme}://peta.go.id/"


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ({"front_end_https": "on"}, "https"),
        ({"front_end_https": "On"}, "https"),
        ({"front_end_https": "off"}, "http"),
        ({"x_forwarded_ssl": "on"}, "https"),
        ({"x_forwarded_protocol": "https"}, "https"),
        ({"x_url_scheme": "HTTPS"}, "https"),
        ({"cloudfront_forwarded_proto": "https"}, "https"),
        ({"x_forwarded_proto": "http", "front_end_https": "on"}, "http"),
        ({"x_forwarded_proto": "", "front_end_https": "on"}, "https"),
        ({"x_forwarded_proto": "$https", "x_forwarded_ssl": "on"}, "https"),
        ({"x_forwarded_ssl": "perhaps"}, "http"),
    ],
)
def test_other_headers_count_where_the_usual_one_says_nothing(
    releases: Path, headers: dict[str, str], scheme: str
) -> None:
    with Client(releases, peer="127.0.0.1") as near, Client(releases) as far:
        assert first_link(near, **headers) == f"{scheme}://peta.example/"
        assert first_link(far, **headers) == "http://peta.example/"


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        ({"x_forwarded_host": "Peta.GO.id, inner:8080"}, "http://peta.go.id/"),
        ({"x_forwarded_host": "peta.go.id:8443"}, "http://peta.go.id:8443/"),
        (
            {"x_forwarded_host": "peta.go.id", "x_forwarded_port": "8443, 80"},
            "http://peta.go.id:8443/",
        ),
        ({"x_forwarded_port": "8443"}, "http://peta.example:8443/"),
        (
            {"x_forwarded_host": "peta.go.id:81", "x_forwarded_port": "8443"},
            "http://peta.go.id:81/",
        ),
        (
            {"x_forwarded_host": "[2001:DB8::1]", "x_forwarded_port": "82"},
            "http://[2001:db8::1]:82/",
        ),
        ({"x_forwarded_proto": "https", "x_forwarded_port": "80"}, "https://peta.example/"),
        ({"x_forwarded_prefix": "dashboard"}, "http://peta.example/dashboard/"),
        ({"x_forwarded_prefix": "/dashboard/, /inner"}, "http://peta.example/dashboard/"),
        ({"x_forwarded_prefix": "/"}, "http://peta.example/"),
        ({"x_forwarded_port": "x"}, "http://peta.example/"),
        ({"x_forwarded_port": "70000"}, "http://peta.example/"),
        ({"x_forwarded_port": "-"}, "http://peta.example/"),
    ],
)
def test_host_port_and_prefix_in_their_forms(
    releases: Path, headers: dict[str, str], link: str
) -> None:
    with Client(releases, peer="127.0.0.1") as near:
        assert first_link(near, **headers) == link


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x_forwarded_host", "a/b"),
        ("x_forwarded_host", "peta.go.id:99999"),
        ("x_forwarded_prefix", "/a b"),
        ("x_forwarded_prefix", "/<script>"),
    ],
)
def test_what_could_be_no_part_of_a_url_is_refused(releases: Path, name: str, value: str) -> None:
    with Client(releases, peer="127.0.0.1") as near:
        answer = near.get("/", **{name: value})
    assert answer.status_code == 400
    assert "expected" in answer.json()["detail"]
