"""A release like another but for some files, published as any other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from layers.publish.publication import publish
from layers.publish.verification import list_files
from layers.release import manifest_file


def republish(
    release: Path, releases: Path, change: Callable[[Path], object], schema: str | None = None
) -> Path:
    """The directory of the new release, current in ``releases``.

    Parameters
    ----------
    change
        Changes files of the directory it is given: it must remove what it writes anew, since the
        others are hard links.
    schema
        Version that the manifest says; that of the release where it is None.
    """
    build = releases / ".build"
    shutil.copytree(release, build, copy_function=os.link)
    change(build)
    (build / manifest_file.MANIFEST_NAME).unlink()
    manifest = manifest_file.read_manifest(release)
    unnamed = manifest.model_copy(
        update={
            "schema_version": schema or manifest.schema_version,
            "release_id": "",
            "manifest_sha256": "",
            "files": list_files(build),
        }
    )
    named = manifest_file.sign_manifest(unnamed)
    (build / manifest_file.MANIFEST_NAME).write_bytes(manifest_file.manifest_bytes(named))
    made = build.rename(releases / named.release_id)
    publish(releases, named.release_id)
    return made
