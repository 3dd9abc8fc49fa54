"""What every section of ``wilayah.toml`` has in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
CodeSystemName = Literal["kemendagri", "bps"]


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
