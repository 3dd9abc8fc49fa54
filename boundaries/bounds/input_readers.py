"""The one door to the files of a workspace: whoever reads an input reads it through here.

`read_within` looks at what the file says of its size, then calls the reader in a process of its
own (`boundaries.bounds.reader_process`) and brings its result back.  The process lives as long as
`open_readers`: commands open it, and what runs outside of it (a test of one reader) reads in its
own process, under the checks alone.
"""

import os
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Generic, ParamSpec, TypeVar

import numpy as np
import shapely

from boundaries.bounds import declared_sizes, input_limits, reader_process
from boundaries.errors import BoundariesError, InputUnreadableError
from boundaries.geometry_arrays import Geometries

PROJECT = ("boundaries", "layers")
CAN_FORK = hasattr(os, "fork")
"""Where a process cannot be forked (Windows) the checks alone must do."""
_NO_MEMORY = ("memory", "alloc")

Given = ParamSpec("Given")
Read = TypeVar("Read")


@dataclass(slots=True)
class Readers:
    """The limits of a run and its process, if one was needed."""

    limits: input_limits.InputLimits = field(default_factory=input_limits.InputLimits)
    process: reader_process.ReaderProcess | None = None
    is_inside: bool = False

    def close(self) -> None:
        """End the process; another one starts when it is needed."""
        if self.process is not None:
            self.process.close()
            self.process = None


_READERS: ContextVar[Readers | None] = ContextVar("readers", default=None)


@dataclass(frozen=True, slots=True)
class _Call(Generic[Read]):
    """A function and what it is called with; unlike a ``partial`` it knows what it returns."""

    read: Callable[..., Read]
    args: tuple[object, ...]
    kwargs: Mapping[str, object]

    def __call__(self) -> Read:
        return self.read(*self.args, **self.kwargs)


@dataclass(frozen=True, slots=True)
class _Task(Generic[Read]):
    """A call of a reader, for a process of its own."""

    limits: input_limits.InputLimits
    file: input_limits.InputFile
    call: _Call[Read]


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Read]):
    """What a reader made of a file."""

    result: Read


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a reader made nothing of it."""

    error: Exception


@contextmanager
def open_readers(limits: input_limits.InputLimits | None = None) -> Iterator[Readers]:
    """Read files in a process of their own until the end of the block; blocks may be nested."""
    outer = _READERS.get()
    if outer is not None:
        yield outer
        return
    readers = Readers(limits or input_limits.InputLimits())
    mark = _READERS.set(readers)
    try:
        yield readers
    finally:
        _READERS.reset(mark)
        readers.close()


def set_limits(limits: input_limits.InputLimits) -> None:
    """Let the limits of a workspace count until the end of the block."""
    readers = _READERS.get()
    if readers is not None:
        readers.limits = limits


def current_limits() -> input_limits.InputLimits:
    """The limits of the run, those by default outside of one."""
    readers = _READERS.get()
    return input_limits.InputLimits() if readers is None else readers.limits


def read_within(
    file: input_limits.InputFile,
    read: Callable[Given, Read],
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> Read:
    """What ``read`` makes of a file, within what the file may cost.

    Parameters
    ----------
    read
        A function of a module, with arguments and a result that can leave a process.

    Findings
    --------
    Those of `boundaries.bounds.input_limits.beyond_limit`.

    Raises
    ------
    InputBeyondLimitError
        The file goes beyond a limit, or says that it will.
    InputUnreadableError
        It is no file that can be read, or its reader broke off.
    And what ``read`` raises.
    """
    readers = _READERS.get()
    if readers is not None and readers.is_inside:
        return read(*args, **kwargs)
    if readers is None or not CAN_FORK:
        declared_sizes.check_declared(file, current_limits().allow(file.size))
        return read(*args, **kwargs)
    declared_sizes.check_is_file(file)
    return _read_apart(readers, file, _Call(read, args, kwargs))


def _read_apart(readers: Readers, file: input_limits.InputFile, call: _Call[Read]) -> Read:
    """The result of a call in the process of the readers."""
    allowance = readers.limits.allow(file.size)
    task = pickle.dumps(_Task(readers.limits, file, call), protocol=5)
    if readers.process is None:
        readers.process = reader_process.ReaderProcess.fork(_serve)
    try:
        answer = readers.process.run(task, allowance)
    except reader_process.ReaderGoneError as gone:
        readers.close()
        raise _say_gone(file, readers.limits, gone) from gone
    except BaseException:
        readers.close()
        raise
    if readers.process.has_grown:
        readers.close()
    reply: _Answer[Read] | _Refused = pickle.loads(answer)  # noqa: S301  by our own child
    if isinstance(reply, _Refused):
        raise reply.error
    return reply.result


def _say_gone(
    file: input_limits.InputFile,
    limits: input_limits.InputLimits,
    gone: reader_process.ReaderGoneError,
) -> BoundariesError:
    allowance = limits.allow(file.size)
    if gone.setting == "memory_mb":
        return _out_of_memory(file, limits)
    if gone.setting == "seconds":
        what = "Reading it takes longer"
        return input_limits.beyond_limit(file.label, "seconds", allowance.seconds, "s", what)
    return InputUnreadableError(
        f"{file.label}: its reader broke off (signal {gone.number}); the file is damaged. Open it "
        "in the program it comes from and save it again."
    )


def _out_of_memory(
    file: input_limits.InputFile, limits: input_limits.InputLimits
) -> BoundariesError:
    what = "Reading it takes more memory"
    return input_limits.beyond_memory(file.label, limits.allow(file.size), what)


def _serve(message: bytes) -> bytes:
    """The answer of the process to one task: whether it was read, and the result or the error."""
    task: _Task[object] = pickle.loads(message)  # noqa: S301  made by the parent
    allowance = task.limits.allow(task.file.size)
    _READERS.set(Readers(task.limits, is_inside=True))
    try:
        reader_process.limit_this_process(allowance)
        declared_sizes.check_declared(task.file, allowance)
        return pickle.dumps(_Answer(task.call()), protocol=5)
    except Exception as error:
        return pickle.dumps(_Refused(_as_answer(error, task)), protocol=5)


def _as_answer(error: Exception, task: _Task[object]) -> Exception:
    """What the parent is to raise: errors of the project as they are, others as a message."""
    if _lacks_memory(error):
        return _out_of_memory(task.file, task.limits)
    label = task.file.label
    if isinstance(error, RecursionError):
        return InputUnreadableError(f"{label}: nested deeper than anything that can be read.")
    is_told = type(error).__module__.split(".")[0] in PROJECT or isinstance(error, OSError)
    if is_told and _can_leave(error):
        return error
    text = f"{type(error).__name__}: {error}"[:300]
    other = InputUnreadableError(f"{label}: cannot be read ({text}). Is the file complete?")
    other.add_note("".join(traceback.format_exception(error)))
    return other


def _can_leave(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  made here
    except Exception:
        return False
    return True


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether an error or what it came from is that no memory was given."""
    while error is not None:
        name = type(error).__module__.split(".")[0]
        words = str(error).lower() if name not in PROJECT else ""
        if isinstance(error, MemoryError) or any(word in words for word in _NO_MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


def check_table(file: input_limits.InputFile, rows: int, columns: int) -> None:
    """Refuse a table of more rows or columns than one input may have.

    Raises
    ------
    InputBeyondLimitError
        With the number.
    """
    input_limits.check_extent(file.label, current_limits().allow(file.size), rows, columns)


def check_shapes(file: input_limits.InputFile, geometry: Geometries, columns: int = 0) -> None:
    """Refuse shapes of more rows, columns or vertices than one input may have.

    Raises
    ------
    InputBeyondLimitError
        With the number.
    """
    check_table(file, len(geometry), columns)
    allowance = current_limits().allow(file.size)
    vertices = int(np.sum(shapely.get_num_coordinates(geometry), initial=0))
    if vertices > allowance.vertices:
        what = f"Its shapes have {vertices:,} vertices"
        raise input_limits.beyond_limit(
            file.label, "vertices", allowance.vertices, "vertices", what
        )


def check_cells(file: input_limits.InputFile, rows: int, columns: int, bytes_each: int) -> None:
    """Refuse a part of a raster that takes more memory than it may.

    Raises
    ------
    InputBeyondLimitError
        With its size.
    """
    allowance = current_limits().allow(file.size)
    needed = rows * columns * bytes_each
    if needed > allowance.memory:
        what = f"Its {rows:,} × {columns:,} cells take {needed / input_limits.MB:,.0f} MB"
        raise input_limits.beyond_memory(file.label, allowance, what)
