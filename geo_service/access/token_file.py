"""The tokens of a folder of releases: who may read which layers where, and until when.

Only a hash of a token is kept, beside the releases in `FILE_NAME`; the text itself is shown once,
when it is made.  A token has 256 random bits, so a plain hash of it cannot be tried out.
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from geo_service.errors import TokenFileError
from layers.release.byte_source import FileState
from layers.release.manifest_file import KODE

FILE_NAME = "tokens.json"
PREFIX = "geo_"
LONGEST_TOKEN = 100
EVERYTHING = "*"
_ID_LENGTH = 8


class Token(BaseModel):
    """One token as it is kept.

    Parameters
    ----------
    id
        What lists and `revoke` call it: the beginning of its hash.
    layers
        Ids of layers that it opens; ``*`` for all.
    areas
        Codes of wilayah (``53.06``) in which it opens them; none for everywhere.
    expires
        The last day on which it counts.
    note
        Who has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    layers: tuple[str, ...]
    areas: tuple[str, ...] = ()
    made: date
    expires: date
    note: str = ""
    is_revoked: bool = False

    def is_valid(self, today: date) -> bool:
        """Whether it opens anything on this day."""
        return not self.is_revoked and today <= self.expires

    def opens_layer(self, layer_id: str) -> bool:
        """Whether it is for a layer, wherever."""
        return EVERYTHING in self.layers or layer_id in self.layers

    def covers(self, kode: str) -> bool:
        """Whether a code lies in its areas.

        Example
        -------
        >>> day = date(2026, 1, 1)
        >>> of = Token(id="", sha256="0" * 64, layers=(), areas=("53.06",), made=day, expires=day)
        >>> of.covers("53.06.13"), of.covers("53.0"), of.covers("53.061")
        (True, False, False)
        """
        return not self.areas or lies_in(kode, self.areas)


class _Content(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(extra="forbid")

    tokens: tuple[Token, ...] = ()


def lies_in(kode: str, areas: Iterable[str]) -> bool:
    """Whether a code is that of one of these wilayah, or of one below it."""
    return any(kode == area or kode.startswith(f"{area}.") for area in areas)


def hash_token(text: str) -> str:
    """The hash under which a token is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


class TokenBook:
    """The tokens of one folder of releases, read again when their file changes."""

    def __init__(self, releases: Path) -> None:
        self.path = releases / FILE_NAME
        self._state: FileState | None = None
        self._by_hash: dict[str, Token] = {}

    def find(self, text: str, today: date) -> Token | None:
        """The token that a client shows; None where it is unknown, revoked or expired.

        Raises
        ------
        TokenFileError
            The file is damaged: nobody is let in.
        """
        if len(text) > LONGEST_TOKEN or not text.isascii():
            return None
        self._read_again()
        token = self._by_hash.get(hash_token(text))
        return token if token is not None and token.is_valid(today) else None

    def list(self) -> tuple[Token, ...]:
        """All tokens, those that count no more among them, the last made first."""
        return tuple(reversed(_read(self.path)))

    def make(
        self,
        layers: tuple[str, ...],
        areas: tuple[str, ...],
        today: date,
        days: int,
        note: str = "",
    ) -> tuple[str, Token]:
        """A new token: its text, which is kept nowhere, and what is kept of it.

        Raises
        ------
        TokenFileError
            An area is no code, or the file is damaged.
        """
        for area in areas:
            if not re.fullmatch(KODE, area):
                raise TokenFileError(f"{area!r}: no code of a wilayah; write it as 53.06.13.")
        text = PREFIX + secrets.token_urlsafe(32)
        digest = hash_token(text)
        token = Token(
            id=digest[:_ID_LENGTH],
            sha256=digest,
            layers=layers,
            areas=areas,
            made=today,
            expires=today + timedelta(days=days),
            note=note,
        )
        with _locked(self.path):
            _write(self.path, (*_read(self.path), token))
        return text, token

    def revoke(self, token_id: str) -> Token:
        """The token of this id, which counts no more.

        Raises
        ------
        TokenFileError
            There is none.
        """
        with _locked(self.path):
            tokens = _read(self.path)
            revoked = next((token for token in tokens if token.id == token_id), None)
            if revoked is None:
                raise TokenFileError(f"{self.path}: no token {token_id!r}; see `token list`.")
            changed = revoked.model_copy(update={"is_revoked": True})
            _write(self.path, tuple(changed if token is revoked else token for token in tokens))
        return changed

    def _read_again(self) -> None:
        try:
            state = FileState.of(self.path.stat())
        except FileNotFoundError:
            self._state, self._by_hash = None, {}
            return
        if state != self._state:
            self._by_hash = {token.sha256: token for token in _read(self.path)}
            self._state = state


def _read(path: Path) -> tuple[Token, ...]:
    try:
        return _Content.model_validate_json(path.read_bytes()).tokens
    except FileNotFoundError:
        return ()
    except ValidationError as error:
        raise TokenFileError(f"{path}: damaged ({error.errors()[0]['msg']}).") from None


def _write(path: Path, tokens: tuple[Token, ...]) -> None:
    """Replace the file whole, readable for its owner only."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_Content(tokens=tokens).model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(f".{path.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
