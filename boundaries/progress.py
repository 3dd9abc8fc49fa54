"""How long work reports its progress, without knowing who listens."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as ``progress(step, done, total)``; counts are of the things the step works on."""


def silent(step: str, done: int, total: int) -> None:
    """Listen to nothing."""
