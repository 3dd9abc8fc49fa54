"""The definitions: what each layer, indicator and norm is called, means and looks like.

One TOML a layer in ``layers/definitions``, and ``indicators.toml`` for the indicators that tables
of a workspace may fill.  Definitions are versioned with the code; what a release publishes of them
is in its manifest.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.errors import DefinitionError
from layers.release.manifest_file import Closed, FieldType, Level, Text
from layers.workspace import access_sections, section, sections

# Sequential ramps of ColorBrewer (Apache 2.0 colour values), five classes, light to dark.
RAMPS: dict[str, tuple[str, ...]] = {
    "YlGnBu": ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    "Blues": ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c"),
    "OrRd": ("#fef0d9", "#fdcc8a", "#fc8d59", "#e34a33", "#b30000"),
    "Purples": ("#f2f0f7", "#cbc9e2", "#9e9ac8", "#756bb1", "#54278f"),
    "YlOrBr": ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404"),
}

Parsed = TypeVar("Parsed", bound=BaseModel)


class Definition(BaseModel):
    """A table of a definition file: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldDefinition(Definition):
    """One property of a layer's features, before it is computed.

    ``activities``, ``sources`` and ``per_person`` are of spending: which lines are summed, by
    activity and by source of funds, and whether the sum is divided by the people of the desa.
    """

    name: section.FieldName
    type: FieldType
    title: Text
    unit: str | None = None
    thematic: bool = False
    group: str | None = None
    worse: Literal["low", "high"] | None = None
    decimals: int = 0
    breaks: tuple[float, ...] | None = None
    closed: Closed = "right"
    colours: str = "YlGnBu"
    null_meaning: Text | None = None
    source: str | None = None
    method: Text | None = None
    activities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    per_person: bool = False


class ServiceDefinition(Definition):
    """A kind of facility with the norm its distance, or travel time, is held against.

    ``bands_m`` and ``bands_min`` are edges of the bands in which people are counted; the norm
    itself is always one more edge.
    """

    kind: section.FieldName
    number: int = Field(ge=1)
    norm_m: float = Field(gt=0)
    norm_min: float | None = Field(default=None, gt=0)
    bands_m: tuple[float, ...] = Field(default=(), max_length=access_sections.MOST_EDGES)
    bands_min: tuple[float, ...] = Field(default=(), max_length=access_sections.MOST_EDGES)
    title: Text
    source: str
    date: str


class LayerDefinition(Definition):
    """One published layer, before it is computed.

    ``inputs`` are the sections of ``wilayah.toml`` it is made of, whose sources it must name;
    ``date`` is of the definition.
    """

    id: section.FieldName
    level: Level
    title: Text
    description: Text
    inputs: tuple[str, ...] = ()
    date: str | None = None
    headline: tuple[section.FieldName, ...] = ()
    indicators: Literal["all", "none"] = "none"
    fields: tuple[FieldDefinition, ...] = ()
    services: tuple[ServiceDefinition, ...] = ()


class Indicators(Definition):
    """The whole of ``indicators.toml``."""

    indicators: tuple[sections.IndicatorSection, ...]


class ProvinsiNames(Definition):
    """The whole of ``provinsi.toml``: names by code, as of ``date``."""

    date: str
    source: str
    names: dict[str, str]


@cache
def read_provinsi_names() -> Mapping[str, str]:
    """Names of the provinsi by code."""
    return load_definition(ProvinsiNames, "provinsi.toml").names


@cache
def read_layer_definition(layer_id: str) -> LayerDefinition:
    """The definition of a layer by its id.

    Raises
    ------
    DefinitionError
        There is no such definition, or it does not follow the schema.
    """
    document = _read_toml(f"{layer_id}.toml")
    return _parse(LayerDefinition, document, f"{layer_id}.toml")


@cache
def read_indicators() -> dict[str, sections.IndicatorSection]:
    """The indicators known by name."""
    parsed = _parse(Indicators, _read_toml("indicators.toml"), "indicators.toml")
    return {indicator.name: indicator for indicator in parsed.indicators}


def load_definition(model: type[Parsed], name: str) -> Parsed:
    """A definition file as an instance of ``model``.

    Raises
    ------
    DefinitionError
        There is no such file, or it does not follow the schema.
    """
    return _parse(model, _read_toml(name), name)


def _read_toml(name: str) -> Mapping[str, object]:
    resource = files("layers") / "definitions" / name
    if not resource.is_file():
        raise DefinitionError(f"layers/definitions/{name}: no such definition.")
    try:
        return tomllib.loads(resource.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"layers/definitions/{name}: not a TOML file: {error}") from error


def _parse(model: type[Parsed], document: Mapping[str, object], name: str) -> Parsed:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise DefinitionError(f"layers/definitions/{name}: {error}") from error
