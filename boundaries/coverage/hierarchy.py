"""Kecamatan, kabupaten and provinsi of each desa, and their outlines as unions of the desa.

The parent is the declared one where the file declares it, else it is read off the code; where the
two differ the declaration counts and the difference is a finding (codes move on splits, parents
with them or not).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from boundaries.codes import KodeKemendagri, wilayah_names
from boundaries.coverage.repair import orient
from boundaries.findings import locations, report
from boundaries.geometry_arrays import Floats, Geometries, Geometry

NAME_FROM_CODE = report.declared_kind("boundary.name_from_code")
PARENT_MISMATCH = report.declared_kind("boundary.parent_mismatch")
NAME_MISSING = report.declared_kind("boundary.name_missing")
PARENT_NAMES = report.declared_kind("boundary.parent_names")

LEVELS = ("desa", "kecamatan", "kabupaten", "provinsi")
PARENTS = ("kecamatan", "kabupaten", "provinsi")
_PREFIX = {"kecamatan": 8, "kabupaten": 5, "provinsi": 2}
_ELLIPSOID = pyproj.Geod(ellps="WGS84")
_HECTARE_M2 = 10_000


def assign_parents(desa: pd.DataFrame, year: int) -> tuple[pd.DataFrame, list[report.Finding]]:
    """The desa with ``kode_kecamatan``, ``kode_kabupaten``, ``kode_provinsi``.

    Parameters
    ----------
    desa
        Columns ``kode`` and ``kode_kecamatan_declared`` (dotted; None where not declared).

    Findings
    --------
    boundary.parent_mismatch
        The declared kecamatan is not the one the code begins with (warning).
    """
    from_code = desa["kode"].str.slice(0, _PREFIX["kecamatan"])
    declared = desa["kode_kecamatan_declared"]
    parents = declared.where(declared.notna(), from_code)
    differs = (declared.notna() & (declared != from_code)).to_numpy()
    findings = [
        PARENT_MISMATCH.finding(
            f"Declared kecamatan {row['kode_kecamatan_declared']}, but the code belongs to "
            f"{row['kode'][: _PREFIX['kecamatan']]}; the declaration counts in {year}.",
            **locations.place_of(row),
            value=row["kode_kecamatan_declared"],
        )
        for row in locations.records_of(desa[differs])
    ]
    assigned = desa.assign(
        **{f"kode_{level}": parents.str.slice(0, _PREFIX[level]) for level in PARENTS}
    )
    return assigned, findings


def name_parents(
    desa: pd.DataFrame, names: Mapping[str, str]
) -> tuple[pd.DataFrame, list[report.Finding]]:
    """The desa with one name for each parent: from the columns, else ``names``, else its code.

    Findings
    --------
    boundary.parent_names
        One wilayah has several names in the file (note); the most frequent is used.
    boundary.name_from_code
        No name is known for some wilayah (note, one per level); they are shown by their code.
    boundary.name_missing
        A desa has no name (warning); it is shown by its code.
    """
    named = desa.copy()
    findings: list[report.Finding] = []
    for level in PARENTS:
        chosen, several = _choose_names(desa[f"kode_{level}"], desa[f"nama_{level}"])
        unknown = []
        for kode in sorted(set(desa[f"kode_{level}"]) - set(chosen)):
            if kode in names:
                chosen[kode] = names[kode]
            else:
                chosen[kode] = kode
                unknown.append(kode)
        named[f"nama_{level}"] = desa[f"kode_{level}"].map(chosen)
        findings += several
        if unknown:
            findings.append(_unnamed(level, unknown))
    nama = desa["nama"].where(desa["nama"].notna(), desa["kode"].map(names))
    findings += [
        NAME_MISSING.finding(
            "This desa has no name in the file; it is shown by its code.", **locations.place_of(row)
        )
        for row in locations.records_of(desa[nama.isna().to_numpy()])
    ]
    named["nama"] = nama.where(nama.notna(), desa["kode"])
    return named, findings


def _choose_names(
    codes: pd.Series[str], names: pd.Series[str]
) -> tuple[dict[str, str], list[report.Finding]]:
    counted: dict[str, Counter[str]] = {}
    for kode, nama in zip(codes, names, strict=True):
        if isinstance(nama, str):
            counted.setdefault(kode, Counter())[nama] += 1
    spellings = {
        kode: wilayah_names.by_frequency(counter) for kode, counter in sorted(counted.items())
    }
    chosen = {kode: texts[0] for kode, texts in spellings.items()}
    findings = [
        PARENT_NAMES.finding(
            f"{kode} is called {', '.join(repr(text) for text in texts)}; the most frequent, "
            f"'{texts[0]}', is used.",
            kode=kode,
        )
        for kode, texts in spellings.items()
        if len(texts) > 1
    ]
    return chosen, findings


def _unnamed(level: str, codes: list[str]) -> report.Finding:
    message = (
        f"{len(codes)} {level} have no name in the inputs and are shown by their code. Declare "
        f"{level}_name_column, or an official list under [[names]]."
    )
    return NAME_FROM_CODE.finding(
        message,
        value=" ".join(codes),
        measure=len(codes),
        unit=level,
    )


def build_outlines(desa: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """The frames of kecamatan, kabupaten and provinsi, each the union of the level below.

    In a valid coverage the union only drops shared borders, so outlines keep every vertex and tear
    nowhere.  A parent of which no desa is drawn has no geometry.
    """
    frames = []
    below = desa
    for position, level in enumerate(PARENTS):
        above = PARENTS[position + 1 :]
        rows = below.groupby(f"kode_{level}", sort=True)
        parents = rows[[column for name in above for column in (f"kode_{name}", f"nama_{name}")]]
        frame = parents.first() if above else pd.DataFrame(index=sorted(rows.groups))
        frame.index.name = "kode"
        frame["nama"] = rows[f"nama_{level}"].first()
        if level == "kecamatan":
            frame["sebutan"] = rows["sebutan_kecamatan"].first()
        frame["legal_status"] = rows["legal_status"].agg(_common)
        frame["valid_from"] = rows["valid_from"].max()
        frame["valid_to"] = rows["valid_to"].min()
        shapes = [_union(np.asarray(group.geometry.values)) for _, group in rows]
        frame = frame.reset_index()
        frame[f"kode_{level}"], frame[f"nama_{level}"] = frame["kode"], frame["nama"]
        below = gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)
        frames.append(below.assign(level=level))
    return frames


def _common(statuses: pd.Series[str]) -> str:
    distinct = sorted(set(statuses))
    return distinct[0] if len(distinct) == 1 else "unknown"


def _union(shapes: Geometries) -> Geometry | None:
    drawn = shapes[~shapely.is_missing(shapes)]
    if len(drawn) == 0:
        return None
    union: Geometry = orient(np.array([shapely.coverage_union_all(drawn)], dtype=object))[0]
    return union


def measure_area_ha(geometry: Geometries) -> Floats:
    """Area on the WGS84 ellipsoid in hectares, NaN where there is no geometry; shape (n,)."""
    areas = [
        np.nan if shape is None else abs(_ELLIPSOID.geometry_area_perimeter(shape)[0])
        for shape in geometry
    ]
    return np.round(np.asarray(areas, dtype=float) / _HECTARE_M2, 4)


def jenis_of(kode: str) -> str | None:
    """What the code says the place is: ``desa``, ``kelurahan`` or ``desa adat``."""
    return KodeKemendagri.parse(kode).jenis
