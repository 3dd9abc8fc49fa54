"""The workspace of the sample kabupaten: all its files, and their writing to a folder."""

from functools import cache
from pathlib import Path

from layers.sample import (
    boundary_files,
    certificate_files,
    code_files,
    facility_files,
    health_files,
    land_cover,
    programme_files,
    register_files,
    sample_declaration,
    sample_roads,
    spending_files,
)
from layers.sample.world import sample_people, sample_records


@cache
def make_files() -> tuple[sample_records.OfficeFile, ...]:
    """All input files of the sample, sorted by path."""
    made = (
        *boundary_files.make_boundary_files(),
        *code_files.make_code_files(),
        *health_files.make_health_files(),
        *register_files.make_register_files(),
        *spending_files.make_spending_files(),
        *facility_files.make_facility_files(),
        *certificate_files.make_certificate_files(),
        *programme_files.make_programme_files(),
        sample_people.make_population_file(),
        sample_roads.make_road_file(),
        land_cover.make_land_cover_file(),
    )
    return tuple(sorted(made, key=lambda file: file.path))


def write_sample(folder: Path, broken: str | None = None) -> None:
    """The workspace of the made-up kabupaten in ``folder``: inputs, ``wilayah.toml``, README.

    The bytes are the same on every run.  Existing files of the same names are overwritten.

    Parameters
    ----------
    broken
        Name of one of `layers.sample.faults.FAULTS`: a workspace that must not publish.
    """
    for file in make_files():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    # The truth reads the list of files, so it is imported when both exist.
    from layers.sample.readme import make_readme
    from layers.sample.truth import make_truth

    for name, text in (
        ("wilayah.toml", sample_declaration.make_declaration()),
        ("README.md", make_readme(make_files(), make_truth())),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if broken is not None:
        from layers.sample.faults import FAULTS

        FAULTS[broken].apply(folder)
