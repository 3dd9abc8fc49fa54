"""Records of the format as Hypothesis makes them."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)
# Each example writes its files anew.
MAY_REUSE_FOLDERS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50
)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(1 << 53), 1 << 53)


st.register_type_strategy(float, NUMBER)
st.register_type_strategy(int, WHOLE)


def of_model(model: type[Model]) -> st.SearchStrategy[Model]:
    """Any record of a model: every field is given, as a writer gives it."""
    hints = get_type_hints(model)
    return st.builds(model, **{name: st.from_type(hints[name]) for name in model.model_fields})


def filled(model: type[Model]) -> Model:
    """One record of a model in which every field has a value, down to the last."""
    hints = get_type_hints(model, include_extras=True)
    given = {
        entry.alias or name: _value_of(hints[name]) for name, entry in model.model_fields.items()
    }
    return model.model_validate(given, strict=False)


def _value_of(hint: object) -> object:
    """A value of a type: the first of a choice, one of a sequence."""
    origin, choices = get_origin(hint), get_args(hint)
    if origin is Annotated:
        pattern = next((part.pattern for part in choices[1:] if hasattr(part, "pattern")), None)
        return "a" * 64 if pattern and "64" in pattern else "a"
    if origin in (Union, UnionType):
        return _value_of(next(choice for choice in choices if choice is not type(None)))
    if origin is Literal:
        return choices[0]
    if origin is tuple:
        inner = choices[:1] if choices[-1] is Ellipsis else choices
        return tuple(map(_value_of, inner))
    if origin is dict:
        return {_value_of(choices[0]): _value_of(choices[1])}
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return filled(hint)
    return {str: "a", int: 1, float: 1.5, bool: True}[hint]  # type: ignore[index]  # a plain type
