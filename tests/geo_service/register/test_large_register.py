"""The register of the benchmark is one that the program itself would have made."""

from __future__ import annotations

from geo_service.register import event_store
from tests.benchmarks import large_register


def test_its_lists_are_as_its_events_make_them(register: event_store.Register) -> None:
    count = large_register.fill_register(register, 25)
    items = list(register.each_item())
    assert len(items) == 25 * large_register.SERVICES
    assert count == sum(item.version for item in items)
    assert 2.5 < count / len(items) < 3.5
    assert {item.kode[:8] for item in items} == {"11.01.01", "11.01.02", "11.01.03"}
    assert register.check() == []
