"""Of which kind a facility is by its name: "PUSKESMAS PEMBANTU X", "PKM Y", "Posyandu Melati".

Lists of health offices and schools often say the kind nowhere else.  A name that speaks of two
kinds is not guessed.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache

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
"""Abbreviations of other things too: what they mean in the names of a list is asked, see
`find_abbreviation`."""
MIDWIFE_WORDS = frozenset({"BDN", "NY", "NYONYA", "KEB", "PRAKTIK", "PRAKTEK", "MANDIRI"})
"""What stands beside PMB or BPM where it means a midwife: ``SMAS PMB`` is a school."""

_OTHER_THINGS = (
    r"RUMAH (?:DINAS|NEGARA|JABATAN)|RUM(?:AH)?DIN|RUDIN|MESS?|ASRAMA|PERUMAHAN|KOMPLEKS?|"
    r"KAWASAN|KANTOR|KOPERASI|GEDUNG|GUDANG|GARASI|PARKIR(?:AN)?|PAGAR|GERBANG|TANAH|LAHAN|KEBUN|TAMAN|PASAR|"
    r"JALAN|JLN|JL|GANG|SIMPANG|JEMBATAN|HALTE|TERMINAL|LAPANGAN|KANTIN|MASJID|MUSHOLL?A|TOKO|"
    r"WARUNG|KIOS|"
    r"LOKET|RUANG(?:AN)?|AULA|BENGKEL|SALON|MOBIL|(?:SEPEDA\s+)?MOTOR|RUMAH (?:KEPALA|GURU)|SATPAM|"
    r"POS (?:KAMLING|SATPAM|JAGA|KEAMANAN|RONDA|POLISI)|"
    r"LAB(?:ORATORIUM)?|AMBULANS?|INSTALASI|IPAL|SUMUR|MENARA|DEPAN|BELAKANG|DEKAT|SAMPING|SEBELAH"
)
"""Beginnings of names of what is near a facility or belongs to one, and is none."""
_PAST_OR_FUTURE = r"EKS|EX|BEKAS|MANTAN|CALON|RENCANA|USULAN"
_OF_A_HOUSE = (
    r"RUMAH (?:DINAS|NEGARA|JABATAN)|RUM(?:AH)?DIN|RUDIN|GUDANG|GARASI|PARKIR(?:AN)?|PAGAR"
)
_OTHER_OFFICES = re.compile(
    r"\s*KANTOR\s+(?:CAMAT|KECAMATAN|BUPATI|WALI\s*KOTA|GUBERNUR|DPRD|DINAS|BADAN|POL\w+|POS|KUA|"
    r"URUSAN\s+AGAMA|PERTANAHAN|PAJAK|KORAMIL|KORWIL|UPTD?)\b"
)
"""Beginnings of names of offices that are no desa's."""
_OTHER = re.compile(rf"\s*(?:{_PAST_OR_FUTURE}|{_OTHER_THINGS})\b".replace(" ", r"\s+"))
_NEVER_ONE_WITHIN = re.compile(rf"\b(?:{_PAST_OR_FUTURE}|{_OF_A_HOUSE})\b".replace(" ", r"\s+"))
_NEVER_ONE = re.compile(rf"\s*(?:{_PAST_OR_FUTURE}|{_OF_A_HOUSE})\b".replace(" ", r"\s+"))
_WAS_OR_WILL_BE = re.compile(rf"\s*(?:{_PAST_OR_FUTURE})\b")
_CLOSED = re.compile(
    rf"\b(?:{_PAST_OR_FUTURE}|(?:SUDAH|TELAH)\s+(?:DI)?TUTUP|DITUTUP|NON[\s-]*AKTIF|(?:TIDAK|TDK|BELUM|BLM)\s+(?:LAGI\s+)?"
    r"(?:AKTIF|BUKA|JALAN|(?:BER)?OPERASI(?:ONAL)?|BERFUNGSI|DIPAKAI|DIGUNAKAN|DIBANGUN)|"
    r"(?:DALAM|TAHAP|PROSES)\s+(?:TAHAP\s+|PROSES\s+)?PEMBANGUNAN|AKAN\s+DIBANGUN|"
    r"(?:DI)?RENCANA(?:KAN)?|DI(?:MERGER|GABUNG(?:KAN)?|BUBARKAN|PINDAHKAN)|VAKUM|TERBENGKALAI|"
    r"PERMANENTLY\s+CLOSED|UNDER\s+CONSTRUCTION|ABANDONED|DISUSED|DEMOLISHED)\b|"
    r"[(\[-]\s*(?:TUTUP|MERGER|PINDAH(?:AN)?|BUBAR|CLOSED|PROPOSED|PLANNED)\b"
)
"""What says anywhere in a name that the place serves nobody, any more or as yet."""
_STATUS_HEADER = re.compile(
    r"status|operasi|\baktif|active|kondisi|\bket(?:erangan)?\b|remark|disused|buka", re.IGNORECASE
)
"""Headers of columns that may say whether a place is open."""
_STATUS_CLOSED = re.compile(
    rf"(?:SUDAH\s+|TELAH\s+)?(?:DI)?TUTUP(?:\s+(?:PERMANEN|SEMENTARA))?|{_PAST_OR_FUTURE}|"
    r"NON[\s-]*AKTIF|(?:TIDAK|TDK|BELUM|BLM)\s+(?:LAGI\s+)?(?:AKTIF|BUKA|JALAN|BERFUNGSI|"
    r"(?:BER)?OPERASI(?:ONAL)?|DIPAKAI|DIGUNAKAN|DIBANGUN)|(?:DALAM|TAHAP|PROSES)\s+(?:TAHAP\s+|"
    r"PROSES\s+)?PEMBANGUNAN|(?:AKAN\s+)?DIBANGUN|DIRENCANAKAN|(?:DI)?MERGER|(?:DI)?BUBAR(?:KAN)?|"
    r"VAKUM|TERBENGKALAI|(?:PERMANENTLY\s+|TEMPORARILY\s+)?CLOSED|INACTIVE|PROPOSED|PLANNED|"
    r"UNDER\s+CONSTRUCTION|ABANDONED|DISUSED|DEMOLISHED",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:RUMAH\s+SAKIT|RS[A-Z]{0,3}|KLINIK|POLIKLINIK|APOTEK|DOKTER|DR[GH]?|PRAKTI[KE]K?|PRAKTEK)\b"
    r"(?:\W+\w+){0,3}?\W+"
    r"(HEWAN|VETERINER|VET|PET(?:\s*SHOP)?|KECANTIKAN|SKIN\s*CARE|BEAUTY|SALON|"
    r"TANAMAN|PERTANIAN|HUKUM|PAJAK|KOMPUTER|MOTOR|SEPATU|BISNIS|UMKM)\b"
)
"""Words for whom or what a place of this name treats, where these are no people."""
_TREATING = frozenset({"rumah_sakit", "klinik", "apotek", "dokter"})
_HARMLESS_WORDS = (
    r"UPTD?|UNIT PELAKSANA TEKNIS(?: DAERAH| DINAS)?|BLUD|DINKES|DINAS KESEHATAN|SPF|"
    r"SATUAN(?: PENDIDIKAN(?: FORMAL)?)?|LEMBAGA|ILP|NEGERI|SWASTA|"
    r"PRAKTI[KE]K?|PRAKTEK|MANDIRI|NO|NOMOR|\d+"
)
"""What may stand in front of the word of the kind: the office it belongs to, a number."""
_OF_A_GROUP = r"POS|TAMAN|KELOMPOK"
"""What may stand there, too, where people of the village keep the place: ``Pos PAUD``."""
_KEPT_BY_A_GROUP = frozenset({"paud", "posyandu", "posbindu"})
_HARMLESS = re.compile(rf"\s*(?:(?:{_HARMLESS_WORDS})\b\s*)*".replace(" ", r"\s+"))
_HARMLESS_GROUP = re.compile(
    rf"\s*(?:(?:{_HARMLESS_WORDS}|{_OF_A_GROUP})\b\s*)*".replace(" ", r"\s+")
)
_JOINED = re.compile(r"(?:[/&+-]|\bDAN\b)\s*$")
_OFFICES = re.compile(r"^(?:(?:UPTD|UPT|BLUD|DINKES|DINAS KESEHATAN)\s+)+")
_ORDERED = sorted(
    ((phrase, kind) for kind, phrases in PHRASES.items() for phrase in phrases),
    key=lambda pair: (-len(pair[0]), pair[0]),
)
_WORDS = sorted({phrase for phrase, _ in _ORDERED if " " not in phrase and len(phrase) > 4})
_SHAPES = [(re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)"), kind) for phrase, kind in _ORDERED]


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
    return _read_kinds(name)[0]


@lru_cache(maxsize=100_000)
def _read_kinds(name: str) -> tuple[frozenset[str], str | None]:
    """The kinds of a name, and the abbreviation where nothing else says them."""
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
    if kinds:
        return frozenset(kinds), None
    weak = dict(_weak_kinds(text.split(), first))
    return frozenset(weak.values()), next(iter(weak), None)


def find_other_thing(
    name: str, kinds: Collection[str], words: Collection[str] | None = None
) -> str | None:
    """What in a name says that it may be no facility of these kinds; None where nothing does.

    A facility's name begins with the word of its kind.  What stands in front of it, whatever it is,
    says that the name may be that of another thing: an office of it, its staff house, a shop.

    Parameters
    ----------
    words
        Where a cell of the row says its kind, or a declaration that of the file: the words for
        these kinds, if any.  Then words in front that are not known (a foundation's name, that of a
        midwife) say nothing; those of another function or kind are asked all the same.

    Example
    -------
    >>> find_other_thing("Gudang Puskesmas Boru", {"puskesmas"})
    'GUDANG'
    >>> find_other_thing("Apotek Puskesmas", {"puskesmas"})
    'APOTEK'
    >>> find_other_thing("SD/SMP Boru", {"smp"})
    >>> find_other_thing("UPTD Puskesmas Pasar Baru", {"puskesmas"})
    >>> find_other_thing("Hj. Siti, Bidan", {"bidan"}), find_other_thing("Pos PAUD A", {"paud"})
    ('HJ SITI', None)
    >>> find_other_thing("Hj. Siti, Bidan", {"bidan"}, words=())
    >>> find_other_thing("Posyandu Melati (tutup)", {"posyandu"})
    'TUTUP'
    >>> find_other_thing("Rumah Sakit Hewan Kupang", {"rumah_sakit"})
    'HEWAN'
    """
    upper = name.upper()
    plain = re.sub(r"[^0-9A-Z]", " ", upper)
    are_known = any(kind in PHRASES for kind in kinds)
    starts = [
        match.start()
        for shape in _kind_shapes(frozenset(kinds), frozenset(words or ()))
        if (match := shape.search(plain)) is not None
    ]
    if not starts:
        return _begins_with_other(plain, kinds) if are_known else _word(_WAS_OR_WILL_BE, plain)
    front = upper[: min(starts)]
    if not _is_harmless(plain[: len(front)], kinds) and not _names_another(front):
        is_known = _OTHER.match(plain) or _NEVER_ONE_WITHIN.search(front) or kinds_in_name(front)
        if is_known or words is None:
            return " ".join(plain[: len(front)].split())
    if (others := _OF_OTHERS.search(upper)) is not None and _TREATING.intersection(kinds):
        return " ".join(others[1].split())
    closed = _CLOSED.search(upper) if are_known else None
    return " ".join(closed[0].strip("([- ").split()) if closed else None


def is_status(header: str) -> bool:
    """Whether a column of this header may say that a place is open or closed.

    >>> is_status("Status Operasional"), is_status("KET"), is_status("alamat")
    (True, True, False)
    """
    return _STATUS_HEADER.search(header.replace("_", " ")) is not None


def says_closed(cell: str) -> bool:
    """Whether a cell says of a place that it serves nobody, any more or as yet, and nothing else.

    >>> [says_closed(cell) for cell in ("Tidak Aktif", "tutup permanen", "Rencana", "Negeri")]
    [True, True, True, False]
    """
    return _STATUS_CLOSED.fullmatch(cell.strip(" .()")) is not None


def _is_harmless(front: str, kinds: Collection[str]) -> bool:
    """Whether what stands in front of the word of the kind only says whose the place is."""
    shape = _HARMLESS_GROUP if _KEPT_BY_A_GROUP.intersection(kinds) else _HARMLESS
    return shape.fullmatch(front) is not None


def _names_another(front: str) -> bool:
    """Whether what stands in front is a facility too, joined to this one: ``SD/``, ``TK dan``."""
    return _JOINED.search(front) is not None and bool(kinds_in_name(_JOINED.sub("", front)))


def _begins_with_other(plain: str, kinds: Collection[str]) -> str | None:
    """The word of another thing, where the name says no word of these kinds.

    A place may be called after a market, so that such a word alone says nothing: it stands in front
    of the word of another kind, or is one that no place is called after.
    """
    if "kantor_desa" in kinds and _OTHER_OFFICES.match(plain):
        return _word(_OTHER_OFFICES, plain)
    shapes = _kind_shapes(frozenset(PHRASES) - frozenset(kinds), frozenset())
    says_kind = any(shape.search(plain) for shape in shapes)
    return _word(_OTHER if says_kind else _NEVER_ONE, plain)


def _word(shape: re.Pattern[str], plain: str) -> str | None:
    match = shape.match(plain)
    return None if match is None else " ".join(match[0].split())


@cache
def _kind_shapes(kinds: frozenset[str], words: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    """The words of these kinds, wherever they stand."""
    phrases = {phrase for kind in kinds for phrase in PHRASES.get(kind, ())}
    phrases |= {kind.replace("_", " ").upper() for kind in kinds}
    phrases |= {re.sub(r"[^0-9A-Z]+", " ", word.upper()).strip() for word in words}
    short = {**FIRST_WORDS, **WEAK_WORDS}
    phrases |= {word for word, kind in short.items() if kind in kinds}
    shapes = [re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(phrases) if phrase]
    # A hospital may say what it is last, as in English.
    shapes += [r"RS[A-Z]{0,4}", r"(?:\w+\s+)+HOSPITALS?"] if "rumah_sakit" in kinds else []
    return tuple(re.compile(rf"(?<!\w){shape}(?!\w)") for shape in shapes)


def find_abbreviation(name: str) -> str | None:
    """The abbreviation that alone says the kind of a name, where it stands for other things too.

    >>> find_abbreviation("MIS Al Ikhlas"), find_abbreviation("SD MIS Al Ikhlas")
    ('MIS', None)
    """
    return _read_kinds(name)[1]


def _weak_kinds(words: Sequence[str], first: str) -> Iterator[tuple[str, str]]:
    for word in words:
        kind = WEAK_WORDS.get(word)
        if kind == "bidan" and word != first and not MIDWIFE_WORDS & {*words}:
            continue
        if kind is not None:
            yield word, kind


def nearest_kind_word(name: str) -> str | None:
    """The word of a kind that a name may have misspelt (``Puskemas``), for the message only."""
    words = re.sub(r"[^0-9A-Z]+", " ", name.upper()).split()[:2]
    hits = [process.extractOne(word, _WORDS, scorer=fuzz.ratio, score_cutoff=80) for word in words]
    best = max((hit for hit in hits if hit is not None), key=lambda hit: hit[1], default=None)
    return None if best is None else str(best[0])
