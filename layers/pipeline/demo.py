"""The demo: the sample kabupaten as a workspace, built and published once for each code version."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from boundaries.progress import Progress, silent
from layers.publish.code_version import code_version
from layers.release.manifest_file import CURRENT_LINK, Manifest, read_manifest


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo lies and what it serves."""

    workspace: Path
    releases: Path
    release_id: str
    kode_kecamatan: str


def prepare_demo(folder: Path, *, progress: Progress = silent) -> Demo:
    """The published sample kabupaten in ``folder``, built anew only if the code has changed.

    Raises
    ------
    LayersError
        The build failed; the message says why.
    """
    workspace, releases = folder / "sampel", folder / "releases"
    manifest = _current(releases)
    if manifest is None or manifest.code_version != code_version():
        # Only when there is something to build: both imports are heavy.
        from layers.pipeline.build import build_release
        from layers.sample import write_sample

        shutil.rmtree(workspace, ignore_errors=True)
        write_sample(workspace)
        build_release(workspace, releases, publish=True, progress=progress)
        manifest = read_manifest(releases / CURRENT_LINK)
    kecamatan = next(entry for entry in manifest.wilayah if entry.level == "kecamatan")
    return Demo(workspace, releases, manifest.release_id, kecamatan.kode)


def _current(releases: Path) -> Manifest | None:
    try:
        return read_manifest(releases / CURRENT_LINK)
    except (OSError, ValueError):
        return None
