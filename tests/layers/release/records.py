"""Records of the format as Hypothesis makes them."""

from __future__ import annotations

from typing import TypeVar, get_type_hints

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
