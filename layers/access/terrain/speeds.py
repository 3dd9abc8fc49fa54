"""How fast one gets about on roads and off them, by mode: the editable table of speeds."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from boundaries.bounds import input_limits, input_readers
from layers.errors import DefinitionError
from layers.release.manifest_file import Text

SLOWEST_KMH, FASTEST_OFF_ROAD_KMH = 0.3, 100


def _check_slow(kmh: float) -> float:
    if 0 < kmh < SLOWEST_KMH:
        raise ValueError(
            f"{kmh:g} km/h is slower than anything moves; is it in another unit? Speeds are km/h, "
            "and 0 is not passable"
        )
    return kmh


Kmh = Annotated[float, Field(ge=0, le=300), AfterValidator(_check_slow)]
LandKmh = Annotated[float, Field(ge=0, le=FASTEST_OFF_ROAD_KMH), AfterValidator(_check_slow)]
FERRY = "ferry"
PRESET = "layers/definitions/speeds.toml"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Mode(_Table):
    """Speeds of one way of travelling, km/h; 0 is not passable.

    ``access_kmh`` is the speed between a place and the road; ``is_anisotropic`` says that slopes
    count off the road (Tobler); ``obeys_oneway`` that a one-way road binds, as it does vehicles.
    """

    title: Text
    access_kmh: float = Field(gt=0)
    is_anisotropic: bool = False
    obeys_oneway: bool = True
    roads: dict[str, Kmh]
    land: dict[str, LandKmh]


class SpeedTable(_Table):
    """The whole of ``layers/definitions/speeds.toml``."""

    date: str
    source: str
    snap_limit_m: float = Field(gt=0)
    ferry_boarding_min: float = Field(ge=0)
    modes: dict[str, Mode]


def parse_speeds(text: str, name: str, base: dict[str, object] | None = None) -> SpeedTable:
    """A table of speeds from TOML.

    Parameters
    ----------
    base
        A table as a document, from which what ``text`` leaves out is taken.

    Raises
    ------
    DefinitionError
        It is not TOML or does not follow the schema; the message has one line for each fault.
    """
    try:
        return SpeedTable.model_validate(_lay_over(base or {}, tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{name}: not a TOML file: {error}") from error
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        ]
        raise DefinitionError("\n".join([f"{name}:", *lines])) from error


@cache
def read_speeds() -> SpeedTable:
    """The table shipped with the code."""
    return parse_speeds(_read_preset(), PRESET)


def read_own_speeds(path: Path, label: str) -> SpeedTable:
    """The table shipped with the code, with the kabupaten's own speeds laid over it.

    Raises
    ------
    DefinitionError
        The file is not TOML, is no text, or does not follow the schema.
    """
    return input_readers.read_within(
        input_limits.InputFile(path, label), _read_own_speeds, path, label
    )


def _read_own_speeds(path: Path, label: str) -> SpeedTable:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{label}: cannot be read as text: {error}") from error
    return parse_speeds(text, label, tomllib.loads(_read_preset()))


def _read_preset() -> str:
    return (files("layers") / "definitions" / "speeds.toml").read_text(encoding="utf-8")


def _lay_over(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _lay_over(old, value)
        else:
            merged[key] = value
    return merged
