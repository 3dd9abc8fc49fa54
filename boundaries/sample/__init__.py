"""The made-up kabupaten: a workspace with labelled dirt and its right answers (see README.md)."""

from __future__ import annotations

from boundaries.sample.workspace import write_sample

__all__ = ["write_sample"]
