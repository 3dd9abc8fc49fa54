"""The start of the house: what waits for who is signed in, overdue first; else what it is."""

from fastapi import APIRouter, Response

from geo_service.house import boards
from web_map.house.base.visitors import AnyVisitor, Visitor, answer_house

router = APIRouter(tags=["pages"])
MOST_ROWS = 20


@router.get("/rumah")
def home(visitor: AnyVisitor) -> Response:
    """My tasks; or for everybody else the start page of the house."""
    if visitor.person is None:
        return answer_house(visitor, "home/home.html", {})
    area = visitor.person.area
    is_desa = visitor.person.role == "desa"
    values = {
        "overdue": _part(visitor, boards.BoardFilter(area, is_overdue=True)),
        "waiting": _part(visitor, boards.BoardFilter(area, waits=True)),
        "proposals": _part(visitor, boards.BoardFilter(area, is_proposal=True))
        if is_desa
        else None,
        "drafts": boards.count_drafts(visitor.register, visitor.person, area),
        "labels": visitor.labels,
        "way": visitor.register.way,
        "most": MOST_ROWS,
        "today": visitor.today,
    }
    return answer_house(visitor, "home/tasks.html", values)


def _part(
    visitor: Visitor, selection: boards.BoardFilter, most: int = MOST_ROWS
) -> tuple[list[boards.BoardRow], int]:
    assert visitor.person is not None
    today = visitor.today
    return boards.find_rows(visitor.register, visitor.person, selection, today, most)
