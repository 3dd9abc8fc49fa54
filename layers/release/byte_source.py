"""The byte seam: everything is read as "give me offset, length".

Archives and indexes are parsed from a `ByteSource`, so tests use memory where the server maps a
file.  Mapped files are never written to or truncated: released files are immutable.
"""

import mmap
from pathlib import Path
from typing import Protocol


class ByteSource(Protocol):
    """Bytes that can be read at any offset."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, as a copy; fewer than ``length`` only at the end."""
        ...

    def view(self, offset: int, length: int) -> memoryview:
        """The same bytes without a copy; keeps the source alive."""
        ...


class MemoryBytes:
    """Bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self._view = memoryview(content)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self._view)

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, as a copy."""
        return bytes(self._view[offset : offset + length])

    def view(self, offset: int, length: int) -> memoryview:
        """The same bytes without a copy."""
        return self._view[offset : offset + length]


class MappedFile:
    """A file mapped into memory, read-only.

    It stays readable after the file was unlinked, and is unmapped when the last reference goes: a
    pruned release serves the requests under way and then frees its disk space.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            is_empty = path.stat().st_size == 0
            self._map = None if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return 0 if self._map is None else len(self._map)

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, as a copy."""
        return b"" if self._map is None else self._map[offset : offset + length]

    def view(self, offset: int, length: int) -> memoryview:
        """The same bytes without a copy."""
        return memoryview(b"" if self._map is None else self._map)[offset : offset + length]
