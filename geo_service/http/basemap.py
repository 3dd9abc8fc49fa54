"""The base map that a deployment may put under the live map: none by default.

``GEO_BASEMAP`` is a PMTiles file on this machine (served as ``/basemap.pmtiles``), the URL of one,
or a URL template of raster tiles; after a space may follow the attribution.  Only a URL makes the
page ask another origin, and only that origin (see `Basemap.origin` and the content policy).
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from geo_service.errors import SettingsError
from geo_service.http import files, responses

BASEMAP_PATH = "/basemap.pmtiles"
_PLACES = ("{z}", "{x}", "{y}")
_FORBIDDEN = set("'\";,<>\\ \t\r\n")


@dataclass(frozen=True, slots=True)
class Basemap:
    """A configured base map.

    Parameters
    ----------
    url
        Template of raster tiles, or address of a PMTiles archive; empty for a local file.
    file
        The local archive.
    """

    url: str
    attribution: str
    file: Path | None = None

    @property
    def origin(self) -> str | None:
        """The other origin that the page must be allowed to ask; None for a local file."""
        if self.file is not None:
            return None
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def address(self, base: str) -> str:
        """Where the page finds it."""
        return f"{base}{BASEMAP_PATH}" if self.file is not None else self.url


def read_basemap(text: str) -> Basemap:
    """The base map of a setting.

    Raises
    ------
    ValueError
        It is neither a URL of tiles nor a PMTiles archive; the message says what was expected.

    Example
    -------
    >>> read_basemap("https://tiles.example/{z}/{x}/{y}.png © Example").origin
    'https://tiles.example'
    """
    place, _, attribution = text.strip().partition(" ")
    is_url = place.startswith(("https://", "http://"))
    if is_url and not _FORBIDDEN & set(place) and urlsplit(place).netloc:
        if all(part in place for part in _PLACES) or urlsplit(place).path.endswith(".pmtiles"):
            return Basemap(place, attribution.strip())
    elif not is_url and place.endswith(".pmtiles"):
        return Basemap("", attribution.strip(), Path(place))
    raise ValueError(
        "expected a .pmtiles file, its URL, or a URL with {z}, {x} and {y}; then its attribution"
    )


def served_basemap(setting: str | None) -> dict[str, files.ServedFile]:
    """The local archive as a served file by its URL path; empty for none or one elsewhere.

    Raises
    ------
    SettingsError
        The file is not there: better to fail at the start than with holes in the map.
    """
    basemap = read_basemap(setting) if setting else None
    if basemap is None or basemap.file is None:
        return {}
    if not basemap.file.is_file():
        raise SettingsError(f"GEO_BASEMAP: there is no file {basemap.file}.")
    about = basemap.file.stat()
    served = files.ServedFile(
        path=basemap.file,
        size=about.st_size,
        etag=f"{about.st_size:x}-{about.st_mtime_ns:x}",
        cache_control=responses.REVALIDATE,
        policy=responses.DATA_POLICY,
        is_download=False,
    )
    return {BASEMAP_PATH: served}
