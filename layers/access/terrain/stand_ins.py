"""Numbers that stand for nothing although nobody declares them: 255, 32767, a frame of 0."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from boundaries.findings.report import Finding, Severity
from boundaries.geometry_arrays import Mask
from layers.access.terrain.raster_kinds import RasterKind
from layers.finding_words.finding_kinds import declared_kind

Numbers = NDArray[np.number]
Values = NDArray[np.float32] | NDArray[np.float64]
HUGE = 1e30
"""Floats beyond this stand for nothing, such as -3.4e38."""
EXACT_BELOW = 1e16
"""Whole numbers below it are written with all their digits."""
STAND_INS = frozenset(
    (127.0, 255.0, 9999.0, 32767.0, 65535.0, 99999.0, 999999.0, 2147483647.0, 4294967295.0, 1e20)
) | frozenset((-99.0, -999.0, -9999.0, -32767.0, -32768.0, -99999.0, -2147483648.0, -1e20))
"""Numbers that often stand for nothing: the highest or lowest of a band, where it is `FAR_ABOVE`
times all others, lies in areas as a sea does, or cannot be."""
FAR_ABOVE, FAR_ABOVE_BYTES = 10.0, 2.0
"""Times the next lower number: of a stand-in, and of the last number of a byte, which has little
room to be far above."""
LEAST_DISTINCT, LEAST_DISTINCT_BELOW = 9999.0, -999.0
"""Stand-ins from here on, up and down, are seldom a value."""
LEAST_AREA = 0.01
"""Of all cells: a number that fills so many, most of them amid their like, lies in areas."""
LEAST_FRAMED = 0.5
"""Of the outermost cells: more of one number make it a frame, as do all four corners."""
LEAST_INSIDE = 16
"""Cells within a frame; fewer are a detail of the landscape."""


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

    def apply(self, number: float) -> float:
        """The value of one number."""
        return number * self.scale + self.offset


@dataclass(frozen=True, slots=True)
class Content:
    """What the cells of a band should hold.

    Parameters
    ----------
    nodata
        In numbers of the file, before scale and offset, as GDAL has it; null: none declared.
    cell_km2
        Area of one cell.
    legend
        Numbers that are declared as codes: none of them stands for nothing.
    """

    label: str
    kind: RasterKind
    scaling: Scaling
    nodata: float | None
    cell_km2: float
    legend: Collection[float] = ()

    def is_possible(self, number: float) -> bool:
        """Whether a cell can have what the number means."""
        return self.kind.is_possible(self.scaling.apply(number), self.cell_km2)


def make_finding(code: str, label: str, message: str, value: str | None = None) -> Finding:
    """A warning about a raster."""
    return declared_kind(code).finding(
        message,
        file=label,
        value=value,
        severity=Severity.WARNING,
    )


def count_cells(
    code: str, label: str, message: str, cells: Mask, value: str | None = None
) -> Finding:
    """A warning about cells, with their number."""
    finding = make_finding(code, label, message, value)
    return replace(finding, measure=float(cells.sum()), unit="cells")


def describe_share(cells: Mask) -> str:
    """The share of cells of the part of the raster that is read, in words."""
    share = 100 * float(cells.mean())
    return f"{share:.1f} % of all" if share >= 0.1 else "under 0.1 % of all"


def blank_huge(band: Numbers, values: Values, content: Content) -> list[Finding]:
    """Floats that are no measure of anything, infinite ones among them."""
    if np.issubdtype(band.dtype, np.integer):
        return []
    with np.errstate(invalid="ignore"):
        huge: Mask = np.abs(values) > HUGE
    if not huge.any():
        return []
    message = f"Cells ({describe_share(huge)}) hold a number that only stands for nothing; taken "
    message += "as empty. Declare nodata."
    finding = count_cells("raster.undeclared_nodata", content.label, message, huge)
    values[huge] = np.nan
    return [finding]


def blank_undeclared(
    values: Values, ends: tuple[int, int] | None, itemsize: int, content: Content
) -> list[Finding]:
    """Numbers that stand for nothing although nobody declares it become none.

    Asked are the highest and the lowest number, the commonest of the outermost cells, and 0 where
    it can be no value; then those that are the highest and so on without these.
    """
    findings: list[Finding] = []
    type_ends = set(map(float, ends or ())) - {0.0}
    often = STAND_INS | type_ends
    examined = {float(code) for code in content.legend}
    while suspects := _list_suspects(values, content) - examined:
        # A frame is seen once the numbers that often stand for nothing are out of the way.
        number = max(suspects, key=lambda suspect: (suspect in often, suspect))
        examined.add(number)
        is_end = number in type_ends
        cells = np.asarray(values == number, bool)
        reason = _judge(number, cells, values, itemsize if is_end else None, content)
        if reason is None and not is_end:
            continue
        written = write_exactly(number)
        share = f"Cells ({describe_share(cells)}) hold {written}, "
        declare = f"declare nodata = {written} under [{content.kind.section}]."
        if reason is not None:
            message = f"{share}{reason}; taken as empty. Do {declare}"
            code, values[cells] = "raster.undeclared_nodata", np.nan
        else:
            message = f"{share}the last number of the file's type; read as a value. If it stands "
            message += f"for cells without data, {declare}"
            code = "raster.nodata_suspected"
        findings.append(count_cells(code, content.label, message, cells, written))
    return findings


def write_exactly(number: float) -> str:
    """The number as it can be declared: all digits, for it is compared with the cells.

    >>> write_exactly(-2147483648.0), write_exactly(0.5), write_exactly(1e20)
    ('-2147483648', '0.5', '1e+20')
    """
    is_short = float(number).is_integer() and abs(number) < EXACT_BELOW
    return f"{number:.0f}" if is_short else f"{number:.9g}"


def _list_suspects(values: Values, content: Content) -> set[float]:
    """The numbers that are worth a look as the band is now."""
    top, bottom = float(np.fmax.reduce(values, None)), float(np.fmin.reduce(values, None))
    suspects = {top, bottom} if np.isfinite([top, bottom]).all() else set()
    if not content.kind.is_zero_possible and bottom <= 0 <= top and (values == 0).any():
        suspects.add(0.0)
    framing = None if content.kind.is_coded else _find_framing(values)
    return suspects if framing is None else suspects | {framing}


def _judge(
    number: float, cells: Mask, values: Values, end_bytes: int | None, content: Content
) -> str | None:
    """Why the number stands for nothing; null where it may be a value.

    Parameters
    ----------
    end_bytes
        Bytes of the type of which it is the last number; null where it is not.
    """
    is_stand_in = end_bytes is not None or number in STAND_INS
    if number == 0 and not content.kind.is_zero_possible:
        return f"which is no {content.kind.unit}"
    if is_stand_in and content.legend:
        return f"which is in no class of [{content.kind.section}.classes]"
    if is_stand_in and not content.is_possible(number):
        return f"which cannot be ({content.kind.unit or 'a code'})"
    if end_bytes is not None and end_bytes > 1:
        return "the last number of the file's type"
    if is_stand_in and _is_far_away(number, cells, values, end_bytes):
        return "far from all other numbers, as what stands for nothing"
    if content.kind.is_coded:
        return None
    if is_stand_in and (_find_framing(values) == number or _lies_in_areas(cells)):
        return "in areas of nothing else, as a sea or a frame without data"
    return _judge_frame(number, cells, values, content)


def _is_far_away(number: float, cells: Mask, values: Values, end_bytes: int | None) -> bool:
    """Far above all other numbers; of a signed byte also far below.

    Small numbers (127 and 255 beyond bytes) may well be one crowded cell: they must fill many.
    """
    is_small = LEAST_DISTINCT_BELOW < number < LEAST_DISTINCT
    if end_bytes is None and is_small and float(cells.mean()) < LEAST_AREA:
        return False
    factor = FAR_ABOVE if end_bytes is None else FAR_ABOVE_BYTES
    is_other = np.isfinite(values) & ~cells
    if number < 0:
        return number < factor * min(float(values.min(where=is_other, initial=0.0)), 0.0)
    return number > factor * max(float(values.max(where=is_other, initial=0.0)), 0.0)


def _lies_in_areas(cells: Mask) -> bool:
    """Many cells, most of them with their like on all four sides."""
    if float(cells.mean()) < LEAST_AREA:
        return False
    inner = cells[1:-1, 1:-1] & cells[:-2, 1:-1] & cells[2:, 1:-1]
    inner = inner & cells[1:-1, :-2] & cells[1:-1, 2:]
    return int(inner.sum()) * 2 > int(cells.sum())


def _find_framing(values: Values) -> float | None:
    """The number of all four corners, else of over half of the outermost cells; null without."""
    if min(values.shape) < 3:
        return None
    corners = values[[0, 0, -1, -1], [0, -1, 0, -1]]
    if np.isfinite(corners).all() and (corners == corners[0]).all():
        return float(corners[0])
    edges = (values[0], values[-1], values[1:-1, 0], values[1:-1, -1])
    ring = np.concatenate([np.asarray(edge) for edge in edges])
    numbers, counts = np.unique(ring[np.isfinite(ring)], return_counts=True)
    if not counts.size or counts.max() <= LEAST_FRAMED * ring.size:
        return None
    return float(numbers[counts.argmax()])


def _judge_frame(number: float, cells: Mask, values: Values, content: Content) -> str | None:
    """A number that is a frame around the others and nothing else.

    In no row and no column does it stand between two others, as 0 does around a raster that was
    cut or turned; where the sea, or nobody, has the same number it also stands among them.
    """
    if _find_framing(values) != number:
        return None
    lowest, highest = content.kind.limits
    scaled = values * content.scaling.scale + content.scaling.offset
    is_other = (scaled >= lowest) & (scaled <= highest) & ~cells
    if int(is_other.sum()) < LEAST_INSIDE or _stands_between(cells, is_other):
        return None
    cliff = content.kind.least_cliff
    if cliff is not None:
        beside = is_other & _widen(cells)
        height = np.abs(values[beside] - number) * abs(content.scaling.scale)
        if not height.size or float(np.median(height)) <= cliff:
            return None
    return "only as a frame around the others, as a raster has that was cut or turned"


def _widen(cells: Mask) -> Mask:
    """The cells and those beside them."""
    wide = cells.copy()
    wide[1:] |= cells[:-1]
    wide[:-1] |= cells[1:]
    wide[:, 1:] |= cells[:, :-1]
    wide[:, :-1] |= cells[:, 1:]
    return wide


def _stands_between(cells: Mask, is_other: Mask) -> bool:
    """Whether any of the cells has others on both sides in its row or its column."""
    for axis in (0, 1):
        before = np.logical_or.accumulate(is_other, axis)
        after = np.flip(np.logical_or.accumulate(np.flip(is_other, axis), axis), axis)
        if (cells & before & after).any():
            return True
    return False
