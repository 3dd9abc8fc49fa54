"""What each raster of a workspace holds: its limits, its unit, and units that can be converted."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Limits = tuple[float, float]
NOT_NEGATIVE: Limits = (0.0, math.inf)
HEIGHTS: Limits = (-500.0, 9000.0)
"""Metres above sea, on land and at its shores."""
SLOWEST_POSSIBLE_MIN_M = 10.0
"""6 m an hour: what stands for nothing, such as 255, is no friction beyond it."""
MOST_PEOPLE_KM2 = 300_000.0
"""Of one cell; the densest blocks of a city have half of it."""
_KM2_SIGNS = ("km2", "km^2", "km-2", "km**", "sqkm", "sq km", "sq. km", "square k", "per sq")
DENSITY_SIGNS = (
    *_KM2_SIGNS,
    "persegi",
    "/ha",
    "per ha",
    "hectare",
    "density",
    "kepadatan",
    "kerapatan",
)
MANY_SIGNS = ("thousand", "million", " ribu", " juta", "x1000", "x 1000", "log10", "log(")
"""Of counts that are not counted one by one."""
SPEED_SIGNS = (
    *("km/h", "kmh", "kph", "km per h", "m/s", "mph", "km/j", "km per j"),
    *("m/min", "metres per m", "metre per m", "m/menit", "metre per menit"),
)
OTHER_TIME_SIGNS = (
    *("seconds per", "seconds/", "sec/m", "detik", "hours per", "hours/", "min/km", "menit/km"),
    *("minutes/km", "per km", "minutes per cell", "minutes per pixel", "menit per sel"),
)
"""Of friction that is no minutes per metre."""
STEEPNESS_SIGNS = ("slope", "lereng", "kemiringan", "aspect", "hillshade", "hill shade")
"""Of what is made from elevation."""


@dataclass(frozen=True, slots=True)
class RasterKind:
    """What the cells of one section of ``wilayah.toml`` hold.

    Parameters
    ----------
    section
        Name of the section.
    unit
        What the values are in; empty for codes.
    limits
        Lowest and highest value that there can be.
    factors
        Factor to ``unit`` by the words a file may have for its unit, in small letters.
    refused
        Parts of a word for a unit that no factor converts.
    described
        Parts of a description of the band or the file by which it holds something else.
    is_coded
        Cells are codes, so a palette is no sign of a picture, and the legend says what is no code.
    is_zero_possible
        Whether 0 is a value.
    is_travelled
        Ways are measured from cell to cell, so the CRS must measure true.
    most
        Beyond it a number that often stands for nothing is not believed.
    most_per_km2
        The same over the area of a cell.
    least_cliff
        A frame of one number is believed where the cells beside it differ by less, as the sea does
        from a coast; null: a frame of one number is none of these values.
    """

    section: str
    unit: str
    limits: Limits = NOT_NEGATIVE
    factors: Mapping[str, float] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    described: tuple[str, ...] = ()
    is_coded: bool = False
    is_zero_possible: bool = True
    is_travelled: bool = False
    most: float = math.inf
    most_per_km2: float = math.inf
    least_cliff: float | None = None

    def is_possible(self, value: float, cell_km2: float) -> bool:
        """Whether a cell can have the value."""
        is_within = self.limits[0] <= value <= min(self.limits[1], self.most)
        return (
            is_within
            and (self.is_zero_possible or value != 0)
            and (value <= self.most_per_km2 * cell_km2)
        )


def plain_unit(word: str | None) -> str:
    """A word for a unit as `RasterKind.factors` has it."""
    plain = " ".join((word or "").casefold().replace("_", " ").split())
    return plain.replace("²", "2").replace("meter", "metre").replace(" / ", "/")


PEOPLE = RasterKind(
    "population",
    "people per cell",
    factors=dict.fromkeys(
        (
            "people",
            "persons",
            "person",
            "people per cell",
            "people per pixel",
            "people/cell",
            "people/pixel",
            "persons per cell",
            "persons per pixel",
            "number of people",
            "count",
            "population",
            "population count",
            "inhabitants",
            "ppp",
            "jiwa",
            "orang",
            "penduduk",
            "jiwa/sel",
            "jiwa per sel",
            "orang/sel",
        ),
        1.0,
    ),
    refused=(*DENSITY_SIGNS, *MANY_SIGNS, "percent", "%"),
    described=(*DENSITY_SIGNS, *MANY_SIGNS),
    most_per_km2=MOST_PEOPLE_KM2,
)
FRICTION = RasterKind(
    "friction",
    "minutes per metre",
    factors={
        **dict.fromkeys(
            (
                "min/m",
                "minutes/metre",
                "minute/metre",
                "minutes per metre",
                "minute per metre",
                "min per metre",
                "min per m",
                "menit/m",
                "menit/metre",
                "menit per metre",
            ),
            1.0,
        ),
        **dict.fromkeys(("s/m", "sec/m", "seconds/metre", "seconds per metre"), 1 / 60),
        **dict.fromkeys(("min/km", "minutes/km", "minutes per km", "menit/km"), 1 / 1000),
        **dict.fromkeys(("h/km", "hours/km", "hours per km"), 60 / 1000),
    },
    refused=SPEED_SIGNS,
    described=(*SPEED_SIGNS, *OTHER_TIME_SIGNS),
    is_zero_possible=False,
    is_travelled=True,
    least_cliff=math.inf,
    most=SLOWEST_POSSIBLE_MIN_M,
)
LAND_COVER = RasterKind("land_cover", "", is_coded=True, is_travelled=True)
ELEVATION = RasterKind(
    "elevation",
    "metres above sea",
    limits=HEIGHTS,
    factors={
        **dict.fromkeys(("m", "metre", "metres", "metre above sea", "mdpl", "m dpl", "masl"), 1.0),
        **dict.fromkeys(("ft", "foot", "feet"), 0.3048),
        **dict.fromkeys(("us survey foot", "us-ft", "ftus", "us survey feet"), 1200 / 3937),
        **dict.fromkeys(("dm", "decimetre", "decimetres"), 0.1),
        **dict.fromkeys(("cm", "centimetre", "centimetres"), 0.01),
        **dict.fromkeys(("mm", "millimetre", "millimetres"), 0.001),
        **dict.fromkeys(("km", "kilometre", "kilometres"), 1000.0),
    },
    refused=("degree", "percent", "%", *STEEPNESS_SIGNS),
    described=STEEPNESS_SIGNS,
    least_cliff=50.0,
)
