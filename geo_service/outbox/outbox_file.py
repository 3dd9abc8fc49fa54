"""The file of ``GEO_OUTBOX``: the mail server, and own networks that webhooks may reach."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from geo_service.errors import RegisterError
from geo_service.outbox import mail, webhooks


class OutboxFile(BaseModel):
    """How words go out.

    Parameters
    ----------
    smtp
        ``smtp://user@host:587`` (STARTTLS), ``smtps://…`` (TLS) or ``smtp+plain://host:25``.
    password_file
        File that holds the password of the user, and nothing else.
    sender
        As in the header From: ``Rumah Bersama <rumah@kabupaten.go.id>``.
    webhook_networks
        Own networks (10.1.0.0/16) to which webhooks may go, also by http.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp: str | None = None
    password_file: Path | None = None
    sender: str | None = None
    webhook_networks: tuple[str, ...] = ()

    @field_validator("webhook_networks")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        webhooks.read_networks(value)
        return value

    @property
    def server(self) -> mail.MailServer | None:
        """The mail server; None where none is named, and mails wait."""
        if self.smtp is None:
            return None
        return mail.read_server(self.smtp, self.sender, self.password_file)


def read_outbox_file(path: Path | None) -> OutboxFile:
    """What the file says; without a file nothing goes out by mail, and webhooks to the public.

    Raises
    ------
    RegisterError
        It is not there, no TOML, or says what it should not; with the place in it.
    """
    if path is None:
        return OutboxFile()
    try:
        given = OutboxFile.model_validate(tomllib.loads(path.read_text("utf-8")))
        if given.password_file is not None:
            beside = path.parent / given.password_file
            given = given.model_copy(update={"password_file": beside})
        if given.smtp is not None:
            mail.read_server(given.smtp, given.sender, given.password_file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegisterError(f"GEO_OUTBOX: {path}: cannot be read ({error}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RegisterError(f"GEO_OUTBOX: {path}: {place}: {first['msg']}.") from error
    return given
