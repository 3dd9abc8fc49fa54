"""Which band of an open raster file is meant, and what its metadata ask for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader
from rasterio.windows import Window

from boundaries.findings.report import Finding, Severity
from boundaries.geometry_arrays import Mask
from layers.access.terrain import raster_kinds, stand_ins
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind

MOST_BANDS = 20
"""Bands listed one by one in a message."""
COLOURS = frozenset({ColorInterp.red, ColorInterp.green, ColorInterp.blue})


class RasterRefusedError(Exception):
    """The raster is not used; the finding says why.  Never leaves the reader."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied to the numbers of a file on reading.

    Parameters
    ----------
    band, bands
        Number of the band, and how many bands of data the file has.
    description
        What the file calls the band.
    nodata
        In numbers of the file; null: none declared.
    masks
        Masks of the file that took cells away.
    factor
        From the unit of the file to ours.
    is_turned
        Rows ran from south to north, or columns from east to west.
    """

    label: str
    band: int
    bands: int
    description: str | None
    scaling: stand_ins.Scaling
    nodata: float | None
    masks: tuple[str, ...]
    unit: str | None
    factor: float
    is_turned: bool

    @property
    def is_plain(self) -> bool:
        """Nothing was applied but the declared nodata."""
        plain = self.bands == 1 and self.scaling.is_plain and self.factor == 1.0
        return plain and not self.masks and not self.is_turned

    def describe(self) -> str:
        """All of it in one line: ``band 2 of 3 "2024", scale 0.1, offset 0, nodata -9999``."""
        name = f' "{self.description}"' if self.description else ""
        parts = [f"band {self.band} of {self.bands}{name}"]
        parts.append(f"scale {self.scaling.scale:g}, offset {self.scaling.offset:g}")
        parts.append("no nodata" if self.nodata is None else f"nodata {self.nodata:g}")
        parts.append(f"mask {' and '.join(self.masks)}" if self.masks else "no mask")
        if self.factor != 1.0:
            parts.append(f"unit {self.unit} times {self.factor:g}")
        if self.is_turned:
            parts.append("turned north up")
        return ", ".join(parts)


def choose_band(
    source: DatasetReader,
    label: str,
    kind: raster_kinds.RasterKind,
    band: int | str | None,
    key: str,
) -> tuple[int, int, tuple[Finding, ...]]:
    """Number of the band that is meant, how many bands of data there are, and findings.

    Parameters
    ----------
    band
        As declared: its number from 1, or its description.
    key
        The key of ``wilayah.toml`` that declares it.

    Raises
    ------
    InputError
        The file has no such band.
    RasterRefusedError
        Several bands and none declared, a picture, or complex numbers.
    """
    data = [n for n, sign in enumerate(source.colorinterp, 1) if sign != ColorInterp.alpha]
    is_picture = set(source.colorinterp) >= COLOURS
    if band is None:
        _refuse_undeclared(source, label, kind, key, data, is_picture)
    number = data[0] if band is None else _find_declared(source, label, band, key)
    if np.dtype(source.dtypes[number - 1]).kind not in "iuf":
        message = "Cells hold complex numbers (radar?), not values; save one part as numbers."
        raise RasterRefusedError(_error("raster.complex", label, message))
    is_palette = source.colorinterp[number - 1] == ColorInterp.palette and not kind.is_coded
    if not (is_palette or is_picture):
        return number, len(data), ()
    message = f"Band {number} looks like one of a picture in colours; used as declared by '{key}'."
    return number, len(data), (stand_ins.make_finding("raster.picture", label, message),)


def _refuse_undeclared(
    source: DatasetReader,
    label: str,
    kind: raster_kinds.RasterKind,
    key: str,
    data: list[int],
    is_picture: bool,
) -> None:
    """Nothing declares a band: only a file with one band of data says which is meant."""
    bands = list_bands(source)
    if is_picture:
        message = (
            f"The raster is a picture in colours ({bands}), not numbers; ask for the raster it was "
            f"drawn from. If its bands are numbers all the same, declare which: {key} = 1."
        )
        raise RasterRefusedError(_error("raster.picture", label, message))
    if len(data) != 1:
        message = (
            f"The raster has {len(data)} bands; declare {key} = the number or the description of "
            f"the one that is meant. Bands: {bands}."
        )
        raise RasterRefusedError(_error("raster.several_bands", label, message, bands))
    if source.colorinterp[data[0] - 1] == ColorInterp.palette and not kind.is_coded:
        message = (
            "The cells are numbers of colours in a palette (a picture); ask for the raster it was "
            f"drawn from. If they are values all the same, declare {key} = 1."
        )
        raise RasterRefusedError(_error("raster.picture", label, message))


def _find_declared(source: DatasetReader, label: str, band: int | str, key: str) -> int:
    if isinstance(band, int) and 1 <= band <= source.count:
        return band
    matches = [
        number
        for number, text in enumerate(source.descriptions, 1)
        if text is not None and text.strip().casefold() == str(band).strip().casefold()
    ]
    if isinstance(band, str) and len(matches) == 1:
        return matches[0]
    hint = ""
    if isinstance(band, str) and band.isdecimal() and 1 <= int(band) <= source.count:
        hint = f" If its number is meant: {key} = {int(band)}, without quotes."
    if matches:
        hint = f" Several are called so; give the number: {key} = {matches[0]}."
        if isinstance(band, int):
            hint = f' If its description is meant: {key} = "{band}".'
    raise InputError(
        f"{label}: {key} = {band!r} is none of its {source.count} bands.{hint} "
        f"Bands: {list_bands(source)}."
    )


def list_bands(source: DatasetReader) -> str:
    """The bands with their descriptions, in one line."""
    words = []
    for number in range(1, min(source.count, MOST_BANDS) + 1):
        sign = source.colorinterp[number - 1]
        text = source.descriptions[number - 1]
        if text is None and sign not in (ColorInterp.undefined, ColorInterp.gray):
            text = sign.name
        words.append(f"{number} '{text}'" if text else str(number))
    more = source.count - MOST_BANDS
    return ", ".join(words) + (f" and {more} more" if more > 0 else "")


def read_scaling(source: DatasetReader, band: int, label: str) -> stand_ins.Scaling:
    """Scale and offset of a band.

    Raises
    ------
    RasterRefusedError
        They make all values the same, or none.
    """
    scaling = stand_ins.Scaling(float(source.scales[band - 1]), float(source.offsets[band - 1]))
    if not scaling.is_usable:
        message = (
            f"The scale {scaling.scale:g} and offset {scaling.offset:g} of the raster turn its "
            "numbers into nothing; mend them (gdal_edit.py)."
        )
        raise RasterRefusedError(_error("raster.scale_unusable", label, message))
    return scaling


def choose_factor(
    source: DatasetReader, band: int, label: str, kind: raster_kinds.RasterKind
) -> tuple[float, tuple[Finding, ...]]:
    """Factor from the unit the file states to that of the section; 1 where it states none.

    Raises
    ------
    RasterRefusedError
        The unit is of something else, such as people per km2.
    """
    word = raster_kinds.plain_unit(source.units[band - 1])
    if not word:
        _refuse_described(source, band, label, kind)
    if not word or not kind.unit or word in kind.factors:
        return kind.factors.get(word, 1.0), ()
    if any(sign in f" {word}" for sign in kind.refused):
        message = f"The unit of the raster is {word!r}; expected {kind.unit}. Not used."
        raise RasterRefusedError(
            stand_ins.make_finding("raster.other_unit", label, message, value=word)
        )
    message = f"The unit of the raster, {word!r}, is not known; read as {kind.unit}."
    return 1.0, (stand_ins.make_finding("raster.unknown_unit", label, message, value=word),)


DESCRIBING_TAGS = (
    "TIFFTAG_IMAGEDESCRIPTION",
    "TIFFTAG_DOCUMENTNAME",
    "DESCRIPTION",
    "long_name",
    "standard_name",
    "units",
)
"""Tags of a file or a band that say in words what the cells hold."""


def _refuse_described(
    source: DatasetReader, band: int, label: str, kind: raster_kinds.RasterKind
) -> None:
    """No unit is stated, but a description says that the cells hold something else."""
    tags = {**source.tags(), **source.tags(band)}
    texts = [source.descriptions[band - 1], *(tags.get(name) for name in DESCRIBING_TAGS)]
    for text in filter(None, texts):
        word = raster_kinds.plain_unit(text)
        if kind.unit in word.replace("/", " per "):
            continue
        if any(sign in f" {word}" for sign in kind.described):
            message = (
                f"The raster is described as {text!r}; expected {kind.unit}. Not used. Where the "
                f'cells hold {kind.unit} all the same, say so: gdal_edit.py -units "{kind.unit}".'
            )
            raise RasterRefusedError(
                stand_ins.make_finding("raster.other_unit", label, message, value=text)
            )


def read_validity(
    source: DatasetReader, band: int, window: Window
) -> tuple[Mask | None, tuple[str, ...]]:
    """Which cells the masks of the file call valid, null without a mask, and which masks these are.

    A mask lies in the file, in a ``.msk`` beside it, or is an alpha band; nodata is no mask here.
    """
    flags = set(source.mask_flag_enums[band - 1])
    masks: list[tuple[str, NDArray[np.number]]] = []
    if not flags or flags - {MaskFlags.all_valid, MaskFlags.nodata}:
        name = "of the band" if MaskFlags.per_dataset not in flags else "of the dataset"
        name = "alpha band" if MaskFlags.alpha in flags else name
        masks.append((name, source.read_masks(band, window=window)))
    alpha = [n for n, sign in enumerate(source.colorinterp, 1) if sign == ColorInterp.alpha]
    if MaskFlags.alpha not in flags and alpha:
        masks.append(("alpha band", source.read(alpha[0], window=window)))
    if not masks:
        return None, ()
    is_valid: Mask = np.logical_and.reduce([mask > 0 for _, mask in masks])
    return is_valid, tuple(name for name, _ in masks)


def _error(code: str, label: str, message: str, value: str | None = None) -> Finding:
    return declared_kind(code).finding(
        message,
        file=label,
        value=value,
        severity=Severity.ERROR,
    )
