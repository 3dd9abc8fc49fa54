"""Signing in by a provider: each attempt is of one browser and good once, and makes no account.

An account that was made for it is known by its login the first time, and by the provider's own
name of the person ever after: who gets the login of somebody else later does not get the account.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from geo_service.errors import SignInRefusedError, TooManyRequestsError
from geo_service.house import accounts, sessions
from geo_service.register.event_store import Register

GOOD_FOR = timedelta(minutes=10)
MOST_OF_ADDRESS = 40
"""Attempts of one address that are under way."""

FLOW = sa.Table(
    "provider_flow",
    accounts.TABLES,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("browser", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False, index=True),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("wanted", sa.String(500), nullable=False),
    sa.Column("expires", sa.String(32), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Flow:
    """One attempt: what goes to the provider, and the page that is shown afterwards."""

    state: str
    nonce: str
    verifier: str
    next_page: str


def begin_flow(
    register: Register, browser: str, address: str, next_page: str, moment: datetime
) -> Flow:
    """A new attempt of a browser, hashed by its secret.

    Raises
    ------
    TooManyRequestsError
        Too many of this address are under way.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    flow = Flow(state, nonce, verifier, next_page)
    row = {
        "state": accounts.hash_of(flow.state),
        "browser": accounts.hash_of(browser),
        "address": accounts.hash_of(address),
        "nonce": flow.nonce,
        "verifier": flow.verifier,
        "wanted": next_page,
        "expires": accounts.text_of(moment + GOOD_FOR),
    }
    count = sa.select(sa.func.count()).where(FLOW.c.address == row["address"])
    with register.transaction(writes=True) as connection:
        connection.execute(sa.delete(FLOW).where(FLOW.c.expires <= accounts.text_of(moment)))
        if connection.execute(count).scalar_one() >= MOST_OF_ADDRESS:
            raise TooManyRequestsError("Signing in was tried too often; wait 10 minutes.")
        connection.execute(sa.insert(FLOW), [row])
    return flow


def take_flow(register: Register, state: str, browser: str, moment: datetime) -> Flow:
    """The attempt of a state, which is good no more.

    Raises
    ------
    SignInRefusedError
        There is none, it was taken, it is over, or of another browser.
    """
    of_browser = sa.and_(
        FLOW.c.state == accounts.hash_of(state), FLOW.c.browser == accounts.hash_of(browser)
    )
    with register.transaction(writes=True) as connection:
        row = connection.execute(sa.select(FLOW).where(of_browser)).first()
        is_taken = connection.execute(sa.delete(FLOW).where(of_browser)).rowcount != 1
    if row is None or is_taken or row.expires <= accounts.text_of(moment):
        raise SignInRefusedError("This attempt to sign in is over, or of another browser.")
    return Flow(state, row.nonce, row.verifier, row.wanted)


def sign_in(register: Register, subject: str, login: str, address: str, moment: datetime) -> str:
    """The token of a new session of the account of whom a provider proved.

    Parameters
    ----------
    subject
        Issuer and its own name of the person.
    login
        What it calls them.

    Raises
    ------
    SignInRefusedError
        No account that is open signs in so; none is made.
    """
    hashed, account = accounts.hash_of(subject), accounts.ACCOUNT
    bound = sa.select(account).where(account.c.by_provider, account.c.subject == hashed)
    named = sa.select(account).where(
        account.c.by_provider,
        account.c.subject.is_(None),
        account.c.login == accounts.fold_login(login),
    )
    with register.transaction(writes=True) as connection:
        row = connection.execute(bound).first() or connection.execute(named).first()
        if row is not None and row.disabled is None:
            change = sa.update(account).where(account.c.id == row.id).values(subject=hashed)
            connection.execute(change)
            line = ("sign-in by provider", row.login, row.login, address)
            accounts.audit(connection, moment, *line)
            return sessions.begin(connection, row.id, moment)
        name = sessions.UNKNOWN if row is None else row.login
        accounts.audit(connection, moment, "refused", name, name, address)
    raise SignInRefusedError("No account signs in as whom the provider proved.")
