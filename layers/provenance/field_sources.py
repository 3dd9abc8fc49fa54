"""What the manifest says of a field: which inputs its values were made of, and what it sums up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from layers.columns.model import LayerData
from layers.provenance.lineage import Lineage
from layers.release import manifest_file, provenance_file

SUMMARIES = ("_jumlah", "_median")
"""Endings of fields that sum up the field of the desa with the name before them."""
COMPANIONS = ("_status", "_tahun")
"""Endings of fields that say something of the field before them, and come from where it does."""
_OF_POLYGONS = "area_ha"


def describe_fields(layers: Sequence[LayerData], lineage: Lineage) -> tuple[LayerData, ...]:
    """The layers with the inputs of each field in its entry.

    A field of kecamatan or kabupaten has those of the field of the desa that it sums up; a status,
    a year or a coverage those of the field that it is about.
    """
    of_desa = {
        layer.definition.id: {entry.name for entry in layer.fields}
        for layer in layers
        if layer.definition.level == "desa"
    }
    return tuple(
        replace(layer, fields=_describe_layer(layer, of_desa, lineage)) for layer in layers
    )


def _describe_layer(
    layer: LayerData, of_desa: Mapping[str, Collection[str]], lineage: Lineage
) -> tuple[manifest_file.FieldEntry, ...]:
    sums_up = layer.definition.level in ("kecamatan", "kabupaten")
    subjects = find_subjects(layer.fields)
    described = []
    for entry in layer.fields:
        subject = subjects.get(entry.name, entry.name)
        summary_of = find_summed(subject, of_desa) if sums_up else None
        of_layer, name = (summary_of or f"{layer.definition.id}.{subject}").split(".", 1)
        by_year = lineage.inputs_of(of_layer, name) or lineage.inputs_of(
            of_layer, provenance_file.REST
        )
        used = {used_name for names in by_year.values() for used_name in names}
        update = {
            "inputs": tuple(name for name in lineage.sources.paths if name in used),
            "year_inputs": {
                year: names for year, names in by_year.items() if year != provenance_file.NO_YEAR
            },
            "summary_of": summary_of,
        }
        described.append(entry.model_copy(update=update))
    return tuple(described)


def find_subjects(fields: Sequence[manifest_file.FieldEntry]) -> dict[str, str]:
    """The field that each companion (status, year, coverage) is about, by the companion's name."""
    names = {entry.name for entry in fields}
    about = {
        f"{entry.name}{ending}": entry.name
        for entry in fields
        for ending in COMPANIONS
        if f"{entry.name}{ending}" in names
    }
    for entry in fields:
        for coverage in entry.coverage:
            parts = (coverage.known, coverage.total)
            about |= {str(part): entry.name for part in parts if part in names}
    return about


def find_summed(name: str, of_desa: Mapping[str, Collection[str]]) -> str | None:
    """``<layer>.<field>`` of the desa that a field of kecamatan or kabupaten sums up.

    Codes, names, area and number of desa come from the polygons of the desa.

    >>> find_summed("penduduk_jiwa_jumlah", {"desa": {"penduduk_jiwa", "area_ha"}})
    'desa.penduduk_jiwa'
    """
    for ending in SUMMARIES:
        subject = name.removesuffix(ending)
        for layer, names in of_desa.items():
            if name.endswith(ending) and subject in names:
                return f"{layer}.{subject}"
    if name in of_desa.get("needs", ()) and name not in of_desa.get("desa", ()):
        return f"needs.{name}"
    return f"desa.{_OF_POLYGONS}" if "desa" in of_desa else None
