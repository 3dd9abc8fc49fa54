"""The prefix of the register: there with one, and as before without."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Message

from geo_service.errors import BodyTooLargeError
from geo_service.house import house
from geo_service.register import event_store, way
from tests.architecture.measure import REPOSITORY
from tests.geo_service.client import Client

HTML = "text/html"
NOT_LOADED = ("sqlalchemy", "alembic", "geo_service.register", "geo_service.house", "web_map.house")


@pytest.fixture
def register_url(tmp_path: Path) -> str:
    """A register without items."""
    url = f"sqlite:///{tmp_path / 'register.db'}"
    made = event_store.Register(url, way.read_way())
    made.migrate()
    made.close()
    return url


@pytest.fixture
def home(releases: Path, register_url: str) -> Iterator[Client]:
    """A server with a register."""
    with Client(releases, register_url=register_url) as client:
        yield client


def test_without_a_register_the_prefix_is_unknown_as_any_other(client: Client) -> None:
    for path in ("/rumah", "/rumah/masuk"):
        answer, other = client.get(path), client.get(path.replace("rumah", "bukan"))
        assert answer.status_code == other.status_code == 404
        assert answer.json() | {"instance": "", "detail": ""} == other.json() | {
            "instance": "",
            "detail": "",
        }


def test_a_server_without_a_register_loads_none_of_it(releases: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nimport geo_service.server\n"
        "from geo_service.app import create_app\nfrom geo_service.settings import Settings\n"
        "from web_map.all_pages import PAGES\n"
        f"create_app(Settings(releases=Path({str(releases)!r})), PAGES)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    loaded = done.stdout.split()
    assert "web_map.pages.search.search" in loaded
    assert not [name for name in loaded if name.startswith(NOT_LOADED)]


def test_the_house_answers_as_the_other_pages_do(home: Client) -> None:
    answer = home.get("/rumah", accept=HTML)
    assert answer.status_code == 200
    assert "Rumah Bersama" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["vary"].startswith("Cookie")
    assert "Shared house" in home.get("/rumah?lang=en", accept=HTML).text
    assert home.head("/rumah").status_code == 200
    assert home.get("/", accept=HTML).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/rumah/tidak-ada", 404), ("GET", "/rumah/", 404), ("DELETE", "/rumah", 405)],
)
def test_errors_of_the_house_have_the_usual_page(
    home: Client, method: str, path: str, status: int
) -> None:
    page = home.request(method, path, accept=HTML)
    assert page.status_code == status
    assert page.headers["content-type"].startswith(HTML)
    problem = home.request(method, path)
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"


def test_a_body_is_read_no_further_than_allowed() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    async def read() -> None:
        receive_limited = house.limited(receive, 100)
        await receive_limited()
        with pytest.raises(BodyTooLargeError):
            await receive_limited()

    asyncio.run(read())


def test_the_link_of_an_invitation_is_not_in_the_log(
    home: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="geo_service.access")
    access = logging.getLogger("geo_service.access")
    access.addHandler(caplog.handler)
    try:
        home.get("/rumah/undangan/a-secret-token", accept=HTML)
    finally:
        access.removeHandler(caplog.handler)
    said = [str(vars(record)) for record in caplog.records]
    assert any("/rumah/undangan/…" in text for text in said)
    assert not [text for text in said if "a-secret-token" in text]


def test_pages_lead_to_the_house_where_there_is_one(home: Client, client: Client) -> None:
    for path in ("/", "/kecamatan/99.01.01", "/reports/"):
        assert 'href="/rumah"' in home.get(path, accept=HTML).text
        assert "/rumah" not in client.get(path, accept=HTML).text
    assert 'href="/rumah?lang=en"' in home.get("/?lang=en", accept=HTML).text
