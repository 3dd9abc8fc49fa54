"""The numbers of one band as values: declared nodata, scale and offset, limits."""

import numpy as np

from boundaries.findings.report import Finding
from boundaries.geometry_arrays import Mask
from layers.access.terrain import stand_ins

MOST_EXACT = 1 << 24
"""Whole numbers up to this are exact as 32-bit floats."""


def clean_band(
    band: stand_ins.Numbers, is_valid: Mask | None, content: stand_ins.Content
) -> tuple[stand_ins.Values, tuple[Finding, ...]]:
    """Values of a band, NaN where there is none.

    Parameters
    ----------
    is_valid
        Of the masks of the file; null: it has none.

    Findings
    --------
    raster.nodata_outside
        The declared nodata is no number of the file's type (warning).
    raster.undeclared_nodata, raster.nodata_suspected, raster.negative, raster.out_of_range,
    raster.empty
        See `read_raster`.
    """
    values, nodata, scaling = _as_floats(band), content.nodata, content.scaling
    findings: list[Finding] = []
    if is_valid is not None:
        values[~is_valid] = np.nan
    values[_find_nodata(band, nodata, scaling)] = np.nan
    if nodata is not None and not _can_hold(band, nodata):
        message = (
            f"The declared nodata {nodata:g} is no number that {band.dtype} can hold, so no cell "
            "has it; cells without data may hold 0 or the end of the type. Declare the right one."
        )
        findings.append(
            stand_ins.make_finding(
                "raster.nodata_outside", content.label, message, value=f"{nodata:g}"
            )
        )
    findings += stand_ins.blank_huge(band, values, content)
    findings += stand_ins.blank_undeclared(
        values, find_type_ends(band), band.dtype.itemsize, content
    )
    values[np.isinf(values)] = np.nan
    if not scaling.is_plain:
        np.multiply(values, scaling.scale, out=values, dtype=np.float64, casting="unsafe")
        np.add(values, scaling.offset, out=values, dtype=np.float64, casting="unsafe")
    findings += _cut_off(values, content)
    if not np.isfinite(values).any():
        findings.append(
            stand_ins.make_finding(
                "raster.empty", content.label, "No cell of the raster has a value here."
            )
        )
    return values, tuple(findings)


def _cut_off(values: stand_ins.Values, content: stand_ins.Content) -> list[Finding]:
    """Values beyond the limits become none."""
    lowest, highest = content.kind.limits
    beyond = (values < lowest) | (values > highest)
    if not beyond.any():
        return []
    code, what = "raster.negative", "Negative cells"
    if lowest < 0:
        code, what = "raster.out_of_range", f"Cells below {lowest:g} or above {highest:g}"
    share = stand_ins.describe_share(beyond)
    message = f"{what} ({share}) are taken as empty; is nodata declared rightly?"
    finding = stand_ins.count_cells(code, content.label, message, beyond)
    values[beyond] = np.nan
    return [finding]


def _as_floats(band: stand_ins.Numbers) -> stand_ins.Values:
    """The numbers as floats that hold them exactly, of 32 bits where those do."""
    if band.dtype == np.float64:
        return band.astype(np.float64)
    is_long = np.issubdtype(band.dtype, np.integer) and band.dtype.itemsize > 2 and band.size
    if is_long and max(abs(int(band.min())), abs(int(band.max()))) > MOST_EXACT:
        return band.astype(np.float64)
    return band.astype(np.float32)


def find_type_ends(band: stand_ins.Numbers) -> tuple[int, int] | None:
    """Least and largest number of an integer type; null for floats."""
    if not np.issubdtype(band.dtype, np.integer):
        return None
    ends = np.iinfo(band.dtype.name)
    return int(ends.min), int(ends.max)


def _can_hold(band: stand_ins.Numbers, number: float) -> bool:
    ends = find_type_ends(band)
    return ends is None or (float(number).is_integer() and ends[0] <= number <= ends[1])


def _find_nodata(band: stand_ins.Numbers, nodata: float | None, scaling: stand_ins.Scaling) -> Mask:
    """Cells with the declared nodata, also where it was rounded to 32 bits on its way.

    A number that the type of the file cannot hold is looked for among the scaled values: some
    programs declare it there.
    """
    if nodata is None or np.isnan(nodata):
        return np.zeros(band.shape, bool)
    if not _can_hold(band, nodata):
        if scaling.is_plain:
            return np.zeros(band.shape, bool)
        scaled = band * scaling.scale + scaling.offset
        return np.asarray(np.isclose(scaled, nodata, rtol=1e-7, atol=0), bool)
    if np.issubdtype(band.dtype, np.integer):
        return np.asarray(band == int(nodata), bool)
    with np.errstate(over="ignore"):
        same = band == np.asarray(nodata, band.dtype)
        if band.dtype == np.float64 and nodata != 0:
            same |= band.astype(np.float32) == np.float32(nodata)
    return np.asarray(same, bool)
