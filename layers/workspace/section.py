"""What every section of ``wilayah.toml`` has in common."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from boundaries.texts.text_encoding import find_codec

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
CodeSystemName = Literal["kemendagri", "bps"]


def _check_encoding(name: str) -> str:
    codec = find_codec(name)
    if codec is None:
        raise ValueError('no encoding of that name; usual ones are "utf-8", "cp1252" and "utf-16"')
    return codec


Encoding = Annotated[str, AfterValidator(_check_encoding)]
"""The encoding of a file's texts, where the file does not say it or says it wrongly."""


class Section(BaseModel):
    """A table of ``wilayah.toml``: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InputSection(Section):
    """What every input declares: where it is and where it comes from."""

    path: str
    layer: str | None = None
    source: str | None = None
    licence: str | None = None
    date: str | None = None
    supplier: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that the section declares."""
        return (self.path,)


class TextSection(InputSection):
    """An input whose texts are in some encoding: a text file, or a shapefile."""

    encoding: Encoding | None = None


class TableFileSection(TextSection):
    """An input whose file may be a table: how to read it where the file does not tell.

    ``header_row`` counts as a spreadsheet does, ``header_rows`` is how many rows the header has.
    """

    sheet: str | None = None
    header_row: int | None = Field(default=None, ge=1)
    header_rows: int = Field(default=1, ge=1, le=5)
    decimal: Literal[",", "."] | None = None
    delimiter: str | None = None

    @property
    def declared_columns(self) -> tuple[str, ...]:
        """The columns that a key ``…_column`` names: each says something of the row."""
        keys = [key for key in type(self).model_fields if key.endswith("_column")]
        names = [getattr(self, key) for key in keys]
        return tuple(name for name in names if name is not None)


class PointFileSection(TableFileSection):
    """An input that says where its rows are: by geometry, two columns, or one.

    ``position_column`` holds both coordinates ("-8.38, 123.02", a link of a map, WKT).  ``crs``
    is that of the columns or the geometry, where it is not degrees of WGS 84.
    """

    lon_column: str | None = None
    lat_column: str | None = None
    position_column: str | None = None
    crs: str | None = None
