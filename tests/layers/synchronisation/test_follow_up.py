"""The follow-up list: each need once, under one addressee, what is not known apart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from layers.release.follow_up_file import FollowUpRecord, open_follow_up_lists
from layers.release.provenance_file import FILE_NAME, Provenance
from layers.synchronisation.follow_up_lists import basis_of_people, choose_actor
from layers.synchronisation.map_layers import number_matches
from layers.synchronisation.service_list import choose_basic_services

SERVICES = choose_basic_services()


@pytest.fixture(scope="module")
def release(sample_releases: Path) -> Path:
    return next(one for one in sample_releases.glob("sampel-*") if one.is_dir())


def read_lists(release: Path) -> list[FollowUpRecord]:
    lists = open_follow_up_lists(release)
    return [found for kode in lists.keys if (found := lists.find(kode)) is not None]


def test_every_need_is_there_once(release: Path) -> None:
    frame = pd.read_parquet(release / "tables" / "synchronisation.parquet")
    frame = frame[frame["tahun"] == frame["tahun"].max()]
    tasks = Counter(
        (task.kode, task.layanan) for listed in read_lists(release) for task in listed.tasks
    )
    needs = frame[frame["kebutuhan"] == "need"]
    assert set(tasks) == set(zip(needs["kode"], needs["layanan"], strict=True))
    assert set(tasks.values()) == {1}


def test_the_index_finds_each_kecamatan(release: Path) -> None:
    lists = open_follow_up_lists(release)
    assert sorted(lists.keys) == ["99.01.01", "99.01.02", "99.01.03"]
    assert [listed.kode for listed in read_lists(release)] == list(lists.keys)


def test_tasks_stand_by_priority_and_ties_by_code(release: Path) -> None:
    for listed in read_lists(release):
        priorities = [task.prioritas for task in listed.tasks]
        ranked = [priority for priority in priorities if priority is not None]
        assert ranked == sorted(ranked, reverse=True)
        assert priorities[: len(ranked)] == ranked


def test_a_programme_without_desa_is_told_to_every_kecamatan_it_may_be_in(release: Path) -> None:
    for listed in read_lists(release):
        assert [line.uraian for line in listed.area] == ["Pengeboran sumur dalam"]


@pytest.mark.parametrize(
    ("state", "funding", "service", "kind"),
    [
        ("need_unfunded", "known", "air_minum", "desa"),
        ("need_unfunded", "not_applicable", "air_minum", "kabupaten"),
        ("need_unfunded", "known", "sd", "kabupaten"),
        ("need_unfunded", "known", "sma", "provinsi"),
        ("need_funded_by_desa", "known", "air_minum", "desa"),
        ("need_in_programme", "known", "air_minum", "kabupaten"),
        ("need_proposed_only", "known", "air_minum", "kabupaten"),
        ("unknown", "unknown", "air_minum", "desa"),
    ],
)
def test_who_acts_next(state: str, funding: str, service: str, kind: str) -> None:
    assert choose_actor(state, funding, SERVICES[service], "Lato").jenis == kind


def test_each_task_says_what_its_people_were_counted_by_as_its_provenance_does(
    release: Path,
) -> None:
    """Of a facility too: its people are a share of those of the desa, so the register is cited."""
    provenance = Provenance(release / FILE_NAME)
    tasks = [task for listed in read_lists(release) for task in listed.tasks]
    numbers = number_matches(pd.DataFrame([dict(task) for task in tasks]))
    bases = []
    for task, fid in zip(tasks, numbers, strict=True):
        if task.penduduk is None:
            assert task.penduduk_dasar is None
            continue
        inputs = provenance.inputs("synchronisation", "people", None, [int(fid)])
        counted_by = {piece.input.split(".")[0] for piece in inputs if piece.role == "people"}
        assert task.penduduk_dasar == ("register" if "tables" in counted_by else "raster"), task
        assert task.penduduk_dasar == "register" or "population" in counted_by, task
        bases.append(task.penduduk_dasar)
    assert "register" in bases


@pytest.mark.parametrize(
    ("people", "registered", "basis"),
    [(120, {"a"}, "register"), (120, {"b"}, "raster"), (0, set(), "raster"), (None, {"a"}, None)],
)
def test_the_basis_of_people_is_of_the_desa_and_of_a_number_only(
    people: int | None, registered: set[str], basis: str | None
) -> None:
    assert basis_of_people({"kode": "a", "penduduk": people}, registered) == basis
