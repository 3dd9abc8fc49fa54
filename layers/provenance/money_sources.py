"""The budget lines behind each spending value."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import pandas as pd

from layers.columns import assemble, catalogue
from layers.provenance.lineage import NO_USES, Lineage, Sources, Strand, make_uses
from layers.provenance.place_sources import histories, to_places
from layers.synchronisation.needs import latest_year
from layers.tables.rows.carried import CarriedLines
from layers.tables.spending import earmarks, line_sums
from layers.workspace.sections import Workspace

PEOPLE = "penduduk_jiwa"
"""The indicator that counts registered people."""


def trace_spending(
    sources: Sources,
    fields: Sequence[catalogue.FieldDefinition],
    lines: pd.DataFrame,
    carried: Mapping[int, pd.DataFrame],
    people: Mapping[int, pd.DataFrame],
) -> tuple[Strand, ...]:
    """The uses of every spending field and year of the layer ``spending``.

    A sum over activities or sources of funds is of the lines that are in it; where a desa has
    none of them, zero is what all its lines together say.

    Parameters
    ----------
    lines
        ``kode, tahun, kegiatan, sumber, realisasi_idr, input, row``, under the codes of today.
    carried
        By year, the uses of a history for desa that have lines of former codes.
    people
        By year, the uses of the people by whom a budget is divided.
    """
    strands = []
    for tahun in sorted({int(year) for year in lines["tahun"].dropna()}):
        of_year = lines[lines["tahun"] == tahun]
        # Fields made of the same lines share a strand.
        same: dict[tuple[bytes, bool], list[str]] = {}
        chosen: dict[tuple[bytes, bool], pd.DataFrame] = {}
        for field in fields:
            lines_of_field = choose_lines(field, of_year)
            digest = blake2b(lines_of_field.index.to_numpy("int64").tobytes()).digest()
            chosen[digest, field.per_person] = lines_of_field
            same.setdefault((digest, field.per_person), []).append(field.name)
        for key, names in same.items():
            counted = people.get(tahun, NO_USES) if key[1] else NO_USES
            history = carried.get(tahun, NO_USES)
            uses = [use_lines(chosen[key]), history, counted]
            strands.append(sources.trace("spending", names, tahun, uses))
    return tuple(strands)


def choose_lines(field: catalogue.FieldDefinition, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a year that a field is made of."""
    if field.name in earmarks.RULE_FIELDS:
        return lines[earmarks.is_dana_desa(lines["sumber"])]
    if field.name == "realisasi_idr":
        return lines[lines["realisasi_idr"].notna()]
    if not (field.activities or field.sources):
        return lines
    in_sum = line_sums.is_chosen(lines, field)
    has_some = lines["kode"].isin(set(lines.loc[in_sum, "kode"]))
    return lines[in_sum | ~has_some]


def trace_registered(lineage: Lineage, settled: pd.DataFrame, tahun: int) -> pd.DataFrame:
    """Uses of the registered people of each desa that has them, in the year that counts."""
    year = latest_year(settled, PEOPLE, tahun)
    if year is None:
        return NO_USES
    rows = settled[(settled["indikator"] == PEOPLE) & (settled["tahun"] == year)]
    uses = lineage.uses_of("desa", PEOPLE, year)
    uses = uses[uses["place"].isin(to_places(rows.loc[rows["status"] == "ok", "kode"]))]
    return uses.assign(role=uses["role"].mask(uses["role"] == "value", "people"))


def trace_moved(workspace: Workspace, carried: CarriedLines) -> dict[int, pd.DataFrame]:
    """By year, uses of the history for desa whose lines were under former codes."""
    moved = sorted({(tahun, heir) for (kode, tahun), heir in carried.heirs.items() if kode != heir})
    uses: dict[int, list[pd.DataFrame]] = {}
    for tahun, heir in moved:
        place = assemble.kode_to_fid(pd.Series([heir]))
        uses.setdefault(tahun, []).extend(
            make_uses(place, "history", name) for name in histories(workspace)
        )
    return {tahun: pd.concat(parts, ignore_index=True) for tahun, parts in uses.items() if parts}


def use_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Budget lines as uses of their desa."""
    places = to_places(lines["kode"])
    return make_uses(places, "budget", lines["input"].to_numpy(), lines["row"].to_numpy())
