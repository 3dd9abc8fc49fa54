"""Another source of one table changes the sources of its values, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.pipeline.build import build_release
from layers.release.citation import cite, find_inputs
from layers.release.manifest_file import FieldEntry, Manifest, read_manifest
from tests.layers.provenance.world import TOML, write_workspace

CHANGES = [
    ('source = "Register gizi"', "tables.gizi"),
    ('source = "Dapodik"', "facilities.sekolah"),
    ('source = "Siskeudes"', "spending.apbdes"),
]


def citations(manifest: Manifest) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (layer.id, entry.name): cite(find_inputs(entry.inputs, manifest.inputs))
        for layer in manifest.layers
        for entry in layer.fields
    }


def entry_of(manifest: Manifest, layer: str, name: str) -> FieldEntry:
    fields = next(one.fields for one in manifest.layers if one.id == layer)
    return next(entry for entry in fields if entry.name == name)


@pytest.mark.parametrize(("line", "name"), CHANGES)
def test_only_its_values_change_their_source(manifest: Manifest, line: str, name: str) -> None:
    """On the manifest: what cites the input changes with it, everything else stays."""
    inputs = tuple(
        entry.model_copy(update={"source": "Sumber lain"}) if entry.input == name else entry
        for entry in manifest.inputs
    )
    changed = citations(manifest.model_copy(update={"inputs": inputs}))
    before = citations(manifest)
    for key, cited in changed.items():
        uses = name in entry_of(manifest, *key).inputs
        assert (cited != before[key]) == uses, key
    assert line in TOML


def test_a_build_with_another_source_differs_in_that_alone(
    manifest: Manifest, tmp_path: Path
) -> None:
    toml = TOML.replace('source = "Register gizi"', 'source = "Sumber lain"')
    folder = write_workspace(tmp_path / "uji", toml)
    other = read_manifest(build_release(folder, tmp_path / "releases").path)
    before, after = citations(manifest), citations(other)
    assert before.keys() == after.keys()
    for key in before:
        told = tuple(one.replace("Sumber lain", "Register gizi") for one in after[key])
        assert told == before[key], key
        assert (after[key] != before[key]) == ("tables.gizi" in entry_of(manifest, *key).inputs)


def test_rows_in_another_order_keep_every_source_and_the_release(
    manifest: Manifest, release: Path, tmp_path: Path
) -> None:
    text = (release / "wilayah.toml").read_text("utf-8")
    assert text == TOML
    from tests.layers.provenance.world import TABLES

    lines = TABLES["gizi.csv"].splitlines()
    turned = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
    folder = write_workspace(tmp_path / "uji", gizi=turned)
    other = read_manifest(build_release(folder, tmp_path / "releases").path)
    assert other.release_id == manifest.release_id
    assert citations(other) == citations(manifest)
