"""Lists of facilities as four offices keep them, with the dirt that coordinates collect."""

from collections.abc import Sequence

from shapely import Point

from layers.sample.office import Row, write_csv, write_geojson, write_xlsx
from layers.sample.world import noise, sample_land, sample_places, sample_records

HEALTH = "fasilitas/faskes_2025.xlsx"
POSYANDU = "fasilitas/posyandu_2025.csv"
SCHOOLS = "fasilitas/sekolah_dapodik_2025.csv"
KANTOR = "fasilitas/kantor_desa.geojson"
STAFF = "NAKES"
HEALTH_WORDS = {"puskesmas": "Puskesmas", "pustu": "Pustu", "poskesdes": "Poskesdes"}
SCHOOL_WORDS = {"paud": "KB", "sd": "SD", "smp": "SMP", "sma": "SMA"}
# Facilities whose row is dirty, by number, and how.
HEALTH_DIRT = {
    "F99012002": "swapped",
    "F99012004": "dms",
    "F99012005": "decimal_comma",
    "F99013003": "minus_lost",
    "F99013005": "zero_position",
    "F99013006": "empty_position",
    "F99013008": "kind_in_name",
}
_LOST = {"minus_lost", "zero_position", "empty_position", "kind_in_name"}
_DETAILS = {
    "swapped": "latitude and longitude swapped",
    "dms": "degrees, minutes, seconds",
    "decimal_comma": "decimal comma",
    "minus_lost": "minus lost; cannot be proved so near the equator",
    "zero_position": "position 0, 0",
    "empty_position": "no position",
    "kind_in_name": "kind stands in the name only",
}
OUTSIDE = sample_places.ServicePlace("pustu", "F99012099", "Pustu Seberang", "", 124.1, -6.2)
AT_SEA = sample_places.ServicePlace(
    "sd", "69969999", "SDN Terapung", "", *map(float, sample_land.to_lonlat([(2000, -12500)])[0])
)


def make_facility_files() -> tuple[sample_records.OfficeFile, ...]:
    """The four lists."""
    return _health(), _posyandu(), _schools(), _kantor()


def used_places() -> tuple[sample_places.ServicePlace, ...]:
    """The facilities that must be read from the files, dirt repaired or left out."""
    listed = [
        place for place in sample_places.make_places() if HEALTH_DIRT.get(place.number) not in _LOST
    ]
    return (*listed, OUTSIDE, AT_SEA)


def _of(kinds: Sequence[str]) -> list[sample_places.ServicePlace]:
    return [place for place in sample_places.make_places() if place.kind in kinds]


def _health() -> sample_records.OfficeFile:
    rows: list[Row] = [
        ["DAFTAR FASILITAS KESEHATAN KABUPATEN SAGARA RAYA"],
        ["Keadaan Juni 2025"],
        ["NO", "KODE FASKES", "NAMA FASKES", "JENIS", "KECAMATAN", "LINTANG", "BUJUR", STAFF],
    ]
    dirt: list[sample_records.Dirt] = []
    places = [*_of(tuple(HEALTH_WORDS)), OUTSIDE]
    for place in places:
        kind = HEALTH_DIRT.get(place.number, "")
        rows.append(_health_row(len(rows) - 2, place, kind))
        if kind:
            treatment: sample_records.Treatment = "left_out" if kind in _LOST else "repaired"
            dirt.append(
                sample_records.Dirt(HEALTH, len(rows), kind, _DETAILS[kind], treatment, place.kode)
            )
    dirt.append(
        sample_records.Dirt(HEALTH, len(rows), "outside", "outside the kabupaten, used", "warned")
    )
    rows.append([len(rows) - 2, *list(rows[3])[1:]])
    dirt.append(
        sample_records.Dirt(HEALTH, len(rows), "duplicate_same", "row 4 once more", "left_out")
    )
    lost = sum(HEALTH_DIRT.get(place.number) in _LOST for place in places)
    load = sample_records.Load(len(places) + 1, len(places) - lost, lost, 1)
    about = "Puskesmas, pustu, poskesdes of the health office"
    return sample_records.OfficeFile(HEALTH, write_xlsx({"FASKES": rows}), about, tuple(dirt), load)


def _health_row(number: int, place: sample_places.ServicePlace, dirt: str) -> Row:
    lat: float | str | None = place.lat
    lon: float | str | None = place.lon
    if dirt == "swapped":
        lat, lon = lon, lat
    elif dirt == "dms":
        lat, lon = _dms(place.lat, "LS"), _dms(place.lon, "BT")
    elif dirt == "decimal_comma":
        lat, lon = (f"{value:.6f}".replace(".", ",") for value in (place.lat, place.lon))
    elif dirt == "minus_lost":
        lat = -place.lat
    elif dirt == "zero_position":
        lat = lon = 0
    elif dirt == "empty_position":
        lat = lon = None
    word = "" if dirt == "kind_in_name" else HEALTH_WORDS[place.kind]
    kecamatan = sample_records.unit_by_kode()[place.kode].kecamatan if place.kode else ""
    staff = staff_of(place)
    return [number, place.number, place.nama, word, kecamatan, lat, lon, staff]


def staff_of(place: sample_places.ServicePlace) -> int:
    """Health workers of a health facility."""
    low, high = {"puskesmas": (18, 45), "pustu": (2, 6), "poskesdes": (1, 2)}[place.kind]
    return noise.whole(low, high, "staff", place.number)


def _dms(degrees: float, hemisphere: str) -> str:
    """Degrees, minutes, seconds to four decimals of a second (3 mm)."""
    ten_thousandths = round(abs(degrees) * 36_000_000)
    minutes, seconds = divmod(ten_thousandths, 600_000)
    return f"{minutes // 60:02d}°{minutes % 60:02d}'{seconds / 10_000:07.4f}\" {hemisphere}"


def _posyandu() -> sample_records.OfficeFile:
    """Every latitude has lost its minus: provable, since all rows mirror into the area."""
    places = _of(("posyandu",))
    rows: list[Row] = [("nama_posyandu", "kecamatan", "desa", "lat", "lng")]
    for place in places:
        home = sample_records.unit_by_kode()[place.kode]
        rows.append((place.nama, home.kecamatan, home.nama, -place.lat, place.lon))
    dirt = (
        sample_records.Dirt(
            POSYANDU, None, "minus_lost_everywhere", "no latitude has its minus", "repaired"
        ),
    )
    load = sample_records.Load(len(places), len(places))
    content = write_csv(rows, delimiter=";")
    return sample_records.OfficeFile(
        POSYANDU, content, "Posyandu of the village office", dirt, load
    )


def _schools() -> sample_records.OfficeFile:
    rows: list[Row] = [
        ("npsn", "nama", "bentuk_pendidikan", "status", "kecamatan", "desa", "lintang", "bujur")
    ]
    places = [*_of(tuple(SCHOOL_WORDS)), AT_SEA]
    for place in places:
        home = sample_records.unit_by_kode().get(place.kode)
        names = (f"Kec. {home.kecamatan}", home.nama) if home else ("", "")
        word = SCHOOL_WORDS[place.kind]
        rows.append((place.number, place.nama, word, "Negeri", *names, place.lat, place.lon))
    dirt = (sample_records.Dirt(SCHOOLS, len(rows), "on_sea", "point at sea, used", "warned"),)
    load = sample_records.Load(len(places), len(places))
    return sample_records.OfficeFile(
        SCHOOLS, write_csv(rows), "Schools and PAUD, Dapodik form", dirt, load
    )


def _kantor() -> sample_records.OfficeFile:
    names = sample_records.unit_by_kode()
    features = [
        (Point(lonlat), {"KODE": kode, "NAMA": f"Kantor {names[kode].nama}"})
        for kode, lonlat in sample_places.make_kantor().items()
    ]
    missing = len(sample_records.make_units()) + 1 - len(features)  # one desa has no polygon either
    dirt = (
        sample_records.Dirt(
            KANTOR, None, "absent", f"{missing} offices are not in the list", "warned"
        ),
    )
    load = sample_records.Load(len(features), len(features), desa_without_data=missing)
    about = "Kantor desa: where distances start"
    return sample_records.OfficeFile(KANTOR, write_geojson(features), about, dirt, load)
