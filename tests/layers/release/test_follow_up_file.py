"""Follow-up lists and services come back as they were written, whatever was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.errors import ReleaseUnusableError
from layers.release.follow_up_file import (
    FOLLOW_UP_NAME,
    SERVICES_NAME,
    FollowUpRecord,
    ServiceRecord,
    open_follow_up_lists,
    read_services_file,
    write_follow_up_lists,
    write_services,
)
from tests.layers.release.records import MAY_REUSE_FOLDERS, of_model

LISTS = st.lists(of_model(FollowUpRecord), unique_by=lambda listed: listed.kode, max_size=3)


@given(LISTS)
@MAY_REUSE_FOLDERS
def test_lists_come_back(tmp_path: Path, lists: list[FollowUpRecord]) -> None:
    (tmp_path / "tables").mkdir(exist_ok=True)
    write_follow_up_lists(tmp_path, lists)
    opened = open_follow_up_lists(tmp_path)
    assert [opened.find(kode) for kode in opened.keys] == lists


@given(st.lists(of_model(ServiceRecord), max_size=3))
@MAY_REUSE_FOLDERS
def test_services_come_back(tmp_path: Path, services: list[ServiceRecord]) -> None:
    write_services(tmp_path, services)
    assert list(read_services_file(tmp_path)) == services


def test_a_list_of_before_says_nothing_of_what_counts_its_people(tmp_path: Path) -> None:
    task: dict[str, object] = {
        **dict.fromkeys(("kode", "nama", "layanan", "keadaan", "pendanaan"), "x"),
        **dict.fromkeys(("keparahan", "penduduk", "prioritas", "dapat_digeser_idr")),
        **dict.fromkeys(("belanja_idr", "program_idr", "usulan_idr")),
        "penerima": {"jenis": "desa", "nama": "x"},
        "ukuran": [],
        "bukti": [],
        "bukti_jumlah": 0,
    }
    listed = {"kode": "1.1", "tahun": 2024, "tasks": [task], "area": [], "unknown": []}
    record = FollowUpRecord.model_validate_json(json.dumps(listed))
    assert record.tasks[0].penduduk_dasar is None


@pytest.mark.parametrize("content", ["", "{}", "[{}]", "\0"])
def test_services_of_another_shape_are_named_with_the_reason(tmp_path: Path, content: str) -> None:
    (tmp_path / SERVICES_NAME).write_text(content)
    with pytest.raises(ReleaseUnusableError, match=r"services\.json .*\(.+\)"):
        read_services_file(tmp_path)


def test_a_list_of_another_shape_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    empty = FollowUpRecord(kode="1.1", tahun=2024, tasks=(), area=(), unknown=())
    write_follow_up_lists(tmp_path, [empty])
    lines = tmp_path / FOLLOW_UP_NAME
    lines.write_bytes(lines.read_bytes().replace(b"2024", b"null"))
    with pytest.raises(ReleaseUnusableError, match=r"follow_up\.jsonl .*tahun"):
        open_follow_up_lists(tmp_path).find("1.1")
