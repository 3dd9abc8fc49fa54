"""The made-up kabupaten: a workspace with labelled dirt and its right answers (see README.md)."""

from layers.sample.faults import FAULTS, Fault
from layers.sample.sample_workspace import write_sample
from layers.sample.truth import SampleTruth, make_truth

__all__ = ["FAULTS", "Fault", "SampleTruth", "make_truth", "write_sample"]
