"""The account of who is signed in; an administrator sees those of the area, and what was done."""

from fastapi import APIRouter, Response

from geo_service.house.accounts import Accounts
from web_map.house.base.visitors import AnyMember, answer_house

router = APIRouter(tags=["pages"])


@router.get("/rumah/akun")
def account(member: AnyMember) -> Response:
    """Who is signed in, the latest sign-ins, and signing out everywhere."""
    book, person = Accounts(member.register), member.person
    people = book.people(person.area) if person.role == "kabupaten" else []
    logins = sorted({person.login, *(other.login for other in people)})
    values = {"people": people, "lines": book.audit_lines(logins)}
    return answer_house(member, "account/account.html", values)
