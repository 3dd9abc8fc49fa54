"""Records that lie in a release as JSON: one a file, or one a line with an index beside it.

A large file of lines is never read whole: the index says where the line of a key lies.  What is
read is checked against its record, so a damaged or foreign file is named with the reason.
"""

import json
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from layers.release import byte_source, errors


class Document(BaseModel):
    """One record of a file, frozen; keys that a newer minor schema added are not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


Record = TypeVar("Record", bound=Document)
Parsed = TypeVar("Parsed")


def encode_document(document: Document) -> str:
    """A record as JSON on one line, without the line end."""
    return json.dumps(document.model_dump(mode="json", by_alias=True), ensure_ascii=False)


def compact_json(document: Document) -> str:
    """A record as JSON on one line, without what is None."""
    return json.dumps(document.model_dump(mode="json", exclude_none=True), ensure_ascii=False)


def given_content(document: Document) -> dict[str, object]:
    """A record as JSON has it, with only the keys that were given."""
    return document.model_dump(mode="json", by_alias=True, exclude_unset=True)


def write_given(document: Document, path: Path) -> None:
    """Write one record as a file for people to read too, with the keys that were given."""
    text = json.dumps(given_content(document), ensure_ascii=False, indent=1)
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
    with errors.explained(str(path)):
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
        self._source = byte_source.FileBytes(lines)
        self._of_key = read_json(index, self._places)
        lengths = [length for _, length in self._of_key.values()]
        *starts, end = accumulate(lengths, initial=0)
        is_whole = all(length > 0 for length in lengths) and end == self._source.size
        if not is_whole or starts != [start for start, _ in self._of_key.values()]:
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
        with errors.explained(self._name):
            return self._record.model_validate_json(self._source.read(*self._of_key[key]))
