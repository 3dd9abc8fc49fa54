"""What a client says it reads: HTML or data, and which of our two languages."""

from typing import Literal

Language = Literal["id", "en"]

_HTML = ("text/html", "application/xhtml+xml", "text/*")
_INDONESIAN, _ENGLISH = ("id", "in"), ("en",)


def wants_html(accept: str, f: str | None = None) -> bool:
    """Whether a client is a browser: it names HTML, and does not prefer JSON to it.

    Example
    -------
    >>> wants_html("text/html,*/*;q=0.8"), wants_html("*/*"), wants_html("application/xhtml+xml")
    (True, False, True)
    >>> wants_html("application/json, text/html;q=0.9"), wants_html("text/html", "json")
    (False, False)
    """
    if f is not None:
        return f == "html"
    quality = qualities(accept)
    return max(quality.get(name, 0) for name in _HTML) > quality.get("application/json", 0)


def preferred_language(accept_language: str) -> Language:
    """The language of a reader of whom only the header is known; Indonesian unless English wins.

    Example
    -------
    >>> preferred_language("en-GB,en;q=0.9"), preferred_language("id-ID,id;q=0.9,en;q=0.8")
    ('en', 'id')
    >>> preferred_language(""), preferred_language("de, *;q=0.5")
    ('id', 'id')
    """
    best = {"": 0.0}
    for tag, quality in qualities(accept_language).items():
        name = tag.partition("-")[0]
        best[name] = max(best.get(name, 0.0), quality)
    indonesian = max(best.get(name, 0.0) for name in _INDONESIAN)
    return "en" if max(best.get(name, 0.0) for name in _ENGLISH) > indonesian else "id"


def qualities(header: str) -> dict[str, float]:
    """The entries of an Accept header in lower case with their weight, 0 where that is no number.

    Source
    ------
    RFC 9110 (June 2022), section 12.4.2.
    """
    return dict(map(_quality, header.split(",")))


def _quality(entry: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in entry.split(";"))
    weights = [text[2:] for text in parameters if text.startswith("q=")]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:
        return name, 0.0
