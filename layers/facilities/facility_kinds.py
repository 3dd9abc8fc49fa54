"""Of which kind a facility is by its name: "PUSKESMAS PEMBANTU X", "PKM Y", "Posyandu Melati".

Lists of health offices and schools often say the kind nowhere else.  A name that speaks of two
kinds is not guessed.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

PHRASES: dict[str, tuple[str, ...]] = {
    "puskesmas": ("PUSKESMAS", "PKM", "PUSAT KESEHATAN MASYARAKAT"),
    "pustu": ("PUSKESMAS PEMBANTU", "PUSKESMAS PBT", "PKM PEMBANTU", "PUSTU"),
    "puskesmas_keliling": ("PUSKESMAS KELILING", "PUSLING", "PUSKEL"),
    "poskesdes": ("POSKESDES", "POSKESKEL", "POS KESEHATAN DESA", "POS KESEHATAN KELURAHAN"),
    "polindes": ("POLINDES", "PONDOK BERSALIN DESA", "PONDOK BERSALIN"),
    "posyandu": ("POSYANDU", "POS PELAYANAN TERPADU"),
    "posbindu": ("POSBINDU",),
    "rumah_sakit": ("RUMAH SAKIT", "HOSPITAL", "RSUD", "RSUP", "RSIA"),
    "rumah_bersalin": ("RUMAH BERSALIN", "KLINIK BERSALIN"),
    "klinik": ("KLINIK", "POLIKLINIK", "BALAI PENGOBATAN"),
    "apotek": ("APOTEK", "APOTIK"),
    "bidan": ("BIDAN", "PRAKTIK MANDIRI BIDAN", "PRAKTEK BIDAN", "BIDAN PRAKTEK"),
    "dokter": ("PRAKTIK DOKTER", "PRAKTEK DOKTER"),
    "paud": ("PAUD", "TAMAN KANAK KANAK", "KELOMPOK BERMAIN", "RAUDHATUL ATHFAL"),
    "sd": ("SEKOLAH DASAR", "MADRASAH IBTIDAIYAH", "SDN", "SDIT"),
    "smp": ("SMP", "SMPN", "SMPK", "SMPS", "SMPIT", "MTS", "MTSN", "MTSS", "MADRASAH TSANAWIYAH"),
    "sma": ("SMA", "SMAN", "SMAS", "SMAK", "SMAIT", "SMK", "SMKN", "SMKS", "MADRASAH ALIYAH"),
    "kantor_desa": ("KANTOR DESA", "KANTOR KEPALA DESA", "KANTOR LURAH", "KANTOR KELURAHAN"),
}
"""Words that tell the kind wherever they stand in a name; the longer before the shorter."""

FIRST_WORDS = {
    "RS": "rumah_sakit",
    "RB": "rumah_bersalin",
    "BP": "klinik",
    "DOKTER": "dokter",
    "DR": "dokter",
    "DRG": "dokter",
    "TK": "paud",
    "TKN": "paud",
    "TKS": "paud",
    "TKIT": "paud",
    "KB": "paud",
    "RA": "paud",
    "TPA": "paud",
    "SPS": "paud",
    "SD": "sd",
    "SDS": "sd",
    "MI": "sd",
    "MA": "sma",
    "MAN": "sma",
    "MAS": "sma",
}
"""Short words that tell the kind only at the beginning: elsewhere they are parts of names."""

WEAK_WORDS = {
    "RSU": "rumah_sakit",
    "RSB": "rumah_sakit",
    "SDK": "sd",
    "SDI": "sd",
    "MIN": "sd",
    "MIS": "sd",
    "PMB": "bidan",
    "BPM": "bidan",
}
"""Abbreviations of other things too: they tell the kind where nothing else in the name does."""
MIDWIFE_WORDS = frozenset({"BDN", "NY", "NYONYA", "KEB", "PRAKTIK", "PRAKTEK", "MANDIRI"})
"""What stands beside PMB or BPM where it means a midwife: ``SMAS PMB`` is a school."""

OTHER_THINGS = (
    "RUMAH DINAS",
    "RUMDIN",
    "RUDIN",
    "MESS",
    "ASRAMA",
    "GUDANG",
    "GARASI",
    "PARKIR",
    "PARKIRAN",
    "PASAR",
    "JALAN",
    "JLN",
    "JL",
    "GANG",
    "SIMPANG",
    "HALTE",
    "LAPANGAN",
    "KANTIN",
    "MASJID",
    "MUSHOLA",
    "MUSHOLLA",
    "TOKO",
    "WARUNG",
    "EKS",
    "EX",
    "BEKAS",
    "CALON",
    "RENCANA",
    "LAHAN",
    "DEPAN",
    "BELAKANG",
    "DEKAT",
    "SAMPING",
)
"""Beginnings of names of what is near a facility, was one or belongs to one, and is none."""
_OTHER = re.compile(rf"^(?:{'|'.join(OTHER_THINGS)})(?!\w)")
_OFFICES = re.compile(r"^(?:(?:UPTD|UPT|BLUD|DINKES|DINAS KESEHATAN)\s+)+")
_ORDERED = sorted(
    ((phrase, kind) for kind, phrases in PHRASES.items() for phrase in phrases),
    key=lambda pair: (-len(pair[0]), pair[0]),
)
_WORDS = sorted({phrase for phrase, _ in _ORDERED if " " not in phrase and len(phrase) > 4})
_SHAPES = [(re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)"), kind) for phrase, kind in _ORDERED]


@lru_cache(maxsize=100_000)
def kinds_in_name(name: str) -> frozenset[str]:
    """The kinds a name speaks of: one, several (then it is ambiguous), or none.

    Example
    -------
    >>> sorted(kinds_in_name("UPTD PUSKESMAS PEMBANTU Boru")), sorted(kinds_in_name("Pkm. Konga"))
    (['pustu'], ['puskesmas'])
    >>> sorted(kinds_in_name("Pustu/Poskesdes Waibao")), sorted(kinds_in_name("SD Inpres Boru"))
    (['poskesdes', 'pustu'], ['sd'])
    >>> sorted(kinds_in_name("SMAS PMB")), sorted(kinds_in_name("PMB Ny. Siti, Amd.Keb"))
    (['sma'], ['bidan'])
    """
    text = _OFFICES.sub("", re.sub(r"[^0-9A-Z]+", " ", name.upper()).strip())
    first = re.sub("^RS[A-Z]{0,4}$", "RS", text.split(" ", 1)[0])
    kinds: set[str] = set()
    if first in FIRST_WORDS:
        kinds.add(FIRST_WORDS[first])
        text = text.partition(" ")[2]
    for shape, kind in _SHAPES:
        text, count = shape.subn(" ", text)
        if count:
            kinds.add(kind)
    return frozenset(kinds or _weak_kinds(text.split(), first))


def find_other_thing(name: str) -> str | None:
    """The beginning of a name that speaks of another thing than a facility; None without one.

    >>> find_other_thing("Gudang Puskesmas Boru"), find_other_thing("Puskesmas Pasar Baru")
    ('GUDANG', None)
    """
    match = _OTHER.match(re.sub(r"[^0-9A-Z]+", " ", name.upper()).strip())
    return None if match is None else match[0]


def _weak_kinds(words: Sequence[str], first: str) -> Iterator[str]:
    for word in words:
        kind = WEAK_WORDS.get(word)
        if kind == "bidan" and word != first and not MIDWIFE_WORDS & {*words}:
            continue
        if kind is not None:
            yield kind


def nearest_kind_word(name: str) -> str | None:
    """The word of a kind that a name may have misspelt (``Puskemas``), for the message only."""
    words = re.sub(r"[^0-9A-Z]+", " ", name.upper()).split()[:2]
    hits = [process.extractOne(word, _WORDS, scorer=fuzz.ratio, score_cutoff=80) for word in words]
    best = max((hit for hit in hits if hit is not None), key=lambda hit: hit[1], default=None)
    return None if best is None else str(best[0])
