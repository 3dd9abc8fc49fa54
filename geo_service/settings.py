"""What a deployment may decide: one frozen record read from ``GEO_*`` variables.

Nothing else in this folder reads the environment.  An unknown ``GEO_*`` variable is an error, so a
misspelt setting is never silently ignored.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geo_service.errors import SettingsError
from geo_service.http.access_log import LogLines
from geo_service.http.basemap import read_basemap
from geo_service.http.limits import Limits
from geo_service.http.proxies import EVERYBODY, read_network

PREFIX = "GEO_"
_PASSWORD = re.compile(r"(//[^:/@\s]*):[^@/\s]*@")


class Settings(BaseSettings):
    """The effective settings; each has a default that serves one machine.

    Read them from the environment with `read_settings`; tests construct them directly.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX)

    releases: Path = Field(
        default=Path("releases"), description="Directory that holds the releases and `current`."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(default=1, ge=1, le=64, description="Server processes.")
    public_url: str | None = Field(
        default=None,
        description="URL under which clients reach the server; else the host of the request.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses and networks (172.16.0.0/12) whose X-Forwarded-For, -Proto, -Host, "
        "-Port and -Prefix are believed; * for all.",
    )
    operators: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses and networks that may see /metrics and the details of /healthz; "
        "* for all. Behind a trusted proxy the address in X-Forwarded-For counts.",
    )
    frame_ancestors: str = Field(
        default="*", description="CSP frame-ancestors of the embed pages: who may embed them."
    )
    basemap: str | None = Field(
        default=None,
        description="Base map of the live map: a .pmtiles file or URL, or a URL of raster tiles "
        "with {z}, {x} and {y}; after a space its attribution.",
    )
    answer_processes: int = Field(
        default=3,
        ge=0,
        le=64,
        description="Processes beside each server process that make pages, pictures, tables and "
        "large answers; 0: the server process makes them itself.",
    )
    limits: Annotated[Limits, NoDecode] = Field(
        default=Limits(),
        description="What each server process allows: connections, and of one address connections, "
        "requests under way, requests a second; megabytes of large answers. 0: no limit.",
    )
    log: Annotated[LogLines, NoDecode] = Field(
        default=LogLines(),
        description="Least severe messages that are logged (debug, info, warning, error); then, as "
        "wished: json for an object a line, access for a line a request.",
    )

    register_url: str | None = Field(
        default=None,
        description="Database of the register of needs, which `publish` then brings up to date.",
    )
    register_way: Path | None = Field(
        default=None, description="Own table of states and steps of the register; else the shipped."
    )

    register_files: Path | None = Field(
        default=None,
        description="Folder of the photographs and documents of the register; else one beside the "
        "file of SQLite.",
    )

    outbox: Path | None = Field(
        default=None,
        description="File (TOML) that says how mails and webhooks of the register go out.",
    )
    register_reports: bool = Field(
        default=False,
        description="Whether anybody may report a missing service, below /rumah/laporkan.",
    )
    oidc: Path | None = Field(
        default=None,
        description="File (TOML) of the OpenID Connect provider by which people may sign in.",
    )

    @property
    def root(self) -> str:
        """The URL of links that no request is there for, without a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @field_validator("trusted_proxies", "operators", mode="before")
    @classmethod
    def _split_addresses(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("limits", mode="before")
    @classmethod
    def _read_limits(cls, value: object) -> object:
        return Limits.parse(value) if isinstance(value, str) else value

    @field_validator("log", mode="before")
    @classmethod
    def _read_log(cls, value: object) -> object:
        return LogLines.parse(value) if isinstance(value, str) else value

    @field_validator("trusted_proxies", "operators")
    @classmethod
    def _check_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if address != EVERYBODY:
                read_network(address)
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
            raise ValueError("expected something like https://peta.example.go.id/dashboard")
        return value.rstrip("/")

    @field_validator("basemap")
    @classmethod
    def _check_basemap(cls, value: str | None) -> str | None:
        if value is not None:
            read_basemap(value)
        return value

    @field_validator("frame_ancestors")
    @classmethod
    def _check_frame_ancestors(cls, value: str) -> str:
        if any(character in value for character in ";,\r\n"):
            raise ValueError("expected sources separated by spaces, as in a CSP")
        return value


def read_settings(environ: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """The settings of ``GEO_*`` variables, overridden by the ones ``given`` (None: not given).

    Raises
    ------
    SettingsError
        A variable is unknown or its value is not valid; the message names it.
    """
    names = {_variable(name) for name in Settings.model_fields}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in names)
    if unknown:
        raise SettingsError(
            f"{unknown[0]}: no such setting; unset it or fix its name. "
            f"Known: {', '.join(sorted(names))}."
        )
    overrides = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings.model_validate(_from_environment(environ) | overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = _variable(str(first["loc"][0]))
        raise SettingsError(f"{name}: {first['msg']} (got {first['input']!r}).") from error


def _variable(name: str) -> str:
    """The variable of a setting."""
    # `register` alone would hide a method of the class.
    return PREFIX + ("REGISTER" if name == "register_url" else name.upper())


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    names = {_variable(name): name for name in Settings.model_fields}
    return {names[name]: value for name, value in environ.items() if name in names}


def describe_settings(settings: Settings) -> list[str]:
    """The effective settings, one ``GEO_NAME=value  # what it is`` a line."""
    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        text = " ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        text = _PASSWORD.sub(r"\1:***@", text)
        lines.append(f"{_variable(name)}={text}  # {field.description}")
    return lines
