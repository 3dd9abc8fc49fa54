"""Units of indicators: which may be added, which count things, which have fractions."""

SUMMABLE_UNITS = frozenset({"IDR", "jiwa", "keluarga", "orang", "kk", "unit", "anak", "balita"})
"""Units whose numbers are added where the definition does not say it."""

_THINGS = """
rumah, rumah tangga, ruta, siswa, murid, guru, bayi, ibu, pasien, lansia, kader, petani, nelayan,
pelanggan, dokter, bidan, perawat, kasus, kematian, kelahiran, ekor, sekolah, kelas, ruang, desa,
dusun, rt, rw, pos, buah, lembaga, kelompok, titik, lokasi, paket
"""
_MEASURES = """
idr, ha, hektare, hektar, km, m, km2, km\u00b2, m2, m\u00b2, m3, m\u00b3, kg, ton, kw, kuintal,
kwintal, l, liter, jam, menit, hari, indeks, skor, %, persen
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


COUNTED = _words(_THINGS) | (SUMMABLE_UNITS - {"IDR"})
"""Units of which there is no half, where the indicator has no decimals."""

MEASURED = _words(_MEASURES)
"""Units that may be added and have fractions of their own."""
