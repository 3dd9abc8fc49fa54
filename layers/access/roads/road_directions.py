"""Which way one may drive along a road, from the words of a file; and of one line drawn twice.

An empty cell is a road both ways, as OpenStreetMap has it.  A word that is not known is never taken
for "both": who must obey one-way roads uses such a row in neither direction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.declared_words import check_words

UNKNOWN_ONEWAY = declared_kind("road.unknown_oneway")
ONEWAY_NOT_DECLARED = declared_kind("road.oneway_not_declared")

BOTH, ALONG, AGAINST, UNKNOWN = 0, 1, -1, 2
Directions = NDArray[np.int8]
NAMES = {"both": BOTH, "along": ALONG, "against": AGAINST}
"""What ``[roads.directions]`` may say of a word."""
EMPTY = ("", "-", "nan", "none", "null", "<na>", "<null>", "n a")
ALONG_WORDS = (
    "yes",
    "y",
    "true",
    "1",
    "ft",
    "f t",
    "along",
    "forward",
    "one way",
    "oneway",
    "ya",
    "iya",
    "satu arah",
    "1 arah",
    "searah",
    "satuarah",
)
AGAINST_WORDS = (
    "-1",
    "tf",
    "t f",
    "reverse",
    "reversed",
    "backward",
    "against",
    "berlawanan",
    "berlawanan arah",
    "lawan arah",
    "melawan arah",
    "satu arah berlawanan",
    "satu arah terbalik",
)
BOTH_WORDS = (
    *EMPTY,
    "no",
    "false",
    "0",
    "both",
    "both ways",
    "two way",
    "twoway",
    "bidirectional",
    "alternating",
    "tidak",
    "tdk",
    "bukan",
    "dua arah",
    "2 arah",
    "duaarah",
    "bolak balik",
    "tidak satu arah",
    "bukan satu arah",
)
WORDS = {
    **dict.fromkeys(ALONG_WORDS, ALONG),
    **dict.fromkeys(AGAINST_WORDS, AGAINST),
    **dict.fromkeys(BOTH_WORDS, BOTH),
}
LETTERS = {"F": ALONG, "T": AGAINST, "B": BOTH}
"""Of Geofabrik: along the line, against it, both.  T and F may be true and false as well, and T
``tidak``: `_read_by_column` says where they are Geofabrik's."""
_TRUTHS = re.compile(r"y|yes|no|true|false|ya|iya|tidak|tdk|bukan|0|1")
"""Plain words of columns that say whether, and not which way."""
FEWEST_ROADS = 10
"""So many roads of Geofabrik are never all one-way."""
_NUMBER = re.compile(r"-?\d+")
_CODED = re.compile(r"\d{1,2}\s*[-.:=)]\s*(\D.*)")
"""A word with its code of a list in front: ``1 - Satu Arah``."""
LIKELY_COLUMNS = (
    "oneway",
    "one_way",
    "is_oneway",
    "isoneway",
    "oneway_",
    "satu_arah",
    "satuarah",
    "searah",
    "arhrjl",
    "dir_travel",
)
ROUND = ("roundabout", "circular")
MOST_WORDS = 20
MOST_ROWS = 5


def is_implied_oneway(highway: object, junction: object) -> bool:
    """Whether a road of OpenStreetMap is one-way though no tag says so.

    Of lists, as osmnx has them for joined roads, all parts must be.

    Source
    ------
    OpenStreetMap Wiki, Key:oneway, "Implied oneway restriction".
    """
    kinds, shapes = split_list(highway) or [highway], split_list(junction) or [junction]
    is_motorway = all(isinstance(kind, str) and kind == "motorway" for kind in kinds)
    return is_motorway or all(isinstance(shape, str) and shape in ROUND for shape in shapes)


def read_direction(word: object) -> int:
    """1 along the line, -1 against it, 0 both ways, 2 unknown.

    Lists, as osmnx has them for joined roads, are known where all their words agree.

    Example
    -------
    >>> [read_direction(word) for word in ("F", "T", "B", None, 1.0, "[True, True]", "2. Dua-arah")]
    [1, -1, 0, 0, 1, 1, 0]
    >>> [read_direction(word) for word in ("t", "reversible", "['yes', 'no']")]
    [2, 2, 2]
    """
    parts = split_list(word)
    if parts is not None:
        directions = {read_direction(part) for part in parts}
        return directions.pop() if len(directions) == 1 else UNKNOWN
    if word is None or word is pd.NA or word != word:
        return BOTH
    text = str(word).strip()
    if text in LETTERS:
        return LETTERS[text]
    return WORDS.get(_plain(text), UNKNOWN)


def split_list(word: object) -> list[object] | None:
    """The words of a list, or of the text of one."""
    if isinstance(word, list | tuple | set | np.ndarray):
        return list(word) or [None]
    if isinstance(word, str) and re.fullmatch(r"\s*\[.*\]\s*", word):
        inside = word.strip()[1:-1]
        return [part.strip().strip("'\"") for part in re.split(r"[,\s]+", inside)] or [None]
    return None


def single_word(word: object) -> str:
    """A cell in small letters; of a list (osmnx) the word that all its parts are.

    >>> single_word(["Primary", "primary"]), single_word("Jalan  Desa "), single_word(5.0)
    ('primary', 'jalan desa', '5')
    """
    parts = split_list(word)
    if parts is not None:
        words = {single_word(part) for part in parts}
        return words.pop() if len(words) == 1 else show_word(word).casefold()
    if isinstance(word, float) and word.is_integer():
        return str(int(word))
    return " ".join(show_word(word).casefold().split())


def _plain(text: str) -> str:
    coded = _CODED.fullmatch(text.strip())
    text = text if coded is None else coded[1]
    plain = " ".join(re.sub(r"(?<=\w)[-_/]+(?=\w)", " ", text.casefold()).split())
    plain = re.sub(r"^(?:jalan|jalur|arus|lalu lintas) (?=\S)", "", plain)
    plain = re.sub(r" (?:arah )?(?:digitasi|garis)$", "", plain)
    return plain.removesuffix(".0")


def read_directions(
    words: pd.Series,
    rows: pd.Series[int],
    declared: Mapping[str, str],
    path: str,
    *,
    is_geofabrik: bool = False,
) -> tuple[Directions, list[Finding]]:
    """The direction of each road.

    Parameters
    ----------
    words
        Cells of the column; null is both ways.
    rows
        Row of the file of each.
    declared
        ``[roads.directions]``: along, against or both by word; it wins.
    is_geofabrik
        The file has the columns of Geofabrik's extracts.

    Findings
    --------
    road.unknown_oneway
        A word that is not known: who obeys one-way roads uses these rows in neither direction
        (warning, one a word, with count and first rows).
    input.word_unused
        A declared word that no cell has (warning, with the words that there are).
    """
    texts = words.map(show_word)
    column = str(words.name)
    unused = check_words(declared, texts, "[roads.directions]", column, path)
    declared_words = {key.strip().casefold(): NAMES[name] for key, name in declared.items()}
    meanings: dict[str, int] = {}
    for text, word in zip(texts, words, strict=True):
        if text not in meanings:
            meanings[text] = declared_words.get(text.casefold(), read_direction(word))
    _read_by_column(meanings, declared_words, is_geofabrik and len(words) < FEWEST_ROADS)
    directions = np.asarray(texts.map(meanings), np.int8)
    lost = texts[directions == UNKNOWN]
    findings = [
        _report_unknown(str(text), rows[lost.index[lost == text]], path)
        for text in sorted(lost.unique())[:MOST_WORDS]
    ]
    more = lost.nunique() - MOST_WORDS
    if more > 0:
        message = f"{more} further words for directions are unknown; is this the right column?"
        finding = UNKNOWN_ONEWAY.finding(message, path)
        findings.append(replace(finding, measure=float(more), unit="words"))
    return directions, [*unused, *findings]


def show_word(word: object) -> str:
    """A cell as text; empty where it says nothing."""
    if isinstance(word, np.ndarray):
        return str(word.tolist())
    if isinstance(word, list | tuple | set):
        return str(list(word))
    return "" if word is None or word is pd.NA or word != word else str(word).strip()


def _read_by_column(
    meanings: dict[str, int], declared_words: Mapping[str, int], is_small_geofabrik: bool
) -> None:
    """Letters and numbers that only the rest of the column explains.

    ``F`` and ``T`` are Geofabrik's with ``B`` beside them, or where one of them stands alone in a
    small file of its; else they may be true and false, and beside words of truth (yes, Y, 1) no
    letter is known: two systems were put together.  With ``FT`` or ``TF``, ``N`` is a road closed
    both ways (TomTom, ArcGIS), else it says no.  Beside a number that is none of 0, 1 and -1 all
    numbers are codes of a list that only its maker knows (RBI, domains of ArcGIS).
    """
    plain = {_plain(text) for text in meanings} - {*EMPTY}
    has_truth = any(_TRUTHS.fullmatch(word) for word in plain)
    is_lone = is_small_geofabrik and len({*meanings} & {*LETTERS}) == len(plain) == 1
    are_letters = ("b" in plain and not has_truth) or is_lone
    are_codes = any(_NUMBER.fullmatch(word) for word in plain - {"0", "1", "-1"})
    for text in meanings:
        word = _plain(text)
        if text.casefold() in declared_words:
            continue
        if word in {"b", "f", "t"}:
            meanings[text] = LETTERS[word.upper()] if are_letters else UNKNOWN
        if word == "n":
            meanings[text] = UNKNOWN if plain & {"ft", "tf"} else BOTH
        if are_codes and _NUMBER.fullmatch(word):
            meanings[text] = UNKNOWN


def _report_unknown(word: str, rows: pd.Series[int], path: str) -> Finding:
    row_numbers = sorted(set(rows))
    listed = ", ".join(map(str, row_numbers[:MOST_ROWS]))
    more = len(row_numbers) - MOST_ROWS
    listed += f" and {more} more" if more > 0 else ""
    doubt = "is not known"
    if _plain(word) in {"f", "t", "b"}:
        doubt = "may be a letter of Geofabrik (F along, T against, B both) or true and false"
    elif _NUMBER.fullmatch(_plain(word)):
        doubt = "is a code of a list that is not known"
    message = (
        f"Direction {word!r} {doubt}, so who obeys one-way roads uses these rows in neither "
        f'direction; say under [roads.directions] what it means: "{word}" = "along", "against" or '
        f'"both". Rows: {listed}.'
    )
    return UNKNOWN_ONEWAY.finding(
        message,
        path,
        row=row_numbers[0],
        value=word,
        measure=float(len(row_numbers)),
    )


def report_undeclared(frame: gpd.GeoDataFrame, path: str) -> list[Finding]:
    """A column that looks like directions, by its name or by its words, and is not declared.

    Findings
    --------
    road.oneway_not_declared
        The column says that roads are one-way, but nothing declares it: all are passable both ways
        (warning, with the count).
    """
    for column in frame.columns:
        if column == frame.geometry.name or not _tells_directions(frame[column]):
            continue
        count = sum(read_direction(word) != BOTH for word in frame[column])
        if count:
            message = (
                f"Column {column!r} says that roads are one-way, but is not declared, so all are "
                f'passable both ways; declare oneway_column = "{column}".'
            )
            finding = ONEWAY_NOT_DECLARED.finding(message, path)
            return [replace(finding, value=str(column), measure=float(count), unit="rows")]
    return []


def _tells_directions(cells: pd.Series) -> bool:
    """Whether a column is called so, or has only words for directions, one of them no other.

    Yes and 1 may say anything; ``satu arah`` and ``FT`` do not.
    """
    if str(cells.name).casefold() in LIKELY_COLUMNS:
        return True
    if cells.dtype.kind not in "OT":
        return False
    words: dict[str, str] = {}
    for cell in cells.dropna():
        text = show_word(cell)
        if text not in words:
            words[text] = _plain(text)
            if words[text] not in WORDS:
                return False
    return any(
        WORDS[word] in {ALONG, AGAINST} and not _TRUTHS.fullmatch(word) and word != "-1"
        for word in words.values()
    )


def merge_directions(frame: gpd.GeoDataFrame) -> Directions:
    """``direction`` of each row with what the other rows of the same line say.

    Along in one row and against in another (each way a row of its own, as directed graphs are
    saved) is both; one way and both is the one way.
    """
    direction = frame["direction"].to_numpy(np.int8)
    drawn = np.asarray(frame.geometry.array, dtype=object)
    plain = shapely.normalize(drawn)
    side = np.where(_is_turned(drawn, plain), -1, 1).astype(np.int8)
    is_oneway = np.abs(direction) == 1
    turned = np.where(is_oneway, direction * side, direction)
    group, _ = pd.factorize(pd.Series(shapely.to_wkb(plain)))
    size = int(group.max(initial=-1)) + 1
    has = {
        way: np.bincount(group, turned == way, size)[group] > 0 for way in (ALONG, AGAINST, UNKNOWN)
    }
    merged = np.where(has[ALONG], side, np.where(has[AGAINST], -side, BOTH))
    merged = np.where(has[ALONG] & has[AGAINST], BOTH, merged)
    is_unknown = has[UNKNOWN] & ~has[ALONG] & ~has[AGAINST]
    return np.where(is_unknown, UNKNOWN, merged).astype(np.int8)


def _is_turned(drawn: NDArray[np.object_], plain: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether the normal form of each line runs the other way than it was drawn."""
    starts = shapely.get_coordinates(shapely.get_point(drawn, 0))
    others = shapely.get_coordinates(shapely.get_point(plain, 0))
    is_turned = (starts != others).any(axis=1)
    is_loop = np.asarray(shapely.is_closed(drawn), bool)
    is_turned[is_loop] = shapely.is_ccw(drawn[is_loop]) != shapely.is_ccw(plain[is_loop])
    return np.asarray(is_turned, bool)
