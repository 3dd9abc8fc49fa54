"""How the columns of the gaps layer are called, explained and coloured."""

from layers.columns import catalogue
from layers.release.manifest_file import Classes, Coverage, FieldEntry, Text

METHOD = Text(
    id=(
        "Garis lurus di atas elipsoid WGS 84, dari kantor {village} (bila tidak ada: sel raster "
        "terpadat, lalu titik di dalam {desa}) ke fasilitas terdekat; lebih pendek daripada jalan "
        "sebenarnya."
    ),
    en=(
        "Straight line on the WGS 84 ellipsoid, from the kantor {village} (else the most populated "
        "raster cell, else a point inside the {desa}) to the nearest facility; shorter than the "
        "real way."
    ),
)
NO_NORM, NOT_COVERED = "no_norm", "not_covered"
"""Reasons of the long table why a row has no norm, or no travel time."""
PLACE_UNKNOWN, ACROSS_WATER = "place_unknown", "across_water"
"""Why a distance, or what it means for the norm, is not told: see `build_gaps`."""
UNTOLD = (NOT_COVERED, PLACE_UNKNOWN)
"""Reasons for which a travel time is not known, rather than without end."""
UNKNOWN = Text(
    id=(
        "Tidak ada titik asal atau tidak ada fasilitas jenis ini dalam data, atau fasilitas yang "
        "letaknya tidak diketahui mungkin lebih dekat."
    ),
    en=(
        "No origin is known, or no facility of this kind is loaded, or one that nobody can place "
        "may be nearer."
    ),
)
GAP_UNKNOWN = Text(
    id=f"{UNKNOWN.id[:-1]}, atau yang terdekat hanya dapat dicapai menyeberangi air.",
    en=f"{UNKNOWN.en[:-1]}, or the only one within the norm lies across water.",
)
ORIGIN = FieldEntry(
    name="origin",
    type="string",
    title=Text(id="Titik asal jarak", en="Where the distance starts"),
)

KNOWN_COUNT = FieldEntry(
    name="gap_known_count",
    type="integer",
    title=Text(id="Jumlah layanan yang diketahui jaraknya", en="Services whose distance is known"),
    unit="layanan",
)
PEOPLE_METHOD = Text(
    id=(
        "Jumlah penduduk pada sel raster yang jarak garis lurusnya ke fasilitas terdekat melebihi "
        "norma, dihitung dari tempat tinggalnya, bukan dari kantor {village}."
    ),
    en=(
        "People in the cells of the population raster whose straight line to the nearest facility "
        "is longer than the norm, from where they live, not from the kantor {village}."
    ),
)
PEOPLE_UNKNOWN = Text(
    id=(
        "Raster penduduk tidak mencakup cukup luas {desa} ini, atau tidak ada fasilitas jenis ini "
        "dalam data, atau fasilitas yang letaknya tidak diketahui mungkin lebih dekat."
    ),
    en=(
        "The population raster covers too little of the {desa}, or no facility of this kind is "
        "loaded, or one that nobody can place may be nearer."
    ),
)
PEOPLE_COVER = FieldEntry(
    name="penduduk_cakupan_pct",
    type="integer",
    title=Text(
        id="Bagian {desa} yang tercakup raster penduduk",
        en="Share of the {desa} that the population raster covers",
    ),
    unit="%",
)
TIME_COVER = FieldEntry(
    name="waktu_cakupan_pct",
    type="integer",
    title=Text(
        id="Bagian {desa} yang tercakup raster perjalanan",
        en="Share of the {desa} that the raster of travel covers",
    ),
    unit="%",
)
UNTIMED_EDGES_MIN = (15.0, 30.0, 60.0, 120.0)
TIME_METHODS = {
    "network": Text(
        id=(
            "Waktu tercepat lewat jalan dari titik asal {desa}, termasuk berjalan kaki ke jalan "
            "terdekat; kecepatan menurut kelas jalan."
        ),
        en=(
            "Least time along roads from the origin of the {desa}, the walk to the nearest road "
            "included; speeds by class of road."
        ),
    ),
    "raster": Text(
        id="Waktu tercepat atas raster hambatan dari titik asal {desa}.",
        en="Least time over the friction raster from the origin of the {desa}.",
    ),
}
TIME_UNKNOWN = Text(
    id=(
        "Tidak terjangkau, atau tidak ada titik asal atau fasilitas jenis ini dalam data, atau "
        "fasilitas yang letaknya tidak diketahui mungkin lebih dekat, atau raster perjalanan tidak "
        "mencakup cukup luas {desa} ini."
    ),
    en=(
        "Not reached, or no origin is known, or no facility of this kind is loaded, or one that "
        "nobody can place may be nearer, or the raster of travel covers too little of the {desa}."
    ),
)


def build_gap_fields(services: tuple[catalogue.ServiceDefinition, ...]) -> tuple[FieldEntry, ...]:
    """Entries for the columns of the wide gap table but ``kode``, in their order."""
    fields = [ORIGIN]
    for service in services:
        fields += [_distance_field(service), _gap_field(service), _name_field(service)]
    definition = next(
        field
        for field in catalogue.read_layer_definition("gaps").fields
        if field.name == "gap_count"
    )
    return (*fields, _count_field(definition, len(services)), KNOWN_COUNT)


def _source(service: catalogue.ServiceDefinition) -> str:
    return f"{service.source} ({service.date})" if service.date else service.source


def _distance_field(service: catalogue.ServiceDefinition) -> FieldEntry:
    norm = service.norm_m
    return FieldEntry(
        name=f"jarak_{service.kind}_m",
        type="number",
        title=Text(
            id=f"Jarak ke {service.title.id} terdekat",
            en=f"Distance to the nearest {service.title.en}",
        ),
        unit="m",
        thematic=True,
        group=service.kind,
        worse="high",
        norm=norm,
        classes=_classes((norm / 2, norm, norm * 1.5, norm * 2), catalogue.RAMPS["YlOrBr"]),
        null_meaning=UNKNOWN,
        source=_source(service),
        method=METHOD,
    )


def _gap_field(service: catalogue.ServiceDefinition) -> FieldEntry:
    norm = service.norm_m
    return FieldEntry(
        name=f"gap_{service.kind}_m",
        type="number",
        title=Text(
            id=f"Kelebihan jarak ke {service.title.id} (norma {norm:,.0f} m)".replace(",", "."),
            en=f"Distance to {service.title.en} beyond the norm ({norm:,.0f} m)",
        ),
        unit="m",
        thematic=True,
        group=service.kind,
        worse="high",
        classes=_classes(
            (0.0, norm / 2, norm), catalogue.RAMPS["OrRd"][:1] + catalogue.RAMPS["OrRd"][2:]
        ),
        null_meaning=GAP_UNKNOWN,
        source=_source(service),
        method=METHOD,
    )


def people_field(service: catalogue.ServiceDefinition, rescaled_to: str | None) -> FieldEntry:
    """The entry of ``penduduk_di_luar_norma_<kind>``.

    Parameters
    ----------
    rescaled_to
        The indicator whose totals the people have, or null: those of the raster.
    """
    norm = f"{service.norm_m:,.0f} m"
    method, source = PEOPLE_METHOD, Text(id=", menurut raster", en=", by the raster")
    if rescaled_to is not None:
        source = Text(id="", en="")
        method = Text(
            id=f"{method.id} Jumlah per {{desa}} disesuaikan dengan {rescaled_to}.",
            en=f"{method.en} Totals of {{desa}} are those of {rescaled_to}.",
        )
    return FieldEntry(
        name=f"penduduk_di_luar_norma_{service.kind}",
        type="number",
        title=Text(
            id=f"Penduduk lebih jauh dari norma {service.title.id} "
            f"({norm.replace(',', '.')}{source.id})",
            en=f"People beyond the norm of {service.title.en} ({norm}{source.en})",
        ),
        unit="jiwa",
        thematic=True,
        group=service.kind,
        worse="high",
        null_meaning=PEOPLE_UNKNOWN,
        source=_source(service),
        method=method,
        coverage=(Coverage(known=PEOPLE_COVER.name, total=100, unit="persen"),),
    )


def time_field(
    service: catalogue.ServiceDefinition, method: str, mode: Text | None, *, has_cover: bool = False
) -> FieldEntry:
    """The entry of ``waktu_<kind>_min``.

    Parameters
    ----------
    method
        ``network`` or ``raster``.
    mode
        What the mode is called; null for a friction raster that was given.
    has_cover
        Whether ``waktu_cakupan_pct`` says of how much of the desa the surface knows.
    """
    by = ("", "") if mode is None else (f", {mode.id.lower()}", f", {mode.en.lower()}")
    norm = service.norm_min
    edges = (norm / 2, norm, norm * 1.5, norm * 2) if norm else UNTIMED_EDGES_MIN
    entry = FieldEntry(
        name=f"waktu_{service.kind}_min",
        type="number",
        title=Text(
            id=f"Waktu tempuh ke {service.title.id} terdekat{by[0]}",
            en=f"Travel time to the nearest {service.title.en}{by[1]}",
        ),
        unit="menit",
        thematic=True,
        group=service.kind,
        worse="high",
        classes=_classes(edges, catalogue.RAMPS["YlOrBr"]),
        null_meaning=TIME_UNKNOWN,
        source=_source(service) if norm else None,
        norm=norm,
        method=TIME_METHODS[method],
    )
    if not has_cover:
        return entry
    coverage = (Coverage(known=TIME_COVER.name, total=100, unit="persen"),)
    return entry.model_copy(update={"coverage": coverage})


def _name_field(service: catalogue.ServiceDefinition) -> FieldEntry:
    return FieldEntry(
        name=f"fasilitas_{service.kind}",
        type="string",
        title=Text(id=f"{service.title.id} terdekat", en=f"Nearest {service.title.en}"),
        group=service.kind,
    )


def _count_field(definition: catalogue.FieldDefinition, services: int) -> FieldEntry:
    breaks = tuple(edge for edge in definition.breaks or () if edge < services)
    ramp = catalogue.RAMPS[definition.colours]
    return FieldEntry(
        name=definition.name,
        type=definition.type,
        title=definition.title,
        unit=definition.unit,
        thematic=True,
        worse=definition.worse,
        classes=_classes(breaks, ramp[: len(breaks) + 1]),
        null_meaning=GAP_UNKNOWN,
        method=METHOD,
        coverage=(Coverage(known=KNOWN_COUNT.name, total=services, unit="layanan"),),
    )


def _classes(breaks: tuple[float, ...], colours: tuple[str, ...]) -> Classes:
    return Classes(method="fixed", breaks=breaks, colours=colours, closed="right")
