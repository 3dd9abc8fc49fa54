"""What ``datetime`` takes, and what it says of the rest."""

from __future__ import annotations

import pytest

from geo_service.errors import MalformedParameterError
from geo_service.ogc.params import check_interval
from tests.geo_service.client import Client

GOOD = (
    "2024-01-31",
    "2024-02-29",
    "2024-01-31T00:00:00Z",
    "2024-01-31t23:59:60z",
    "2024-01-31T24:00:00Z",
    "2024-01-31T10:00:00.123456789+07:00",
    "0000-01-01T00:00:00Z/9999-12-31T23:59:59Z",
    "0000-02-29/0001-01-01",
    "../2025-01-01T00:00:00Z",
    "2025-01-01/..",
    "/2025-01-01",
    "2025-01-01/",
    "2024-01-31/2024-01-31",
    "2024-01-31T10:00:00Z/2024-01-31",
    "2024-01-31T10:00:00+07:00/2024-01-31T03:00:00Z",
    "2024-01-31T09:00:00+07:00/2024-01-31T03:00:00Z",
)
BACKWARDS = (
    "2025-01-01/2024-01-01",
    "2024-02-01/2024-01-31",
    "2024-01-31T10:00:01Z/2024-01-31T10:00:00Z",
    "2024-01-31T10:00:00.5Z/2024-01-31T10:00:00.4Z",
    "2024-01-31T03:00:00Z/2024-01-31T09:59:00+07:00",
    "2024-01-31T10:00:00Z/2024-01-30",
    "9999-12-31/0000-01-01",
    "0001-01-01/0000-12-31",
    "2024-01-31T24:00:00Z/2024-01-31",
)
MALFORMED = (
    "",
    "..",
    "/",
    "../..",
    "../",
    "yesterday",
    "2024",
    "2024-13-01",
    "2023-02-29",
    "0001-02-29",
    "2024-01-31/2024-02-30",
    "2024-01-31T25:00:00Z",
    "2024-01-31T24:00:01Z",
    "2024-01-31T10:60:00Z",
    "2024-01-31T10:00:61Z",
    "2024-01-31T10:00:00+24:00",
    "2024-01-31T10:00:00+07:60",
    "2024-01-01/2024-02-01/2024-03-01",
    "٢٠٢٤-01-31",
    "31-01-2024",
)


@pytest.mark.parametrize("text", GOOD)
def test_a_moment_or_an_interval_is_taken(text: str) -> None:
    check_interval(text)


@pytest.mark.parametrize("text", BACKWARDS)
def test_an_interval_that_ends_before_it_starts_is_refused(text: str) -> None:
    with pytest.raises(MalformedParameterError, match=r"ends .* before it starts"):
        check_interval(text)


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_moment_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(MalformedParameterError, match="expected 2024-01-31"):
        check_interval(text)


def test_the_items_of_a_layer_answer_400_to_an_interval_written_backwards(client: Client) -> None:
    items = "/collections/desa/items?limit=1&datetime="
    answer = client.get(f"{items}2025-01-01/2024-01-01")
    assert answer.status_code == 400
    assert "before it starts" in answer.json()["detail"]
    assert client.get(f"{items}2024-01-01T00:00:00%2B07:00/2025-01-01").status_code == 200
    assert client.get(f"{items}2024-01-01T00:00:00+07:00/2025-01-01").status_code == 200
