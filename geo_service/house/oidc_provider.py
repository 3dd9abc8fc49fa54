"""A provider of OpenID Connect: where it asks people to sign in, and what its token proves.

Authorization code flow with PKCE.  Nothing that comes by the browser is believed: the token is
fetched from the provider, and its signature, issuer, audience, time and nonce are checked.
"""

import logging
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo_service import errors
from layers.release.manifest_file import Text

logger = logging.getLogger("geo_service")

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key pair: a shared secret, or none, proves nothing here."""
ANSWERS_WITHIN_S = 5.0
KEPT_S = 3600.0
ASKED_AGAIN_AFTER_S = 60.0
CLOCKS_DIFFER_S = 60
LARGEST_FILE = 20_000
LARGEST_ANSWER = 1_000_000
_LOCAL = ("127.0.0.1", "localhost", "::1")
_TURNS = threading.BoundedSemaphore(4)
"""So many sign-ins wait for the provider at once; the other threads answer pages."""

Line = Annotated[str, Field(min_length=1, max_length=500)]


class ProviderSettings(BaseModel):
    """What the file in GEO_OIDC says.

    Parameters
    ----------
    client_secret_file
        File with the secret; none of a client without one.
    claim
        Claim of the token that is the login of an account; ``email`` only where it is verified.
    title
        What the provider is called on the page of signing in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Line
    client_id: Line
    client_secret_file: Path | None = None
    claim: Line = "preferred_username"
    scope: Line = "openid profile email"
    title: Text = Text(id="penyedia identitas", en="the identity provider")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider proved: its name for the person, which never changes, and the login."""

    subject: str
    login: str


class Provider:
    """The provider of a deployment; it is first asked when somebody signs in.

    Parameters
    ----------
    settings
        As `read_provider` reads them.
    secret
        Of the client; None for a client without one.
    """

    def __init__(self, settings: ProviderSettings, secret: str | None) -> None:
        self.settings = settings
        self._secret = secret
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def sign_in_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in.

        Raises
        ------
        ProviderDownError
            The provider does not say where.
        """
        with _turn():
            endpoint = self._endpoint("authorization_endpoint")
        url: str = prepare_grant_uri(
            endpoint,
            self.settings.client_id,
            "code",
            redirect_uri,
            self.settings.scope,
            state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return url

    def identify(
        self, code: str, redirect_uri: str, nonce: str, verifier: str, moment: datetime
    ) -> Identity:
        """Whom the provider proves by a code that it gave to the browser.

        Raises
        ------
        SignInRefusedError
            It takes the code back, or its token proves nothing.
        ProviderDownError
            It does not answer.
        """
        with _turn():
            token = self._fetch_token(code, redirect_uri, verifier)
            claims = self._check(token, nonce, moment)
        name = self.settings.claim
        login = claims.get(name)
        if name == "email" and claims.get("email_verified") is not True:
            raise errors.SignInRefusedError("The provider has not verified this address.")
        if not isinstance(login, str) or not login.strip():
            raise errors.SignInRefusedError(f"The provider says nothing of {name!r}.")
        return Identity(str(claims["sub"])[:255], login)

    def check_issuer(self, issuer: str | None) -> None:
        """Refuse an answer of another provider, where it says which (RFC 9207).

        Raises
        ------
        SignInRefusedError
            It is another one, or does not say so although it always does.
        """
        says_so = self._metadata().get("authorization_response_iss_parameter_supported") is True
        if issuer != self.settings.issuer and (issuer is not None or says_so):
            raise errors.SignInRefusedError("The answer is of another provider.")

    def _fetch_token(self, code: str, redirect_uri: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self.settings.client_id,
        }
        auth = None
        methods = self._metadata().get("token_endpoint_auth_methods_supported")
        if self._secret is not None and methods == ["client_secret_post"]:
            form["client_secret"] = self._secret
        elif self._secret is not None:
            auth = httpx.BasicAuth(_quoted(self.settings.client_id), _quoted(self._secret))
        url = self._endpoint("token_endpoint")
        with _answering():
            answer = httpx.post(url, data=form, auth=auth, timeout=ANSWERS_WITHIN_S)
        if 400 <= answer.status_code < 500:
            raise errors.SignInRefusedError("The provider does not take its code back.")
        token = _read_document(answer).get("id_token")
        if not isinstance(token, str):
            raise errors.SignInRefusedError("The provider gave no token of identity.")
        return token

    def _check(self, token: str, nonce: str, moment: datetime) -> Mapping[str, Any]:
        """The claims of a token whose signature and claims are right."""
        try:
            try:
                decoded = jwt.decode(token, self._keys(), algorithms=ALGORITHMS)
            except (InvalidKeyIdError, ValueError):
                # The provider changed its keys since they were read.
                decoded = jwt.decode(token, self._keys(anew=True), algorithms=ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
            }
            params = {"nonce": nonce, "client_id": self.settings.client_id}
            proved = CodeIDToken(decoded.claims, decoded.header, options, params)
            proved.validate(now=int(moment.timestamp()), leeway=CLOCKS_DIFFER_S)
            claims: Mapping[str, Any] = proved
        except (JoseError, ValueError, KeyError, TypeError) as error:
            logger.warning("a token of %s was refused: %s", self.settings.issuer, error)
            raise errors.SignInRefusedError("The token of the provider proves nothing.") from error
        return claims

    def _keys(self, *, anew: bool = False) -> jwk.KeySet:
        longest = ASKED_AGAIN_AFTER_S if anew else KEPT_S
        document = self._document(self._endpoint("jwks_uri"), longest)
        listed = document.get("keys")
        keys = [key for key in listed if key.get("use", "sig") == "sig"] if listed else []
        return jwk.KeySet.import_key_set({"keys": keys})

    def _endpoint(self, name: str) -> str:
        url = self._metadata().get(name)
        if not isinstance(url, str) or not _is_safe(url, self.settings.issuer):
            raise errors.ProviderDownError(f"{self.settings.issuer} says no usable {name}.")
        return url

    def _metadata(self) -> dict[str, Any]:
        issuer = self.settings.issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = self._document(url, KEPT_S)
        if metadata.get("issuer") != issuer:
            raise errors.ProviderDownError(f"{url} is of another issuer than {issuer}.")
        return metadata

    def _document(self, url: str, longest: float) -> dict[str, Any]:
        """A document of the provider, asked for again after so many seconds."""
        with self._lock:
            read_at, document = self._kept.get(url, (-KEPT_S, None))
        if document is not None and time.monotonic() - read_at < longest:
            return document
        with _answering():
            document = _read_document(httpx.get(url, timeout=ANSWERS_WITHIN_S))
        with self._lock:
            self._kept[url] = (time.monotonic(), document)
        return document


def read_provider(path: Path) -> Provider:
    """The provider that the file in GEO_OIDC names.

    Raises
    ------
    SettingsError
        The file, or that of the secret, cannot be read, or says what no such file says.
    """
    try:
        content = path.read_bytes()[:LARGEST_FILE]
        settings = ProviderSettings.model_validate(tomllib.loads(content.decode("utf-8")))
        file = settings.client_secret_file
        secret = (path.parent / file).read_text("utf-8").strip() if file is not None else None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise errors.SettingsError(f"GEO_OIDC: {path}: cannot be read ({error}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise errors.SettingsError(f"GEO_OIDC: {path}: {place}: {first['msg']}.") from error
    if not _is_safe(settings.issuer, settings.issuer):
        raise errors.SettingsError(f"GEO_OIDC: {path}: issuer: expected an https URL.")
    if "openid" not in settings.scope.split():
        raise errors.SettingsError(f"GEO_OIDC: {path}: scope: must have openid.")
    return Provider(settings, secret)


def _is_safe(url: str, issuer: str) -> bool:
    """Whether a URL is read over TLS; one of this machine need not be, for an issuer that is not.

    >>> _is_safe("https://sso.example/token", "https://sso.example")
    True
    >>> _is_safe("http://sso.example/token", "https://sso.example")
    False
    """
    parts, base = urlsplit(url), urlsplit(issuer)
    if parts.scheme == "https" and parts.hostname:
        return True
    return parts.scheme == base.scheme == "http" and parts.hostname in _LOCAL


def _quoted(text: str) -> str:
    """A part of the user and password of a client (RFC 6749, 2.3.1)."""
    return quote_plus(text)


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=ANSWERS_WITHIN_S):
        raise errors.ProviderDownError("The provider is slow, and others wait for it already.")
    try:
        yield
    finally:
        _TURNS.release()


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise errors.ProviderDownError(f"The provider does not answer: {error}") from error


def _read_document(answer: httpx.Response) -> dict[str, Any]:
    try:
        if answer.status_code != 200 or len(answer.content) > LARGEST_ANSWER:
            raise ValueError(f"status {answer.status_code}, {len(answer.content)} bytes")
        document = answer.json()
        if not isinstance(document, dict):
            raise ValueError("no object")
    except ValueError as error:
        message = f"{answer.url} is not what a provider answers: {error}"
        raise errors.ProviderDownError(message) from error
    return document
