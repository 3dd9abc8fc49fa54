"""Which layers a token opens for what a request asks for."""

import re
from dataclasses import dataclass

from geo_service.access.token_file import Token

_PINNED = r"(?:/releases/[^/]+)?"
# What only describes layers, or gives features, of which those in the areas are chosen.
_FEATURES = re.compile(rf"{_PINNED}/?(?:(?:api|conformance|collections(?:/.*)?|unduh/.*))?")
# What is about one place and those below it.
_PLACE = re.compile(
    rf"{_PINNED}(?:/embed)?/(?:desa|kecamatan|kabupaten|provinsi)/(?P<kode>[0-9.]*[0-9])"
    r"(?:/asal|/tindak-lanjut)?(?:\.(?:png|csv|xlsx|json|csv-metadata\.json))?"
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a request may see of the layers that need a token.

    Parameters
    ----------
    token
        The token that the request shows, if it is valid.
    path
        What it asks for: a token of some areas opens only what is about them.
    """

    token: Token | None
    path: str

    def opens(self, layer_id: str) -> bool:
        """Whether a layer is open for this request; of some areas: the part in these."""
        token = self.token
        if token is None or not token.opens_layer(layer_id):
            return False
        return not token.areas or self._is_of_areas(token)

    @property
    def areas(self) -> tuple[str, ...]:
        """Codes of the only wilayah whose features it may have; none for all."""
        return () if self.token is None else self.token.areas

    def _is_of_areas(self, token: Token) -> bool:
        place = _PLACE.fullmatch(self.path)
        if place is not None:
            return token.covers(place["kode"])
        return _FEATURES.fullmatch(self.path) is not None
