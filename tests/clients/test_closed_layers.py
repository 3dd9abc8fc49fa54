"""A layer that needs a token, read by QGIS and GDAL in each way that they can show one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.publish.publication import build_into, publish
from tests.clients.conftest import run_program
from tests.clients.test_qgis import PYTHON
from tests.end_to_end.processes import serving
from tests.geo_service.test_token_layers import guard, make_token
from tests.layers.publish.world import write_world

SCRIPT = Path(__file__).with_name("qgis_reads_closed.py")
ALL = 14
READ = "import pyogrio, sys; print(len(pyogrio.read_dataframe(sys.argv[1], 'desa', PAGE_SIZE=5)))"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Base URL of a server whose desa need a token, and one."""
    folder = tmp_path_factory.mktemp("closed")
    publish(folder / "open", build_into(folder / "open", write_world))
    (folder / "closed").mkdir()
    releases = guard(folder / "open", folder / "closed", "desa")
    with serving(releases) as url:
        yield url, make_token(releases, "*")


def count_read(source: str, **options: str) -> int:
    """How many desa the distribution's GDAL reads, five a page."""
    set_options = [word for item in options.items() for word in ("--config", *item)]
    text = run_program("ogrinfo", "-q", "-oo", "PAGE_SIZE=5", *set_options, source, "desa")
    return len(set(re.findall(r" kode \(String\) = (\S+)", text)))


@pytest.mark.gdal
def test_gdal_pages_through_a_closed_layer(closed: tuple[str, str]) -> None:
    base, token = closed
    source = f"OAPIF:{base}/"
    assert count_read(f"{source}?token={token}") == ALL
    assert count_read(source, GDAL_HTTP_HEADERS=f"Authorization: Bearer {token}") == ALL
    assert count_read(source, GDAL_HTTP_AUTH="BASIC", GDAL_HTTP_USERPWD=f"token:{token}") == ALL
    with pytest.raises(AssertionError, match="fetch requested layer"):
        count_read(source)


def test_a_new_gdal_pages_through_a_closed_layer(closed: tuple[str, str]) -> None:
    base, token = closed
    bearer = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token}
    for query, options in ((f"?token={token}", {}), ("", bearer)):
        done = subprocess.run(
            [sys.executable, "-c", READ, f"OAPIF:{base}/{query}"],
            capture_output=True,
            text=True,
            env={**os.environ, "no_proxy": "127.0.0.1", **options},
        )
        assert done.stdout.strip() == str(ALL), done.stderr


@pytest.mark.qgis
def test_qgis_pages_through_a_closed_layer(closed: tuple[str, str], tmp_path: Path) -> None:
    text = run_program(PYTHON, str(SCRIPT), *closed, str(tmp_path))
    seen = json.loads(text.strip().splitlines()[-1])
    assert seen["nothing"] == seen["wrong"] == []
    assert seen["address"] == seen["authcfg"] == [ALL, ALL]
    # QGIS of 3.26 or newer knows headers of one's own.
    assert ("APIHeader" in seen["methods"]) == ("header" in seen)
    assert seen.get("header", [ALL, ALL]) == [ALL, ALL]
