"""The marks people write degrees, minutes and seconds with, brought to one hand.

``8d12m30s``, ``8 derajat 12 menit 30 detik Lintang Selatan`` and ``8°12′30″ L.S.`` become
``8°12'30" LS``.  Whether the result is a coordinate is for `layers.tables.points.coordinate_text`.
"""

import re

_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
    | dict.fromkeys("º˚ᵒ⁰∘", "°")
    | dict.fromkeys("′’‘‛ʹʼ´`＇", "'")
    | dict.fromkeys("″”“„‟ʺ˝〃", '"')
)
_WORDS = (
    (r"lintang\s*selatan|\bl\.\s*s\b\.?", " LS "),
    (r"lintang\s*utara|\bl\.\s*u\b\.?", " LU "),
    (r"bujur\s*timur|\bb\.\s*t\b\.?", " BT "),
    (r"bujur\s*barat|\bb\.\s*b\b\.?", " BB "),
    (r"\b(?:south|selatan)\b", " S "),
    (r"\b(?:north|utara)\b", " N "),
    (r"\b(?:east|timur)\b", " E "),
    (r"\b(?:west|barat)\b", " W "),
)
_LABEL = re.compile(
    r"(?<![a-z])(?:latitude|lattitude|longitude|lintang|bujur|long|lat|lon|lng)\b"
    r"\s*[:=.]?\s*",
    re.IGNORECASE,
)
_DEGREE = re.compile(r"(?<=\d)\s*(?:derajat|degrees?|deg|der|d|o)(?![a-z])", re.IGNORECASE)
_MINUTE = re.compile(r"(?<=\d)\s*(?:menit|minutes?|min|mnt|m)(?![a-z])", re.IGNORECASE)
_SECOND = re.compile(r"(?<=\d)\s*(?:detik|seconds?|sec|dtk)(?![a-z])", re.IGNORECASE)
_LETTERED = re.compile(r"(\d)\s*([dD])(\s*\d[\d.,]*\s*)([mM])(\s*\d[\d.,]*\s*)([sS])")


def write_marks(text: str) -> str:
    r"""The text with one degree sign, one prime, one double prime and short hemispheres.

    An ``s`` is the mark of seconds where it is written as its ``d`` and ``m`` are; in another case
    it is the hemisphere.

    >>> write_marks("8d12m30s"), write_marks("8 derajat 12 menit 30 detik Lintang Selatan")
    ('8°12\'30"', '8° 12\' 30"LS')
    >>> write_marks("123° 1′ 12″ B.T.")
    '123° 1\' 12"BT'
    """
    text = text.translate(_SIGNS)
    for pattern, letters in _WORDS:
        text = re.sub(pattern, letters, text, flags=re.IGNORECASE)
    text = _LABEL.sub(" ", text)
    text = _LETTERED.sub(_write_seconds, text)
    text = _SECOND.sub('"', _MINUTE.sub("'", _DEGREE.sub("°", text)))
    text = text.replace("''", '"')
    return re.sub(r"""\s*(?<=["'°])\s*(?=[A-Za-z])|\s+(?=["'°])""", "", " ".join(text.split()))


def _write_seconds(match: re.Match[str]) -> str:
    before, degree, minutes, minute, seconds, second = match.groups()
    is_mark = degree.islower() == second.islower() == minute.islower()
    return f"{before}°{minutes}'{seconds}" + ('"' if is_mark else f'"{second}')
