"""Each step is a function of its task: again, elsewhere or in another order it says the same."""

from __future__ import annotations

import pickle
import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from boundaries.errors import NothingInScopeError
from layers.pipeline.build import build_release
from layers.pipeline.prepare import Prepared, prepare_layers
from layers.pipeline.step_records import Files, Result, Task
from tests.layers.pipeline.digest import digest
from tests.layers.pipeline.world import write_everything
from tests.sample_cache import digest_of

Call = tuple[Callable[[object], object], object]
STEPS = {
    "read_code_lists",
    "lay_ground",
    "read_table",
    "settle_indicators",
    "read_budget",
    "settle_spending",
    "choose_people",
    "read_facility_list",
    "measure_gaps",
    "read_plans",
    "match_money",
    "assemble_layers",
}


class Recorder:
    """Runs steps in turn and remembers each with its task."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(
        self, step: Callable[[Task], Result], tasks: Iterable[Task], /
    ) -> Iterator[Result]:
        for task in tasks:
            self.calls.append((step, task))  # type: ignore[arg-type]  # tasks of every kind
            yield step(task)


def run_backwards(step: Callable[[Task], Result], tasks: Iterable[Task], /) -> list[Result]:
    """The last task first; the results in the order of the tasks all the same."""
    return [step(task) for task in reversed([*tasks])][::-1]


def name_of(step: Callable[..., object]) -> str:
    plain = step.func if isinstance(step, partial) else step
    return str(plain.__name__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_everything(tmp_path_factory.mktemp("pure") / "w")


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def prepared(folder: Path, recorder: Recorder) -> Prepared:
    return prepare_layers(folder, run=recorder)


@pytest.fixture(scope="module")
def calls(prepared: Prepared, recorder: Recorder) -> list[Call]:
    assert prepared.report.loads
    return recorder.calls


@pytest.fixture(scope="module")
def results(calls: list[Call]) -> list[str]:
    """What each call says, by digest."""
    return [digest(step(task)) for step, task in calls]


def test_every_step_is_among_the_calls(calls: list[Call]) -> None:
    assert {name_of(step) for step, _ in calls} == STEPS


def test_the_workspace_has_something_for_each_step(prepared: Prepared) -> None:
    assert {load.input.split(".")[0] for load in prepared.report.loads} == {
        "boundaries",
        "crosswalks",
        "facilities",
        "names",
        "programmes",
        "proposals",
        "roads",
        "spending",
        "tables",
    }
    assert {"catchments", "gaps", "earmarks", "synchronisation_evidence"} <= {*prepared.tables}
    assert any(prepared.proposals.values())


def test_a_step_says_the_same_twice_and_leaves_its_task_alone(
    calls: list[Call], results: list[str]
) -> None:
    for (step, task), said in zip(calls, results, strict=True):
        before = digest(task)
        assert digest(step(task)) == said, name_of(step)
        assert digest(task) == before, name_of(step)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_step_in_another_process_says_the_same(
    calls: list[Call], results: list[str], seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever order sets have there: it hangs on a number that Python draws for each process."""
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pending = [pool.submit(step, task) for step, task in calls]
        for (step, _), future, said in zip(calls, pending, results, strict=True):
            assert digest(future.result()) == said, name_of(step)


def test_steps_in_any_order_say_the_same(calls: list[Call], results: list[str]) -> None:
    order = list(range(len(calls)))
    random.Random(17).shuffle(order)
    for position in order:
        step, task = calls[position]
        assert digest(step(task)) == results[position], name_of(step)


def test_a_step_reads_the_files_of_its_task_and_no_other(
    calls: list[Call], results: list[str], folder: Path, tmp_path: Path
) -> None:
    """In a folder that has only these; so their digests are all that a cache needs of the disk."""
    reading = 0
    for position, (step, task) in enumerate(calls):
        files = getattr(task, "files", None)
        if not isinstance(files, Files):
            continue
        alone = tmp_path / str(position)
        alone.mkdir()
        for entry in files.entries:
            shutil.copyfile(folder / entry.path, alone / entry.path)
        object.__setattr__(task, "files", Files(alone, files.entries))
        try:
            assert digest(step(task)) == results[position], name_of(step)
        finally:
            object.__setattr__(task, "files", files)
        reading += 1
    assert reading >= 12


def test_the_order_of_running_does_not_show(folder: Path, tmp_path: Path) -> None:
    built = build_release(folder, tmp_path / "one")
    other = build_release(folder, tmp_path / "other", run=run_backwards)
    assert other.release_id == built.release_id
    assert digest_of(other.path) == digest_of(built.path)
    assert other.report.findings == built.report.findings


def test_a_refusal_comes_out_of_another_process_with_its_proposals() -> None:
    refused = pickle.loads(pickle.dumps(NothingInScopeError("none", {"boundaries.1": ()})))
    assert (str(refused), refused.proposals) == ("none", {"boundaries.1": ()})
