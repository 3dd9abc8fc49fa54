"""Activity codes of desa budgets: ``bidang.sub.kegiatan``."""

from collections.abc import Sequence


def is_under(code: object, prefixes: Sequence[str]) -> bool:
    """Whether an activity is one of the codes, or below one.

    >>> is_under("02.04.11", ("02.04",)), is_under("02.041", ("02.04",)), is_under(None, ("02",))
    (True, False, False)
    """
    return isinstance(code, str) and any(
        code == prefix or code.startswith(f"{prefix}.") for prefix in prefixes
    )
