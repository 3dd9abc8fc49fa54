"""In by a provider of OpenID Connect: to it, and back from it."""

import logging
from http import HTTPStatus

from fastapi import APIRouter, Response

from geo_service import errors
from geo_service.house import forms, house, provider_logins
from web_map.house.base.visitors import AnyVisitor, Visitor, answer_house, lead_to
from web_map.house.door.door import wanted_page

router = APIRouter(tags=["pages"])
logger = logging.getLogger("geo_service")
BACK = "/rumah/masuk/kembali"


@router.get("/rumah/masuk/penyedia")
def lead_to_provider(visitor: AnyVisitor) -> Response:
    """Lead the browser to the provider; ``lanjut`` is the page that is shown afterwards."""
    provider = house.known_provider(visitor.request)
    address = forms.client_of(visitor.request)
    try:
        flow = provider_logins.begin_flow(
            visitor.register, visitor.secret, address, wanted_page(visitor), visitor.moment
        )
        url = provider.sign_in_url(_back(visitor), flow.state, flow.nonce, flow.verifier)
    except errors.TooManyRequestsError:
        return _refuse(visitor, "door.too_often", HTTPStatus.TOO_MANY_REQUESTS)
    except errors.ProviderDownError as error:
        return _answer_down(visitor, error)
    headers = {"Location": url, "Cache-Control": "private, no-store"}
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)
    if not visitor.request.cookies.get(forms.COOKIE):
        forms.set_cookie(answer, visitor.request, visitor.secret)
    return answer


@router.get(BACK)
def return_from_provider(visitor: AnyVisitor) -> Response:
    """Begin a session of whom the provider proves; or say why not."""
    provider = house.known_provider(visitor.request)
    query, address = visitor.request.query_params, forms.client_of(visitor.request)
    try:
        flow = provider_logins.take_flow(
            visitor.register, query.get("state", ""), visitor.secret, visitor.moment
        )
    except errors.SignInRefusedError:
        return _refuse(visitor, "provider.over", HTTPStatus.BAD_REQUEST)
    try:
        provider.check_issuer(query.get("iss"))
        proof = (_back(visitor), flow.nonce, flow.verifier, visitor.moment)
        identity = provider.identify(query.get("code", ""), *proof)
    except errors.SignInRefusedError as error:
        logger.warning("sign-in by the provider was refused: %s", error)
        return _refuse(visitor, "provider.refused", HTTPStatus.FORBIDDEN)
    except errors.ProviderDownError as error:
        return _answer_down(visitor, error)
    subject = f"{provider.settings.issuer}\n{identity.subject}"
    try:
        token = provider_logins.sign_in(
            visitor.register, subject, identity.login, address, visitor.moment
        )
    except errors.SignInRefusedError:
        return _refuse(visitor, "provider.unknown", HTTPStatus.FORBIDDEN, identity.login[:80])
    return lead_to(visitor, flow.next_page, token)


def _back(visitor: Visitor) -> str:
    """The address to which the provider leads back; it is registered there."""
    return f"{visitor.root}{BACK}"


def _answer_down(visitor: Visitor, error: errors.ProviderDownError) -> Response:
    logger.error("%s", error)
    return _refuse(visitor, "provider.down", HTTPStatus.SERVICE_UNAVAILABLE)


def _refuse(visitor: Visitor, message: str, status: int, login: str = "") -> Response:
    title = visitor.words.text(house.known_provider(visitor.request).settings.title)
    sentence = visitor.words.say(message, provider=title, login=login)
    values = {"message": sentence}
    return answer_house(visitor, "provider_door/refused.html", values, status, has_form=True)
