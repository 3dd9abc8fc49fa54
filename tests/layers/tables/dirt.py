"""A small true world, and tables of it spoiled in all the ways that offices spoil tables.

Each spoiled row remembers what it is about, so that a join can be held against the truth.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import pandas as pd

from boundaries.codes.crosswalk import CodeBridge
from layers.workspace.sections import IndicatorSection

KABUPATEN = {
    "53.06": ("Flores Timur", "5309"),
    "53.01": ("Kupang", "5303"),
    "53.10": ("Manggarai", "5313"),
}
KECAMATAN = {
    "53.06.01": "Wulanggitang",
    "53.06.02": "Tanjung Bunga",
    "53.01.01": "Amarasi",
    "53.01.10": "Semau Selatan",
    "53.10.01": "Wae Ri'i",
    "53.10.10": "Ruteng",
}
NUMBERS = ("2001", "2002", "2010", "1003")
# Names as real ones are: the same twice in a kecamatan and elsewhere, twins, quotes, numerals.
NAMES = (
    "Sidomulyo",
    "Bongo II",
    "Bongo III",
    "Lamakera",
    "Sidomulyo",
    "Waibao",
    "Pasi Kuala Ba'u",
    "Konga",
    "Oesao",
    "Oesao",
    "Raknamo",
    "Blok 15",
    "Sidomulyo",
    "Uitiuh Tuan",
    "Hansisi",
    "Akle",
    "Golo Worok",
    "Ranaka",
    "Sidomulyo",
    "Bangka Kenda",
    "Tapian Nauli/ Saurmanggita",
    "Cumbi",
    "Pong Lao",
    "Karot",
)
KODE = tuple(f"{place}.{number}" for place in KECAMATAN for number in NUMBERS)
INDEX = {kode: at for at, kode in enumerate(KODE)}


def make_desa() -> pd.DataFrame:
    """The coverage: 24 desa in 6 kecamatan of 3 kabupaten."""
    return pd.DataFrame(
        {
            "kode": KODE,
            "nama": NAMES,
            "jenis": ["kelurahan" if kode[9] == "1" else "desa" for kode in KODE],
            "kode_kecamatan": [kode[:8] for kode in KODE],
            "nama_kecamatan": [KECAMATAN[kode[:8]] for kode in KODE],
            "kode_kabupaten": [kode[:5] for kode in KODE],
            "nama_kabupaten": [KABUPATEN[kode[:5]][0] for kode in KODE],
        }
    )


def make_indicators() -> dict[str, IndicatorSection]:
    """A share and a count."""
    known = (("air", "%", 100), ("jiwa", "jiwa", None))
    return {
        name: IndicatorSection.model_validate(
            {
                "name": name,
                "title": {"id": name, "en": name},
                "unit": unit,
                "minimum": 0,
                "maximum": most,
            }
        )
        for name, unit, most in known
    }


def bps_of(kode: str) -> str:
    """The BPS code of a desa of the world: another kabupaten, a seventh digit of 0."""
    return f"{KABUPATEN[kode[:5]][1]}{int(kode[6:8]) * 10:03d}{INDEX[kode] % 4 + 1:03d}"


def make_bridge() -> CodeBridge:
    """All desa, with the kabupaten and their names in both systems."""
    targets = {bps_of(kode): kode.replace(".", "") for kode in KODE}
    names = {bps_of(kode): name for kode, name in zip(KODE, NAMES, strict=True)}
    for kode, (name, bps) in KABUPATEN.items():
        targets[bps], names[bps] = kode.replace(".", ""), name
    return CodeBridge(targets, names, {}, date="2024")


@dataclass(frozen=True)
class Row:
    """Cells of a row, and which desa its numbers are about (None: none of the world)."""

    about: str | None
    kode: object
    kecamatan: object
    nama: object
    air: object
    jiwa: object
    truth: tuple[float | None, float | None] = (None, None)
    """What the numbers are, None where the cell says none."""
    is_shifted: bool = False
    """A comma in the name was taken for the end of a cell."""
    tahun: object = 2024


def clean_row(kode: str) -> Row:
    """What an orderly office writes of a desa; no two desa share a number."""
    at = INDEX[kode]
    air, jiwa = round(5.5 + 3.1 * at, 1), 1201 + 137 * at
    return Row(kode, kode, KECAMATAN[kode[:8]], NAMES[at], air, jiwa, (air, jiwa))


def _keys_only(word: str, where: int, air: object, jiwa: object) -> Row:
    kode, kecamatan, nama = (word if at == where else None for at in range(3))
    return Row(None, kode, kecamatan, nama, air, jiwa, tahun=None)


@dataclass
class Spoiler:
    """Spoils rows; ``rng`` decides, hypothesis shrinks its seed.

    Parameters
    ----------
    present
        Desa that have a clean row of their own in the table.
    has_names, has_kecamatan
        Whether the table has these columns: without them some slips leave no trace at all.
    is_workbook
        Whether cells keep their type.
    has_year
        Whether there is a column of years.
    """

    rng: Random
    present: frozenset[str]
    has_names: bool
    has_kecamatan: bool
    is_workbook: bool
    is_bps: bool = False
    has_year: bool = False
    counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def spoil(self, row: Row) -> list[Row]:
        """The row, or what became of it."""
        kinds: list[Callable[[Row], list[Row]]] = [
            self.respell,
            self.slip,
            self.not_existing,
            self.no_code,
            self.other_place,
            self.other_system,
            self.noisy_name,
            self.number,
            self.no_number,
            self.twice,
            self.twice_otherwise,
            self.total,
            self.heading,
            self.nothing,
            self.shifted,
            self.year,
            self.other_year,
        ]
        return self.rng.choice(kinds)(row)

    def respell(self, row: Row) -> list[Row]:
        bare = str(row.kode).replace(".", "")
        parts = ".".join(str(int(part)) for part in str(row.kode).split("."))
        written: list[object] = [
            bare,
            f"{bare}.0",
            f"{bare},00",
            f"{row.kode}.",
            f"'{bare}",
            f"\u00a0{row.kode} ",
            str(row.kode).replace(".", "-"),
            str(row.kode).replace(".", " "),
            f"{int(bare):,}",
            f"{int(bare):,}".replace(",", "."),
            f"{bare[0]}.{bare[1:]}E+09",
            f"{bare[0]},{bare[1:]}E+9",
            f"{bare[0]}.{bare[1:5]}E+09",
            parts,
            bare[:9],
            f"{bare}0",
            str(row.kode).rstrip("0"),
            f"{bare[:6]}.{bare[6:]}",
            "#N/A",
            "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in bare),
        ]
        if self.is_workbook:
            day = dt.datetime(2001, 6, 1, 5, 30)
            written += [
                int(bare),
                float(bare),
                float(f"{bare[:4]}.{bare[4:]}"),
                day,
                dt.time(5, 3),
                float(bare) / 10,
                True,
            ]
        return [replace(row, kode=self.rng.choice(written))]

    def slip(self, row: Row) -> list[Row]:
        """The code of another desa: told by its own row, or by the name or kecamatan beside it."""
        other = self.rng.choice([kode for kode in KODE if kode != row.about])
        own, its = str(row.about), NAMES[INDEX[other]]
        told = other in self.present
        told |= self.has_names and NAMES[INDEX[own]] != its
        told |= self.has_kecamatan and other[:8] != own[:8]
        if not told:
            return [row]
        return [replace(row, kode=bps_of(other) if self.is_bps else other)]

    def not_existing(self, row: Row) -> list[Row]:
        bare = str(row.kode).replace(".", "")
        return [replace(row, kode=self.rng.choice([f"{bare[:7]}{bare[7]}77", f"{bare[:6]}4001"]))]

    def no_code(self, row: Row) -> list[Row]:
        kode = self.rng.choice([None, "", " ", "-", "belum ada", "kode", "?"])
        return [replace(row, kode=kode)]

    def other_place(self, row: Row) -> list[Row]:
        """A row of a kabupaten that is not of the world, now and then with its own short code."""
        number = next(self.counter)
        kode = self.rng.choice(["32.05.01.2001", "5304012002", 3205012003, "91.1.2.2001"])
        numbers = (round(90 + number / 10, 1), 90_000 + number)
        row = Row(None, str(kode), "Tarogong", f"Haurpanggung {number}", *numbers)
        return [row]

    def other_system(self, row: Row) -> list[Row]:
        """A code of the other system: of this desa, or of Belu (BPS 5306)."""
        own = str(row.about)
        if self.is_bps:
            return [replace(row, kode=own)]
        number = next(self.counter)
        numbers = (round(95 + number / 10, 1), 95_000 + number)
        belu = Row(None, f"5306010{number:03d}", "Raimanuk", f"Mandeu {number}", *numbers)
        # Kecamatan 012 of Belu: ten digits that are also a desa of Flores Timur.
        twin = replace(belu, kode="5306012001")
        is_told = self.has_names or KODE[0] in self.present
        return [self.rng.choice([replace(row, kode=bps_of(own)), belu, twin if is_told else belu])]

    def noisy_name(self, row: Row) -> list[Row]:
        name = str(row.nama)
        noisy = [
            name.upper(),
            name.lower(),
            f"DESA {name}",
            f"Ds. {name}",
            f"  {name} ",
            name.replace(" ", ""),
            name.replace("II", "2"),
            name.replace("'", "’"),
            name.replace("a", "aa", 1),
            name[:-1],
            f"{name} Baru",
            "",
            None,
            "x",
        ]
        place = str(row.kecamatan)
        places = [place, place.upper(), f"Kec. {place}", place.replace(" ", ""), "", None]
        return [replace(row, nama=self.rng.choice(noisy), kecamatan=self.rng.choice(places))]

    def number(self, row: Row) -> list[Row]:
        air, jiwa = row.truth
        assert air is not None
        assert jiwa is not None
        point = f"{air:.1f}"
        comma = point.replace(".", ",")
        share = self.rng.choice(
            [point, comma, f"{comma} %", f"{point}%", f" {comma}", f"{air:.2f}"]
        )
        grouped = f"{int(jiwa):,}"
        dotted = grouped.replace(",", ".")
        count: object = self.rng.choice(
            [
                grouped,
                dotted,
                f"{dotted},00",
                f"{int(jiwa)} jiwa",
                f"{int(jiwa)}.0",
                grouped.replace(",", " "),
                f"'{int(jiwa)}",
            ]
        )
        if self.is_workbook and self.rng.random() < 0.3:
            count = jiwa / 1000
        return [replace(row, air=share, jiwa=count)]

    def no_number(self, row: Row) -> list[Row]:
        cells: list[object] = [
            "",
            "-",
            "n/a",
            "#REF!",
            "belum",
            "(12,5)",
            "-3",
            "Rp",
            "12 13",
            "1e999",
            "inf",
            "nan",
        ]
        if self.is_workbook:
            cells += [dt.datetime(2024, 5, 1), True, float("nan")]
        air, jiwa = row.truth
        if self.rng.random() < 0.5:
            return [replace(row, air=self.rng.choice(cells), truth=(None, jiwa))]
        return [replace(row, jiwa=self.rng.choice(cells), truth=(air, None))]

    def twice(self, row: Row) -> list[Row]:
        return [row, row]

    def twice_otherwise(self, row: Row) -> list[Row]:
        air, jiwa = round(clean_row(str(row.about)).truth[0] or 0 + 0.05, 2), row.jiwa
        return [row, replace(row, air=air + 0.05, truth=(air + 0.05, row.truth[1]), jiwa=jiwa)]

    def total(self, row: Row) -> list[Row]:
        word = self.rng.choice(["JUMLAH", "Total", "Rata-rata", "Jumlah Kec. Ruteng", "TOTAL :"])
        where = self.rng.randrange(3)
        return [row, _keys_only(word, where, 99.9, 99_999)]

    def heading(self, row: Row) -> list[Row]:
        words = ["Kecamatan Ruteng", "Sumber: BPS", "*) angka sementara", "2024", "53.06.02"]
        word = self.rng.choice(words)
        where = self.rng.randrange(3)
        return [_keys_only(word, where, None, None), row]

    def nothing(self, row: Row) -> list[Row]:
        return [row, Row(None, None, None, None, None, None, tahun=None)]

    def shifted(self, row: Row) -> list[Row]:
        if not self.has_names or self.is_workbook:
            return [row]
        jiwa = self.rng.choice([row.jiwa, None])
        return [replace(row, air=21, jiwa=jiwa, truth=(None, None), is_shifted=True)]

    def year(self, row: Row) -> list[Row]:
        told: list[object] = ["2024", "TA 2024", "2024.0", "Tahun 2024 (Juni)"]
        untold: list[object] = ["2O24", None, "2023/2024", "24", 45_000, "-"]
        if self.has_year and self.rng.random() < 0.5:
            return [replace(row, tahun=self.rng.choice(untold), truth=(None, None))]
        return [replace(row, tahun=self.rng.choice(told))]

    def other_year(self, row: Row) -> list[Row]:
        """The same desa in another year, with numbers of its own."""
        if not self.has_year:
            return [row]
        number = next(self.counter)
        return [
            row,
            replace(
                row, tahun=2023, air=80 + number / 10, jiwa=80_000 + number, truth=(None, None)
            ),
        ]
