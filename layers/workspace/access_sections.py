"""Sections of ``wilayah.toml`` about access: people, friction, roads, norms."""

from typing import Annotated, Literal

from pydantic import Field

from layers.release.manifest_file import Text
from layers.workspace.section import FieldName, InputSection, Section, TextSection

MOST_EDGES = 4
"""Edges of the bands of a service, its norm not counted."""
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


BandNumber = Annotated[int, Field(ge=1, strict=True)]


class RasterSection(InputSection):
    """An input that is a raster.

    ``band`` is the number (from 1) or the description of the band that is meant; a file with
    several bands needs it.  ``nodata`` is a number as the file has it, before scale and offset.
    """

    crs: str | None = None
    nodata: float | None = None
    band: BandNumber | str | None = None


class PopulationSection(RasterSection):
    """Population raster: people per cell.

    ``empty`` says what a cell without a value means: nothing is known of it, or nobody lives there
    (rasters that leave out what is not built up).
    """

    empty: Literal["unknown", "nobody"] = "unknown"
    year: int
    rescale_to: str | None = None


class FrictionSection(RasterSection):
    """Friction raster: minutes per metre (as the Malaria Atlas Project publishes it).

    ``height_path`` names an elevation raster in metres, ``height_band`` its band; with it, walking
    slows down on slopes.
    """

    height_path: str | None = None
    height_band: BandNumber | str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The raster and that of heights, where there is one."""
        return (self.path,) if self.height_path is None else (self.path, self.height_path)


class LandCoverSection(RasterSection):
    """Land-cover raster from which friction is built.

    ``classes`` maps its codes to the classes of the speed table; a code in none is impassable.
    """

    classes: dict[str, str] = Field(min_length=1)


class ElevationSection(RasterSection):
    """Elevation raster, metres above sea: slopes count where the mode walks (Tobler)."""


class BarrierSection(InputSection):
    """Lines or polygons nothing crosses (rivers, lakes), where no road bridges them."""

    crs: str | None = None


class SpeedsSection(InputSection):
    """The kabupaten's own speeds, a TOML file as ``layers/definitions/speeds.toml``.

    What it leaves out stays as there.
    """


class TravelSection(Section):
    """How one travels, along roads and over friction.

    ``mode`` is one of the speed table.  ``is_anisotropic`` (slopes count, with an elevation) is by
    default what the mode says.
    """

    mode: FieldName = "motorbike"
    directions: Literal[8, 16] = 16
    is_anisotropic: bool | None = None


class RoadSection(TextSection):
    """Roads as lines; ``classes`` maps words of ``class_column`` to road classes.

    ``directions`` says what words of ``oneway_column`` mean that are not known.
    """

    class_column: str
    oneway_column: str | None = None
    directions: dict[str, Literal["along", "against", "both"]] = Field(default_factory=dict)
    name_column: str | None = None
    classes: dict[str, str] = Field(default_factory=dict)
    crs: str | None = None


class NormSection(Section):
    """A norm of the kabupaten's own, with the regulation it stands in (``source``, ``date``).

    What is left out stays as in ``layers/definitions/gaps.toml``.
    """

    norm_m: Positive | None = None
    norm_min: Positive | None = None
    bands_m: tuple[Positive, ...] | None = Field(default=None, max_length=MOST_EDGES)
    bands_min: tuple[Positive, ...] | None = Field(default=None, max_length=MOST_EDGES)
    title: Text | None = None
    source: str = "[norms] of the workspace"
    date: str = ""
