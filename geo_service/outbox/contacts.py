"""Where words go: the mail addresses and webhooks of offices, desa, kecamatan and the sekda.

A contact is of an office, never of a person; it is added by who runs the server, or by the office
itself.  One that was removed, or whose endpoint said that it is gone, stays with its reason.
"""

import re
import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, TypeAlias, get_args

import sqlalchemy as sa

from geo_service.access.token_file import lies_in
from geo_service.errors import RegisterError
from geo_service.house import accounts
from geo_service.outbox import mail, webhooks
from geo_service.register import records
from geo_service.register.event_store import Register
from geo_service.register.way import Reader
from layers.release.follow_up_file import Addressee
from layers.release.manifest_file import KODE

ContactRole: TypeAlias = Literal["kecamatan", "desa", "office", "sekda"]
Channel: TypeAlias = Literal["mail", "webhook"]
MOST_OF_ONE = 6
"""Contacts that one office may have at a time."""
LONGEST_REASON = 300
ROLE_OF: dict[str, ContactRole] = {
    "kabupaten": "sekda",
    "kecamatan": "kecamatan",
    "desa": "desa",
    "office": "office",
}
"""As whom a person looks after contacts; a viewer has none."""

TABLES = sa.MetaData()
CONTACT = sa.Table(
    "contact",
    TABLES,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("area", sa.String(13), nullable=False),
    sa.Column("office", sa.String(200)),
    sa.Column("channel", sa.String(10), nullable=False),
    sa.Column("address", sa.String(500), nullable=False),
    sa.Column("secret", sa.String(80)),
    sa.Column("made", sa.String(32), nullable=False),
    sa.Column("ended", sa.String(32)),
    sa.Column("reason", sa.String(LONGEST_REASON)),
    sa.Index("contact_by_area", "area", "role"),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of an office, desa, kecamatan or sekda.

    Parameters
    ----------
    area
        Code of the wilayah, as of an account of that role.
    secret
        Of a webhook: with which its messages are signed.
    reason
        Why it is told nothing any more; None while it is.
    """

    id: str
    role: ContactRole
    area: str
    office: str | None
    channel: Channel
    address: str
    secret: str | None = None
    reason: str | None = None

    @property
    def person(self) -> accounts.Person:
        """Somebody of this office, who sees what may be told to it."""
        role: accounts.PersonRole = "kabupaten" if self.role == "sekda" else self.role
        return accounts.Person("", "", "", role, self.area, self.office)

    def is_reader(self, reader: Reader, item: records.Item, task: Addressee | None) -> bool:
        """Whether it is told where the table of the way names such a reader of an item."""
        if not lies_in(item.kode, (self.area,)):
            return False
        if reader == "raiser":
            who = item.raiser
            return (self.role, self.area, self.office) == (who.role, who.area, who.office)
        if reader != "addressee":
            return self.role == reader
        if task is None:
            return False
        if task.jenis == "desa":
            return self.role == "desa"
        return self.role == "office" and self.office == task.nama

    def is_own(self, person: accounts.Person) -> bool:
        """Whether it is of the office of a person, who may change it."""
        role = ROLE_OF.get(person.role)
        return (self.role, self.area, self.office) == (role, person.area, person.office)

    def is_of(self, actor: records.Actor) -> bool:
        """Whether who acted is this office itself."""
        return (self.role, self.area, self.office) == (actor.role, actor.area, actor.office)


COLUMNS = tuple(CONTACT.c[field.name] for field in fields(Contact))
"""Columns of a contact, in the order of its fields."""


class Contacts:
    """The contacts of a register.

    Parameters
    ----------
    networks
        Own networks to which webhooks may go, as a setting names them.
    """

    def __init__(self, register: Register, networks: tuple[str, ...] = ()) -> None:
        self._register = register
        self._networks = webhooks.read_networks(networks)

    def add_typed(
        self, role: str, area: str, office: str | None, address: str, moment: datetime
    ) -> Contact:
        """The new contact of what was typed: a mail address, or the URL of a webhook.

        Raises
        ------
        RegisterError
            It is neither, there is no such role, or as `add`.
        """
        for name in get_args(ContactRole):
            if name == role:
                place = read_address(address, self._networks)
                return self.add(Contact("", name, area, office, *place), moment)
        raise RegisterError(f"A contact is of {', '.join(get_args(ContactRole))}.")

    def add(self, contact: Contact, moment: datetime) -> Contact:
        """The contact as it is kept: with an id, and of a webhook the secret.

        Raises
        ------
        RegisterError
            The area does not fit the role, it is there already, or the office has too many.
        """
        _check(contact)
        secret = webhooks.new_secret() if contact.channel == "webhook" else None
        row = {
            "id": secrets.token_hex(8),
            "role": contact.role,
            "area": contact.area,
            "office": contact.office,
            "channel": contact.channel,
            "address": contact.address,
            "secret": secret,
            "made": accounts.text_of(moment),
        }
        with self._register.transaction(writes=True) as connection:
            others = [_contact(other) for other in connection.execute(_open_of(contact))]
            if contact.address in [other.address for other in others]:
                raise RegisterError(f"{contact.address} is a contact already.")
            if len(others) >= MOST_OF_ONE:
                raise RegisterError(f"An office has at most {MOST_OF_ONE} contacts: remove one.")
            connection.execute(sa.insert(CONTACT), [row])
        return self.find(row["id"] or "")

    def find(self, contact_id: str) -> Contact:
        """The contact of an id.

        Raises
        ------
        RegisterError
            There is none.
        """
        rows = self._register.rows(sa.select(CONTACT).where(CONTACT.c.id == contact_id))
        if not rows:
            raise RegisterError(f"No contact {contact_id!r}. See: geo-service register contacts")
        return _contact(rows[0])

    def find_all(self, area: str | None = None, *, is_open: bool = True) -> list[Contact]:
        """Contacts of an area and what lies in it, by area, role and address; also ended ones."""
        order = (CONTACT.c.area, CONTACT.c.role, CONTACT.c.office, CONTACT.c.address)
        query = sa.select(CONTACT).order_by(*order, CONTACT.c.id)
        if is_open:
            query = query.where(CONTACT.c.ended.is_(None))
        contacts = [_contact(row) for row in self._register.rows(query)]
        return [each for each in contacts if area is None or lies_in(each.area, (area,))]

    def of_person(self, person: accounts.Person) -> list[Contact]:
        """The contacts that a person sees: of an administrator all of the area, else the own."""
        if person.area is None or person.role == "viewer":
            return []
        contacts = self.find_all(person.area)
        return [each for each in contacts if person.role == "kabupaten" or each.is_own(person)]

    def add_own(self, person: accounts.Person, address: str, moment: datetime) -> Contact:
        """The new contact of a person's own office.

        Raises
        ------
        RegisterError
            A viewer has none, or as `add_typed`.
        """
        if person.role not in ROLE_OF or person.area is None:
            raise RegisterError("A viewer has no contacts.")
        role = ROLE_OF[person.role]
        return self.add_typed(role, person.area, person.office, address, moment)

    def end(self, contact: Contact, moment: datetime, reason: str = "removed") -> None:
        """Tell a contact nothing any more; what waits for it goes to nobody."""
        ended = {"ended": accounts.text_of(moment), "reason": reason[:LONGEST_REASON]}
        still_open = sa.and_(CONTACT.c.id == contact.id, CONTACT.c.ended.is_(None))
        with self._register.transaction(writes=True) as connection:
            connection.execute(sa.update(CONTACT).where(still_open).values(ended))


def read_address(text: str, networks: webhooks.Networks) -> tuple[Channel, str]:
    """By which channel an address is reached, and the address.

    Raises
    ------
    RegisterError
        It is neither a mail address nor the URL of a webhook.
    """
    address = text.strip()
    if "://" in address:
        return "webhook", webhooks.check_url(address, networks)
    return "mail", mail.check_mailbox(address)


def open_contacts(connection: sa.Connection) -> list[Contact]:
    """All contacts that are told, within a transaction."""
    query = sa.select(CONTACT).where(CONTACT.c.ended.is_(None)).order_by(CONTACT.c.id)
    return [_contact(row) for row in connection.execute(query)]


def _open_of(contact: Contact) -> sa.Select[tuple[object, ...]]:
    return sa.select(CONTACT).where(
        CONTACT.c.role == contact.role,
        CONTACT.c.area == contact.area,
        CONTACT.c.office.is_not_distinct_from(contact.office),
        CONTACT.c.ended.is_(None),
    )


def _contact(row: sa.Row[tuple[object, ...]]) -> Contact:
    return Contact(*(getattr(row, column.name) for column in COLUMNS))


def _check(contact: Contact) -> None:
    """Refuse a contact that would be told of everything by mistake, or of nothing."""
    if not re.fullmatch(KODE, contact.area):
        raise RegisterError(f"{contact.area!r} is no code such as 53.06 or 53.06.13.2004.")
    role = "kabupaten" if contact.role == "sekda" else contact.role
    if len(contact.area) not in accounts.LENGTH_OF_AREA[role]:
        raise RegisterError(f"{contact.area} is not the code of a {contact.role}.")
    name = contact.office
    if (contact.role == "office") != (name is not None):
        raise RegisterError("The name of an office is of the role office, and only of that.")
    if name is not None and not (1 <= len(name) <= 200 and name.isprintable()):
        raise RegisterError("The name of an office has 1 to 200 letters.")
