"""The start of the house: figures for everybody, and what waits for who is signed in."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from web_map.house.base.visitors import AnyVisitor, answer_house

router = APIRouter(tags=["pages"])


@router.get("/rumah")
def home(visitor: AnyVisitor) -> HTMLResponse:
    """The start page of the house."""
    return answer_house(visitor, "home/home.html", {})
