"""Where a planned activity is: a desa, a kecamatan, the kabupaten, or only words.

Plans name their place in many ways.  What is told most exactly counts, and a row whose code or
point leads nowhere is not placed by its words instead: two statements that contradict each other
are a fault to mend, not a choice to make.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from boundaries.codes import CodeSystem, wilayah_names
from boundaries.findings import locations, report
from boundaries.matching.matching import NameIndex, match_names
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.cell_texts import cell_text
from layers.tables.plans.plan_codes import PlanCells, PlanPlaces, place_coded_plans
from layers.tables.rows import row_places, row_records

KECAMATAN_UNKNOWN = declared_kind("plan.kecamatan_unknown")
PLACE_IS_TEXT = declared_kind("plan.place_is_text")
MATCHED_BY_NAME = declared_kind("table.matched_by_name")
WHOLE_AREA = declared_kind("plan.whole_area")

_ALL = ("SEMUA", "SELURUH", "SEKABUPATEN")
"""How a column of kecamatan says that all are meant."""


def place_plans(
    cells: PlanCells, system: CodeSystem | None, places: row_places.Places, aids: row_records.Aids
) -> PlanPlaces:
    """The place of each row: by its code, else its point, else its names, else its words.

    A kecamatan alone (code or name) means the whole kecamatan; with further words that are no desa
    it is only known to be somewhere in it.

    Findings
    --------
    plan.place_is_text
        The place is words (warning): attached to the kecamatan or kabupaten that holds it, and to
        no desa.
    plan.kecamatan_unknown
        The row names a kecamatan that the boundaries do not have, or have twice (warning):
        attached to no area.
    plan.whole_area
        How many rows are of a whole kecamatan or kabupaten (note).
    plan.position
        The point in the row is no position (warning); not used where it has no code.
    plan.outside
        The position lies in no loaded desa (warning); not used.
    table.matched_by_name
        How many rows were placed by equal names (note).
    table.code_late, table.code_ended
        A row that uses a former code: read as the wilayah of today that holds all of it (note), or
        not used after a split (warning).
    table.name_contradicts
        The words beside the code are the name of another desa of the kecamatan, or of another
        kecamatan; or they are a desa of another kecamatan than the code (warning); not used unless
        decided.
    And those of `layers.tables.rows.by_code.place_by_code`.
    """
    count = len(cells.rows)
    placed = PlanPlaces([None] * count, [None] * count)
    filled = [row for row in range(count) if cell_text(cells.code[row])]
    if filled and system is not None:
        place_coded_plans(cells, filled, system, places, aids, placed)
    rest = [row for row in range(count) if row not in set(filled)]
    pointed = [row for row in rest if cells.desa[row] is not None]
    for row in pointed:
        if row in cells.positionless:
            placed.reasons[row] = cells.positionless[row]
        else:
            _by_point(row, cells.desa[row], places, placed)
    _by_words(cells, [row for row in rest if row not in set(pointed)], places, aids, placed)
    placed.findings += _area_notes(cells, placed)
    placed.findings += [
        declared_kind(why.code).finding(
            why.message, cells.file, cells.rows[row], value=why.value, severity=why.severity
        )
        for row, why in cells.positionless.items()
        if row in set(filled)
    ]
    return placed


def _by_point(row: int, desa: int | None, places: row_places.Places, placed: PlanPlaces) -> None:
    if desa is not None and desa >= 0:
        placed.put(row, "desa", str(places.kode[desa]))
    else:
        placed.reasons[row] = row_places.Reason(
            "plan.outside", "The point lies in no loaded desa.", ""
        )


def _by_words(
    cells: PlanCells,
    rest: Sequence[int],
    places: row_places.Places,
    aids: row_records.Aids,
    placed: PlanPlaces,
) -> None:
    kecamatan = _kecamatan_by_name(places)
    named = [row for row in rest if cell_text(cells.kecamatan[row]) and cell_text(cells.place[row])]
    matches = match_names(
        [cells.kecamatan[row] for row in named],
        [cells.place[row] for row in named],
        NameIndex(places.frame),
        decisions=aids.decisions,
    )
    # Most words are no desa at all; only what resembles one is worth a person's decision.
    placed.proposals += [proposal for proposal in matches.proposals if proposal.kode is not None]
    codes = dict(zip(named, matches.codes, strict=True))
    kabupaten = sorted(set(places.frame["kode_kabupaten"]))
    whole = kabupaten[0] if len(kabupaten) == 1 else None
    by_name = 0
    for row in rest:
        area, words = cell_text(cells.kecamatan[row]), cell_text(cells.place[row])
        parent = kecamatan.get(wilayah_names.normalise_name(area)) if area else None
        if codes.get(row):
            placed.put(row, "desa", codes[row])
            by_name += 1
        elif parent and not words:
            placed.put(row, "kecamatan", parent)
            by_name += 1
        elif area and parent is None and not _is_whole(area, places):
            placed.put(row, "text", None)
            placed.findings.append(_unknown_kecamatan(cells, row, area, places))
        elif area or words:
            placed.put(row, "text", parent or whole)
            placed.findings.append(_words_finding(cells, row, words or area, parent or whole))
        else:
            placed.reasons[row] = row_places.Reason("plan.no_place", "The row says no place.", "")
    if by_name:
        message = f"{by_name} rows without code were placed by equal names."
        placed.findings.append(MATCHED_BY_NAME.finding(message, cells.file, measure=by_name))


def _kecamatan_by_name(places: row_places.Places) -> Mapping[str, str]:
    """Code by normalised name, for names that only one kecamatan bears."""
    pairs = places.frame[["nama_kecamatan", "kode_kecamatan"]].drop_duplicates()
    codes: dict[str, set[str]] = {}
    for name, kode in pairs.itertuples(index=False):
        codes.setdefault(wilayah_names.normalise_name(str(name)), set()).add(str(kode))
    return {name: next(iter(homonyms)) for name, homonyms in codes.items() if len(homonyms) == 1}


def _is_whole(area: str, places: row_places.Places) -> bool:
    """Whether the words for a kecamatan name the kabupaten itself, or all of it."""
    kabupaten = {
        wilayah_names.normalise_name(str(name)) for name in set(places.frame["nama_kabupaten"])
    }
    return wilayah_names.normalise_name(area) in kabupaten or wilayah_names.normalise_name(
        area
    ).startswith(_ALL)


def _unknown_kecamatan(
    cells: PlanCells, row: int, area: str, places: row_places.Places
) -> report.Finding:
    names = [str(name) for name in sorted(set(places.frame["nama_kecamatan"].dropna()))]
    keys = {wilayah_names.normalise_name(name) for name in names}
    if wilayah_names.normalise_name(area) in keys:
        message = f"Several kecamatan are called '{area}'; attached to none. Give the code."
    else:
        message = (
            f"There is no kecamatan '{area}' in the boundaries; attached to no area."
            f"{locations.hint_word(area, names)} Correct the name or give a code."
        )
    return KECAMATAN_UNKNOWN.finding(
        message,
        cells.file,
        cells.rows[row],
        value=area,
    )


def _words_finding(cells: PlanCells, row: int, words: str, kode: str | None) -> report.Finding:
    where = f"attached to {kode} as a whole" if kode else "attached to no area"
    message = f"The place is words only; {where} and to no desa. Give a code, a point or a name."
    return PLACE_IS_TEXT.finding(
        message,
        cells.file,
        cells.rows[row],
        kode=kode,
        value=words,
    )


def _area_notes(cells: PlanCells, placed: PlanPlaces) -> list[report.Finding]:
    levels: npt.NDArray[np.object_] = np.array(placed.level, dtype=object)
    findings = []
    for level in ("kecamatan", "kabupaten"):
        rows = [cells.rows[row] for row in np.flatnonzero(levels == level).tolist()]
        if rows:
            message = f"{len(rows)} rows are of a whole {level}: rows {', '.join(map(str, rows))}."
            findings.append(
                WHOLE_AREA.finding(
                    message,
                    cells.file,
                    rows[0],
                    measure=len(rows),
                    rows=rows,
                )
            )
    return findings
