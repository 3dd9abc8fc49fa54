"""A newcomer adds a page, an indicator with a finding, an importer and a format: three files each.

It is done in a copy of the packages, as CONTRIBUTING.md says ("How to add …"), with exactly the
files that it numbers, which the README of the folder names too; then the copy builds a workspace
with all four, serves it, and is held against the same rules as the project.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.layers.provenance.world import KODE, TOML, write_workspace

REPOSITORY = Path(__file__).parents[2]
PARTS = ("boundaries", "layers", "geo_service", "web_map", "tests")
MOST_FILES = 3
RULES = ("finding_words", "imports", "messages", "readmes", "rooms")

PAGE = '''"""How many wilayah have a name."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.ogc.params import View as RequestView
from web_map.pages.base.answers import answer_page
from web_map.pages.search.search import find_places
from web_map.views.readers import open_reader

router = APIRouter(tags=["pages"])


@router.get("/jumlah")
def namesakes(request: Request, view: RequestView) -> HTMLResponse:
    """The number of wilayah whose names begin so."""
    reader = open_reader(view, request.query_params, ("nama",)).about_all()
    count = len(find_places(reader.release, request.query_params.get("nama", "")))
    return answer_page(reader, "namesakes/namesakes.html", {"count": count})
'''
TEMPLATE = """{% extends "base/base.html" %}
{% block title %}{{ say("namesakes.title") }}{% endblock %}
{% block main %}<h1>{{ say("namesakes.title") }}: {{ count }}</h1>{% endblock %}
"""
MESSAGES = {"namesakes.title": {"id": "Senama", "en": "Namesakes"}}

INDICATOR = """
[[indicators]]
name = "sampah_terangkut_pct"
title = { id = "Sampah yang terangkut", en = "Waste that is collected" }
unit = "%"
worse = "low"
decimals = 1
group = "sanitasi"
minimum = 0
maximum = 100
colours = "YlGnBu"
source = "SIPSN"
"""
FINDING = """
["table.waste_all_collected"]
severity = "note"
meaning = "a table says that all waste of a desa is collected, which is rare"
title = { id = "Semua sampah terangkut", en = "All waste is collected" }
advice = { id = "Periksa apakah angkanya benar.", en = "Check whether the number is right." }
"""
RULE = """

ALL_COLLECTED = declared_kind("table.waste_all_collected")


def _all_collected(records: Records, measures: Measures) -> list[Finding]:
    if "sampah_terangkut_pct" not in measures.names:
        return []
    is_waste = measures.measure == measures.names.index("sampah_terangkut_pct")
    full = measures.record[is_waste & (measures.value == 100)]
    sheet = records.sheet
    return [ALL_COLLECTED.finding("100 %.", sheet.file, sheet.rows[number]) for number in full]
"""

IMPORTER = '''"""Sheets of the waste office: a code and a share, under its own words."""

from layers.tables.files.sheets import Sheet
from layers.tables.importers.shapes import fill_section, need_column
from layers.workspace.sections import TableSection

NAME = "sampah"


def adapt(section: TableSection, sheet: Sheet) -> TableSection:
    """The section with its code column and its share."""
    share = need_column(sheet, ("persen terangkut",), NAME)
    code = need_column(sheet, ("id wilayah",), NAME)
    return fill_section(
        section, {"code_column": code, "columns": {share: "sampah_terangkut_pct"}}
    )


def looks_like(sheet: Sheet) -> bool:
    """Whether the sheet has the words of the office."""
    return sheet.find("persen terangkut") is not None
'''

TABLE = """
[[tables]]
id = "sampah"
path = "sampah.csv"
importer = "sampah"
code_system = "kemendagri"
year = 2025
source = "SIPSN"
supplier = "Dinas Lingkungan Hidup"
date = "2025-12-31"
licence = "CC0-1.0"
"""

PROOF = """
import json, sys
from pathlib import Path

from layers.pipeline.build import build_release
from tests.geo_service.client import Client

workspace, releases = map(Path, sys.argv[1:])
built = build_release(workspace, releases, publish=True)
with Client(releases) as client:
    page = client.get("/jumlah?nama=desa", accept="text/html")
    refused = client.get("/jumlah?naam=desa", accept="text/html")
    row = client.get("/collections/desa/items?limit=1&f=json").json()["features"][0]["properties"]
    release = f"/releases/{built.release_id}"
    answer = client.get(f"{release}/files/downloads/desa.geojsons")
print(json.dumps({
    "page": page.text, "refused": refused.status_code, "value": row["sampah_terangkut_pct"],
    "findings": [finding.code for finding in built.report.findings],
    "format": [answer.status_code, answer.headers["content-type"], answer.text],
}))
"""

Edit = Callable[[str], str]


def _new(text: str) -> Edit:
    return lambda _: text


def _after(line: str, more: str) -> Edit:
    def edit(text: str) -> str:
        assert text.count(line) == 1, line
        return text.replace(line, line + more)

    return edit


def _before(text_there: str, more: str) -> Edit:
    def edit(text: str) -> str:
        assert text.count(text_there) == 1, text_there
        return text.replace(text_there, more + text_there)

    return edit


def _at_end(more: str) -> Edit:
    return lambda text: text + more


def _all(*edits: Edit) -> Edit:
    def edit(text: str) -> str:
        for step in edits:
            text = step(text)
        return text

    return edit


@dataclass(frozen=True)
class Addition:
    """What is added: its heading in CONTRIBUTING, its name, the folder it lies in, its files."""

    heading: str
    name: str
    folder: str
    files: dict[str, Edit]


ADDITIONS = (
    Addition(
        "A page with one query parameter",
        "namesakes",
        "web_map",
        {
            "web_map/pages/namesakes/namesakes.py": _new(PAGE),
            "web_map/pages/namesakes/namesakes.html": _new(TEMPLATE),
            "web_map/pages/namesakes/namesakes.json": _new(json.dumps(MESSAGES)),
        },
    ),
    Addition(
        "An indicator with a finding",
        "sampah",
        "layers",
        {
            "layers/definitions/indicators.toml": _at_end(INDICATOR),
            "layers/tables/indicators/index_checks.py": _all(
                _after(
                    "    findings = _wrong_years(records, measures)",
                    " + _all_collected(records, measures)",
                ),
                _at_end(RULE),
            ),
            "layers/finding_words/tables.toml": _at_end(FINDING),
        },
    ),
    Addition(
        "A table importer",
        "sampah",
        "layers/tables",
        {
            "layers/tables/importers/sampah.py": _new(IMPORTER),
            "layers/tables/importers/__init__.py": _all(
                _after("podes, ", "sampah, "),
                _after("    podes.NAME: podes.adapt,\n", "    sampah.NAME: sampah.adapt,\n"),
                _after(
                    "    podes.NAME: podes.looks_like,\n", "    sampah.NAME: sampah.looks_like,\n"
                ),
            ),
            "layers/tables/README.md": _before(
                "| `satu_data` |", "| `sampah` | a code and a share | its own words for both |\n"
            ),
        },
    ),
    Addition(
        "An output format",
        "geojsons",
        "layers/publish",
        {
            "layers/publish/downloads.py": _all(
                _after('FORMATS = ("gpkg", "fgb", ', '"geojsons", '),
                _after(
                    '        "fgb": {"driver": "FlatGeobuf", '
                    '"layer_options": {"SPATIAL_INDEX": spatial_index}},\n',
                    '        "geojsons": {"driver": "GeoJSONSeq"},\n',
                ),
            ),
            "geo_service/http/files.py": _after(
                "MEDIA_TYPES = {\n", '    ".geojsons": "application/geo+json-seq",\n'
            ),
        },
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages, the tests and the documents, with all four additions."""
    folder = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        ignored = shutil.ignore_patterns("node_modules", "__pycache__", "*.pyc", ".cache")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
    documents = (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("*.toml"))
    for path in (*documents, REPOSITORY / "Makefile", REPOSITORY / "LICENSE"):
        shutil.copy2(path, folder)
    for addition in ADDITIONS:
        for name, edit in addition.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(edit(path.read_text("utf-8") if path.exists() else ""), "utf-8")
    return folder


def _run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)


def _numbered(section: str, name: str) -> list[str]:
    """The files of a section that are numbered: (1) `path`, (2) `path`."""
    paths = re.findall(r"\(\d\) [^`]*`([^`]+)`", section)
    return [re.sub(r"<\w+>", name, path) for path in paths]


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda addition: addition.heading)
def test_the_guide_numbers_exactly_the_files_that_an_addition_touches(addition: Addition) -> None:
    guide = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    [section] = re.findall(rf"\*\*{addition.heading}\.\*\*(.*?)\n\n", guide, flags=re.DOTALL)
    assert _numbered(section, addition.name) == list(addition.files)
    assert len(addition.files) <= MOST_FILES


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda addition: addition.heading)
def test_the_readme_of_the_folder_numbers_the_same_files(addition: Addition) -> None:
    readme = (REPOSITORY / addition.folder / "README.md").read_text("utf-8")
    [section] = re.findall(rf"\*\*{addition.heading}\*\*(.*?)\.\n", readme, flags=re.DOTALL)
    files = [f"{addition.folder}/{path}" for path in _numbered(section, addition.name)]
    assert [os.path.normpath(path) for path in files] == list(addition.files)


def test_a_release_has_what_was_added(copy: Path, tmp_path: Path) -> None:
    workspace = write_workspace(tmp_path / "uji", TOML + TABLE)
    rows = [f"{kode},{share}" for kode, share in zip(KODE, (100, 40.5, 30, 20), strict=True)]
    (workspace / "sampah.csv").write_text("\n".join(["id wilayah,persen terangkut", *rows]))
    proof = _run(copy, "-c", PROOF, str(workspace), str(tmp_path / "releases"))
    assert proof.returncode == 0, proof.stderr[-2000:]
    seen = json.loads(proof.stdout)
    assert "Senama: 4" in seen["page"]
    assert seen["refused"] == 400
    assert seen["value"] == 100
    assert seen["findings"].count("table.waste_all_collected") == 1
    status, media_type, text = seen["format"]
    assert (status, media_type) == (200, "application/geo+json-seq")
    records = [json.loads(record) for record in text.split("\x1e") if record.strip()]
    assert [record["type"] for record in records] == ["Feature"] * 4


def test_the_rules_of_the_house_accept_what_was_added(copy: Path) -> None:
    written = _run(copy, "-m", "tests.architecture.finding_tables")
    assert written.returncode == 0, written.stderr[-2000:]
    rules = [f"tests/architecture/test_{name}.py" for name in RULES]
    held = _run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *rules)
    assert held.returncode == 0, held.stdout[-3000:]
