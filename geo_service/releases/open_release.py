"""A release as one client may see it: without the layers that its token does not open.

What a route, a page, a file or a list needs of a release it asks the release, so nothing has to
know of tokens: what is closed is not among the layers, and who asks for it by name is refused.
Files that mix layers (tables, reports, findings, lists of what to do) are open only to who may see
all of them.
"""

from collections.abc import Callable, Mapping
from typing import NoReturn

import numpy as np

from geo_service.access.grants import Grant
from geo_service.access.token_file import lies_in
from geo_service.errors import TokenNeededError, TokenScopeError
from geo_service.releases.release import Release
from layers.release import array_kinds, drawing_file, findings_file, follow_up_file, manifest_file

MOST_KEPT = 16
"""Ways to see one release that are kept: there are as many as tokens differ in what they open."""
_CODES = ("kode_desa_letak", "kode")
"""Where a feature lies: that of a facility is in the first, all others have their own code."""
_NEEDED: Mapping[str, frozenset[str]] = {
    "access/": frozenset({"facilities", "gaps"}),
    "boundaries.parquet": frozenset({"desa"}),
    "isolines": frozenset({"facilities"}),
    "outlines": frozenset({"desa"}),
}
"""Files of a few layers, by the beginning of their path; all others need every layer."""
_TRAVEL_TIME = "isochrones_"
_LISTS = frozenset({"needs", "synchronisation"})


def open_release(release: Release, grant: Grant) -> Release:
    """The release that a request may see: itself where nothing is closed."""
    guarded = release.guarded
    if not guarded:
        return release
    opened = frozenset(layer for layer in guarded if grant.opens(layer))
    areas = grant.areas if opened else ()
    if opened == guarded and not areas:
        return release
    key = (opened, areas, grant.token is not None)
    kept = release.opened.get(key)
    if kept is None:
        if len(release.opened) >= MOST_KEPT:
            release.opened.clear()
        kept = release.opened[key] = OpenRelease(release, opened, areas, grant.token is not None)
    return kept


class OpenRelease(Release):
    """The open part of a release.

    Parameters
    ----------
    opened
        Layers that need a token and are open here.
    areas
        Of the opened layers only features in these wilayah are given away.
    has_token
        Whether the client showed a token that counts: then it is the wrong one.
    """

    def __init__(
        self, whole: Release, opened: frozenset[str], areas: tuple[str, ...], has_token: bool
    ) -> None:
        vars(self).update(vars(whole))
        self._opened, self._areas, self._has_token = opened, areas, has_token
        self._closed = whole.guarded - opened
        entries = [layer for layer in whole.manifest.layers if layer.id not in self._closed]
        self._layers = {layer.id: layer for layer in entries}
        listed = {entry.path: entry for entry in whole.manifest.files}
        self._files = {path: entry for path, entry in listed.items() if self._is_open(path)}
        self._refused = frozenset(listed) - frozenset(self._files)
        self.manifest = whole.manifest.model_copy(
            update={"layers": tuple(entries), "files": tuple(self._files.values()), "findings": {}}
        )
        self.memo = {}
        self.opened = {}
        self._masks: dict[str, array_kinds.Mask] = {}

    def layer(self, layer_id: str) -> manifest_file.LayerEntry:
        """One layer that is open (TokenNeededError where it is not)."""
        if layer_id in self._closed:
            self._refuse(f"Layer {layer_id}")
        return super().layer(layer_id)

    def file(self, path: str) -> manifest_file.FileEntry:
        """A file of open layers only (TokenNeededError where it is not)."""
        if path in self._refused or path == manifest_file.MANIFEST_NAME:
            self._refuse(f"File {path}")
        return super().file(path)

    def is_closed(self, layer_id: str) -> bool:
        """Whether a layer is there, but not for this client."""
        return layer_id in self._closed

    def is_open_file(self, path: str) -> bool:
        """Whether a file that is there may be given to this client."""
        return path not in self._refused

    def open_rows(self, layer_id: str) -> array_kinds.Mask | None:
        """Which features of a layer may be given away; None for all."""
        if not self._areas or layer_id not in self._opened:
            return None
        if layer_id not in self._masks:
            features = self.features(layer_id)
            name = next(name for name in _CODES if features.has_property(name))
            codes = features.property_column(name).texts()
            inside = [kode is not None and lies_in(kode, self._areas) for kode in codes]
            self._masks[layer_id] = np.array(inside, np.bool_)
        return self._masks[layer_id]

    def outline(self, kode: str) -> drawing_file.Outline | None:
        """The drawing of a wilayah, where its desa are open."""
        return None if "desa" in self._closed else super().outline(kode)

    def isolines(self, kind: str, kode: str) -> drawing_file.IsolineDrawing | None:
        """Lines of travel time, where facilities are open."""
        return super().isolines(kind, kode) if self.has_isolines(kind, kode) else None

    def has_isolines(self, kind: str, kode: str) -> bool:
        """Whether there are lines that may be seen."""
        needed = {"facilities", f"{_TRAVEL_TIME}{kind}"}
        return not needed & self._closed and super().has_isolines(kind, kode)

    def follow_up(self, kode: str) -> follow_up_file.FollowUpRecord | None:
        """What is to be done in a kecamatan; refused where needs are closed."""
        if _LISTS & self._closed:
            self._refuse("The list of what is to be done")
        return super().follow_up(kode)

    @property
    def services(self) -> tuple[follow_up_file.ServiceRecord, ...]:
        """The services that needs are measured of; none where needs are closed."""
        return () if _LISTS & self._closed else super().services

    @property
    def findings(self) -> findings_file.Findings:
        """What was observed about the data: it repeats cells of all inputs."""
        if self._closed:
            self._refuse("The report of the data")
        return super().findings

    def _is_open(self, path: str) -> bool:
        if self._areas and self._opened:
            # A file is whole, a token of some areas is not.
            whole = frozenset(self._layers) - self._opened
        else:
            whole = frozenset(self._layers)
        if path.startswith("layers/"):
            return path.split("/")[1] in whole
        if path.startswith("downloads/"):
            return path.removeprefix("downloads/").partition(".")[0] in whole
        needed = next((names for start, names in _NEEDED.items() if path.startswith(start)), None)
        return needed is not None and needed | self._travel_times_in(path) <= whole

    def _travel_times_in(self, path: str) -> set[str]:
        """The layers of travel time that a file was made with: one of a kind, lines of all."""
        times = {name for name in {*self._layers, *self._closed} if name.startswith(_TRAVEL_TIME)}
        if path.startswith("isolines"):
            return times
        return {name for name in times if path.endswith(f"_{name.removeprefix(_TRAVEL_TIME)}.tif")}

    def _refuse(self, what: str) -> NoReturn:
        error: Callable[[str], Exception] = TokenScopeError if self._has_token else TokenNeededError
        hint = "the one that was shown does not open it" if self._has_token else "none was shown"
        raise error(
            f"{what} of this release needs a token: {hint}. Send it as Authorization: Bearer, or "
            "as the password of Basic with any user."
        )
