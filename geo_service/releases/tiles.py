"""The hot path: tiles, released files and page assets, as plain functions over an ASGI scope.

They are asked for thousands of times a page, so they are answered in front of FastAPI (four to
seven times less CPU a tile).  Meaning of the answers to a tile address:

====  =====================================================================
200   the tile
204   inside the zoom range of the layer, but nothing is there
304   the client has it
400   not an address: not a number, outside the zoom's square, other spelling
404   unknown release or layer, or zoom outside the layer's range
503   the tiles of the layer are withdrawn: they are not what was published
====  =====================================================================
"""

import os
import re
from dataclasses import replace
from urllib.parse import parse_qsl

from geo_service import errors
from geo_service.access import grants, token_file
from geo_service.http import files, parameter_names, responses
from geo_service.releases.open_release import open_release
from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from layers.release.byte_source import FileState

TILE_TYPE = b"application/vnd.mapbox-vector-tile"
TOLERATED = frozenset({"f", "lang", "token"})
_RELEASE = re.compile(r"/releases/([^/]+)(/(?:tiles|files)/.+)")
_TILE = re.compile(r"/tiles/([^/]+)/([^/]+)/([^/]+)/([^/]+)\.mvt")
_FILE = re.compile(r"/files/(.+)")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")


def find_tile_or_file(
    store: ReleaseStore, path: str, query: bytes, token: token_file.Token | None = None
) -> responses.Answer | files.ServedFile | None:
    """The tile or released file under a path; None where the path is none of the hot path.

    Parameters
    ----------
    path
        Decoded path of the URL, below the public prefix.
    query
        The raw query string, without a token.
    token
        The valid token of the client, if it shows one.

    Raises
    ------
    RequestError
        The address is malformed, or there is nothing under it.
    """
    pinned = _RELEASE.fullmatch(path)
    rest = path if pinned is None else pinned[2]
    tile = _TILE.fullmatch(rest)
    if tile is not None:
        check_query(query)
        release = store.current() if pinned is None else store.by_id(pinned[1])
        cache_control = responses.REVALIDATE if pinned is None else responses.IMMUTABLE
        if tile[1] in release.guarded:
            release = open_release(release, grants.Grant(token, path))
            cache_control = responses.PRIVATE
        return find_tile(release, tile[1], (tile[2], tile[3], tile[4]), cache_control)
    file = None if pinned is None else _FILE.fullmatch(rest)
    if file is not None and pinned is not None:
        check_query(query)
        release = store.by_id(pinned[1])
        if not release.guarded:
            return find_file(release, file[1])
        served = find_file(open_release(release, grants.Grant(token, path)), file[1])
        is_public = token is None or is_open_to_all(release, file[1])
        return served if is_public else replace(served, cache_control=responses.PRIVATE)
    return None


def find_tile(
    release: Release, layer_id: str, address: tuple[str, str, str], cache_control: bytes
) -> responses.Answer:
    """The stored tile of a layer, or an empty answer where the archive has none.

    Raises
    ------
    UnknownLayerError, ZoomOutsideError, MalformedParameterError
        See the table above.
    """
    archive = release.archive(layer_id)
    if not all(map(_NUMBER.fullmatch, address)):
        raise errors.MalformedParameterError(
            "A tile address is /{z}/{x}/{y}.mvt, three whole numbers."
        )
    z, x, y = map(int, address)
    header = archive.header
    if not header.min_zoom <= z <= header.max_zoom:
        raise errors.ZoomOutsideError(
            f"Layer {layer_id} has tiles from zoom {header.min_zoom} to {header.max_zoom}."
        )
    if x >> z or y >> z:
        raise errors.MalformedParameterError(f"At zoom {z}, x and y go from 0 to {(1 << z) - 1}.")
    place = archive.find(z, x, y)
    stamp = release.tiles_stamp(layer_id)
    varies = b"Authorization" if cache_control == responses.PRIVATE else b""
    answer = responses.Answer(
        status=204, etag=f"{stamp}-empty", cache_control=cache_control, varies=varies
    )
    if place is not None:
        answer = responses.Answer(
            status=200,
            body=archive.read(place),
            media_type=TILE_TYPE,
            etag=f"{stamp}-{place.offset:x}",
            cache_control=cache_control,
            stored_gzip=header.tile_gzip,
            varies=varies,
        )
    if release.has_sound_tiles(layer_id):
        return answer
    return replace(answer, etag="", cache_control=responses.NOT_STORED)


def is_open_to_all(release: Release, path: str) -> bool:
    """Whether a file may be had without a token."""
    try:
        open_release(release, grants.Grant(None, path)).file(path)
    except errors.TokenNeededError:
        return False
    return True


def find_file(release: Release, path: str) -> files.ServedFile:
    """A released file; only paths that the manifest lists exist, so none leads elsewhere.

    Raises
    ------
    UnknownFileError
        The manifest does not list it.
    AlteredFileError
        It is withdrawn.
    """
    entry, place = release.file(path), release.path_of(path)
    file = files.ServedFile(path=place, size=entry.size, etag=entry.sha256[:32])
    if not release.integrity.is_checked:
        return file
    state = release.integrity.sound_state(path)
    try:
        is_sound = state == FileState.of(os.stat(place, follow_symlinks=False))  # noqa: PTH116  # a tenth of Path's time
    except OSError:
        is_sound = False
    if is_sound:
        return replace(file, state=state)
    # Until its hash was made again nobody is to keep it, under the validator of what it should be.
    return replace(file, etag="", cache_control=responses.NOT_STORED)


def find_asset(assets: dict[str, files.ServedFile], path: str) -> files.ServedFile:
    """A built file of the pages; never another page in its place.

    Raises
    ------
    UnknownFileError
        There is none of this name.
    """
    try:
        return assets[path]
    except KeyError:
        raise errors.UnknownFileError("There is no such asset.") from None


def check_query(query: bytes) -> None:
    """Refuse query parameters other than the tolerated ones.

    Raises
    ------
    UnknownParameterError
        The first parameter that is not tolerated.
    """
    if not query:
        return
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in TOLERATED:
            parameter_names.refuse_name(name, sorted(TOLERATED))
