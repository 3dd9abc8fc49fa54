"""What can be wrong with a release that is read, or with what it is asked.

ReleaseError (`layers.errors`)
├── ReleaseUnusableError   a release directory is missing, incomplete or not understood
│   └── AlteredFileError   a file of an open release is not what was published
└── MalformedValueError    a value that no property of that type can have

A codec does not let the errors of its libraries out: what it reads stands in `explained`.
"""

import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import BadGzipFile
from pathlib import Path
from zipfile import BadZipFile

from pydantic import ValidationError

from layers.errors import ReleaseError

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    BadGzipFile,
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
    sqlite3.Error,
    struct.error,
    zlib.error,
)
"""What parsers of bytes, JSON, arrays, archives and databases raise where these are damaged."""


class ReleaseUnusableError(ReleaseError):
    """A release directory is missing, incomplete or not understood."""


class AlteredFileError(ReleaseUnusableError):
    """A file of an open release is not, or no longer, what was published.

    Parameters
    ----------
    file
        Its path in the release, or its name alone; never where the release lies.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class MalformedValueError(ReleaseError):
    """A value given to compare with a property is not of the property's type."""


@contextmanager
def explained(name: str | Path) -> Iterator[None]:
    """What a parser finds wrong with a file as the error of this package, with the first reason.

    Parameters
    ----------
    name
        The file, as the message names it.

    Raises
    ------
    ReleaseUnusableError
        What is read inside does not follow its format.
    """
    try:
        yield
    except _DAMAGE as error:
        raise ReleaseUnusableError(
            f"{name} of the release does not follow its format ({_reason(error)})."
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}" if place else first["msg"]
    return f"no {error}" if isinstance(error, KeyError) else f"{error}" or type(error).__name__
