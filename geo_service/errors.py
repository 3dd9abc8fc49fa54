"""All exceptions of the server and the one table that gives each its HTTP status.

GeoServiceError
├── SettingsError                  a GEO_* variable is unknown or not valid
├── ServeError                     the server cannot start (port taken, not permitted)
├── TooManyRequestsError           one client has too many requests under way, or asks too often
├── TokenFileError                 the list of tokens is damaged, or has not what is asked of it
├── RegisterError                  the register cannot be used, or has not what is asked of it
│   ├── StepRefusedError           a step that the way of an item, or the role, does not allow
│   ├── EvidenceRefusedError       a file that is no photograph or document of those kept
│   ├── DeliveryError              a message that was not handed over
│   ├── SignInRefusedError         no account has this login and password, or a link has ended
│   ├── ProviderDownError          the provider by which people sign in does not answer
│   └── RegisterConflictError      somebody else acted on the item meanwhile
├── ServerBusyError                too many computations wait, or one took too long
└── RequestError                   what a client asked for cannot be answered
    ├── UnknownParameterError      a query parameter the URL does not declare
    ├── MalformedParameterError    a query parameter or path part of the wrong form
    ├── MalformedFilterError       a CQL2 filter that is not valid or not supported
    ├── CostlySelectionError       a filter or box asks for more work than one answer may
    ├── TokenNeededError           a layer or file is only for who shows a token
    ├── OperatorsOnlyError         what only the addresses of operators may see
    ├── TokenScopeError            the token that was shown does not open it
    ├── MalformedHostError         a Host header that is not a host name
    ├── MalformedInputError        the body or an input of a process is of the wrong form
    ├── BodyTooLargeError          the body is larger than is read here
    ├── MediaTypeError             the body is not JSON
    ├── ForeignFormError           a form of another site, or of another browser
    ├── SignInNeededError          a page of the register for who is signed in
    ├── NotHereError               the thing does not exist in this release
    │   ├── UnknownUrlError        no such URL
    │   ├── UnknownReleaseError    no such release, or it was pruned
    │   ├── UnknownLayerError      no such layer (collection)
    │   ├── UnknownFeatureError    no such feature (item)
    │   ├── UnknownWilayahError    no such kecamatan, kabupaten, provinsi or desa
    │   ├── UnknownFileError       no such file in the release
    │   ├── UnknownProcessError    no such process, or the release has no arrays for it
    │   ├── UnknownItemError       no such item in the register, or it is not for this person
    │   ├── UnknownJobError        no such job; executions are synchronous
    │   └── ZoomOutsideError       the layer has no tiles at this zoom
    ├── MethodNotAllowedError      the URL is there, but not for this method
    └── RangeUnsatisfiableError    the asked byte range lies outside the file

`ReleaseUnusableError` and `AlteredFileError` of `layers.release.errors` have their status here too.

Only what a client may know goes into these messages; the text of any other exception goes to the
log, never to the client.
"""

import re
from http import HTTPStatus

from layers.release.errors import AlteredFileError, ReleaseUnusableError

PROBLEM_TYPE = "application/problem+json"
PROCESS_EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
READING = "GET, HEAD, OPTIONS"
EXECUTING = "POST, OPTIONS"
LONGEST_DETAIL = 4000
"""Letters of a message: names of all parameters of a layer are about 3,000."""
UNEXPECTED = "The server could not answer. The cause is in its log; please tell its operator."


class GeoServiceError(Exception):
    """Base of all exceptions of this folder; the message says what to do."""


class SettingsError(GeoServiceError):
    """A ``GEO_*`` variable is unknown or not valid."""


class ServeError(GeoServiceError):
    """The server cannot start: port taken, address not permitted."""


class ServerBusyError(GeoServiceError):
    """Too many computations wait, or one took too long; the same request may work later."""


class TooManyRequestsError(GeoServiceError):
    """One client has too many requests under way, or asks too often."""


class TokenFileError(GeoServiceError):
    """The list of tokens is damaged, or has not what is asked of it."""


class RegisterError(GeoServiceError):
    """The register cannot be used, or has not what is asked of it."""


class StepRefusedError(RegisterError):
    """A step that the way of an item, the place or the role does not allow."""


class EvidenceRefusedError(RegisterError):
    """A file that is no photograph or document of the kinds and sizes that are kept."""


class DeliveryError(RegisterError):
    """A message was not handed over, or nobody knows whether it was.

    ``is_final``: it never will be; ``is_general``: no other by this channel would be now;
    ``is_gone``: the address is told nothing any more.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_final: bool = False,
        is_general: bool = False,
        is_gone: bool = False,
    ) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_general = is_general
        self.is_gone = is_gone


class SignInRefusedError(RegisterError):
    """No account has this login and password, or an invitation is not valid any more."""


class ProviderDownError(RegisterError):
    """The provider by which people sign in does not answer, or not as such a provider does."""


class RegisterConflictError(RegisterError):
    """Somebody else acted on the item since it was read; nothing was written."""


class RequestError(GeoServiceError):
    """What a client asked for cannot be answered; the message is for the client.

    ``type_uri`` is the problem type where a standard names one.
    """

    type_uri: str | None = None


class UnknownParameterError(RequestError):
    """A query parameter that the URL does not declare."""


class MalformedParameterError(RequestError):
    """A query parameter or a part of the path has the wrong form."""


class MalformedFilterError(RequestError):
    """A CQL2 filter that is not valid or uses what is not supported."""


class CostlySelectionError(RequestError):
    """A filter or box asks for more work than is done for one answer."""


class TokenNeededError(RequestError):
    """A layer, or a file that holds some of it, is only for who shows a token."""


class OperatorsOnlyError(RequestError):
    """What only the addresses in ``GEO_OPERATORS`` may see."""


class TokenScopeError(RequestError):
    """The token that was shown is of other layers or of another wilayah."""


class MalformedHostError(RequestError):
    """The Host header is not a host name."""


class MalformedInputError(RequestError):
    """The body of an execution, or an input in it, has the wrong form."""


class BodyTooLargeError(RequestError):
    """The body is larger than is read here."""


class MediaTypeError(RequestError):
    """The body is not JSON, or is compressed."""


class ForeignFormError(RequestError):
    """A form that another site sent, or that was given to another browser."""


class SignInNeededError(RequestError):
    """A page of the register is only for who is signed in."""


class NotHereError(RequestError):
    """The thing does not exist in this release."""


class UnknownUrlError(NotHereError):
    """Nothing is served under this URL."""


class UnknownReleaseError(NotHereError):
    """There is no such release, or it was pruned."""


class UnknownLayerError(NotHereError):
    """There is no such layer (collection) in the release."""


class UnknownFeatureError(NotHereError):
    """There is no such feature (item) in the layer."""


class UnknownWilayahError(NotHereError):
    """The release does not cover such a kecamatan, kabupaten, provinsi or desa."""


class UnknownFileError(NotHereError):
    """There is no such file in the release."""


class UnknownProcessError(NotHereError):
    """There is no such process, or the release has no arrays for it."""

    type_uri = f"{PROCESS_EXCEPTIONS}/no-such-process"


class UnknownJobError(NotHereError):
    """There is no such job: executions are synchronous and leave none."""

    type_uri = f"{PROCESS_EXCEPTIONS}/no-such-job"


class UnknownItemError(NotHereError):
    """There is no such item in the register, or none that this person may see."""


class ZoomOutsideError(NotHereError):
    """The layer has no tiles at this zoom."""


class MethodNotAllowedError(RequestError):
    """The URL exists, but not for this method; ``allow`` lists those it answers."""

    def __init__(self, message: str, allow: str = READING) -> None:
        super().__init__(message)
        self.allow = allow


class RangeUnsatisfiableError(RequestError):
    """The asked byte range lies outside the file."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


# The one table.  A class not listed takes the status of its nearest listed base.
STATUS: dict[type[BaseException], HTTPStatus] = {
    Exception: HTTPStatus.INTERNAL_SERVER_ERROR,
    ReleaseUnusableError: HTTPStatus.SERVICE_UNAVAILABLE,
    ServerBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    RegisterError: HTTPStatus.SERVICE_UNAVAILABLE,
    SignInRefusedError: HTTPStatus.FORBIDDEN,
    StepRefusedError: HTTPStatus.CONFLICT,
    RegisterConflictError: HTTPStatus.CONFLICT,
    TooManyRequestsError: HTTPStatus.TOO_MANY_REQUESTS,
    RequestError: HTTPStatus.BAD_REQUEST,
    TokenNeededError: HTTPStatus.UNAUTHORIZED,
    TokenScopeError: HTTPStatus.FORBIDDEN,
    OperatorsOnlyError: HTTPStatus.FORBIDDEN,
    ForeignFormError: HTTPStatus.FORBIDDEN,
    NotHereError: HTTPStatus.NOT_FOUND,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
    RangeUnsatisfiableError: HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
}


def is_failure(error: BaseException) -> bool:
    """Whether something failed, and no task or process is only being ended.

    A library written in Rust that fails in a way it did not foresee raises a ``PanicException``,
    which is no `Exception`.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def status_of(error: BaseException) -> HTTPStatus:
    """The HTTP status of an exception, by the nearest base in `STATUS`."""
    bases = (base for base in type(error).__mro__ if base in STATUS)
    return STATUS[next(bases, Exception)]


def problem_of(error: BaseException, instance: str) -> dict[str, object]:
    """The problem document of an exception.

    Parameters
    ----------
    instance
        Path of the request.

    Source
    ------
    RFC 9457 (July 2023), section 3.
    """
    status = status_of(error)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__.removesuffix("Error"))
    is_ours = isinstance(error, RequestError | AlteredFileError)
    own_type = f"urn:geo-service:problem:{words.lower().replace(' ', '-')}"
    return {
        "type": (getattr(error, "type_uri", None) or own_type) if is_ours else "about:blank",
        "title": words.capitalize() if is_ours else status.phrase,
        "status": status.value,
        "detail": _shortened(str(error)) if isinstance(error, RequestError) else _detail(error),
        "instance": instance,
    }


def _shortened(detail: str) -> str:
    """A message that repeats no more of what a client sent than one can read."""
    return detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL]}…"


def _detail(error: BaseException) -> str:
    if isinstance(error, AlteredFileError):
        return (
            f"{error.file} of this release is not what was published ({error.reason}), so nothing "
            "is answered from it. The log of the server says what its operator can do."
        )
    if isinstance(error, ReleaseUnusableError):
        return "No release is published here yet, or the published one cannot be opened."
    if isinstance(error, ServerBusyError | TooManyRequestsError):
        return str(error)
    return UNEXPECTED
