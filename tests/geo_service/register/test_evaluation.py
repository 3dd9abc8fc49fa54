"""The evaluation sheet of a draft APBDes, and what the camat decides on its lines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError, StepRefusedError
from geo_service.needs import evaluation
from geo_service.register import event_store, records
from tests.geo_service.register.test_way import CAMAT, KADES, KODE

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
AGREED = records.Decided(line="need:air_minum", decision="agreed")


def test_lines_are_needs_without_money_money_without_need_and_earmarks(
    register: event_store.Register, sample_releases: Path
) -> None:
    release = (sample_releases / "current").resolve()
    lines = evaluation.read_evaluation(release, register, KODE, 2025)
    assert {line.kind for line in lines} == {"need", "surplus", "earmark"}
    earmark = next(line for line in lines if line.id == "earmark:ketahanan_pangan")
    assert (earmark.state, earmark.limit, earmark.limit_percent) == ("kept", "at_least", 20)
    assert earmark.percent == pytest.approx(28.6929)
    surplus = [line for line in lines if line.kind == "surplus"]
    assert all(line.amount_idr for line in surplus)
    with pytest.raises(RegisterError, match=r"no needs of 99\.01\.01\.2003 in 1999"):
        evaluation.read_evaluation(release, register, KODE, 1999)


def test_the_last_decision_counts_and_no_list_shows_the_sheet(
    register: event_store.Register, sample_releases: Path
) -> None:
    evaluation.decide(register, (KODE, 2025), AGREED, CAMAT, NOW)
    changed = records.Decided(line="need:air_minum", decision="to_change", note="Sumur bor.")
    other = records.Decided(line="earmark:blt", decision="refused")
    evaluation.decide(register, (KODE, 2025), changed, CAMAT, NOW)
    item = evaluation.decide(register, (KODE, 2025), other, CAMAT, NOW)
    assert item.decisions == (changed, other)
    assert [event.number for event in register.events(item.id)] == [1, 2, 3, 4]
    assert register.items() == []
    assert register.check() == []
    wrong = records.Corrected(number=3, reason="Keliru.")
    with pytest.raises(StepRefusedError, match="none that a person"):
        register.add(item, (wrong.model_copy(update={"number": 1}),), CAMAT, NOW)


def test_only_the_kecamatan_decides_and_an_evaluation_goes_no_way(
    register: event_store.Register,
) -> None:
    with pytest.raises(StepRefusedError, match="kecamatan decides"):
        evaluation.decide(register, (KODE, 2025), AGREED, KADES, NOW)
    away = CAMAT.model_copy(update={"area": "99.01.02"})
    with pytest.raises(StepRefusedError, match="you act for"):
        evaluation.decide(register, (KODE, 2025), AGREED, away, NOW)
    item = evaluation.decide(register, (KODE, 2025), AGREED, CAMAT, NOW)
    merged = records.Merged(into="0" * 16, reason="x")
    with pytest.raises(StepRefusedError, match="goes no way"):
        register.add(item, (merged,), CAMAT, NOW)
    raised = records.Raised(kode=KODE, title="Sumur")
    need = register.begin((raised,), CAMAT, NOW)
    with pytest.raises(StepRefusedError, match="lines of an evaluation"):
        register.add(need, (AGREED,), CAMAT, NOW)


def test_the_sheet_is_shown_and_decided_on_at_the_command_line(
    tmp_path: Path, sample_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_REGISTER", f"sqlite:///{tmp_path / 'register.db'}")

    def run(*words: str) -> str:
        found = CliRunner().invoke(app, ["register", *words], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.output

    run("init")
    where = ("--releases", str(sample_releases))
    sheet = run("evaluate", KODE, "2025", *where)
    assert "earmark:ketahanan_pangan  kept  Rp 95774750  28.7 % (at_least 20 %)" in sheet
    line = sheet.split()[0]
    words = (KODE, "2025", line, "to_change", "--area", "99.01.01", "--note", "Tambah", *where)
    run("decide", *words)
    assert "to_change: Tambah" in run("evaluate", KODE, "2025", *where)
    with pytest.raises(RegisterError, match="is no line of"):
        run("decide", KODE, "2025", "need:x", "agreed", "--area", "99.01.01", *where)
    with pytest.raises(RegisterError, match="decision: "):
        run("decide", KODE, "2025", line, "perhaps", "--area", "99.01.01", *where)
    assert "0 reminders" in run("remind")
    assert "Permendagri 114/2014" in run("calendar")
