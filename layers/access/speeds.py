"""How fast one gets about on roads and off them, by mode: the editable table of speeds."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.errors import DefinitionError
from layers.manifest import Text

Kmh = Annotated[float, Field(ge=0, le=300)]
FERRY = "ferry"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mode(_Table):
    """Speeds of one way of travelling, km/h; 0 is not passable.

    ``access_kmh`` is the speed between a place and the road; ``is_anisotropic`` says that slopes
    count off the road (Tobler).
    """

    title: Text
    access_kmh: float = Field(gt=0)
    is_anisotropic: bool = False
    roads: dict[str, Kmh]
    land: dict[str, Kmh]


class SpeedTable(_Table):
    """The whole of ``layers/definitions/speeds.toml``."""

    date: str
    source: str
    snap_limit_m: float = Field(gt=0)
    ferry_boarding_min: float = Field(ge=0)
    modes: dict[str, Mode]


def parse_speeds(text: str, name: str) -> SpeedTable:
    """A table of speeds from TOML.

    Raises
    ------
    DefinitionError
        It is not TOML or does not follow the schema.
    """
    try:
        return SpeedTable.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise DefinitionError(f"{name}: {error}") from error


@cache
def read_speeds() -> SpeedTable:
    """The table shipped with the code."""
    resource = files("layers") / "definitions" / "speeds.toml"
    return parse_speeds(resource.read_text(encoding="utf-8"), "layers/definitions/speeds.toml")
