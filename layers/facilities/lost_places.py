"""Places that a list names and nobody can place, and the desa that it says nothing of.

Their desa is that of the code in the row, else of the names in its columns of kecamatan and desa,
whether declared or not: a name serves here only to say where a place may be, never to join.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.codes import wilayah_names
from boundaries.findings import report
from boundaries.findings.accepted import Acceptance, is_accepted
from layers.access.straight.unknown_places import UnknownPlace
from layers.errors import InputError
from layers.facilities import checks, codes
from layers.facilities.rows import FacilityRows
from layers.tables.rows import row_places, row_records
from layers.workspace.sections import FacilitySection

_TEXTS = ("nama", "identity", "code")
MOST_OF_KECAMATAN = 0.5
"""A list that has places in no more than this share of the kecamatan may be of a part."""
_NO_PLACE = re.compile(
    r"(?:sumber|catatan|keterangan|ket|mengetahui|kepala (?:dinas|badan|bidang|seksi|bagian)|bupati"
    r"|camat|nip|dicetak|diunduh|\*+)\b.*|\W*|[^\d,]+, \d{1,2} [a-z]+ \d{4}",
    re.IGNORECASE,
)
"""What stands below a list: where it is from, and who signed it, where and when."""
LEAST_KECAMATAN, LEAST_EACH = 4, 2
"""It is asked only in areas of so many kecamatan, and where those it has hold so many each."""


def find_lost(
    kinded: pd.DataFrame,
    placed: pd.DataFrame,
    rows: FacilityRows,
    section: FacilitySection,
    index: row_places.Places,
    aids: row_records.Aids,
    log: checks.RowFindings,
    accepted: Sequence[Acceptance],
) -> tuple[UnknownPlace, ...]:
    """The rows of a known kind whose position is not, each with the desa it may lie in.

    Not totals and what stands below a list, not those of an id that another row places, and not
    those whose finding the workspace accepts.

    Parameters
    ----------
    kinded, placed
        Rows whose kind is known, and those of them whose position is.
    """
    lost = kinded[~kinded["at"].isin(placed["at"])]
    texts = zip(*(lost[column] for column in _TEXTS), strict=True)
    lost = lost[np.array([_names_place(*cells) for cells in texts], dtype=bool)]
    is_again = lost["identity"].isin(set(placed["identity"]) - {""})
    lost = lost[~is_again & (lost["kind"] != checks.KANTOR_DESA)]
    known = {
        finding.row
        for finding in log.findings
        if finding.code.startswith("facility.") and is_accepted(finding, accepted)
    }
    lost = lost[~lost["row"].isin(known)]
    if lost.empty:
        return ()
    unheard = checks.RowFindings(section.path)
    coded = codes.add_declared(lost, rows, section, index, aids, unheard)
    return tuple(
        UnknownPlace(kind, _find_desa(kode, *_words(rows, at), index), section.path, int(row))
        for kind, kode, at, row in coded[["kind", "kode_desa_declared", "at", "row"]].itertuples(
            index=False
        )
    )


def _names_place(name: str, identity: str, code: str) -> bool:
    """Whether a row is of a place, and no total or line below the list."""
    text = name or identity
    if row_records.TOTAL_WORDS.fullmatch(text) or _NO_PLACE.fullmatch(text):
        return not text and bool(code)
    return True


def _words(rows: FacilityRows, at: int) -> tuple[str, str]:
    kecamatan, desa = rows.areas
    return kecamatan[at] if kecamatan else "", desa[at] if desa else ""


def _find_desa(
    kode: str | None, kecamatan: str, desa: str, index: row_places.Places
) -> frozenset[str] | None:
    """The desa that a row may be of; null: any."""
    if isinstance(kode, str):
        return frozenset({kode})
    if "nama_kecamatan" not in index.frame:
        return None
    key = wilayah_names.normalise_name(kecamatan) if kecamatan else ""
    codes_of = index.kecamatan_by_name.get(key, set()) if key else set()
    if not codes_of:
        return None
    named = wilayah_names.normalise_name(desa) if desa else ""
    exact = [code for kec in codes_of for code in index.names_in.get(kec, {}).get(named, [])]
    if named and exact:
        return frozenset(exact)
    inside = index.frame["kode_kecamatan"].isin(codes_of)
    return frozenset(map(str, index.frame.loc[inside, "kode"]))


def list_uncovered(section: FacilitySection, desa: pd.DataFrame) -> frozenset[str]:
    """Codes of the desa of which the list says nothing: outside what ``covers`` names.

    Raises
    ------
    InputError
        A code of ``covers`` is none of the loaded area.
    """
    if not section.covers:
        return frozenset()
    is_covered = pd.Series(data=False, index=desa.index)
    for prefix in section.covers:
        inside = desa["kode"].astype(str).str.startswith(prefix)
        for column in ("kode_kecamatan", "kode_kabupaten"):
            inside |= desa[column] == prefix
        if not inside.any():
            raise InputError(
                f"facilities.{section.id}: covers names {prefix!r}, and no loaded desa lies there."
            )
        is_covered |= inside
    return frozenset(desa.loc[~is_covered, "kode"])


def ask_cover(
    facilities: gpd.GeoDataFrame,
    section: FacilitySection,
    desa: gpd.GeoDataFrame,
    log: checks.RowFindings,
) -> None:
    """Whether a list with places in few kecamatan is a list of these only.

    Findings
    --------
    facility.few_kecamatan
        For each kind (warning, with the count of kecamatan without any); used as a list of all.
    """
    total = desa["kode_kecamatan"].nunique()
    if section.covers or total < LEAST_KECAMATAN:
        return
    parent = dict(zip(desa["kode"], desa["kode_kecamatan"], strict=True))
    for kind, group in facilities.groupby("kind", sort=True):
        here = group["kode_desa_letak"].map(parent).dropna()
        met = sorted(set(here))
        if not met or len(met) > MOST_OF_KECAMATAN * total or len(here) < LEAST_EACH * len(met):
            continue
        listed = ", ".join(f'"{kode}"' for kode in met[:3]) + (", …" if len(met) > 3 else "")
        message = (
            f"The {len(here)} places of kind {kind!r} lie in {len(met)} of {total} kecamatan: is "
            f"the list of these only? Then declare covers = [{listed}], and distances elsewhere "
            "are no data. Until then it counts as a list of all."
        )
        log.add(
            "facility.few_kecamatan",
            report.Severity.WARNING,
            message,
            int(group["row"].min()),
            value=str(kind),
            measure=float(total - len(met)),
            unit="kecamatan",
        )


def list_unlisted(
    uncovered: Mapping[str, frozenset[str]], kinds_of: Mapping[str, Collection[str]]
) -> list[UnknownPlace]:
    """A place of each kind that may be where none of its lists says anything.

    Parameters
    ----------
    uncovered, kinds_of
        By list: the desa of which it says nothing, and the kinds that it may have.
    """
    places = []
    for kind in sorted({kind for kinds in kinds_of.values() for kind in kinds}):
        unsaid = [uncovered[name] for name, kinds in kinds_of.items() if kind in kinds]
        rest = frozenset.intersection(*unsaid)
        if rest and kind != checks.KANTOR_DESA:
            places.append(UnknownPlace(kind, rest))
    return places
