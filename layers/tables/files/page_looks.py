"""What of a web page a person sees, and what stands there struck out or raised.

Only the page itself is asked: its elements, their ``style`` and ``hidden``, and simple rules of its
style sheet (``.name``, ``td.name``, ``#name``).  Nothing is loaded that it refers to.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from layers.tables.formats import colours
from layers.tables.numbers.special_cells import Mark

Attributes = dict[str, str | None]

_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
_UNSEEN = re.compile(
    "audio|canvas|datalist|dialog|iframe|noscript|object|script|style|template|title|video"
)
_MARKS = {
    "del": Mark.STRUCK,
    "s": Mark.STRUCK,
    "strike": Mark.STRUCK,
    "sup": Mark.RAISED,
    "sub": Mark.RAISED,
}
_HIDING = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|(?:font-size|opacity)\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:!|;|$))",
    re.IGNORECASE,
)
_STRIKING = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_RAISING = re.compile(
    r"vertical-align\s*:\s*(?:super|sub)\b|font-variant-position\s*:\s*su[pb]", re.IGNORECASE
)
_TEXT = re.compile(r"(?:^|[;\s])color\s*:([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(
    r"(?:^|[;\s])background(?:-color|-image)?\s*:(?!\s*(?:none|transparent))([^;!]+)", re.IGNORECASE
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(?=[a-z.#])([a-z]\w*)?([.#][\w-]+)?", re.IGNORECASE)
_MEDIA = re.compile(r"@media([^{}]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.IGNORECASE)
_UNSURE = "vertical-align:super"
_PARTS_OF_TABLES = frozenset({"", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "col"})
_HIDDEN_BY_FRAMEWORK = frozenset({"d-none", "hidden", "sr-only", "visually-hidden"})
"""Classes that hide where the style sheet of a framework is loaded, which a file does not tell."""


@dataclass(frozen=True, slots=True)
class Look:
    """How an element is shown: ``mark`` of its text, and whether it is seen at all.

    ``text`` and ``ground`` are the colours that it names, as they are written.
    """

    mark: Mark = Mark.PLAIN
    is_hidden: bool = False
    text: str | None = None
    ground: str | None = None


def is_unseen(looks: Iterable[Look]) -> bool:
    """Whether text has the colour of its ground, by the elements that it stands in, outer first."""
    text, ground = "black", "white"
    for look in looks:
        text = look.text or text
        ground = look.ground or ground
    return colours.is_unseen(colours.read_colour(text), colours.read_colour(ground))


class PageStyles:
    """The simple rules of a page's style sheets.

    Attributes
    ----------
    is_painted
        Whether rules that are not read may paint something: then no colour of the page is judged.
    """

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}
        self.is_painted = False

    def add(self, sheet: str) -> None:
        """Take in a style sheet, but for what it says of other media than the screen.

        Where a selector has several parts (``.x td .y``), whether it hits an element is not known:
        what it would hide or strike out is then marked, so that no number is read from it.
        """
        bare = re.sub(r"/\*.*?\*/|<!--|-->", "", sheet, flags=re.DOTALL)
        for selectors, body in _RULE.findall(_MEDIA.sub(_screen_only, bare)):
            for selector in selectors.split(","):
                match = _SELECTOR.fullmatch(selector.strip())
                if match:
                    self._put((match[2] or match[1]).lower(), body)
                    continue
                self.is_painted |= bool(_GROUND.search(body) or _TEXT.search(body))
                if _HIDING.search(body) or _STRIKING.search(body):
                    last = _SELECTOR.fullmatch(re.split(r"[\s>+~]+", selector.strip())[-1])
                    key = (last[2] or last[1]).lower() if last else ""
                    if key not in _PARTS_OF_TABLES:
                        self._put(key, _UNSURE)

    def _put(self, key: str, body: str) -> None:
        self._rules[key] = f"{self._rules.get(key, '')};{body}"

    def look(self, tag: str, attributes: Attributes) -> Look:
        """How an element is shown by itself."""
        classes = (attributes.get("class") or "").split()
        keys = [tag, *(f".{name.lower()}" for name in classes), f"#{attributes.get('id') or ''}"]
        text = ";".join(
            [*(self._rules.get(key, "") for key in keys), attributes.get("style") or ""]
        )
        is_hidden = (
            bool(_UNSEEN.fullmatch(tag)) or "hidden" in attributes or bool(_HIDING.search(text))
        )
        if tag == "dialog" and "open" in attributes:
            is_hidden = False
        mark = _MARKS.get(tag, Mark.PLAIN)
        if _STRIKING.search(text):
            mark = Mark.STRUCK
        elif mark is Mark.PLAIN and (
            _RAISING.search(text) or not _HIDDEN_BY_FRAMEWORK.isdisjoint(classes)
        ):
            mark = Mark.RAISED
        if self.is_painted:
            return Look(mark, is_hidden)
        colours_of, grounds = (pattern.findall(text) for pattern in (_TEXT, _GROUND))
        colour = attributes.get("color" if tag == "font" else "text")
        is_styled_elsewhere = any(f".{name.lower()}" not in self._rules for name in classes)
        ground = attributes.get("bgcolor") or ("?" if is_styled_elsewhere else None)
        return Look(mark, is_hidden, [colour, *colours_of][-1], [ground, *grounds][-1])


def shown_value(attributes: Attributes) -> str:
    """What an input field shows; a hidden one, a button or a box to tick shows no value."""
    kind = (attributes.get("type") or "text").lower()
    has_value = kind in ("text", "number", "date", "tel", "search", "email", "month", "url")
    return (attributes.get("value") or "") if has_value else ""


def _screen_only(media: re.Match[str]) -> str:
    """The rules of a ``@media`` that holds on a screen; those for paper hide nothing there."""
    return media[2] if re.search(r"screen|all", media[1], re.IGNORECASE) else ""


def ends(tag: str) -> bool:
    """Whether an element has an end, and so something in it."""
    return _VOID.fullmatch(tag) is None


@dataclass(slots=True)
class SelectField:
    """A field to choose from: a person sees what is chosen, else its first option."""

    is_list: bool
    options: list[tuple[bool, list[str]]] = field(default_factory=list)

    def start(self, is_chosen: bool) -> None:
        """An option begins."""
        self.options.append((is_chosen, []))

    def write(self, data: str) -> None:
        """Text of an option."""
        if self.options:
            self.options[-1][1].append(data)

    @property
    def shown(self) -> str:
        """What is chosen of it."""
        chosen = [text for is_chosen, text in self.options if is_chosen]
        texts = chosen or [text for _, text in self.options[:1]]
        return " ".join("".join(text).strip() for text in (texts if self.is_list else texts[-1:]))
