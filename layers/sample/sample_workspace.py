"""The workspace of the sample kabupaten: its files, and the ``wilayah.toml`` that declares them."""

from functools import cache
from pathlib import Path

from layers.sample import (
    boundary_files,
    certificate_files,
    facility_files,
    health_files,
    land_cover,
    programme_files,
    register_files,
    sample_roads,
    spending_files,
)
from layers.sample.world import sample_people, sample_records

_HEAD = f"""\
# Kabupaten contoh: wilayah rekaan, dibuat oleh program. Jawaban yang benar ada di README.md.
schema = 1

[wilayah]
id = "sampel"
name = "Kabupaten {sample_records.KABUPATEN[1]} (contoh)"
scope = ["{sample_records.KABUPATEN[0]}"]
year = 2025

[sebutan.desa]
"99.01.03" = "negeri"
"""

_ABOUT = """\
source = "{source}"
licence = "CC0-1.0"
date = "{date}"
supplier = "{supplier}"
"""


def _about(source: str, date: str, supplier: str) -> str:
    return _ABOUT.format(source=source, date=date, supplier=supplier)


def make_declaration() -> str:
    """The text of ``wilayah.toml``."""
    return "\n".join(
        [
            _HEAD,
            *_boundaries(),
            *_codes(),
            *_tables(),
            *_spending(),
            *_facilities(),
            *_grids(),
            *_plans(),
        ]
    )


def _boundaries() -> list[str]:
    about = _about("Peta batas desa (rekaan)", "2025-03-01", "Bagian Tata Pemerintahan")
    paths = (boundary_files.GEOJSON, boundary_files.GPKG, boundary_files.SHP)
    return [
        f'[[boundaries]]\npath = "{path}"\ncode_system = "kemendagri"\ncode_column = "KDEPUM"\n'
        'name_column = "NAMOBJ"\nkecamatan_code_column = "KDCPUM"\n'
        'kecamatan_name_column = "WADMKC"\nkabupaten_name_column = "WADMKK"\n'
        'provinsi_name_column = "WADMPR"\nsebutan_column = "TIPADM"\n'
        f'legal_status = "indicative"\nyear = 2025\n{about}'
        for path in paths
    ]


def _codes() -> list[str]:
    about = _about("Daftar kode wilayah (rekaan)", "2025-01-15", "Bagian Tata Pemerintahan")
    return [
        f'[[names]]\npath = "{boundary_files.NAMES}"\ncode_system = "kemendagri"\n'
        f'code_column = "kode"\nname_column = "nama"\n{about}',
        f'[[crosswalks]]\npath = "{boundary_files.BRIDGE}"\nkind = "bridge"\n'
        f'from_column = "kode_bps"\nto_column = "kode_dagri"\n{about}',
        f'[[crosswalks]]\npath = "{boundary_files.HISTORY}"\nkind = "history"\n'
        'from_column = "kode_lama"\nto_column = "kode_baru"\nkind_column = "perubahan"\n'
        f'date_column = "tanggal"\n{about}',
    ]


def _tables() -> list[str]:
    years = (2023, 2024, 2025)
    return [
        *(_health(year) for year in years),
        *(_people(year) for year in years),
        _long(),
        *(_idm(year) for year in (2023, 2024)),
        _indeks_desa(),
        *_certificates(),
    ]


def _health(year: int) -> str:
    return (
        f'[[tables]]\nid = "kesehatan_{year}"\npath = "{health_files.path_of(year)}"\n'
        'sheet = "Data"\nheader_row = 4\nheader_rows = 2\ncode_system = "kemendagri"\n'
        f'code_column = "KODE WILAYAH"\nname_column = "DESA/KELURAHAN"\nyear = {year}\n'
        + _about("Profil kesehatan (rekaan)", f"{year}-12-31", "Dinas Kesehatan")
        + "[tables.columns]\n"
        '"AIR DAN SANITASI (% KK) / Air minum layak" = "air_minum_layak_pct"\n'
        '"AIR DAN SANITASI (% KK) / Sanitasi layak" = "sanitasi_layak_pct"\n'
        '"KESEHATAN ANAK (%) / Imunisasi dasar lengkap" = "imunisasi_dasar_pct"\n'
        '"KESEHATAN ANAK (%) / Stunting" = "stunting_pct"\n'
    )


def _people(year: int) -> str:
    return (
        f'[[tables]]\nid = "kependudukan_{year}"\npath = "{register_files.people_path(year)}"\n'
        'code_system = "kemendagri"\ncode_column = "KODE"\nname_column = "DESA"\n'
        f'encoding = "cp1252"\ndelimiter = ";"\ndecimal = ","\nyear = {year}\n'
        + _about("Register penduduk (rekaan)", f"{year}-12-31", "Dinas Dukcapil")
        + '[tables.columns]\n"JUMLAH PENDUDUK" = "penduduk_jiwa"\n"JUMLAH KK" = "keluarga_jumlah"\n'
    )


def _long() -> str:
    names = "".join(f'"{word}" = "{name}"\n' for word, name in register_files.LONG_NAMES.items())
    return (
        f'[[tables]]\nid = "prasarana"\npath = "{register_files.LONG}"\nshape = "long"\n'
        'code_system = "kemendagri"\ncode_column = "kemendagri_kode_desa_kelurahan"\n'
        'name_column = "kemendagri_nama_desa_kelurahan"\nindicator_column = "kategori"\n'
        'value_column = "nilai"\nyear_column = "tahun"\n'
        + _about("Satu Data (rekaan)", "2025-12-31", "Dinas Kominfo")
        + f"[tables.columns]\n{names}"
    )


def _idm(year: int) -> str:
    return (
        f'[[tables]]\nid = "idm_{year}"\npath = "{register_files.idm_path(year)}"\n'
        'code_system = "kemendagri"\ncode_column = "KODE DESA"\nname_column = "DESA"\n'
        f"header_row = 3\nyear = {year}\n"
        + _about("IDM (rekaan)", f"{year}-07-31", "Dinas PMD")
        + '[tables.columns]\n"IKS" = "iks_skor"\n"IKE" = "ike_skor"\n"IKL" = "ikl_skor"\n'
        '"NILAI IDM" = "idm_skor"\n'
    )


def _indeks_desa() -> str:
    return (
        f'[[tables]]\nid = "indeks_desa_2025"\npath = "{register_files.INDEKS_DESA}"\n'
        'code_system = "kemendagri"\ncode_column = "kode"\nname_column = "desa"\nyear = 2025\n'
        + _about("Indeks Desa (rekaan)", "2025-07-31", "Dinas PMD")
        + '[tables.columns]\n"skor" = "indeks_desa_skor"\n'
    )


def _spending() -> list[str]:
    return [
        f'[[spending]]\nid = "apbdes_{year}"\npath = "{spending_files.path_of(year)}"\n'
        'code_system = "kemendagri"\ncode_column = "Kd_Desa"\n'
        f'kabupaten = "{sample_records.KABUPATEN[0]}"\n'
        'year_column = "Tahun"\nactivity_column = "ID_Keg"\n'
        'activity_name_column = "Nama_Kegiatan"\nsource_column = "Sumberdana"\n'
        'anggaran_column = "Pagu"\nanggaran_perubahan_column = "Pagu_PAK"\n'
        'realisasi_column = "Realisasi"\namounts = "perubahan"\ndelimiter = ";"\n'
        + _about("Siskeudes (rekaan)", f"{year}-12-31", "Dinas PMD")
        for year in spending_files.YEARS
    ]


def _facilities() -> list[str]:
    health = "".join(f'"{word}" = "{kind}"\n' for kind, word in facility_files.HEALTH_WORDS.items())
    schools = "".join(
        f'"{word}" = "{kind}"\n' for kind, word in facility_files.SCHOOL_WORDS.items()
    )
    return [
        f'[[facilities]]\nid = "faskes"\npath = "{facility_files.HEALTH}"\nheader_row = 3\n'
        'id_column = "KODE FASKES"\nname_column = "NAMA FASKES"\nkind_column = "JENIS"\n'
        'lon_column = "BUJUR"\nlat_column = "LINTANG"\n'
        f'supply_column = "{facility_files.STAFF}"\nsupply_unit = "tenaga kesehatan"\n'
        + _about("Daftar faskes (rekaan)", "2025-06-30", "Dinas Kesehatan")
        + f"[facilities.kinds]\n{health}",
        *_closed_places(),
        f'[[facilities]]\nid = "posyandu"\npath = "{facility_files.POSYANDU}"\nkind = "posyandu"\n'
        'name_column = "nama_posyandu"\nlon_column = "lng"\nlat_column = "lat"\ndelimiter = ";"\n'
        + _about("Daftar posyandu (rekaan)", "2025-06-30", "Dinas PMD"),
        f'[[facilities]]\nid = "sekolah"\npath = "{facility_files.SCHOOLS}"\n'
        'id_column = "npsn"\nname_column = "nama"\nkind_column = "bentuk_pendidikan"\n'
        'lon_column = "bujur"\nlat_column = "lintang"\n'
        + _about("Dapodik (rekaan)", "2025-06-30", "Dinas Pendidikan")
        + f"[facilities.kinds]\n{schools}",
        f'[[facilities]]\nid = "kantor_desa"\npath = "{facility_files.KANTOR}"\n'
        'kind = "kantor_desa"\nname_column = "NAMA"\ncode_system = "kemendagri"\n'
        'code_column = "KODE"\n'
        + _about("Titik kantor desa (rekaan)", "2025-03-01", "Bagian Tata Pemerintahan"),
    ]


def _closed_places() -> list[str]:
    """Rows of the health list without a usable position are accepted: such a place is closed.

    Else each of them may be the nearest one of its kecamatan, and no distance there is known.
    """
    return [
        f'[[allow]]\ncheck = "facility.{check}"\nfile = "{facility_files.HEALTH}"\n'
        'reason = "Poskesdes ini sudah tutup dan akan dihapus dari daftar (rekaan)."\n'
        for check in ("no_position", "zero_position", "minus_doubtful")
    ]


def _certificates() -> list[str]:
    about = _about("Akta kelahiran (rekaan)", "2025-12-31", "Dinas Dukcapil")
    name = certificate_files.INDICATOR
    return [
        f'[[tables]]\nid = "akta_bps"\npath = "{certificate_files.BPS}"\ncode_system = "bps"\n'
        'code_column = "iddesa"\nname_column = "nama_desa"\nyear_column = "tahun"\n'
        f'{about}[tables.columns]\n"cakupan_akta" = "{name}"\n',
        f'[[tables]]\nid = "akta_2025"\npath = "{certificate_files.BY_NAME}"\nheader_row = 2\n'
        'kecamatan_column = "Kecamatan"\nname_column = "Nama"\nyear = 2025\n'
        f'{about}[tables.columns]\n"Cakupan (%)" = "{name}"\n',
    ]


def _grids() -> list[str]:
    people_about = _about("Raster penduduk (rekaan)", "2025-06-30", "Bappeda")
    roads_about = _about("Jaringan jalan (rekaan)", "2024-12-31", "Dinas PUPR")
    classes = "".join(f'"{word}" = "{kind}"\n' for word, kind in sample_roads.CLASSES.items())
    cover_about = _about("Tutupan lahan (rekaan)", "2024-12-31", "Bappeda")
    covers = "".join(f'{code} = "{name}"\n' for code, name in land_cover.CLASSES.items())
    return [
        f'[population]\npath = "{sample_people.PATH}"\nyear = 2025\n{people_about}',
        f'[[roads]]\npath = "{sample_roads.PATH}"\nlayer = "jalan"\nclass_column = "KELAS"\n'
        f'oneway_column = "SATU_ARAH"\nname_column = "NAMA"\n{roads_about}'
        f"[roads.classes]\n{classes}",
        f'[land_cover]\npath = "{land_cover.PATH}"\n{cover_about}[land_cover.classes]\n{covers}',
    ]


def _plans() -> list[str]:
    plan_about = _about("RKPD (rekaan)", "2025-01-31", "Bappeda")
    proposal_about = _about("Musrenbang (rekaan)", "2025-02-28", "Bappeda")
    return [
        f'[[programmes]]\nid = "rkpd_2025"\npath = "{programme_files.PROGRAMMES}"\n'
        'header_row = 3\ncode_system = "kemendagri"\ncode_column = "KODE LOKASI"\n'
        'kecamatan_column = "KECAMATAN"\nplace_column = "LOKASI"\nyear_column = "TAHUN"\n'
        'opd_column = "PERANGKAT DAERAH"\nactivity_column = "KEGIATAN"\n'
        'service_column = "LAYANAN"\namount_column = "PAGU (RP)"\n'
        f'source_column = "SUMBER DANA"\n{plan_about}',
        f'[[proposals]]\nid = "musrenbang_2025"\npath = "{programme_files.PROPOSALS}"\n'
        'code_system = "kemendagri"\ncode_column = "kode_desa"\nplace_column = "desa"\n'
        'year_column = "tahun"\nactivity_column = "usulan"\nservice_column = "layanan"\n'
        f'amount_column = "nilai"\n{proposal_about}',
        *(_service(service) for service in programme_files.SERVICES),
    ]


def _service(service: programme_files.Service) -> str:
    """The kabupaten's own norm and activities for a preset service."""
    activities = ", ".join(f'"{code}"' for code in service.activities)
    return (
        f'[[services]]\nid = "{service.id}"\nactivities = [{activities}]\n'
        'source = "Perbup (rekaan)"\ndate = "2025"\n'
        f'needs = [{{ indicator = "{service.indicator}", norm = {service.norm:g}, '
        'people = "remainder" }]\n'
    )


@cache
def make_files() -> tuple[sample_records.OfficeFile, ...]:
    """All input files of the sample, sorted by path."""
    made = (
        *boundary_files.make_boundary_files(),
        *boundary_files.make_code_files(),
        *health_files.make_health_files(),
        *register_files.make_register_files(),
        *spending_files.make_spending_files(),
        *facility_files.make_facility_files(),
        *certificate_files.make_certificate_files(),
        *programme_files.make_programme_files(),
        sample_people.make_population_file(),
        sample_roads.make_road_file(),
        land_cover.make_land_cover_file(),
    )
    return tuple(sorted(made, key=lambda file: file.path))


def write_sample(folder: Path, broken: str | None = None) -> None:
    """The workspace of the made-up kabupaten in ``folder``: inputs, ``wilayah.toml``, README.

    The bytes are the same on every run.  Existing files of the same names are overwritten.

    Parameters
    ----------
    broken
        Name of one of `layers.sample.faults.FAULTS`: a workspace that must not publish.
    """
    for file in make_files():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    # The truth reads the list of files, so it is imported when both exist.
    from layers.sample.readme import make_readme
    from layers.sample.truth import make_truth

    for name, text in (
        ("wilayah.toml", make_declaration()),
        ("README.md", make_readme(make_files(), make_truth())),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if broken is not None:
        from layers.sample.faults import FAULTS

        FAULTS[broken].apply(folder)
