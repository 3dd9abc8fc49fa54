"""A small release of each schema that there was, kept whole, as its own program built it.

When `SCHEMA_VERSION` grows, `python -m tests.geo_service.kept_releases` adds one of the new schema.
Those of 1.0 to 1.5 were built by the last commit of each, of the same four desa
(`tests.layers.provenance.world`); packed together they take 40 kB each.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from pathlib import Path

from layers.publish.publication import publish
from layers.release import manifest_file

ARCHIVE = Path(__file__).with_suffix(".tar.xz")
LATEST = int(manifest_file.SCHEMA_VERSION.split(".")[1])
VERSIONS = tuple(f"1.{minor}" for minor in range(LATEST + 1))


def unpack(version: str, releases: Path) -> str:
    """Publish the kept release of a schema in a folder, by the program of today; its id."""
    with tarfile.open(ARCHIVE) as archive:
        members = [entry for entry in archive if entry.name.startswith(f"{version}/")]
        for entry in members:
            entry.name = entry.name.removeprefix(f"{version}/")
        archive.extractall(releases, members, filter="data")
    release_id = members[0].name.split("/")[0]
    publish(releases, release_id)
    return release_id


def keep(release: Path) -> None:
    """Add a release to those that are kept, in place of one of its schema."""
    version = manifest_file.read_manifest(release).schema_version
    contents: dict[str, bytes] = {}
    if ARCHIVE.exists():
        with tarfile.open(ARCHIVE) as archive:
            for entry in archive:
                stream = archive.extractfile(entry)
                if stream is not None and not entry.name.startswith(f"{version}/"):
                    contents[entry.name] = stream.read()
    for path in (path for path in release.rglob("*") if path.is_file()):
        contents[f"{version}/{release.name}/{path.relative_to(release)}"] = path.read_bytes()
    with tarfile.open(ARCHIVE, "w:xz", preset=9) as archive:
        for name, content in sorted(contents.items(), key=lambda pair: (pair[0][4:], pair[0])):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    from layers.pipeline.build import build_release
    from tests.layers.provenance.world import write_workspace

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        built = build_release(write_workspace(scratch / "uji"), scratch / "releases", publish=False)
        keep(scratch / "releases" / built.release_id)
