"""What ``check`` passes, ``build`` builds; and whatever arrives, nobody sees a traceback.

Random subsets of the inputs of a tiny workspace, damaged at random.  A dozen examples run with
every test run; ``make fuzz`` runs hundreds.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from boundaries.errors import BoundariesError
from layers.errors import BlockedError, LayersError
from layers.pipeline.build import build_release, check_workspace
from tests.end_to_end.damage import BOUNDARY, DAMAGES, Damage, split_sections, write_tiny

Plan = tuple[frozenset[int], list[tuple[int, Damage, int]]]


@pytest.fixture(scope="module")
def tiny(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(sample_workspace, tmp_path_factory.mktemp("tiny") / "kecil")


def plans(sections: int, files: int) -> st.SearchStrategy[Plan]:
    """Which sections are left, and which files are damaged how, with a seed."""
    return st.tuples(
        st.frozensets(st.integers(0, sections - 1), max_size=6),
        st.lists(
            st.tuples(
                st.integers(0, files - 1), st.sampled_from(DAMAGES), st.integers(0, 1_000_000)
            ),
            max_size=4,
        ),
    )


def damage(tiny: Path, folder: Path, plan: Plan) -> None:
    """The workspace of one plan: the boundaries always, some sections, some damaged files."""
    shutil.copytree(tiny, folder)
    head, wilayah, boundaries, *rest = split_sections(
        (tiny / "wilayah.toml").read_text(encoding="utf-8")
    )
    assert BOUNDARY in boundaries
    chosen, damages = plan
    left = [section for at, section in enumerate(rest) if at in chosen]
    (folder / "wilayah.toml").write_text(
        "".join([head, wilayah, boundaries, *left]), encoding="utf-8"
    )
    paths = [folder / path for path in sorted(_declared("".join([boundaries, *left])))]
    for number, act, seed in damages:
        path = paths[number % len(paths)]
        note(f"{act.__name__} {path.relative_to(folder)} {seed}")
        try:
            act(path, random.Random(seed))
        except Exception as error:  # a file damaged before may be beyond this damage
            note(f"not possible: {error}")


def _declared(declaration: str) -> set[str]:
    lines = [line for line in declaration.splitlines() if line.startswith("path = ")]
    return {line.split('"')[1] for line in lines}


def hold(folder: Path) -> str:
    """What became of the workspace; raises what a user would see as a traceback.

    A build prepares as a check does: only what is refused later needs a check of its own.
    """
    try:
        build_release(folder, folder.parent / "rilis", publish=True)
    except BlockedError:
        return "blocked"
    except (LayersError, BoundariesError):
        with pytest.raises((LayersError, BoundariesError), match=r"\w"):
            check_workspace(folder)
        return "refused"
    return "built"


# Warnings of libraries about damaged files are no tracebacks.
@pytest.mark.filterwarnings("default")
def test_what_check_passes_is_built_and_nothing_ends_in_a_traceback(
    tiny: Path, request: pytest.FixtureRequest
) -> None:
    sections = len(split_sections((tiny / "wilayah.toml").read_text(encoding="utf-8"))) - 3
    outcomes: list[str] = []

    @settings(
        max_examples=request.config.getoption("--fuzz"),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(plans(sections, sections + 1))
    def run(plan: Plan) -> None:
        note(f"sections {sorted(plan[0])}")
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "kecil"
            damage(tiny, folder, plan)
            outcomes.append(hold(folder))

    run()
    assert "built" in outcomes
