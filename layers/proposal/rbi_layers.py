"""Layers of the Rupabumi Indonesia map (BIG) by the names of their files: which are of use here.

BIG hands out a folder of some fifty files, named THEME_GEOMETRY_SCALE: ``JALAN_LN_25K``.  The names
are those of the catalogue of features (KUGI) as found in public projects that use such folders.
"""

import re
from typing import Literal

RbiUse = Literal["boundaries", "roads", "facilities", "left_out"]

_NAME = re.compile(
    r"(?:RBI\d*K?_)?(?P<theme>[A-Z]+(?:_[A-Z]+)*?)_(?P<kind>AR|LN|PT)(?:_(?P<rest>[A-Z]+))?"
    r"(?:_(?P<scale>\d+)K)?(?:_\d{4,8})?",
    re.IGNORECASE,
)
_USED: dict[tuple[str, str], RbiUse] = {
    ("ADMINISTRASIDESA", "AR"): "boundaries",
    ("BATASDESA", "AR"): "boundaries",
    ("JALAN", "LN"): "roads",
    ("PENDIDIKAN", "PT"): "facilities",
    ("KESEHATAN", "PT"): "facilities",
    ("RUMAHSAKIT", "PT"): "facilities",
    ("SARANAKESEHATAN", "PT"): "facilities",
    ("PUSKESMAS", "PT"): "facilities",
}
_REASONS = (
    (
        "SUNGAI|DANAU|WADUK|RAWA|AIR|TERJUN|GARISPANTAI|EMPANG|TAMBAK",
        "water; where it stops travel, declare it under [[barriers]]",
    ),
    ("AGRI|NONAGRI|KEBUN|SAWAH|LADANG|HUTAN|VEGETASI", "land use, not a desa"),
    ("ADMINISTRASI|BATAS|PILAR", "border lines, points, or areas larger than a desa"),
    ("KONTUR|TITIKKONTROL|SPOTHEIGHT|TITIKTINGGI|GEODESI", "heights and control points"),
    ("PEMERINTAHAN", "offices without codes of desa; a kantor_desa needs code_column"),
    (
        "JALAN|REL|TAMBANGAN|JEMBATAN|TOLL?|STASIUN|TERMINAL|DERMAGA|BANDARA",
        "transport that is no road to travel on",
    ),
)


def tell_rbi(stem: str, columns: tuple[str, ...]) -> tuple[RbiUse, str] | None:
    """What a layer of RBI is used for and why not, None where the name is of no such layer.

    >>> tell_rbi("JALAN_LN_25K", ())[0], tell_rbi("SUNGAI_LN_25K", ())[0], tell_rbi("jalan", ())
    ('roads', 'left_out', None)
    """
    match = _NAME.fullmatch(stem)
    if match is None or not (match["scale"] or match["rest"] or stem.isupper()):
        return None
    theme, kind = match["theme"].upper().replace("_", ""), match["kind"].upper()
    rest = (match["rest"] or "").upper()
    if theme == "ADMINISTRASI" and kind == "AR" and rest in ("DESAKEL", "DESA", "KELDESA"):
        return "boundaries", "the desa polygons of RBI"
    use = _USED.get((theme, kind))
    if use is not None:
        return use, f"layer {theme} of RBI"
    if theme.startswith("ADMINISTRASI") and kind == "AR" and _has_desa(columns) and not rest:
        return "boundaries", "polygons of RBI with codes of desa"
    reasons = (text for words, text in _REASONS if re.match(words, theme))
    return "left_out", next(reasons, "a layer of RBI that is of no use here")


def _has_desa(columns: tuple[str, ...]) -> bool:
    return bool({"KDEPUM", "KDEBPS", "WADMKD"} & {name.upper() for name in columns})
