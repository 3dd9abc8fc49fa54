"""Run every benchmark: ``python -m tests.benchmarks [NAME …]`` (part of a module's name).

A module ``bench_*.py`` here holds functions ``bench_*()``, each printing its figures.  A benchmark
on real data says so and is left out where ../shared/data is absent.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(wanted: list[str]) -> None:
    """Run the benchmarks whose module name holds one of the wanted words, or all."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if wanted and not any(word in path.stem for word in wanted):
            continue
        module = importlib.import_module(f"tests.benchmarks.{path.stem}")
        for name in sorted(dir(module)):
            if name.startswith("bench_"):
                getattr(module, name)()


if __name__ == "__main__":
    main(sys.argv[1:])
