"""What is worked out once for each release, and let go with it."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from geo_service.releases.release import Release

Key = ParamSpec("Key")
Answer = TypeVar("Answer")
MOST_ANSWERS = 256
"""Of one function for one release; beyond that it begins anew."""


def once_per_release(
    function: Callable[Concatenate[Release, Key], Answer],
) -> Callable[Concatenate[Release, Key], Answer]:
    """The function, which is asked once for each release and further arguments.

    A release never changes, so neither do the answers.  They must not be changed by who gets them.
    """

    @wraps(function)
    def answer(release: Release, *key: Key.args, **named: Key.kwargs) -> Answer:
        answers = release.memo.setdefault(function, {})
        place: Hashable = (key, tuple(named.items()))
        try:
            return cast(Answer, answers[place])
        except KeyError:
            made = function(release, *key, **named)
        if len(answers) >= MOST_ANSWERS:
            answers.clear()
        answers[place] = made
        return made

    return cast(Callable[Concatenate[Release, Key], Answer], answer)
