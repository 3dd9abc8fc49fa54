"""Accounts of the register: who may sign in, in which role, for which area or office.

Nobody registers by themselves: the administrator makes an account and hands over a link, which
works once and for `INVITED_FOR`.  What is made known of a link or session is kept as a hash only.
Every change stands in the audit list.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias, get_args

import sqlalchemy as sa

from geo_service.access.token_file import lies_in
from geo_service.errors import RegisterConflictError, RegisterError
from geo_service.register import records
from geo_service.register.event_store import Register
from layers.release.manifest_file import KODE

PersonRole: TypeAlias = Literal["kabupaten", "kecamatan", "desa", "office", "viewer"]
LENGTH_OF_AREA = {"kabupaten": (2, 5), "kecamatan": (8,), "desa": (13,), "office": (2, 5)}
"""Letters of the code that a role is for; a viewer may be of any, or of the whole register."""
INVITED_FOR = timedelta(days=7)
AUDIT_SHOWN = 200
_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,78}[a-z0-9])?")

TABLES = sa.MetaData()
ACCOUNT = sa.Table(
    "account",
    TABLES,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("login", sa.String(80), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("area", sa.String(13)),
    sa.Column("office", sa.String(200)),
    sa.Column("password", sa.String(200)),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("disabled", sa.String(32)),
    sa.Column("by_provider", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("subject", sa.String(64)),
    sa.Index("account_by_subject", "subject", unique=True),
)
INVITATION = sa.Table(
    "invitation",
    TABLES,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(16), nullable=False, index=True),
    sa.Column("expires", sa.String(32), nullable=False),
    sa.Column("used", sa.String(32)),
)
SESSION = sa.Table(
    "session",
    TABLES,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(16), nullable=False, index=True),
    sa.Column("seen", sa.String(32), nullable=False),
    sa.Column("expires", sa.String(32), nullable=False),
)
AUDIT = sa.Table(
    "audit",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("moment", sa.String(32), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("login", sa.String(80), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("address", sa.String(64)),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An account: who somebody is, and where that counts.

    Parameters
    ----------
    login
        What is typed to sign in, in small letters.
    area
        Code of the wilayah; None for the whole register, which only a viewer may be of.
    office
        Name of the office as addressees are named, of the role ``office`` only.
    by_provider
        Whether they sign in by the provider of OpenID Connect, and by no password.
    """

    id: str
    login: str
    name: str
    role: PersonRole
    area: str | None
    office: str | None
    is_disabled: bool = False
    has_password: bool = False
    by_provider: bool = False

    @property
    def actor(self) -> records.Actor:
        """Who acts, in the events of an item."""
        return records.Actor(role=self.role, name=self.name, area=self.area, office=self.office)

    def sees(self, item: records.Item) -> bool:
        """Whether the item is in their area and, of an office, has a task of theirs."""
        if self.area is not None and not lies_in(item.kode, (self.area,)):
            return False
        names = {task.addressee.nama for task in item.tasks if task.addressee.jenis != "desa"}
        return self.role != "office" or self.office in names


@dataclass(frozen=True, slots=True)
class AuditLine:
    """What was done to or with an account, by whom, from which address."""

    moment: datetime
    what: str
    login: str
    actor: str
    address: str | None


class Accounts:
    """The accounts of a register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def add(self, person: Person, actor: str, moment: datetime) -> Person:
        """The new account of a person; its id is made here, and it has no password yet.

        Raises
        ------
        RegisterError
            The login is taken or no login, or the role does not fit the area and office.
        """
        _check(person)
        row = {
            "id": secrets.token_hex(8),
            "login": person.login,
            "name": person.name,
            "role": person.role,
            "area": person.area,
            "office": person.office,
            "created": text_of(moment),
            "by_provider": person.by_provider,
        }
        try:
            with self._register.transaction(writes=True) as connection:
                connection.execute(sa.insert(ACCOUNT), [row])
                audit(connection, moment, "add", person.login, actor)
        except RegisterConflictError as error:
            raise RegisterError(f"There is an account {person.login!r} already.") from error
        return self.find(person.login)

    def people(self, area: str | None = None) -> list[Person]:
        """All accounts of an area and what lies in it, by area and login."""
        query = sa.select(ACCOUNT).order_by(ACCOUNT.c.area, ACCOUNT.c.login)
        with self._register.transaction() as connection:
            everybody = [person_of(row) for row in connection.execute(query)]
        return [
            person
            for person in everybody
            if area is None or (person.area is not None and lies_in(person.area, (area,)))
        ]

    def find(self, login: str) -> Person:
        """The account of a login.

        Raises
        ------
        RegisterError
            There is none.
        """
        query = sa.select(ACCOUNT).where(ACCOUNT.c.login == fold_login(login))
        with self._register.transaction() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise RegisterError(f"No account {login!r}. See: geo-service register users list")
        return person_of(row)

    def invite(self, person: Person, actor: str, moment: datetime) -> str:
        """The token of a new invitation, with which the person chooses a password once.

        Earlier invitations end.

        Raises
        ------
        RegisterError
            The person signs in by the provider.
        """
        if person.by_provider:
            raise RegisterError(f"{person.login} signs in by the provider and needs no link.")
        token = secrets.token_urlsafe(24)
        row = {
            "token": hash_of(token),
            "account": person.id,
            "expires": text_of(moment + INVITED_FOR),
        }
        with self._register.transaction(writes=True) as connection:
            _end_invitations(connection, person)
            connection.execute(sa.insert(INVITATION), [row])
            audit(connection, moment, "invite", person.login, actor)
        return token

    def reset(self, person: Person, actor: str, moment: datetime) -> str:
        """The token of an invitation, after the password and all sessions have ended.

        Of who signs in by the provider it is empty: the next who shows this login there is theirs.
        """
        with self._register.transaction(writes=True) as connection:
            change = sa.update(ACCOUNT).where(ACCOUNT.c.id == person.id)
            connection.execute(change.values(password=None, subject=None))
            end_sessions(connection, person.id)
            audit(connection, moment, "reset", person.login, actor)
        return "" if person.by_provider else self.invite(person, actor, moment)

    def change(self, person: Person, actor: str, moment: datetime) -> Person:
        """The account with the name, role, area and office of ``person``; all its sessions end.

        What was done before stays done by whom the account was then.

        Raises
        ------
        RegisterError
            The role does not fit the area and office.
        """
        _check(person)
        place = {"role": person.role, "area": person.area, "office": person.office}
        change = sa.update(ACCOUNT).where(ACCOUNT.c.id == person.id)
        with self._register.transaction(writes=True) as connection:
            connection.execute(change.values(name=person.name, **place))
            end_sessions(connection, person.id)
            audit(connection, moment, "change", person.login, actor)
        return self.find(person.login)

    def set_disabled(
        self, person: Person, is_disabled: bool, actor: str, moment: datetime
    ) -> Person:
        """The account after it was closed, with all its sessions and invitations, or opened."""
        value = text_of(moment) if is_disabled else None
        with self._register.transaction(writes=True) as connection:
            connection.execute(
                sa.update(ACCOUNT).where(ACCOUNT.c.id == person.id).values(disabled=value)
            )
            if is_disabled:
                end_sessions(connection, person.id)
                _end_invitations(connection, person)
            audit(connection, moment, "disable" if is_disabled else "enable", person.login, actor)
        return self.find(person.login)

    def audit_lines(self, logins: list[str] | None = None) -> list[AuditLine]:
        """The latest `AUDIT_SHOWN` lines of the audit list, the newest first; of some logins."""
        query = sa.select(AUDIT).order_by(AUDIT.c.id.desc()).limit(AUDIT_SHOWN)
        if logins is not None:
            query = query.where(AUDIT.c.login.in_(logins))
        with self._register.transaction() as connection:
            return [
                AuditLine(
                    datetime.fromisoformat(row.moment), row.what, row.login, row.actor, row.address
                )
                for row in connection.execute(query)
            ]


def read_person(
    login: str,
    name: str,
    role: str,
    area: str | None,
    office: str | None,
    *,
    by_provider: bool = False,
) -> Person:
    """A person of what was typed, who has no account yet.

    Raises
    ------
    RegisterError
        There is no such role.
    """
    for known in get_args(PersonRole):
        if known == role:
            login = fold_login(login)
            return Person("", login, name.strip(), known, area, office, by_provider=by_provider)
    raise RegisterError(f"A role is one of {', '.join(get_args(PersonRole))}.")


def fold_login(text: str) -> str:
    """A login as it is kept, however somebody types it.

    Example
    -------
    >>> fold_login(" Camat.IleBoleng ")
    'camat.ileboleng'
    """
    return text.strip().lower()[:80]


def hash_of(token: str) -> str:
    """What is kept of a token: of 24 random bytes a plain hash tells nothing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def text_of(moment: datetime) -> str:
    """A moment as it is kept: of one form, so that texts are in the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def person_of(row: sa.Row[tuple[object, ...]]) -> Person:
    """The person of a row of ``account``."""
    return Person(
        row.id,
        row.login,
        row.name,
        row.role,
        row.area,
        row.office,
        is_disabled=row.disabled is not None,
        has_password=row.password is not None,
        by_provider=row.by_provider,
    )


def audit(
    connection: sa.Connection,
    moment: datetime,
    what: str,
    login: str,
    actor: str,
    address: str | None = None,
) -> None:
    """Write a line of the audit list."""
    row = {
        "moment": text_of(moment),
        "what": what,
        "login": login,
        "actor": actor,
        "address": address,
    }
    connection.execute(sa.insert(AUDIT), [row])


def end_sessions(connection: sa.Connection, account: str) -> None:
    """Sign an account out everywhere."""
    connection.execute(sa.delete(SESSION).where(SESSION.c.account == account))


def _end_invitations(connection: sa.Connection, person: Person) -> None:
    connection.execute(sa.delete(INVITATION).where(INVITATION.c.account == person.id))


def _check(person: Person) -> None:
    """Refuse an account that could not be used, or would be of everything by mistake."""
    if not _LOGIN.fullmatch(person.login):
        raise RegisterError("A login has letters a to z, digits and . _ - @ +, at most 80.")
    if not 1 <= len(person.name) <= 200 or not person.name.isprintable():
        raise RegisterError("A name has 1 to 200 letters.")
    if person.area is not None and not re.fullmatch(KODE, person.area):
        raise RegisterError(f"{person.area!r} is no code such as 53.06 or 53.06.13.2004.")
    lengths = LENGTH_OF_AREA.get(person.role)
    if lengths is not None and (person.area is None or len(person.area) not in lengths):
        levels = {2: "a provinsi", 5: "a kabupaten", 8: "a kecamatan", 13: "a desa"}
        kinds = " or ".join(levels[length] for length in lengths)
        raise RegisterError(f"The role {person.role} needs the code of {kinds} as its area.")
    if (person.role == "office") != (person.office is not None):
        raise RegisterError("The name of an office is of the role office, and only of that.")
