"""The README of the workspace: what lies where, which dirt was put in, and the right answers."""

from collections import Counter
from collections.abc import Iterable, Sequence

from layers.sample.programme_files import SERVICES
from layers.sample.truth import SampleTruth
from layers.sample.world.sample_records import (
    KABUPATEN,
    KABUPATEN_BPS,
    KECAMATAN,
    MOTHER_OF_NEW_UNIT,
    NEW_UNIT,
    SPLIT_YEAR,
    OfficeFile,
)

_HEAD = f"""\
# Kabupaten {KABUPATEN[1]}: made up, with the right answers

Every name, border and number here is invented by a program; province {KABUPATEN[0][:2]} does not
exist and the place is open sea. Licence of all files: CC0-1.0. The Kemendagri code is
{KABUPATEN[0]}, the BPS code {KABUPATEN_BPS}: they differ, as they do for 166 real kabupaten.

The files are shaped as offices send them, and some are dirty on purpose. All of the dirt can be
repaired or left out with a finding, so this workspace publishes.
"""

_MEANING = """\
`repaired` is read as if it were clean, and logged; `left_out` is not used, and listed; `warned` is
used as it stands, with a finding. Rows are numbered as a spreadsheet does (header is row 1).
"""

_RULE = """\
The rule used for these answers: a desa needs a service when the indicator of 2025 is below the
norm; the desa pays for it when its budget after revision has a line of the service's activities;
it is in a programme when a programme of the kabupaten names the desa or its whole kecamatan; it is
proposed when a usulan names it. Without a value the need is unknown.
"""


def make_readme(files: Sequence[OfficeFile], truth: SampleTruth) -> str:
    """The text of the workspace's README.md."""
    parts = [
        _HEAD,
        "## Files and what must become of their rows\n",
        _files(files),
        "## Labelled dirt\n",
        _MEANING,
        _dirt(files),
        "## Units\n",
        f"{len(truth.units)} with a polygon. {NEW_UNIT.kode} {NEW_UNIT.nama} is in the code list "
        "and in tables, but has no polygon yet: where a table does not name it, it counts "
        "as a desa without data.\n",
        _units(truth),
        "## Before the split\n",
        f"{MOTHER_OF_NEW_UNIT} {truth.units[MOTHER_OF_NEW_UNIT].nama} was split in {SPLIT_YEAR}. "
        "What was measured before is the undivided desa's: both parts show it as `before_split`, "
        "neither has a value of its own.\n",
        _before_split(truth),
        "## People\n",
        f"The raster holds {truth.people_total} people: {sum(truth.people.values())} in the units "
        f"(see above) and {truth.people_afloat} on the lake and at sea, in no unit.\n",
        "## Spending, whole rupiah\n",
        _spending(truth),
        "## Nearest puskesmas from the kantor desa\n",
        "Geodesic metres on WGS 84, every pair compared.\n",
        _nearest(truth),
        "## Need and money, 2025\n",
        _RULE,
        _states(truth),
    ]
    return "\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for row in rows:
        cells = [str("" if cell is None else cell).replace("|", "\\|") for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _files(files: Sequence[OfficeFile]) -> str:
    rows: list[Sequence[object]] = []
    for file in files:
        load = file.load
        counts: Sequence[object] = ("", "", "", "", "")
        if load is not None:
            counts = (
                load.rows_read,
                load.matched,
                load.unmatched,
                load.duplicates,
                load.desa_without_data,
            )
        rows.append((f"`{file.path}`", file.about, *counts))
    return _table(
        ("file", "what", "read", "matched", "unmatched", "duplicates", "desa without data"), rows
    )


def _dirt(files: Sequence[OfficeFile]) -> str:
    return _table(
        ("file", "row", "kind", "what", "treatment", "unit"),
        (
            (f"`{dirt.file}`", dirt.row or "all", dirt.kind, dirt.detail, dirt.treatment, dirt.kode)
            for file in files
            for dirt in file.dirt
        ),
    )


def _units(truth: SampleTruth) -> str:
    return _table(
        ("Kemendagri", "BPS", "name", "kind", "kecamatan", "people (raster)"),
        (
            (unit.kode, unit.kode_bps, unit.nama, unit.jenis, unit.kecamatan, truth.people[kode])
            for kode, unit in sorted(truth.units.items())
        ),
    )


def _before_split(truth: SampleTruth) -> str:
    return _table(
        ("indicator", "year", "undivided desa"),
        (
            (name, year, f"{value:g}")
            for (kode, name, year), value in sorted(truth.before_split.items())
            if kode == MOTHER_OF_NEW_UNIT
        ),
    )


def _spending(truth: SampleTruth) -> str:
    return _table(
        ("kecamatan", "year", "original", "after revision (PAK)", "spent"),
        (
            (
                f"{kode} {KECAMATAN[kode]}",
                year,
                total.anggaran_idr,
                total.anggaran_perubahan_idr,
                total.realisasi_idr,
            )
            for (kode, year), total in sorted(truth.spending_totals.items())
        ),
    )


def _nearest(truth: SampleTruth) -> str:
    return _table(
        ("unit", "nearest", "metres"),
        (
            (f"{kode} {truth.units[kode].nama}", near.nama, f"{near.distance_m:.1f}")
            for (kode, kind), near in sorted(truth.nearest.items())
            if kind == "puskesmas"
        ),
    )


def _states(truth: SampleTruth) -> str:
    services = _table(
        ("service", "need when", "activities"),
        (
            (service.id, f"{service.indicator} < {service.norm:g}", ", ".join(service.activities))
            for service in SERVICES
        ),
    )
    counts = _table(("state", "unit × service"), sorted(Counter(truth.states.values()).items()))
    names = [service.id for service in SERVICES]
    each = _table(
        ("unit", *names),
        (
            (f"{kode} {unit.nama}", *(truth.states[kode, name] for name in names))
            for kode, unit in sorted(truth.units.items())
        ),
    )
    return "\n".join((services, counts, each))
