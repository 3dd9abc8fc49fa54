"""Which tests `make quick` runs: the one place that says so.

A test is quick unless it needs another program, a process or a browser, or lies in a folder or
module below.  A module that takes more than some seconds of CPU (``pytest --durations=30``) is
added here; `make test` runs it as before.
"""

from pathlib import Path

import pytest

SLOW_MARKERS = frozenset({"browser", "gdal", "grass", "postgresql", "qgis", "real", "slow"})
# Fixtures that start a server of their own process, or build the sample where the code changed.
SLOW_FIXTURES = frozenset({"large_site", "sample_releases", "sample_workspace", "site"})
SLOW_FOLDERS = ("tests/cases/", "tests/clients/", "tests/end_to_end/", "tests/real/")
SLOW_MODULES = frozenset(
    {
        "tests/architecture/test_additions.py",
        "tests/boundaries/test_build.py",
        "tests/boundaries/test_code_assignment.py",
        "tests/boundaries/test_shape_checks.py",
        "tests/geo_service/register/test_door.py",
        "tests/geo_service/register/test_event_store.py",
        "tests/geo_service/register/test_every_route.py",
        "tests/geo_service/register/test_moves.py",
        "tests/geo_service/register/test_under_load.py",
        "tests/geo_service/test_abstract_features.py",
        "tests/geo_service/test_area_tokens.py",
        "tests/geo_service/test_caddy.py",
        "tests/geo_service/test_cli_what_if.py",
        "tests/geo_service/test_connections.py",
        "tests/geo_service/test_doctor.py",
        "tests/geo_service/test_front.py",
        "tests/geo_service/test_growth.py",
        "tests/geo_service/test_hidden_in_api.py",
        "tests/geo_service/test_integrity.py",
        "tests/geo_service/test_item_forms.py",
        "tests/geo_service/test_kept_releases.py",
        "tests/geo_service/test_metrics.py",
        "tests/geo_service/test_pool.py",
        "tests/geo_service/test_processes.py",
        "tests/geo_service/test_protection.py",
        "tests/geo_service/test_query_fuzz.py",
        "tests/geo_service/test_query_numbers.py",
        "tests/geo_service/test_schema_of_api.py",
        "tests/geo_service/test_store.py",
        "tests/geo_service/test_store_opening.py",
        "tests/geo_service/test_store_pruned.py",
        "tests/geo_service/test_supervisor.py",
        "tests/geo_service/test_token_layers.py",
        "tests/geo_service/test_under_load.py",
        "tests/geo_service/test_urls.py",
        "tests/layers/access/test_access.py",
        "tests/layers/access/test_nearest.py",
        "tests/layers/access/test_raster_cover.py",
        "tests/layers/access/test_removing.py",
        "tests/layers/access/test_road_directions.py",
        "tests/layers/access/test_roads_workspace.py",
        "tests/layers/access/test_siting.py",
        "tests/layers/access/test_travel_time.py",
        "tests/layers/access/test_workspace_access.py",
        "tests/layers/pipeline/test_early_checks.py",
        "tests/layers/pipeline/test_lost_inputs.py",
        "tests/layers/pipeline/test_purity.py",
        "tests/layers/pipeline/test_removing.py",
        "tests/layers/provenance/test_mutation.py",
        "tests/layers/provenance/test_release_file.py",
        "tests/layers/provenance/test_unreachable.py",
        "tests/layers/provenance/test_values.py",
        "tests/layers/publish/test_files.py",
        "tests/layers/publish/test_killed_builds.py",
        "tests/layers/publish/test_release.py",
        "tests/layers/publish/tiling/test_cutting.py",
        "tests/layers/release/test_drawings.py",
        "tests/layers/release/test_feature_index.py",
        "tests/layers/release/test_findings_file.py",
        "tests/layers/release/test_follow_up_file.py",
        "tests/layers/release/test_place_values.py",
        "tests/layers/sample/test_files.py",
        "tests/layers/sample/test_product.py",
        "tests/layers/synchronisation/test_match.py",
        "tests/layers/synchronisation/test_totals.py",
        "tests/layers/synchronisation/test_unread_lines.py",
        "tests/layers/tables/test_alike_parts.py",
        "tests/layers/tables/test_betrayed.py",
        "tests/layers/tables/test_dirty_spending.py",
        "tests/layers/tables/test_dirty_tables.py",
        "tests/layers/tables/test_earmarks.py",
        "tests/layers/tables/test_fuzz_tables.py",
        "tests/layers/tables/test_hidden_totals.py",
        "tests/layers/tables/test_hiding.py",
        "tests/layers/tables/test_line_amounts.py",
        "tests/layers/tables/test_line_sums.py",
        "tests/layers/tables/test_plan_codes.py",
        "tests/layers/tables/test_plans.py",
        "tests/layers/tables/test_sample.py",
        "tests/layers/tables/test_stated_units.py",
        "tests/layers/tables/test_summary_coverage.py",
        "tests/layers/test_assigned_codes.py",
        "tests/layers/test_facilities.py",
        "tests/layers/test_facility_codes.py",
        "tests/layers/test_doubtful_kinds.py",
        "tests/layers/test_facility_kinds.py",
        "tests/layers/test_former_codes.py",
        "tests/layers/test_init_measure.py",
        "tests/layers/test_input_bombs.py",
        "tests/layers/test_input_bytes.py",
        "tests/layers/test_matches.py",
        "tests/layers/test_proposal_passes.py",
        "tests/layers/test_rbi_folder.py",
        "tests/layers/test_shipped_histories.py",
        "tests/layers/test_template.py",
        "tests/layers/test_unused_sections.py",
        "tests/web_map/test_cited_sources.py",
        "tests/web_map/test_closed_pages.py",
        "tests/web_map/test_errors.py",
        "tests/web_map/test_files.py",
        "tests/web_map/test_findings_page.py",
        "tests/web_map/test_five_ways.py",
        "tests/web_map/test_hidden_everywhere.py",
        "tests/web_map/test_middle.py",
        "tests/web_map/test_number_texts.py",
        "tests/web_map/test_origins.py",
        "tests/web_map/test_pages.py",
        "tests/web_map/test_partial_budgets.py",
        "tests/web_map/test_raster_cover.py",
        "tests/web_map/test_relation.py",
        "tests/web_map/test_spelling.py",
        "tests/web_map/test_start.py",
        "tests/web_map/test_terms.py",
        "tests/web_map/test_unknown_needs.py",
        "tests/web_map/test_values_by_row.py",
        "tests/web_map/test_visits.py",
        "tests/web_map/test_words.py",
    }
)


def has_quick_tests(path: Path, root: Path) -> bool:
    """Whether a module or folder may hold quick tests; what may not is not even imported."""
    relative = path.relative_to(root).as_posix()
    return not f"{relative}/".startswith(SLOW_FOLDERS) and relative not in SLOW_MODULES


def is_quick(item: pytest.Item) -> bool:
    """Whether a test belongs to those that are run before every commit."""
    return not (
        any(item.get_closest_marker(name) for name in SLOW_MARKERS)
        or SLOW_FIXTURES & set(getattr(item, "fixturenames", ()))
    )
