"""Schemathesis asks every operation of ``/api`` with valid and invalid parameters."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from geo_service.app import create_app
from geo_service.settings import Settings
from web_map.all_pages import PAGES

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


SEEDED = settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_api_answers_as_it_says(releases: Path, mode: GenerationMode) -> None:
    app = create_app(Settings(releases=releases), PAGES)
    schema: Any = schemathesis.openapi.from_asgi("/api", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 15
    for operation in operations:

        @SEEDED
        @given(operation.as_strategy(generation_mode=mode))
        def answers_as_it_says(case: Any) -> None:
            case.call_and_validate(checks=list(CHECKS))

        # An operation without parameters cannot be asked wrongly.
        with suppress(Unsatisfiable):
            answers_as_it_says()
