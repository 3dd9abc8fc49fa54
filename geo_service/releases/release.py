"""One release directory, open for reading: manifest, features, tiles, files and outlines."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property, partial, wraps
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Concatenate, ParamSpec, TypeVar, cast

from geo_service.errors import UnknownFileError, UnknownLayerError
from geo_service.releases import integrity
from layers.release import (
    array_kinds,
    byte_source,
    document_files,
    drawing_file,
    findings_file,
    follow_up_file,
    manifest_file,
    provenance_file,
)
from layers.release.archive import Archive
from layers.release.errors import ReleaseUnusableError
from layers.release.features import FeatureIndex
from layers.release.place_values import FILE_NAME as VALUES_NAME
from layers.release.place_values import PlaceValues
from layers.release.provenance_file import FILE_NAME as PROVENANCE_NAME

Reader = TypeVar("Reader")
PLACE_VALUES_SINCE = 5
"""Minor version of the schema since which every release has `VALUES_NAME`."""


def _minor(schema_version: str) -> int:
    """The second number of a schema version; 0 where there is none."""
    number = schema_version.partition(".")[2]
    return int(number) if number.isdigit() else 0


def tiles_file(layer_id: str) -> str:
    """Where the tiles of a layer lie in a release."""
    return f"layers/{layer_id}/tiles.pmtiles"


def _features_files(layer_id: str) -> tuple[str, str]:
    return f"layers/{layer_id}/features.geojsonl", f"layers/{layer_id}/features.index"


class Release:
    """One release directory, open for reading; all its layers are opened with it.

    Raises
    ------
    FileNotFoundError
        The directory, or its manifest, is not there (any more).
    ReleaseUnusableError
        It is there, but incomplete, damaged or of another major schema version.

    Parameters
    ----------
    manifest_sha256
        What its manifest must be, by the journal of publications; empty where that is not known.
    withdrawn
        Files that are known to be altered; what needs them is refused, the rest is served.
    """

    def __init__(
        self, path: Path, manifest_sha256: str = "", withdrawn: Mapping[str, str] | None = None
    ) -> None:
        self.path = path
        try:
            content = (path / manifest_file.MANIFEST_NAME).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ReleaseUnusableError(
                f"{path / manifest_file.MANIFEST_NAME}: cannot be read: {error}"
            ) from error
        self.manifest = manifest_file.parse_manifest(content, path / manifest_file.MANIFEST_NAME)
        self.data_years = manifest_file.list_data_years(self.manifest)
        self._manifest_size = len(content)
        self._manifest_sha256 = hashlib.sha256(content).hexdigest()
        self.id = self.manifest.release_id
        """Also the name of its directory."""
        self._check_identity(manifest_sha256)
        self._layers = {layer.id: layer for layer in self.manifest.layers}
        self._files = {entry.path: entry for entry in self.manifest.files}
        self.integrity = self._look_at_files(dict(withdrawn or {}))
        is_sound = self.integrity.is_whole
        tiled = [layer for layer in self._layers if is_sound(tiles_file(layer))]
        indexed = [layer for layer in self._layers if is_sound(*_features_files(layer))]
        self._tiles = {layer: self._open(tiles_file(layer)) for layer in tiled}
        self._archives = {layer: self._open_archive(layer) for layer in tiled}
        self._features = {layer: self._open_features(layer) for layer in indexed}
        self._provenance = self._open_provenance()
        self._place_values = self._open_place_values()
        self.memo: dict[object, dict[object, object]] = {}
        self.guarded = frozenset(
            layer.id for layer in self.manifest.layers if layer.access == "token"
        )
        """Layers that only a token opens (see `geo_service.releases.open_release`)."""
        self.opened: dict[object, Release] = {}

    def forget(self) -> None:
        """Keep nothing of what was made from its files."""
        self.memo.clear()
        self.opened.clear()

    @property
    def layers(self) -> Mapping[str, manifest_file.LayerEntry]:
        """The published layers by id."""
        return MappingProxyType(self._layers)

    def layer(self, layer_id: str) -> manifest_file.LayerEntry:
        """One published layer.

        Raises
        ------
        UnknownLayerError
            The release has no such layer.
        """
        try:
            return self._layers[layer_id]
        except KeyError:
            names = ", ".join(self._layers)
            raise UnknownLayerError(f"No layer {layer_id!r} here. There are: {names}.") from None

    def is_closed(self, layer_id: str) -> bool:
        """Whether a layer is there, but not for this client."""
        del layer_id
        return False

    def is_open_file(self, path: str) -> bool:
        """Whether a file that is there may be given to this client."""
        del path
        return True

    def features(self, layer_id: str) -> FeatureIndex:
        """The features of a layer (UnknownLayerError if there is none of this id)."""
        layer = self.layer(layer_id).id
        if self.integrity.withdrawn:
            self.integrity.check(*_features_files(layer))
        return self._features[layer]

    def open_rows(self, layer_id: str) -> array_kinds.Mask | None:
        """Which features of a layer its client may have; None for all."""
        del layer_id
        return None

    def archive(self, layer_id: str) -> Archive:
        """The tiles of a layer (UnknownLayerError if there is none of this id)."""
        layer = self.layer(layer_id).id
        self.integrity.check(tiles_file(layer))
        return self._archives[layer]

    def has_sound_tiles(self, layer_id: str) -> bool:
        """Whether the tiles that were just read are known to be those published."""
        if not self.integrity.is_checked:
            return True
        return self.integrity.is_sound(tiles_file(layer_id), self._tiles[layer_id].state())

    @property
    def provenance(self) -> provenance_file.Provenance | None:
        """Where each value comes from; None in releases of before schema 1.4."""
        self.integrity.check(PROVENANCE_NAME)
        return self._provenance

    @property
    def place_values(self) -> PlaceValues | None:
        """The values of years by place; None in a release of before schema 1.5."""
        self.integrity.check(VALUES_NAME)
        return self._place_values

    def tiles_stamp(self, layer_id: str) -> str:
        """What distinguishes the tiles of two archives; equal for equal archives."""
        return self._files[tiles_file(layer_id)].sha256[:16]

    def file(self, path: str) -> manifest_file.FileEntry:
        """What the manifest says of a file.

        Only files that the manifest lists can be asked for, so no path leads out of the release.

        Raises
        ------
        UnknownFileError
            The manifest does not list it.
        """
        try:
            return self.integrity.entries[path]
        except KeyError:
            raise UnknownFileError(f"Release {self.id} has no file {path!r}.") from None

    def path_of(self, name: str) -> Path:
        """Where a file of the release lies, to be read at once.

        Raises
        ------
        UnknownFileError
            The manifest does not list it.
        AlteredFileError
            It is withdrawn.
        """
        entry = self.file(name)
        self.integrity.check(entry.path)
        return self.path / entry.path

    def outline(self, kode: str) -> drawing_file.Outline | None:
        """The drawing of a wilayah and its children; None if unknown."""
        self.integrity.check(drawing_file.OUTLINES_NAME, drawing_file.OUTLINES_INDEX_NAME)
        return self._outlines.find(kode)

    def isolines(self, kind: str, kode: str) -> drawing_file.IsolineDrawing | None:
        """The lines of travel time to a kind of facility, in the frame of the outline of a wilayah.

        None where the release has none.
        """
        self.integrity.check(drawing_file.ISOLINES_NAME, drawing_file.ISOLINES_INDEX_NAME)
        return (
            self._isolines.find(drawing_file.isolines_key(kind, kode)) if self._isolines else None
        )

    def has_isolines(self, kind: str, kode: str) -> bool:
        """Whether there are lines of travel time to a kind of facility in a wilayah."""
        self.integrity.check(drawing_file.ISOLINES_NAME, drawing_file.ISOLINES_INDEX_NAME)
        return self._isolines is not None and self._isolines.has(
            drawing_file.isolines_key(kind, kode)
        )

    def follow_up(self, kode: str) -> follow_up_file.FollowUpRecord | None:
        """What is to be done in a kecamatan; None where the release measures no need there."""
        self.integrity.check(follow_up_file.FOLLOW_UP_NAME, follow_up_file.FOLLOW_UP_INDEX_NAME)
        return self._follow_up.find(kode) if self._follow_up else None

    @property
    def services(self) -> tuple[follow_up_file.ServiceRecord, ...]:
        """The services that needs are measured of; empty where nothing was matched."""
        self.integrity.check(follow_up_file.SERVICES_NAME)
        return self._services

    @property
    def findings(self) -> findings_file.Findings:
        """What was observed about the data; read through once, when first asked."""
        self.integrity.check(findings_file.FINDINGS_NAME)
        return self._findings

    @cached_property
    def _services(self) -> tuple[follow_up_file.ServiceRecord, ...]:
        return (
            follow_up_file.read_services_file(self.path)
            if follow_up_file.SERVICES_NAME in self.integrity.entries
            else ()
        )

    @cached_property
    def _findings(self) -> findings_file.Findings:
        return findings_file.read_findings(self.path)

    @cached_property
    def _outlines(self) -> document_files.IndexedLines[drawing_file.Outline]:
        return drawing_file.open_outlines(self.path)

    @cached_property
    def _isolines(self) -> document_files.IndexedLines[drawing_file.IsolineDrawing] | None:
        return (
            drawing_file.open_isolines(self.path)
            if drawing_file.ISOLINES_NAME in self._files
            else None
        )

    @cached_property
    def _follow_up(self) -> document_files.IndexedLines[follow_up_file.FollowUpRecord] | None:
        return (
            follow_up_file.open_follow_up_lists(self.path)
            if follow_up_file.FOLLOW_UP_NAME in self.integrity.entries
            else None
        )

    def _look_at_files(self, withdrawn: dict[str, str]) -> integrity.Integrity:
        """The states of the manifest and of all files that it lists."""
        name = manifest_file.MANIFEST_NAME
        own = manifest_file.FileEntry(
            path=name, size=self._manifest_size, sha256=self._manifest_sha256
        )
        try:
            return integrity.Integrity(self.path, {**self._files, name: own}, withdrawn)
        except ReleaseUnusableError:
            if not self.path.is_dir():
                raise FileNotFoundError(self.path) from None
            raise

    def _check_identity(self, manifest_sha256: str) -> None:
        if self.manifest.release_id != self.path.name:
            raise ReleaseUnusableError(
                f"{self.path}: its manifest is of {self.manifest.release_id}."
            )
        if manifest_sha256 not in {"", self._manifest_sha256}:
            raise ReleaseUnusableError(
                f"{self.path / manifest_file.MANIFEST_NAME}: is not the one that was published."
            )

    def _open_provenance(self) -> provenance_file.Provenance | None:
        """Where each value comes from; None in releases of before schema 1.4."""
        return self._open_database(PROVENANCE_NAME, provenance_file.Provenance)

    def _open_place_values(self) -> PlaceValues | None:
        """The values of years by place; None in a release of before schema 1.5."""
        minor = _minor(self.manifest.schema_version)
        if minor >= PLACE_VALUES_SINCE and VALUES_NAME not in self._files:
            raise ReleaseUnusableError(f"{self.path / VALUES_NAME}: not named in the manifest.")
        reader = partial(PlaceValues, may_lack_parts=minor == PLACE_VALUES_SINCE)
        return self._open_database(VALUES_NAME, reader)

    def _open_database(self, name: str, reader: Callable[[Path], Reader]) -> Reader | None:
        """A database of the release; None where the manifest does not name it."""
        if name not in self._files or not self.integrity.is_whole(name):
            return None
        path = self.path / name
        try:
            return reader(path)
        except FileNotFoundError:
            if not self.path.is_dir():
                raise
            raise ReleaseUnusableError(f"{path}: missing.") from None
        except OSError as error:
            raise ReleaseUnusableError(str(error)) from error

    def _open(self, name: str) -> byte_source.FileBytes:
        path = self.path / PurePosixPath(name)
        try:
            return byte_source.FileBytes(path)
        except FileNotFoundError:
            if not self.path.is_dir():
                raise
            raise ReleaseUnusableError(f"{path}: missing.") from None
        except OSError as error:
            raise ReleaseUnusableError(f"{path}: {error.strerror}.") from error

    def _open_archive(self, layer_id: str) -> Archive:
        return Archive(self._tiles[layer_id], f"{self.path}/{tiles_file(layer_id)}")

    def _open_features(self, layer_id: str) -> FeatureIndex:
        name, index = _features_files(layer_id)
        return FeatureIndex(self._open(name), self._open(index), f"{self.path}/{name}")


Key = ParamSpec("Key")
Answer = TypeVar("Answer")
MOST_ANSWERS = 256
"""Of one function for one release; beyond that it begins anew."""


def once_per_release(
    function: Callable[Concatenate[Release, Key], Answer],
) -> Callable[Concatenate[Release, Key], Answer]:
    """The function, which is asked once for each release and further arguments.

    A release never changes, so neither do the answers.  They must not be changed by who gets them.
    """

    @wraps(function)
    def answer(release: Release, *key: Key.args, **named: Key.kwargs) -> Answer:
        answers = release.memo.setdefault(function, {})
        place: Hashable = (key, tuple(named.items()))
        try:
            return cast(Answer, answers[place])
        except KeyError:
            made = function(release, *key, **named)
        if len(answers) >= MOST_ANSWERS:
            answers.clear()
        answers[place] = made
        return made

    return cast(Callable[Concatenate[Release, Key], Answer], answer)
