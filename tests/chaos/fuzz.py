"""Random inputs for each parser that sees what strangers write: ``make fuzz``.

    fuzz: NAME seconds=… inputs=… slowest=…s tracebacks=… ok|short

An input is read, or refused by an error of the project; anything else is a traceback.  Inputs are
made by Hypothesis: texts of the words of a grammar, files that were whole before they were damaged.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import traceback
import warnings
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException

from boundaries.bounds.input_readers import open_readers
from boundaries.errors import BoundariesError
from boundaries.polygons import geometry_text
from geo_service.errors import GeoServiceError
from layers.errors import LayersError
from tests.chaos.parsers import TARGETS, Input, Target

EXAMPLES = 200
"""Of one round; then the time is looked at."""
MOST_BYTES = 6_000_000_000
"""Of this process; files are read in one of their own, as they are in use."""
MOST_TRACEBACKS = 5
REFUSALS = (BoundariesError, LayersError, GeoServiceError)


@dataclass
class Outcome:
    """What a parser made of its inputs."""

    name: str
    inputs: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    tracebacks: dict[str, str] = field(default_factory=dict)
    """The text of each, by where it came from."""

    def line(self) -> str:
        """The figures on one line."""
        return (
            f"fuzz: {self.name} seconds={self.seconds:.0f} inputs={self.inputs} "
            f"slowest={self.slowest_s:.2f}s tracebacks={len(self.tracebacks)} "
            f"{'short' if self.tracebacks else 'ok'}"
        )


def fuzz(name: str, seconds: float, first: int = 0) -> Outcome:
    """Give a parser inputs for so many seconds; rounds are numbered, and repeat by their number."""
    outcome, target = Outcome(name), TARGETS[name]()
    began, number = time.monotonic(), first
    while time.monotonic() < began + seconds and len(outcome.tracebacks) < MOST_TRACEBACKS:
        try:
            with open_readers():
                _round(target, number, outcome, began + seconds)
        except REFUSALS:
            raise
        except HypothesisException:
            raise
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{last.filename}:{last.lineno} {type(error).__name__}"
            outcome.tracebacks.setdefault(place, _told(error, number))
        number += 1
    outcome.seconds = time.monotonic() - began
    return outcome


def _round(target: Target[Input], number: int, outcome: Outcome, end: float) -> None:
    failed: set[str] = set()

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(target.inputs)
    def read_all(given: Input) -> None:
        began = time.monotonic()
        if began > end and not failed:
            return
        try:
            target.read(given)
        except (*REFUSALS, geometry_text.GeometryTextError):
            pass
        except Exception as error:
            # Now it is made as small as can be, which takes its time.
            failed.add(type(error).__name__)
            raise
        outcome.inputs += 1
        outcome.slowest_s = max(outcome.slowest_s, time.monotonic() - began)

    read_all()


def _told(error: Exception, number: int) -> str:
    notes = "\n".join(getattr(error, "__notes__", []))
    return f"round {number}\n{''.join(traceback.format_exception(error)[-6:])}{notes}"


def main(arguments: list[str]) -> int:
    """Give each parser inputs; the exit code is 1 where one ended in a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.fuzz")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each parser")
    parser.add_argument("--only", default="", choices=["", *TARGETS], help="one parser")
    parser.add_argument("--round", type=int, default=0, help="the first round")
    given = parser.parse_args(arguments)
    # What is beyond it is an error of Python, not the end of the machine.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    warnings.simplefilter("ignore")
    outcomes = []
    for name in [given.only] if given.only else TARGETS:
        outcome = fuzz(name, given.seconds, given.round)
        outcomes.append(outcome)
        print(outcome.line(), flush=True)
        for place, text in outcome.tracebacks.items():
            print(f"fuzz: {name}: {place}\n{text}", flush=True)
    return 1 if any(outcome.tracebacks for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
