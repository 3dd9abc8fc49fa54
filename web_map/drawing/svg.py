"""The markup of drawings: one template of macros, in which all that is filled in is escaped.

A macro is called as a function, as in ``svg().scale_bar(...)``; what it returns is markup already
and is not escaped again where another macro takes it.
"""

from functools import cache
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateModule
from markupsafe import Markup

NOTHING = Markup()
"""The markup of a drawing that has nothing to draw."""


class Macro(Protocol):
    """A macro of ``svg_markup.jinja``."""

    def __call__(self, *values: object) -> Markup:
        """The markup with these values."""


class Macros:
    """The macros of a template by name."""

    def __init__(self, module: TemplateModule) -> None:
        self.__dict__.update(vars(module))

    def __getattr__(self, name: str) -> Macro:
        raise AttributeError(f"svg_markup.jinja has no macro {name!r}.")


@cache
def svg() -> Macros:
    """The macros of ``svg_markup.jinja``."""
    environment = Environment(
        loader=PackageLoader("web_map", "drawing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return Macros(environment.get_template("svg_markup.jinja").module)
