"""What the kabupaten plans (RKPD) and what the desa propose (usulan), and the states that follow.

The rule of this sample, which its README states: a desa needs a service when the indicator of 2025
is below the norm.  It is funded by the desa when the desa's budget after revision has a line of
the service's activities, in a programme when a programme of the kabupaten names the desa or its
whole kecamatan, and proposed when a usulan names it.
"""

from dataclasses import dataclass

from layers.sample import health_files, office, spending_files
from layers.sample.world import sample_records

PROGRAMMES = "program/rkpd_2025.xlsx"
PROPOSALS = "usulan/usulan_musrenbang_2025.csv"


@dataclass(frozen=True, slots=True)
class Service:
    """A basic service of the sample's rule: need below ``norm``, activities that pay for it."""

    id: str
    indicator: str
    norm: float
    activities: tuple[str, ...]


SERVICES = (
    Service("air_minum", "air_minum_layak_pct", 65.0, ("02.04.11",)),
    Service("sanitasi", "sanitasi_layak_pct", 60.0, ("02.04.14", "02.04.90")),
    Service("imunisasi", "imunisasi_dasar_pct", 75.0, ("02.02.02",)),
)


@dataclass(frozen=True, slots=True)
class Programme:
    """One activity of the kabupaten; ``kode`` of a desa or kecamatan, or only words."""

    opd: str
    kegiatan: str
    layanan: str
    kode: str
    lokasi: str
    pagu_idr: int


RKPD = (
    Programme(
        "Dinas PUPR", "Pembangunan SPAM perdesaan", "air_minum", "99.01.03.2013", "", 845_000_000
    ),
    Programme(
        "Dinas PUPR", "Pembangunan SPAM perdesaan", "air_minum", "99.01.02.2013", "", 912_500_000
    ),
    Programme(
        "Dinas PUPR", "Sanitasi berbasis masyarakat", "sanitasi", "99.01.03", "", 1_430_000_000
    ),
    Programme(
        "Dinas Kesehatan", "Bulan imunisasi anak", "imunisasi", "99.01.02.2010", "", 86_400_000
    ),
    Programme(
        "Dinas PUPR",
        "Pengeboran sumur dalam",
        "air_minum",
        "",
        "daerah rawan air di pesisir",
        390_000_000,
    ),
    Programme(
        "Dinas Pendidikan", "Rehabilitasi ruang kelas SD", "sd", "99.01.01.2006", "", 275_000_000
    ),
)
USULAN = (
    ("99.01.03.2012", "air_minum", "Perpipaan dari mata air Gading", 320_000_000),
    ("99.01.02.2012", "sanitasi", "MCK komunal dua unit", 140_000_000),
    ("99.01.02.2011", "sanitasi", "Jamban keluarga 40 unit", 96_000_000),
    ("99.01.01.2004", "air_minum", "Sumur bor dusun II", 85_000_000),
)


def make_programme_files() -> tuple[sample_records.OfficeFile, ...]:
    """Programmes and proposals."""
    rows: list[office.Row] = [
        ["RENCANA KERJA PEMERINTAH DAERAH (REKAAN) TAHUN 2025"],
        [],
        [
            "NO",
            "PERANGKAT DAERAH",
            "KEGIATAN",
            "LAYANAN",
            "KODE LOKASI",
            "LOKASI",
            "KECAMATAN",
            "PAGU (RP)",
            "SUMBER DANA",
            "TAHUN",
        ],
    ]
    for number, programme in enumerate(RKPD, start=1):
        place = (
            sample_records.unit_by_kode()[programme.kode].nama
            if len(programme.kode) == 13
            else programme.lokasi
        )
        kecamatan = sample_records.KECAMATAN.get(programme.kode[:8], "")
        rows.append(
            [
                number,
                programme.opd,
                programme.kegiatan,
                programme.layanan,
                programme.kode or None,
                place,
                kecamatan,
                f"{programme.pagu_idr:,}".replace(",", "."),
                "APBD",
                2025,
            ]
        )
    dirt = (
        sample_records.Dirt(
            PROGRAMMES, 6, "place_is_kecamatan", "place is a whole kecamatan", "warned"
        ),
        sample_records.Dirt(PROGRAMMES, 8, "place_is_text", "place is words only", "warned"),
    )
    proposals: list[office.Row] = [("kode_desa", "desa", "layanan", "usulan", "nilai", "tahun")]
    proposals += [
        (kode, sample_records.unit_by_kode()[kode].nama, service, what, amount, 2025)
        for kode, service, what, amount in USULAN
    ]
    return (
        sample_records.OfficeFile(
            PROGRAMMES,
            office.write_xlsx({"RKPD": rows}),
            "RKPD of the kabupaten 2025",
            dirt,
            sample_records.Load(len(RKPD), len(RKPD)),
        ),
        sample_records.OfficeFile(
            PROPOSALS,
            office.write_csv(proposals),
            "Proposals of the desa 2025",
            (),
            sample_records.Load(len(USULAN), len(USULAN)),
        ),
    )


def expected_states() -> dict[tuple[str, str], str]:
    """The state of each unit and service of 2025 by the rule of this module."""
    values = health_files.values_of(2025)
    funded = {(line.kode, line.kegiatan) for line in spending_files.make_lines(2025)}
    proposed = {(kode, service) for kode, service, *_rest in USULAN}
    states = {}
    for unit in sample_records.make_units():
        for service in SERVICES:
            value = values.get((unit.kode, service.indicator))
            states[unit.kode, service.id] = _state(
                None if value is None else value < service.norm,
                any((unit.kode, activity) in funded for activity in service.activities),
                any(
                    programme.layanan == service.id
                    and programme.kode in (unit.kode, unit.kode_kecamatan)
                    for programme in RKPD
                ),
                (unit.kode, service.id) in proposed,
            )
    return states


def _state(needed: bool | None, funded: bool, in_programme: bool, proposed: bool) -> str:
    if needed is None:
        return "unknown"
    if not needed:
        return "funded_without_need" if funded else "no_need"
    if funded:
        return "need_funded_by_desa"
    if in_programme:
        return "need_in_programme"
    return "need_proposed_only" if proposed else "need_unfunded"
