"""Deliver what waits in the outbox: once, or again and again."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from geo_service.errors import DeliveryError, RegisterConflictError, RegisterError
from geo_service.outbox import contacts, digests, mail, messages, outbox_file, posting, webhooks
from geo_service.register.event_store import Register
from geo_service.register.item_lists import day_of
from geo_service.settings import Settings

logger = logging.getLogger("geo_service")
MOST_FAILURES = 3
"""After so many tries in vain an endpoint has its next message in the next round."""


@dataclass(frozen=True, slots=True)
class Round:
    """What became of one round: messages written, and those tried by the state that followed."""

    posted: int
    tried: Counter[str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Who writes the messages of a register and hands them over.

    Parameters
    ----------
    server
        Where mails go; None where none is set, and they wait.
    networks
        Own networks to which webhooks may go.
    digested
        Days on which all digests were written.
    """

    register: Register
    names: posting.Names
    server: mail.MailServer | None
    networks: webhooks.Networks
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    digested: set[date] = field(default_factory=set)

    def run_round(self, *, has_digests: bool = False) -> Round:
        """Write the messages of what happened since, then hand over all that is due.

        Digests are written on their day of the week (once in a process), or where they are asked
        for; each once a week.
        """
        now = self.clock()
        posted = posting.post_events(self.register, self.names, now)
        today = day_of(now)
        is_their_day = today.isoweekday() == self.register.way.digest.weekday
        if has_digests or (is_their_day and today not in self.digested):
            posted += digests.post_digests(self.register, self.names, now)
            self.digested.add(today)
        outbox = messages.Outbox(self.register)
        outbox.settle(now)
        tried, notes = asyncio.run(self._hand_over_all(outbox))
        return Round(posted, tried, tuple(notes))

    async def _hand_over_all(self, outbox: messages.Outbox) -> tuple[Counter[str], list[str]]:
        tried, notes = Counter[str](), list[str]()
        channels = {"webhook"} | ({"mail"} if self.server is not None else set())
        failures = Counter[str]()
        session = mail.MailSession(self.server) if self.server is not None else None
        try:
            while True:
                passed = [name for name, count in failures.items() if count >= MOST_FAILURES]
                parcel = outbox.take(self.clock(), channels, passed)
                if parcel is None:
                    return tried, notes
                try:
                    await self._hand_over_safely(parcel, outbox, session)
                    outbox.mark_sent(parcel, self.clock())
                    tried[messages.SENT] += 1
                except RegisterConflictError:
                    continue
                except DeliveryError as error:
                    tried[outbox.mark_failed(parcel, error, self.clock())] += 1
                    notes.append(f"{parcel.contact.address}: {error}")
                    failures[parcel.contact.id] += 1
                    if error.is_general:
                        channels.discard(parcel.contact.channel)
                    if error.is_gone:
                        book = contacts.Contacts(self.register)
                        book.end(parcel.contact, self.clock(), str(error))
        finally:
            if session is not None:
                await session.close()

    async def _hand_over_safely(
        self, parcel: messages.Parcel, outbox: messages.Outbox, session: mail.MailSession | None
    ) -> None:
        """Hand over one message; whatever is wrong with it holds up no other."""
        try:
            await self._hand_over(parcel, outbox, session)
        except (DeliveryError, RegisterConflictError):
            raise
        except RegisterError as error:
            # Its address is none that may be used any more, as after a change of the settings.
            raise DeliveryError(str(error), is_final=True) from error
        except Exception as error:
            logger.exception("Message %s", parcel.id)
            raise DeliveryError(f"it cannot be written ({type(error).__name__})") from error

    async def _hand_over(
        self, parcel: messages.Parcel, outbox: messages.Outbox, session: mail.MailSession | None
    ) -> None:
        contact = parcel.contact
        if contact.channel == "mail":
            assert session is not None
            letter = mail.OutgoingMail(
                parcel.id, contact.address, parcel.subject, parcel.body, parcel.made
            )
            await session.hand_over(letter, lambda: outbox.begin(parcel, self.clock()))
            return
        call = webhooks.Call(parcel.id, contact.address, contact.secret or "", parcel.body.encode())
        await webhooks.call_endpoint(call, self.networks, self.clock())


def make_deliverer(register: Register, settings: Settings) -> Deliverer:
    """The deliverer of the settings.

    Raises
    ------
    RegisterError
        A setting for mails is not valid.
    """
    given = outbox_file.read_outbox_file(settings.outbox)
    return Deliverer(
        register,
        posting.read_names((settings.releases / "current").resolve(), settings.root),
        given.server,
        webhooks.read_networks(given.webhook_networks),
    )
