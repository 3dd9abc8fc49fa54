"""Both languages are complete: no message missing, no text written into a template."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

import web_map
from layers.columns.catalogue import read_indicators
from layers.finding_words.finding_kinds import finding_words
from layers.synchronisation.service_list import choose_basic_services
from web_map.sentences import read_messages
from web_map.words import Words

FOLDER = Path(web_map.__file__).parent
TEMPLATES = sorted([*FOLDER.glob("pages/*/*.html"), *FOLDER.glob("house/*/*.html")])
# Names that are the same in both languages.
NAMES = {
    "OpenStreetMap",
    "Google Maps",
    "TileJSON",
    "OGC API",
    "Style",
    "SHA-256",
    "kecamatan",
    "kel.",
}


@pytest.mark.parametrize("key", sorted(read_messages()))
def test_a_message_says_the_same_in_both_languages(key: str) -> None:
    message = read_messages()[key]
    assert set(message) == {"id", "en"}
    # A term may begin the sentence of one language only.
    names = [
        {name.casefold() for name in re.findall(r"\{(\w+)\}", message[language])}
        for language in ("id", "en")
    ]
    assert names[0] == names[1]
    assert bool(message["id"]) == bool(message["en"]) or key.startswith("unit.")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_text_is_written_into_a_template(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{% block (kind|other_language) %\}.*?\{% endblock %\}", "", text)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"&lt;.*?&gt;", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "\n", text)
    words = {line.strip() for line in text.splitlines()} - NAMES
    assert {word for word in words if re.search(r"[A-Za-z]{2}", word)} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_message_a_template_asks_for_exists(path: Path) -> None:
    asked = set(re.findall(r"""say\(["']([\w. ]+)["'][,)]""", path.read_text(encoding="utf-8")))
    assert asked <= set(read_messages())


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "indonesian", "english"),
    [
        (0, "jiwa", 0, "0 jiwa", "0 people"),
        (1234567, "jiwa", 0, "1.234.567 jiwa", "1,234,567 people"),
        (0.62134, "indeks", 4, "0,6213", "0.6213"),
        (-0.04, "%", 1, "0,0%", "0.0%"),
        (-3.25, "%", 1, "−3,2%", "−3.2%"),
        (999, "m", 0, "999 m", "999 m"),
        (1500, "m", 0, "1,5 km", "1.5 km"),
        (1_250_000, "IDR", 0, "Rp1,25 juta", "Rp1.25 million"),
        (349e6, "IDR", 0, "Rp349 juta", "Rp349 million"),
        (None, "%", 1, "—", "—"),
        (float("nan"), "%", 1, "—", "—"),
    ],
)
def test_values_are_written_with_their_unit(
    value: float | None, unit: str, decimals: int, indonesian: str, english: str
) -> None:
    assert Words("id").value(value, unit, decimals, short=True) == indonesian
    assert Words("en").value(value, unit, decimals, short=True) == english


def test_every_theme_of_the_chooser_has_its_name(sample_releases: Path) -> None:
    manifest = json.loads((sample_releases / "current" / "manifest.json").read_text())
    groups = {
        field["group"]
        for layer in manifest["layers"]
        for field in layer["fields"]
        if field.get("group")
    } | set(choose_basic_services())
    assert len(groups) > 10
    assert not [group for group in groups if not Words("id").knows(f"theme.{group}")]


def test_every_unit_of_a_field_is_a_word_of_both_languages(sample_releases: Path) -> None:
    manifest = json.loads((sample_releases / "current" / "manifest.json").read_text())
    units = {field["unit"] for layer in manifest["layers"] for field in layer["fields"]}
    units |= {kind.unit for kind in read_indicators().values()}
    assert len(units) > 10
    written_by_code = {None, "IDR"}
    assert not [unit for unit in units - written_by_code if not Words("en").knows(f"unit.{unit}")]


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "english"),
    [
        (1, "layanan", 0, "1 service"),
        (1, "jiwa", 0, "1 person"),
        (-1, "menit", 0, "\N{MINUS SIGN}1 minute"),
        (0, "layanan", 0, "0 services"),
        (1.0, "menit", 1, "1.0 minutes"),
        (21, "anak", 0, "21 children"),
        (1000, "keluarga", 0, "1,000 families"),
    ],
)
def test_one_of_a_unit_is_singular(value: float, unit: str, decimals: int, english: str) -> None:
    assert Words("en").value(value, unit, decimals) == english


PLURAL = re.compile(
    r"\{n\} (?:hidden )?(?:\w+s\b|people|areas)|only \{n\} places|\{n\} others", re.IGNORECASE
)
# Never one: a list that was cut, a correlation.
MANY = {"search.first", "relation.rho"}


def test_every_count_that_can_be_one_has_a_singular() -> None:
    counted = {
        key
        for key, message in read_messages().items()
        if PLURAL.search(message["en"]) and not key.endswith(".one")
    }
    assert {"rank.tied", "search.count", "compare.unknown", "desa.median_hidden"} <= counted
    assert not [key for key in counted - MANY if f"{key}.one" not in read_messages()]
    for key, message in read_messages().items():
        if key.endswith(".one"):
            assert message["en"] != read_messages().get(key[:-4], {}).get("en")


def test_every_unit_of_the_findings_has_a_singular() -> None:
    units = finding_words().units
    plural = {unit for unit, texts in units.items() if texts.en.endswith("s")}
    assert {"rows", "cells", "facilities"} <= plural
    assert not [unit for unit in plural if not Words("en").knows(f"unit.{unit}.one")]


def test_every_norm_of_ours_is_said_in_both_languages(sample_releases: Path) -> None:
    definitions = Path(str(files("layers") / "definitions"))
    names = ("gaps", "services", "indicators", "earmarks", "speeds", "spending")
    sources = {
        source
        for name in names
        for source in re.findall(
            r'^source = "(.+)"$', (definitions / f"{name}.toml").read_text("utf-8"), re.MULTILINE
        )
    }
    assert len(sources) > 20
    assert not [source for source in sources if not Words("en").knows(f"norm.{source}")]
    manifest = json.loads((sample_releases / "current" / "manifest.json").read_text())
    published = {field.get("source") for layer in manifest["layers"] for field in layer["fields"]}
    foreign = {text for text in published - {None} if Words("en").norm(text)[1] != "en"}
    assert foreign == {"Perbup (rekaan) (2025)"}
