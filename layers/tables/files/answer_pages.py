"""What an answer of an interface says of records that it does not hold: the other pages.

Interfaces answer in pages, and the first one looks like a whole table.  They say so in a total, in
a link to the next page, or in the number of pages.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.headers import fold

RECORDS_MISSING = declared_kind("table.records_missing")

_INSIDE = "."
_LOOK_AT = 4096
_MATCHED = re.compile(r'"(?:numberMatched|totalFeatures)"\s*:\s*(\d+)')
_NEXT_PAGE = re.compile(r'"exceededTransferLimit"\s*:\s*true|"rel"\s*:\s*"next"')
_TOTALS = frozenset(
    {
        "total",
        "totalcount",
        "totalrecords",
        "totaldata",
        "totalitems",
        "totalrows",
        "totalelements",
        "totalresults",
        "recordstotal",
        "numbermatched",
        "jumlahdata",
        "jumlahtotal",
    }
)
_ON_PAGE = "count"
"""A total too, or what this page holds: where it is no more, the others are asked."""
_NEXT = frozenset({"next", "nextpage", "nextpageurl", "nextpagetoken", "nexturl", "nextlink"})
_MORE = frozenset({"hasmore", "hasnext", "hasnextpage", "exceededtransferlimit", "more"})
_PAGE = frozenset({"page", "currentpage", "pagenumber", "halaman"})
_PAGES = frozenset({"pages", "totalpages", "lastpage", "pagecount", "totalhalaman"})


def levels(document: object, path: Sequence[str]) -> list[object]:
    """The objects and arrays that lead to a place, from the outermost."""
    levels = [document]
    for key in path:
        last = levels[-1]
        if isinstance(last, list):
            levels.append(last[int(key)] if key.isdigit() and int(key) < len(last) else None)
        else:
            levels.append(last.get(key) if isinstance(last, dict) else None)
    return levels


def page_findings(
    document: object, path: Sequence[str], count: int, label: str
) -> tuple[Finding, ...]:
    """A finding where `missing_records` says something."""
    missing = missing_records(document, path, count)
    return () if missing is None else (RECORDS_MISSING.finding(missing, file=label),)


def missing_records(document: object, path: Sequence[str], count: int) -> str | None:
    """What an answer says of records that it does not hold, None where it says nothing of the kind.

    Parameters
    ----------
    path
        Keys that lead to the object in which the array of records stands.
    count
        Number of records that are there.

    Example
    -------
    >>> missing_records({"total": 500, "data": []}, [], 100)
    'It says that there are 500 records (total) and holds 100. Load the other pages too.'
    """
    members: dict[str, tuple[str, object]] = {}
    for level in levels(document, path):
        for part in level if isinstance(level, list) else [level]:
            members |= dict(_members(part, ""))
    advice = "Load the other pages too."
    totals = [
        (name, value) for key, (name, value) in members.items() if key in {*_TOTALS, _ON_PAGE}
    ]
    stated = [(int(str(value)), name) for name, value in totals if _is_number(value)]
    if stated:
        total, name = max(stated)
        if total > count:
            return f"It says that there are {total} records ({name}) and holds {count}. {advice}"
    if any(value == count and fold(name.split(_INSIDE)[-1]) != _ON_PAGE for value, name in stated):
        return None
    for key, (name, value) in members.items():
        if (key in _NEXT and value not in (None, "", False)) or (key in _MORE and value is True):
            return f"It holds {count} records and says that there are more ({name}). {advice}"
    page = next((value for key, (_, value) in members.items() if key in _PAGE), None)
    pages = next((value for key, (_, value) in members.items() if key in _PAGES), None)
    if _is_number(pages) and int(str(pages)) > 1:
        return f"It is page {page or '?'} of {pages}, with {count} records. {advice}"
    return None


def _members(level: object, name: str) -> Iterator[tuple[str, tuple[str, object]]]:
    """The plain members of an object and of the objects in it that describe an answer."""
    if not isinstance(level, dict):
        return
    for key, value in level.items():
        word = fold(key)
        if word in ("meta", "metadata", "pagination", "paging", "links", "pageinfo", "page"):
            if isinstance(value, dict):
                yield from _members(value, f"{name}{key}{_INSIDE}")
                continue
            if isinstance(value, list):
                yield from _links(value, f"{name}{key}{_INSIDE}")
                continue
        if not isinstance(value, list):
            yield word, (f"{name}{key}", _target(value))


def _links(links: Sequence[object], name: str) -> Iterator[tuple[str, tuple[str, object]]]:
    """Links by their relation, as OGC API and HAL write them."""
    for link in links:
        if isinstance(link, dict) and link.get("rel") == "next":
            yield "next", (f"{name}next", link.get("href"))


def _target(value: object) -> object:
    """A link is what it leads to."""
    return value.get("href") if isinstance(value, dict) else value


def _is_number(value: object) -> bool:
    text = str(value)
    return not isinstance(value, bool) and text.isascii() and text.isdigit()


def missing_features(path: Path, label: str, count: int) -> list[Finding]:
    """What a GeoJSON says in its first or last lines of features on other pages."""
    if path.suffix.lower() != ".geojson":
        return []
    with path.open("rb") as file:
        head = file.read(_LOOK_AT)
        file.seek(max(path.stat().st_size - _LOOK_AT, 0))
        text = (head + file.read()).decode(errors="replace")
    totals = [int(total) for total in _MATCHED.findall(text)]
    says = f"there are {max(totals)} features" if totals and max(totals) > count else None
    if says is None and count not in totals and _NEXT_PAGE.search(text):
        says = "there are more features"
    if says is None:
        return []
    message = f"It says that {says} and holds {count}. Load the other pages too."
    return [RECORDS_MISSING.finding(message, file=label)]
