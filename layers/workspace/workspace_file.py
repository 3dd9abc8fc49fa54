"""Reads ``wilayah.toml``: what it declares, or every fault of it with its place."""

import os
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from layers.errors import WorkspaceError
from layers.workspace.sections import Workspace

WORKSPACE_NAME = "wilayah.toml"
MOST_BYTES = 2_000_000
PATH_KEYS = ("path", "height_path")


def read_workspace(folder: Path) -> Workspace:
    """The declarations of a workspace folder.

    Raises
    ------
    WorkspaceError
        The folder or its ``wilayah.toml`` is missing, is not TOML, or does not follow the schema;
        the message lists every fault with its place, and the nearest known key for an unknown one.
    """
    path = folder / WORKSPACE_NAME
    if not path.is_file():
        raise WorkspaceError(
            f"{folder}: no {WORKSPACE_NAME} here. Run 'geo-service init {folder}' to write one."
        )
    if path.stat().st_size > MOST_BYTES:
        raise WorkspaceError(f"{path}: larger than {MOST_BYTES:,} bytes; no declaration is.")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{path}: not a TOML file: {error}") from error
    except RecursionError as error:
        raise WorkspaceError(f"{path}: nested deeper than any declaration.") from error
    return parse_declarations(Workspace, _with_relative_paths(document, folder), str(path))


def _with_relative_paths(declared: object, folder: Path) -> object:
    """The declarations with each absolute path written from the folder.

    Paths are published, in findings and as what a release is made of; where a folder lies on
    somebody's machine is nobody's business.
    """
    if isinstance(declared, list):
        return [_with_relative_paths(entry, folder) for entry in declared]
    if not isinstance(declared, dict):
        return declared
    return {
        key: Path(os.path.relpath(value, folder.resolve())).as_posix()
        if key in PATH_KEYS and isinstance(value, str) and Path(value).is_absolute()
        else _with_relative_paths(value, folder)
        for key, value in declared.items()
    }


Parsed = TypeVar("Parsed", bound=BaseModel)


def parse_declarations(model: type[Parsed], document: object, where: str) -> Parsed:
    """The document as an instance of ``model``.

    Raises
    ------
    WorkspaceError
        With one line for each fault.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        lines = [_describe(fault) for fault in error.errors()]
        raise WorkspaceError(f"{where}:\n" + "\n".join(f"  {line}" for line in lines)) from error


def _describe(fault: ErrorDetails) -> str:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        key = str(fault["loc"][-1])
        near = get_close_matches(key, _known_keys(fault["loc"][:-1]), n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        return f"{place}: unknown key.{hint}"
    if fault["type"] == "missing":
        return f"{place}: required, but not given."
    return f"{place}: {fault['msg']} (given: {fault['input']!r})."


def _known_keys(location: Sequence[int | str]) -> list[str]:
    """The keys that the section at a place of ``wilayah.toml`` may have."""
    model: type[BaseModel] = Workspace
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        sections = [] if field is None else [*_sections_of(field.annotation)]
        if not sections:
            return []
        model = sections[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _sections_of(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _sections_of(argument)
