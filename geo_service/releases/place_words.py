"""What places are called in each wilayah of a release, and in the whole of it."""

from collections.abc import Mapping

from geo_service.releases.release import Release, once_per_release
from layers.release.term_words import Terms, make_terms

EVERYWHERE = ""


@once_per_release
def terms_by_kode(release: Release) -> Mapping[str, Terms]:
    """The terms of each kecamatan, kabupaten and provinsi, and of the whole release (``""``)."""
    desa: dict[str, dict[str, int]] = {EVERYWHERE: {}}
    kecamatan: dict[str, set[str | None]] = {EVERYWHERE: set()}
    parents = {entry.kode: entry.parent for entry in release.manifest.wilayah}
    for entry in release.manifest.wilayah:
        desa[entry.kode] = dict(entry.sebutan_desa)
        kecamatan.setdefault(entry.kode, set())
        if entry.level != "kecamatan":
            continue
        for term, count in entry.sebutan_desa.items():
            desa[EVERYWHERE][term] = desa[EVERYWHERE].get(term, 0) + count
        above: str | None = entry.kode
        while above is not None:
            kecamatan.setdefault(above, set()).add(entry.sebutan)
            above = parents.get(above)
        kecamatan[EVERYWHERE].add(entry.sebutan)
    return {kode: make_terms(desa[kode], kecamatan[kode]) for kode in desa}
