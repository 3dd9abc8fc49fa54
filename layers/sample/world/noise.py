"""Chance without a clock or a state: the same key always gives the same number.

A number drawn for one thing does not depend on how many were drawn before it, so adding a desa or
a file changes nothing else in the sample.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")


def unit(*key: object) -> float:
    """A number in [0, 1) that depends on the key only.

    >>> unit("desa", 1) == unit("desa", 1), unit("desa", 1) == unit("desa", 2)
    (True, False)
    """
    digest = blake2b(repr(key).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def between(low: float, high: float, *key: object) -> float:
    """A number in [low, high) that depends on the key only."""
    return low + (high - low) * unit(*key)


def whole(low: int, high: int, *key: object) -> int:
    """A whole number from low to high, both included, that depends on the key only."""
    return low + int((high - low + 1) * unit(*key))


def pick(items: Sequence[Item], *key: object) -> Item:
    """One of the items, by the key only."""
    return items[int(len(items) * unit(*key))]
