"""Mail by SMTP: one message for each mail address, in plain text.

A mail is written the same however often it is tried: same Message-ID, date and words.  Whether the
server may have taken it is known from when its text is handed over (``DATA``) to the answer.
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import headerregistry, message, policy, utils
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from geo_service.errors import DeliveryError, RegisterError

COMMAND_S = 30.0
"""Seconds for each answer of the server; a whole mail may take four times as long."""
SECURITY = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
"""Kinds of addresses with their usual ports: STARTTLS, TLS from the first byte, none."""
LONGEST_MAILBOX = 254
LONGEST_SUBJECT = 160
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)*{_LABEL}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, and whose they are.

    Parameters
    ----------
    security
        ``smtp``: STARTTLS, and nothing is sent without; ``smtps``: TLS; ``smtp+plain``: neither.
    sender
        As in the header From.
    """

    security: str
    host: str
    port: int
    user: str | None
    password: str | None
    sender: headerregistry.Address


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail: its id is that of the message, so that it is the same mail however often tried."""

    id: str
    to: str
    subject: str
    text: str
    written: datetime


def read_server(url: str, sender: str | None, password_file: Path | None) -> MailServer:
    """The server of ``smtp://user@host:587``, whose password stands in a file.

    Raises
    ------
    RegisterError
        The address has another form or a password in it, the file cannot be read, or no sender
        is named.
    """
    parts = urlsplit(url)
    form = "expected smtp://user@host:587 (STARTTLS), smtps://… (TLS) or smtp+plain://host:25"
    try:
        port = parts.port
    except ValueError:
        raise RegisterError(f"smtp: {form}.") from None
    if parts.scheme not in SECURITY or not parts.hostname or parts.path.strip("/"):
        raise RegisterError(f"smtp: {form}.")
    if parts.password is not None:
        raise RegisterError("smtp: the password belongs into a file: password_file.")
    if not (sender or "").isprintable():
        raise RegisterError("sender: expected one line.")
    name, mailbox = utils.parseaddr(sender or "")
    try:
        password = password_file.read_text("utf-8").strip() if password_file else None
    except (OSError, UnicodeDecodeError) as error:
        raise RegisterError(f"password_file: cannot be read ({error}).") from error
    return MailServer(
        parts.scheme,
        parts.hostname,
        port or SECURITY[parts.scheme],
        unquote(parts.username) if parts.username else None,
        password,
        headerregistry.Address(name, addr_spec=check_mailbox(mailbox, "sender")),
    )


def check_mailbox(text: str, where: str = "The mail address") -> str:
    """The mail address, which has the form of one.

    Raises
    ------
    RegisterError
        It has not; one with spaces, line ends or letters outside ASCII never has.

    Example
    -------
    >>> check_mailbox("dinkes@flotim.example.go.id")
    'dinkes@flotim.example.go.id'
    """
    if len(text) > LONGEST_MAILBOX or not _MAILBOX.fullmatch(text):
        raise RegisterError(f"{where}: expected something like dinkes@kabupaten.go.id.")
    return text


def one_line(text: str, longest: int) -> str:
    r"""A text without line ends and what is not printed, cut where it is long.

    >>> one_line("Air\r\nBcc: a@b", 40)
    'Air Bcc: a@b'
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def write_mail(letter: OutgoingMail, sender: headerregistry.Address) -> bytes:
    """The mail as it goes over the wire; the same bytes each time."""
    mail = message.EmailMessage(policy=policy.SMTP)
    mail["From"] = sender
    mail["To"] = headerregistry.Address(addr_spec=check_mailbox(letter.to))
    mail["Subject"] = one_line(letter.subject, LONGEST_SUBJECT)
    mail["Date"] = utils.format_datetime(letter.written)
    mail["Message-ID"] = f"<{letter.id}@{sender.domain}>"
    # RFC 3834: nobody's absence is answered to a program.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text, cte="quoted-printable")
    return mail.as_bytes()


class MailSession:
    """A connection to the server, kept from the first mail of a round to its last."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None

    async def hand_over(self, letter: OutgoingMail, begin: Callable[[], None]) -> None:
        """Nothing, after the server took the mail; ``begin`` is called before it may have.

        Raises
        ------
        DeliveryError
            It did not, or its answer is not known: the reason, and what that means.
        """
        handed = False

        def begin_once() -> None:
            nonlocal handed
            begin()
            handed = True

        try:
            async with asyncio.timeout(4 * COMMAND_S):
                await self._hand_over(letter, begin_once)
        except aiosmtplib.SMTPResponseException as error:
            await self._begin_anew()
            raise _explain(error, handed) from error
        except (TimeoutError, OSError, aiosmtplib.SMTPException) as error:
            self._drop()
            raise _explain(error, handed) from error

    async def close(self) -> None:
        """Take leave of the server."""
        if self._client is not None:
            with suppress(TimeoutError, OSError, aiosmtplib.SMTPException):
                async with asyncio.timeout(COMMAND_S):
                    await self._client.quit()
            self._drop()

    async def _hand_over(self, letter: OutgoingMail, begin: Callable[[], None]) -> None:
        client = self._client or await self._connect()
        text = write_mail(letter, self._server.sender)
        await client.mail(self._server.sender.addr_spec)
        await client.rcpt(letter.to)
        begin()
        await client.data(text)

    async def _begin_anew(self) -> None:
        """After a mail that the server refused, on the same connection if it is still well."""
        if self._client is not None:
            try:
                async with asyncio.timeout(COMMAND_S):
                    await self._client.rset()
            except (TimeoutError, OSError, aiosmtplib.SMTPException):
                self._drop()

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=COMMAND_S,
            use_tls=server.security == "smtps",
            # True: without STARTTLS, or with a certificate of another, nothing is sent.
            start_tls=server.security == "smtp",
            tls_context=None if server.security == "smtp+plain" else ssl.create_default_context(),
        )
        try:
            await client.connect()
            if server.user is not None:
                await client.login(server.user, server.password or "")
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            raise aiosmtplib.SMTPConnectError(f"{error.code} {error.message}") from error
        except BaseException:
            client.close()
            raise
        self._client = client
        return client

    def _drop(self) -> None:
        """Let go of a connection of which nothing good is known."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _explain(error: Exception, handed: bool) -> DeliveryError:
    """What went wrong; ``is_final`` where it will never do, ``is_general`` where no mail would."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        reason = f"the mail server answered {error.code} {error.message}"
        is_refused = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
        return DeliveryError(
            reason, is_final=is_refused and error.code >= 500, is_general=not is_refused
        )
    reason = f"the mail server cannot be reached ({str(error) or type(error).__name__})"
    if handed:
        reason = "the answer of the mail server was lost; the mail is tried again as the same one"
    return DeliveryError(reason, is_general=True)
