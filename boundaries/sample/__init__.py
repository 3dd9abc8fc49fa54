"""The made-up kabupaten: a workspace with labelled dirt and its right answers (see README.md)."""

from __future__ import annotations

from boundaries.sample.faults import FAULTS, Fault
from boundaries.sample.truth import SampleTruth, make_truth
from boundaries.sample.workspace import write_sample

__all__ = ["FAULTS", "Fault", "SampleTruth", "make_truth", "write_sample"]
