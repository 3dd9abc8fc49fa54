"""The body of an execution request, read within bounds and checked.

Source
------
OGC API - Processes - Part 1: Core 1.0 (18-062r2, December 2021), section 7.11 and execute.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from fastapi import Request

from geo_service.errors import BodyTooLargeError, MalformedInputError, MediaTypeError

LARGEST_BODY = 100_000
"""Bytes; 500 candidates take about 25,000."""

_MEMBERS = {"inputs", "outputs", "response", "mode"}
_RESULT = "result"


@dataclass(frozen=True, slots=True)
class Execution:
    """What is asked of a process.

    ``is_document`` wants the outputs by name; else the one output is the answer itself.
    """

    inputs: Mapping[str, object]
    is_document: bool


async def read_execution(request: Request) -> Execution:
    """The execution request that a client sends.

    Raises
    ------
    MediaTypeError
        The body is not JSON, or is encoded.
    BodyTooLargeError
        It is larger than `LARGEST_BODY`; no more than that is read.
    MalformedInputError
        It is not of the form of an execution request.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise MediaTypeError("The body must be application/json (Content-Type).")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError("The body must not be compressed (Content-Encoding).")
    return parse_execution(await _read_body(request))


async def _read_body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise BodyTooLargeError(f"The body is larger than {LARGEST_BODY} bytes.")
        parts.append(part)
    return b"".join(parts)


def parse_execution(body: bytes) -> Execution:
    """The execution request that a body says.

    Raises
    ------
    MalformedInputError
        It is not JSON, or not of the form of an execution request; the message says where.

    Example
    -------
    >>> parse_execution(b'{"inputs": {"kind": "sd"}}')
    Execution(inputs={'kind': 'sd'}, is_document=False)
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedInputError(f"The body is not JSON: {error}.") from None
    if not isinstance(request, dict):
        raise MalformedInputError('The body must be an object such as {"inputs": {...}}.')
    if unknown := sorted(set(request) - _MEMBERS):
        members = ", ".join(sorted(_MEMBERS))
        raise MalformedInputError(f"{unknown[0]!r}: no such member here. Known: {members}.")
    if request.get("mode", "sync") not in ("sync", "auto"):
        raise MalformedInputError("mode: executions are synchronous here; leave it out.")
    _check_outputs(request.get("outputs", {}))
    response = request.get("response", "raw")
    if response not in ("raw", "document"):
        raise MalformedInputError("response: expected raw or document.")
    inputs = request.get("inputs", {})
    if not isinstance(inputs, dict):
        raise MalformedInputError("inputs: expected an object with the inputs by name.")
    return Execution({name: _unwrap(value) for name, value in inputs.items()}, response != "raw")


def _unwrap(value: object) -> object:
    """The value of an input, which may be written as ``{"value": ..., "mediaType": ...}``."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _check_outputs(outputs: object) -> None:
    if not isinstance(outputs, dict) or set(outputs) - {_RESULT}:
        raise MalformedInputError(f"outputs: there is one, {_RESULT!r}.")
    result = outputs.get(_RESULT, {})
    if not isinstance(result, dict) or result.get("transmissionMode", "value") != "value":
        raise MalformedInputError("outputs: transmissionMode is value here.")
