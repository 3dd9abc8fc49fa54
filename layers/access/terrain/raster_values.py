"""The numbers of one band as values: what stands for nothing, scale and offset, limits."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from boundaries.findings.report import Finding, Severity
from layers.access.terrain.raster_kinds import NOT_NEGATIVE, Limits

Numbers = NDArray[np.number]
Values = NDArray[np.float32] | NDArray[np.float64]
Bools = NDArray[np.bool_]
HUGE = 1e30
"""Floats beyond this stand for nothing, such as -3.4e38."""
STAND_INS = (9999.0, 32767.0, 65535.0, 99999.0, 999999.0, 2147483647.0, 1e20)
"""Numbers that often stand for nothing: one that is `FAR_ABOVE` times all others does."""
FAR_ABOVE = 10.0
MOST_EXACT = 1 << 24
"""Whole numbers up to this are exact as 32-bit floats."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How the numbers of a band become values: ``number * scale + offset``."""

    scale: float = 1.0
    offset: float = 0.0

    @property
    def is_plain(self) -> bool:
        """The numbers are the values."""
        return self.scale == 1.0 and self.offset == 0.0

    @property
    def is_usable(self) -> bool:
        """Values differ where numbers do."""
        return bool(np.isfinite([self.scale, self.offset]).all()) and self.scale != 0.0


def clean_band(
    band: Numbers,
    is_valid: Bools | None,
    nodata: float | None,
    scaling: Scaling,
    limits: Limits,
    label: str,
) -> tuple[Values, tuple[Finding, ...]]:
    """Values of a band, NaN where there is none.

    Parameters
    ----------
    is_valid
        Of the masks of the file; null: it has none.
    nodata
        In numbers of the file, before scale and offset, as GDAL has it.
    limits
        Lowest and highest value, after scale and offset.

    Findings
    --------
    raster.nodata_outside
        The declared nodata is no number of the file's type (warning).
    raster.undeclared_nodata, raster.negative, raster.out_of_range, raster.empty
        See `read_raster`.
    """
    values = _as_floats(band)
    findings: list[Finding] = []
    if is_valid is not None:
        values[~is_valid] = np.nan
    values[_find_nodata(band, nodata, scaling)] = np.nan
    if nodata is not None and not _can_hold(band, nodata):
        message = (
            f"The declared nodata {nodata:g} is no number that {band.dtype} can hold, so no cell "
            "has it; cells without data may hold 0 or the end of the type. Declare the right one."
        )
        findings.append(make_finding("raster.nodata_outside", label, message, value=f"{nodata:g}"))
    stand_in = _find_ends(band, values) | _find_stand_in(values)
    if stand_in.any():
        message = (
            "Cells hold a number that only stands for nothing; declare nodata. Taken as empty."
        )
        findings.append(_count("raster.undeclared_nodata", label, message, stand_in))
        values[stand_in] = np.nan
    values[np.isinf(values)] = np.nan
    if not scaling.is_plain:
        np.multiply(values, scaling.scale, out=values, dtype=np.float64, casting="unsafe")
        np.add(values, scaling.offset, out=values, dtype=np.float64, casting="unsafe")
    findings += _cut_off(values, limits, label)
    if not np.isfinite(values).any():
        findings.append(
            make_finding("raster.empty", label, "No cell of the raster has a value here.")
        )
    return values, tuple(findings)


def make_finding(code: str, label: str, message: str, value: str | None = None) -> Finding:
    """A warning about a raster."""
    return Finding(code, Severity.WARNING, message, file=label, value=value)


def _count(code: str, label: str, message: str, cells: Bools) -> Finding:
    return replace(make_finding(code, label, message), measure=float(cells.sum()), unit="cells")


def _cut_off(values: Values, limits: Limits, label: str) -> list[Finding]:
    """Values beyond the limits become none."""
    beyond = (values < limits[0]) | (values > limits[1])
    if not beyond.any():
        return []
    code, what = "raster.negative", "Negative cells"
    if limits != NOT_NEGATIVE:
        code, what = "raster.out_of_range", "Cells below {:g} or above {:g}".format(*limits)
    message = f"{what} are taken as empty; is nodata declared rightly?"
    finding = _count(code, label, message, beyond)
    values[beyond] = np.nan
    return [finding]


def _as_floats(band: Numbers) -> Values:
    """The numbers as floats that hold them exactly, of 32 bits where those do."""
    if band.dtype == np.float64:
        return band.astype(np.float64)
    is_long = np.issubdtype(band.dtype, np.integer) and band.dtype.itemsize > 2 and band.size
    if is_long and max(abs(int(band.min())), abs(int(band.max()))) > MOST_EXACT:
        return band.astype(np.float64)
    return band.astype(np.float32)


def _find_type_ends(band: Numbers) -> tuple[int, int] | None:
    """Least and largest number of an integer type; null for floats."""
    if not np.issubdtype(band.dtype, np.integer):
        return None
    ends = np.iinfo(band.dtype.name)
    return int(ends.min), int(ends.max)


def _can_hold(band: Numbers, number: float) -> bool:
    ends = _find_type_ends(band)
    return ends is None or (float(number).is_integer() and ends[0] <= number <= ends[1])


def _find_nodata(band: Numbers, nodata: float | None, scaling: Scaling) -> Bools:
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


def _find_stand_in(values: Values) -> Bools:
    """One of `STAND_INS`, far above all other numbers."""
    is_known = np.isfinite(values)
    top = values.max(where=is_known, initial=-np.inf)
    if float(top) not in STAND_INS:
        return np.zeros(values.shape, bool)
    highest: Bools = is_known & (values == top)
    next_lower = values.max(where=is_known & ~highest, initial=0.0)
    return highest & (float(top) > FAR_ABOVE * float(next_lower))


def _find_ends(band: Numbers, values: Values) -> Bools:
    """The end of the type; of a byte it may well be a value."""
    is_known = np.isfinite(values)
    ends = _find_type_ends(band)
    if ends is None:
        return np.asarray(is_known & (np.abs(values) > HUGE), bool)
    if band.dtype.itemsize == 1:
        return np.zeros(band.shape, bool)
    is_end = (band == ends[1]) | ((band == ends[0]) & (band < 0))
    return np.asarray(is_known & is_end, bool)
