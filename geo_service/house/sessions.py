"""Signing in: passwords, invitations that are taken up, sessions, and how often it may be tried.

A session is a random token in a cookie, of which the register keeps the hash; signing in always
makes a new one.  Whether a login exists is told by no message and by no time.
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo_service import errors
from geo_service.house import accounts
from geo_service.register.event_store import Register

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
TRIED_WITHIN = timedelta(minutes=15)
MOST_OF_BOTH = 8
MOST_OF_ADDRESS = 40
MOST_OF_LOGIN = 80
"""Attempts for one login from one address, from one address, and for one login from anywhere."""
UNKNOWN = "(unknown)"
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LONGEST_WAIT_S = 2.0
_TURNS = threading.BoundedSemaphore(2)
"""So many passwords are hashed at once: each takes 19 MB and 30 ms."""

ATTEMPT = sa.Table(
    "attempt",
    accounts.TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("moment", sa.String(32), nullable=False),
    sa.Index("attempt_by_key", "key", "moment"),
)


class Sessions:
    """The sessions of a register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def sign_in(self, login: str, password: str, address: str, moment: datetime) -> str:
        """The token of a new session.

        Raises
        ------
        SignInRefusedError
            No account has this login and password, or it is closed: the message is the same.
        TooManyRequestsError
            It was tried too often, for this login or from this address.
        """
        login = accounts.fold_login(login)
        attempts = self._attempt(login, address, moment)
        query = sa.select(accounts.ACCOUNT).where(accounts.ACCOUNT.c.login == login)
        with self._register.transaction() as connection:
            row = connection.execute(query).first()
        is_right = verify(row.password if row is not None else None, password)
        if row is None or not is_right or row.disabled is not None:
            with self._register.transaction(writes=True) as connection:
                name = login if row is not None else UNKNOWN
                accounts.audit(connection, moment, "refused", name, name, address)
            raise errors.SignInRefusedError("No account has this login and password.")
        with self._register.transaction(writes=True) as connection:
            connection.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.id.in_(attempts)))
            accounts.audit(connection, moment, "sign-in", login, login, address)
            return begin(connection, row.id, moment)

    def invited(self, token: str, moment: datetime) -> accounts.Person:
        """Whose invitation a token is.

        Raises
        ------
        SignInRefusedError
            It is none, was used, has expired, or its account is closed.
        """
        with self._register.transaction() as connection:
            return _invited(connection, token, moment)

    def accept(self, token: str, password: str, address: str, moment: datetime) -> str:
        """The token of a new session, after an invitation was used to choose a password.

        Raises
        ------
        SignInRefusedError
            The invitation is not valid, or the password too short.
        """
        self.invited(token, moment)
        hashed = hash_password(password)
        with self._register.transaction(writes=True) as connection:
            person = _invited(connection, token, moment)
            unused = sa.and_(
                accounts.INVITATION.c.token == accounts.hash_of(token),
                accounts.INVITATION.c.used.is_(None),
            )
            use = sa.update(accounts.INVITATION).where(unused)
            if connection.execute(use.values(used=accounts.text_of(moment))).rowcount != 1:
                raise errors.SignInRefusedError("The link was used just now.")
            change = (
                sa.update(accounts.ACCOUNT)
                .where(accounts.ACCOUNT.c.id == person.id)
                .values(password=hashed)
            )
            connection.execute(change)
            accounts.end_sessions(connection, person.id)
            accounts.audit(connection, moment, "password", person.login, person.login, address)
            return begin(connection, person.id, moment)

    def person(self, token: str, moment: datetime) -> accounts.Person | None:
        """Whose session a token is; None where it is none, or has ended."""
        query = (
            sa.select(accounts.ACCOUNT, accounts.SESSION.c.seen, accounts.SESSION.c.expires)
            .join(accounts.SESSION, accounts.SESSION.c.account == accounts.ACCOUNT.c.id)
            .where(accounts.SESSION.c.token == accounts.hash_of(token))
        )
        with self._register.transaction() as connection:
            row = connection.execute(query).first()
        if row is None or row.disabled is not None or row.expires <= accounts.text_of(moment):
            return None
        if row.seen <= accounts.text_of(moment - IDLE):
            return None
        if row.seen <= accounts.text_of(moment - SEEN_EVERY):
            self._see(token, moment)
        return accounts.person_of(row)

    def sign_out(self, token: str, moment: datetime) -> None:
        """End one session."""
        person = self.person(token, moment)
        with self._register.transaction(writes=True) as connection:
            connection.execute(
                sa.delete(accounts.SESSION).where(
                    accounts.SESSION.c.token == accounts.hash_of(token)
                )
            )
            if person is not None:
                accounts.audit(connection, moment, "sign-out", person.login, person.login)

    def sign_out_everywhere(self, person: accounts.Person, moment: datetime) -> None:
        """End all sessions of an account."""
        with self._register.transaction(writes=True) as connection:
            accounts.end_sessions(connection, person.id)
            accounts.audit(connection, moment, "sign-out everywhere", person.login, person.login)

    def _see(self, token: str, moment: datetime) -> None:
        try:
            with self._register.transaction(writes=True) as connection:
                change = sa.update(accounts.SESSION).where(
                    accounts.SESSION.c.token == accounts.hash_of(token)
                )
                connection.execute(change.values(seen=accounts.text_of(moment)))
        except errors.RegisterError:
            # A disk that is full does not keep anybody from reading.
            return

    def _attempt(self, login: str, address: str, moment: datetime) -> list[str]:
        """Ids of what this attempt counts as, written before it is known to fail.

        Those who try at once all count before any of them is told how many there are.
        """
        limits = {
            _key(login, address): MOST_OF_BOTH,
            _key("", address): MOST_OF_ADDRESS,
            _key(login, ""): MOST_OF_LOGIN,
        }
        return count_attempts(self._register, limits, moment)


def count_attempts(register: Register, limits: Mapping[str, int], moment: datetime) -> list[str]:
    """Ids of what an attempt counts as, under each key with how many there may be.

    Raises
    ------
    TooManyRequestsError
        It was tried more often than one of them allows within `TRIED_WITHIN`.
    """
    rows = [
        {"id": secrets.token_hex(16), "key": key, "moment": accounts.text_of(moment)}
        for key in limits
    ]
    ids = [row["id"] for row in rows]
    since = accounts.text_of(moment - TRIED_WITHIN)
    with register.transaction(writes=True) as connection:
        connection.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.moment < since))
        connection.execute(sa.insert(ATTEMPT), rows)
    count = sa.select(sa.func.count())
    with register.transaction() as connection:
        is_too_often = any(
            connection.execute(count.where(ATTEMPT.c.key == key)).scalar_one() > most
            for key, most in limits.items()
        )
    if is_too_often:
        # What is not tried does not count, or who tries on would keep others out for ever.
        with register.transaction(writes=True) as connection:
            connection.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.id.in_(ids)))
        minutes = TRIED_WITHIN.seconds // 60
        raise errors.TooManyRequestsError(f"This was tried too often; wait {minutes} minutes.")
    return ids


def hash_password(password: str) -> str:
    """What is kept of a password (argon2id).

    Raises
    ------
    SignInRefusedError
        It is shorter than `SHORTEST_PASSWORD` or longer than `LONGEST_PASSWORD` letters.
    """
    folded = unicodedata.normalize("NFC", password)
    if not SHORTEST_PASSWORD <= len(folded) <= LONGEST_PASSWORD:
        raise errors.SignInRefusedError(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters."
        )
    with _turn():
        return _hasher().hash(folded)


def verify(hashed: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; without a hash it takes as long to say no."""
    folded = unicodedata.normalize("NFC", password[:LONGEST_PASSWORD])
    with _turn():
        try:
            _hasher().verify(hashed or _no_password(), folded)
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


@contextmanager
def _turn() -> Iterator[None]:
    """A turn to hash a password; who waits long leaves the threads to those who read."""
    if not _TURNS.acquire(timeout=LONGEST_WAIT_S):
        raise errors.ServerBusyError("Too many people sign in at this moment; try again.")
    try:
        yield
    finally:
        _TURNS.release()


@cache
def _hasher() -> PasswordHasher:
    # OWASP, Password Storage Cheat Sheet (2025): argon2id with 19 MiB, 2 passes, 1 thread.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _no_password() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _key(login: str, address: str) -> str:
    return accounts.hash_of(f"{login} {address}")


def begin(connection: sa.Connection, account: str, moment: datetime) -> str:
    """The token of a new session of an account; sessions that have ended are forgotten."""
    token = secrets.token_urlsafe(32)
    ended = sa.or_(
        accounts.SESSION.c.expires <= accounts.text_of(moment),
        accounts.SESSION.c.seen <= accounts.text_of(moment - IDLE),
    )
    connection.execute(sa.delete(accounts.SESSION).where(ended))
    row = {
        "token": accounts.hash_of(token),
        "account": account,
        "seen": accounts.text_of(moment),
        "expires": accounts.text_of(moment + LONGEST),
    }
    connection.execute(sa.insert(accounts.SESSION), [row])
    return token


def _invited(connection: sa.Connection, token: str, moment: datetime) -> accounts.Person:
    query = (
        sa.select(accounts.ACCOUNT, accounts.INVITATION.c.expires, accounts.INVITATION.c.used)
        .join(accounts.INVITATION, accounts.INVITATION.c.account == accounts.ACCOUNT.c.id)
        .where(accounts.INVITATION.c.token == accounts.hash_of(token))
    )
    row = connection.execute(query).first()
    if (
        row is None
        or row.used is not None
        or row.disabled
        or row.expires <= accounts.text_of(moment)
    ):
        raise errors.SignInRefusedError("The link is not valid any more; ask for a new one.")
    return accounts.person_of(row)
