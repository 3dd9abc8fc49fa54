"""What a package of pages gives to the server; the server knows no page by name.

`create_app` mounts it.  A bare API server has `NO_PAGES`: JSON and problem documents for everybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, Request, Response
from starlette.types import Scope

from geo_service.http.responses import Answer, problem_answer
from geo_service.ogc.params import ReleaseView
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings


class StartPage(Protocol):
    """Answers the landing page to a browser."""

    def __call__(self, request: Request, view: ReleaseView) -> Response:
        """The start page of one release."""


class ErrorAnswer(Protocol):
    """Answers a request that cannot be fulfilled, also one refused before a route is found."""

    def __call__(
        self, scope: Scope, settings: Settings, store: ReleaseStore, error: BaseException
    ) -> Answer:
        """A page for whoever reads HTML, the problem document for programs."""


def answer_problem(
    scope: Scope, settings: Settings, store: ReleaseStore, error: BaseException
) -> Answer:
    """The problem document, whoever asks: the error answer of a server without pages."""
    del settings, store
    return problem_answer(error, scope["path"])


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages for people, ready to be mounted.

    Parameters
    ----------
    routers
        Routes of the pages; each is mounted in the short form and below a release.
    start_page
        What a browser gets at ``/``; None where there is no page, then all get JSON.
    error_answer
        The answer to every error, of the API too.
    assets
        Folder of built files, served below ``/assets/``; the service worker ``sw.js`` may lie
        beside it.  None, or a folder that is not there, serves none.
    load_house
        Gives the routers of the pages of a register; called only where a register is set.
    """

    routers: tuple[APIRouter, ...] = ()
    start_page: StartPage | None = None
    error_answer: ErrorAnswer = answer_problem
    assets: Path | None = None
    load_house: Callable[[], tuple[APIRouter, ...]] | None = None


NO_PAGES = Pages()
