"""Records that lie in a release as JSON: one a file, or one a line with an index beside it.

A large file of lines is never read whole: the index says where the line of a key lies.  What is
read is checked against its record, so a damaged or foreign file is named with the reason.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from layers.release import byte_source, errors


class Document(BaseModel):
    """One record of a file, frozen; keys that a newer minor schema added are not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


Record = TypeVar("Record", bound=Document)
Parsed = TypeVar("Parsed")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """What pydantic finds wrong with a file as the error of this package, with its first reason.

    Raises
    ------
    ReleaseUnusableError
        What is read inside does not follow its record.
    """
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        reason = f"{place}: {first['msg']}" if place else first["msg"]
        raise errors.ReleaseUnusableError(
            f"{name} of the release does not follow its format ({reason})."
        ) from error


def encode_document(document: Document) -> str:
    """A record as JSON on one line, without the line end."""
    return json.dumps(document.model_dump(mode="json", by_alias=True), ensure_ascii=False)


def compact_json(document: Document) -> str:
    """A record as JSON on one line, without what is None."""
    return json.dumps(document.model_dump(mode="json", exclude_none=True), ensure_ascii=False)


def write_document(document: Document, path: Path) -> None:
    """Write one record as a file for people to read too."""
    content = document.model_dump(mode="json", by_alias=True)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def write_documents(documents: Iterable[Document], path: Path) -> None:
    """Write several records as one file for people to read too."""
    content = [document.model_dump(mode="json") for document in documents]
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def read_json(path: Path, shape: TypeAdapter[Parsed]) -> Parsed:
    """What a JSON file holds.

    Raises
    ------
    OSError
        The file cannot be read.
    ReleaseUnusableError
        It is not of this shape.
    """
    with explained(str(path)):
        return shape.validate_json(path.read_bytes(), strict=True)


def write_lines(lines: Path, index: Path, documents: Iterable[tuple[str, Document]]) -> None:
    """Write one record a line, and the index ``{key: [offset, length]}`` in their order."""
    places: dict[str, tuple[int, int]] = {}
    offset = 0
    with lines.open("wb") as file:
        for key, document in documents:
            content = f"{encode_document(document)}\n".encode()
            places[key] = (offset, len(content))
            offset += file.write(content)
    index.write_text(json.dumps(places, indent=0) + "\n", encoding="utf-8")


class IndexedLines(Generic[Record]):
    """A file of lines and its index, open for reading.

    Raises
    ------
    OSError
        One of the two is not there.
    ReleaseUnusableError
        The index is damaged, or does not belong to the lines.
    """

    _places = TypeAdapter(dict[str, tuple[int, int]])

    def __init__(self, lines: Path, index: Path, record: type[Record]) -> None:
        self._name = str(lines)
        self._record = record
        self._source = byte_source.MappedFile(lines)
        self._of_key = read_json(index, self._places)
        if sum(length for _, length in self._of_key.values()) != self._source.size:
            raise errors.ReleaseUnusableError(f"{index} does not belong to {lines.name}.")

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys in the order of the lines."""
        return tuple(self._of_key)

    def has(self, key: str) -> bool:
        """Whether there is a line of this key."""
        return key in self._of_key

    def find(self, key: str) -> Record | None:
        """The record of a key; None where there is none.

        Raises
        ------
        ReleaseUnusableError
            The line is damaged.
        """
        if key not in self._of_key:
            return None
        with explained(self._name):
            return self._record.model_validate_json(self._source.read(*self._of_key[key]))
