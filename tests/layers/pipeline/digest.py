"""A digest of what passes between steps: two can be compared, and none changes unseen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from functools import partial
from pathlib import Path
from types import FunctionType, MethodType

import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel
from shapely import STRtree

PLAIN = (str, bytes, int, float, bool, type(None), np.generic, date, Path, re.Pattern)


def digest(record: object) -> str:
    """The same for records that say the same: every field, cell, column type and index."""
    state = hashlib.sha256()
    for word in _words_of(record):
        state.update(word.encode() + b"\0")
    return state.hexdigest()


def _words_of(value: object) -> Iterator[str]:
    """What it says, in order.

    Raises
    ------
    TypeError
        For a kind of object that nobody thought of, so that nothing passes unseen.
    """
    yield type(value).__name__
    if value is pd.NA or value is pd.NaT or isinstance(value, PLAIN):
        yield repr(value)
    elif isinstance(value, shapely.Geometry):
        yield str(shapely.to_wkb(value, hex=True))
    elif isinstance(value, BaseModel):
        yield repr(value)
    elif isinstance(value, pd.DataFrame):
        yield from _words_of(value.index)
        for name in value.columns:
            yield str(name)
            yield from _words_of(value[name])
    elif isinstance(value, pd.Series | pd.Index):
        yield f"{value.dtype} {value.name!r}"
        yield from _words_of(value.tolist())
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape}"
        yield from _words_of(value.tolist() if value.dtype == object else value.tobytes())
    else:
        for part in _parts_of(value):
            yield from _words_of(part)


def _parts_of(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, Set):
        return sorted(value, key=repr)
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, STRtree):
        return list(value.geometries)
    if isinstance(value, partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, FunctionType):
        return [value.__module__, value.__qualname__]
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    raise TypeError(f"{type(value)} has no digest yet")
