"""What is raised by hand or from a sheet: once, by whom it is theirs, with file and row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError, StepRefusedError
from geo_service.needs import sync
from geo_service.register import event_store, records, way
from geo_service.register.records import Raised, Stepped
from tests.geo_service.register.test_way import CAMAT, DINAS, KADES, KODE, OFFICE, VIEWER

WAY = way.read_way()
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
WELL = Raised(
    kode=KODE, layanan="air_minum", title="Sumur bor Dusun II", tahun=2027, lon=125.0, lat=-5.0
)


def test_the_same_proposal_in_other_letters_is_one_item(register: event_store.Register) -> None:
    item, is_new = register.raise_item(WELL, KADES, NOW)
    assert (is_new, item.raiser, item.state(WAY)) == (True, KADES, "draft")
    for title in ("SUMUR BOR dusun ii", "Sumur  bor\tDusun II "):
        again = WELL.model_copy(update={"title": title, "amount_idr": 5})
        assert register.raise_item(again, CAMAT, NOW) == (item, False)
    others: list[dict[str, Any]] = [
        {"title": "Sumur bor Dusun III"},
        {"layanan": None},
        {"tahun": 2028},
    ]
    for other in [*others, {"kode": "99.01.01.2004"}]:
        assert register.raise_item(WELL.model_copy(update=other), CAMAT, NOW)[1], other
    assert register.check() == []


def test_what_was_merged_is_not_raised_again(register: event_store.Register) -> None:
    one, _ = register.raise_item(WELL, KADES, NOW)
    other, _ = register.raise_item(WELL.model_copy(update={"title": "Perpipaan"}), KADES, NOW)
    into = register.merge(one, other, "Satu sumber air.", CAMAT, NOW)
    assert register.raise_item(WELL, KADES, NOW) == (into, False)


def test_equal_proposals_of_desa_that_became_one_are_merged(
    register: event_store.Register,
) -> None:
    items = [register.begin((WELL,), KADES, NOW) for _ in range(2)]
    needs = sync.Needs("sampel-1", 2025, {}, frozenset())
    assert sync.sync_register(register, needs, NOW).merged == 1
    (kept,) = register.items()
    assert kept.id in {item.id for item in items}


@pytest.mark.parametrize(
    ("actor", "changed", "said"),
    [
        (OFFICE, {}, "desa or the kecamatan"),
        (VIEWER, {}, "desa or the kecamatan"),
        (KADES, {"kode": "99.01.01.2004"}, "you act for"),
        (CAMAT, {"kode": "99.01.02.2001"}, "you act for"),
        (CAMAT.model_copy(update={"area": "99"}), {"kode": "99.01"}, "of a desa, or of a"),
        (CAMAT, {"title": None}, "must say: title"),
        (CAMAT, {"lat": None}, "must say: lon, lat"),
    ],
)
def test_who_may_raise_what_is_said_where_it_is_refused(
    register: event_store.Register, actor: records.Actor, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(StepRefusedError, match=said):
        register.raise_item(WELL.model_copy(update=changed), actor, NOW)
    assert register.items() == []


def test_who_raised_it_may_reopen_it_with_a_reason_and_no_other_desa(
    register: event_store.Register,
) -> None:
    item, _ = register.raise_item(WELL, KADES, NOW)
    send = Stepped(step="send", to=DINAS, due=date(2027, 1, 31))
    refuse = Stepped(step="refuse", task=DINAS, reason="Tidak ada dana.", on_behalf=True)
    item = register.add(item, (send, refuse), CAMAT, NOW)
    reopen = Stepped(step="reopen", task=DINAS, reason="Sumur lama kering.")
    with pytest.raises(StepRefusedError, match="must say: reason"):
        register.add(item, (reopen.model_copy(update={"reason": None}),), KADES, NOW)
    assert register.add(item, (reopen,), KADES, NOW).state(WAY) == "reopened"


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["register", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty register, named by the setting."""
    monkeypatch.setenv("GEO_REGISTER", f"sqlite:///{tmp_path / 'register.db'}")
    run("init")
    return tmp_path


def test_rows_of_a_sheet_are_raised_once_and_what_is_wrong_says_file_and_row(
    folder: Path, sample_releases: Path
) -> None:
    sheet = folder / "usulan_2027.csv"
    sheet.write_text(
        "kode_desa,desa,layanan,usulan,nilai,tahun\n"
        "99.01.01.2003,,air_minum,Sumur bor,85000000,2027\n"
        "99.01.01.2003,,air_minum,Sumur bor,85000000,2027\n"
        "99.01.01.2004,,air_minum,SUMUR  BOR,seratus,2027\n"
        "98.01.01.2003,,air_minum,Sumur bor,1,2027\n",
        encoding="utf-8",
    )
    said = run("propose", str(sheet), "--releases", str(sample_releases))
    assert "2 proposals raised, 0 were there already" in said
    assert "[[proposals]] musrenbang_2025" in said
    for row in (3, 4, 5):
        assert f"usulan_2027.csv, row {row}: " in said
    again = run("propose", str(sheet), "--releases", str(sample_releases))
    assert "0 proposals raised, 2 were there already" in again
    listed = run("list")
    assert "99.01.01.2003 Sumur bor draft" in listed
    (item,) = [line for line in listed.split("- ") if "99.01.01.2003" in line]
    assert "source=usulan_2027.csv, row 2" in run("show", item.split()[0])


def test_a_sheet_of_other_columns_is_read_as_init_would_propose(
    folder: Path, sample_releases: Path
) -> None:
    sheet = folder / "usulan.csv"
    rows = [
        f"99.01.01.200{number},Desa {number},Jalan desa {number},1000000,2027"
        for number in range(3, 7)
    ]
    header = "Kode Desa,Nama Desa,Usulan,Anggaran,Tahun"
    sheet.write_text("\n".join([header, *rows]), encoding="utf-8")
    said = run("propose", str(sheet), "--releases", str(sample_releases))
    assert "4 proposals raised" in said
    other = folder / "harga.csv"
    other.write_text("barang,harga\nsemen,60000\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="Declare it in wilayah"):
        run("propose", str(other), "--releases", str(sample_releases))


def test_items_are_raised_merged_and_corrected_by_hand(folder: Path) -> None:
    first = run("raise", KODE, "Sumur bor", "--by-desa", "--lon", "125", "--lat", "-5").split()[0]
    assert run("raise", KODE, "sumur BOR").startswith(f"There already: {first}")
    second = run("raise", KODE, "Perpipaan").split()[0]
    words = ("step", second, "send", "--area", "99.01.01", "--to", "PUPR", "--due", "2027-01-31")
    run(*words)
    merged = run("merge", second, first, "Satu sumber air", "--area", "99.01.01")
    assert merged.startswith(first)
    assert "PUPR sent" in merged
    back = run("correct", second, "3", "Keliru", "--area", "99.01.01")
    assert back.startswith(second)
    assert "PUPR sent" in back
    assert "PUPR" not in run("show", first).split("raised")[0]
    with pytest.raises(RegisterError, match=r"area: '99\.1'"):
        run("correct", second, "2", "Keliru", "--area", "99.1")
    run("check")
