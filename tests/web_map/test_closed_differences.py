"""Two releases that differ only in a closed layer are the same for a stranger, whatever is asked.

Not the values that we think of are looked for: nothing at all may differ, in any answer.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from geo_service.releases.release import Release
from layers.pipeline.build import build_release
from tests.geo_service import test_token_layers as tokens
from tests.layers.provenance import world
from tests.web_map.conftest import Pages

FOOT_PX = 60
"""Of a picture: the foot names the release."""
OF_EACH_ANSWER = {"etag", "content-length", "x-request-id"}
"""Headers that follow from the bytes, which name the release."""
CHANGES = {
    "spending": {"apbdes": world.TABLES["apbdes.csv"].replace("0000,", "1000,")},
    "desa": {
        "gizi": world.TABLES["gizi.csv"].replace("00\n", "10\n").replace("15,", "16,"),
        "air_2025": world.TABLES["air_2025.csv"].replace("95", "94"),
    },
    "facilities": {"sekolah": world.TABLES["sekolah.csv"].replace("121.0", "121.00")},
}
PLACES = {"provinsi": "99", "kabupaten": "99.01", "kecamatan": "99.01.01"}
LOOKS = (
    *("", "facilities=sd", "facilities=sd&rings=1", "facilities=sd&rings=waktu", "rings=waktu"),
    *("coba=99.01.01.2001&coba_jenis=sd", "coba=121.01,-8.49", "coba_desa=99.01.01.2002"),
    *("tahun=2024", "compare=release&method=quantile&k=4", "desa=99.01.01.2001", "embed=1"),
)
BAD_TOKENS = ("another", "expired", "revoked", "invented")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("plain"), {})


def built(scratch: Path, changes: dict[str, str]) -> Path:
    workspace = world.write_workspace(scratch / "uji", **changes)
    build_release(workspace, scratch / "releases", publish=True)
    return scratch / "releases"


def urls_of(pages: Pages, release: Release, layer: str) -> Iterator[str]:
    """All routes and files, and pages with what may be asked of them; `ID` is the release."""
    for url in tokens.urls_of(pages, release, layer):
        yield url.replace(release.id, "ID")
    for (level, kode), ending, look in product(PLACES.items(), ("", ".png", ".xlsx"), LOOKS):
        yield f"/{level}/{kode}{ending}?{look}"
    for layer_id, entry in release.layers.items():
        items = f"/collections/{layer_id}/items"
        yield from (f"{items}?f={form}" for form in ("csv", "geojsonl", "fgb", "xlsx"))
        for field in entry.fields:
            yield f"{items}?sortby=-{field.name}&limit=2"
            yield f"{items}?resultType=hits&filter={field.name}%20IS%20NULL"
            if field.thematic:
                shown = f"layer={layer_id}.{field.name}"
                yield from (f"/{level}/{kode}?{shown}" for level, kode in PLACES.items())
                yield f"/kecamatan/99.01.01/banding?{shown}&layer2={layer_id}.{field.name}"
                yield f"/desa/99.01.01.2001/asal.json?{shown}"


def seen(answer: httpx.Response, release: Release, token: str) -> tuple[object, ...]:
    """What a stranger sees of an answer, without the name of the release and its own token."""

    def plain(content: bytes) -> bytes:
        return content.replace(release.id.encode(), b"ID").replace((token or "-").encode(), b"-")

    body: object = plain(answer.content)
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            body = [plain(archive.read(name)) for name in archive.namelist()]
    elif answer.content.startswith(b"\x89PNG"):
        picture = np.array(Image.open(io.BytesIO(answer.content)))
        body = picture[:-FOOT_PX].tobytes()
    headers = {
        name: plain(text.encode())
        for name, text in answer.headers.items()
        if name not in OF_EACH_ANSWER
    }
    return answer.status_code, body, headers


def lines_of(release: Release, layer: str) -> list[bytes]:
    features = release.features(layer)
    return [features.line(row) for row in range(features.count)]


@pytest.mark.slow
@pytest.mark.parametrize("layer", CHANGES)
def test_nothing_that_a_stranger_sees_depends_on_a_closed_layer(
    plain: Path, tmp_path: Path, layer: str
) -> None:
    changed = built(tmp_path / "changed", CHANGES[layer])
    both = [
        tokens.guard(releases, tmp_path / name, layer)
        for name, releases in (("first", plain), ("second", changed))
    ]
    first, second = [Release((releases / "current").resolve()) for releases in both]
    assert first.id != second.id
    assert lines_of(first, layer) != lines_of(second, layer)
    with (
        Pages(both[0], public_url="https://x.id") as one,
        Pages(both[1], public_url="https://x.id") as other,
    ):
        urls = sorted({*urls_of(one, first, layer), *urls_of(other, second, layer)})
        assert len(urls) > 300
        opened = 0
        for number, url in enumerate(urls):
            shown = ("", *BAD_TOKENS)[number % 5 if number % 3 == 0 else 0]
            answers = []
            for pages, releases, release in zip((one, other), both, (first, second), strict=True):
                token = tokens.bad_token(releases, shown) if shown else ""
                headers = {"authorization": f"Bearer {token}"} if token else {}
                answer = pages.get(url.replace("ID", release.id), **headers)
                answers.append(seen(answer, release, token))
            assert answers[0] == answers[1], url
            opened += answers[0][0] == 200
        assert opened > 50
