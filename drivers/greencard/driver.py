"""`ports.CardReader` over a PN532: exactly one event for each card held to the reader.

    asleep --wake--> waiting --card--> reading --event--> present --gone twice--> waiting
                        ^ disarmed: field off, a sign of life now and then

Any trouble with the reader itself leads to `DeviceOffline` and a new start after a pause. A card
still in the field after that is read as a new tap.
"""

import asyncio
import logging
from typing import TypeVar

from chargepoint.domain.devices import (
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    ForeignCardRead,
    GreenCardRead,
)
from chargepoint.ports import Clock, Emit, Entropy
from drivers.exchange import Backoff
from drivers.greencard import aes
from drivers.greencard.commands import (
    FIELD_OFF,
    GET_FIRMWARE_VERSION,
    MAX_RETRIES_FOREVER,
    Target,
    limit_activation,
)
from drivers.greencard.desfire import CardError, Conversation, KeyMismatch
from drivers.greencard.keystore import KeyStore
from drivers.greencard.link import CardLost, Pn532Link, ReaderTrouble
from drivers.greencard.tap import CardProfile, Misissued, NotOurs, read_account_number
from drivers.port import OpenPort, PortLost
from drivers.trace import Trace

log = logging.getLogger(__name__)
T = TypeVar("T")

DEVICE = DeviceRef(DeviceKind.CARD_READER)
CardEvent = GreenCardRead | ForeignCardRead | CardNotAuthentic | CardUnreadable

SIGN_OF_LIFE_S = 10.0  # a reader that died in silence is noticed after this long
PRESENCE_S = 0.2  # between two looks at a card that was read
PRESENCE_LIMIT_S = 0.3
FORGOTTEN_AFTER_S = 10.0  # a card that lies this long was left behind: look less often
FORGOTTEN_PRESENCE_S = 1.0
FAILED_CHECKS_UNTIL_GONE = 2
# A number that came with its MAC is certain. Everything else gets a second look: a restless hand,
# the verdict "copy", and a UID, whose frame a lost zero byte can alter with its checksum right.
LOOKS_PER_TAP = 2
FEW_RETRIES = 2
GREEN_CARD_UID_LENGTH = 7
SAME_CARD_AFTER_OUTAGE_S = 5.0

# ISO/IEC 14443-3 §6.5.4: a four-byte UID that starts with 08 is drawn anew at each activation.
RANDOM_UID_LENGTH = 4
RANDOM_UID_START = 0x08


class GreenCardReaderDriver:
    """Give it a trace made with `trace_text.mask_frames`."""

    def __init__(  # noqa: PLR0913 - every dependency of the driver, each of its own kind
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        clock: Clock,
        entropy: Entropy,
        keystore: KeyStore,
        profile: CardProfile,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._clock = clock
        self._entropy = entropy
        self._keystore = keystore
        self._profile = profile
        self._backoff = Backoff()
        self._armed = asyncio.Event()
        self._link: Pn532Link | None = None
        self._is_reported_offline = False
        self._lying: Target | None = None  # read, reported, and not yet seen to be gone
        self._lost_at_s = 0.0

    def arm(self) -> None:
        self._armed.set()

    def disarm(self) -> None:
        self._armed.clear()
        if self._link is not None:
            self._link.interrupt()

    async def run(self) -> None:
        while True:
            try:
                await self._serve_until_lost()
            except (PortLost, ReaderTrouble) as error:
                self._report_offline(str(error))
            await asyncio.sleep(self._backoff.next_s())

    async def _serve_until_lost(self) -> None:
        port = await self._open_port()
        try:
            self._link = Pn532Link(port, self._trace)
            await self._serve(self._link)
        finally:
            self._link = None
            port.close()

    async def _serve(self, link: Pn532Link) -> None:
        firmware = await link.wake()
        self._backoff.reset()
        self._is_reported_offline = False
        self._emit(DeviceOnline(DEVICE, firmware=str(firmware)))
        self._forget_card_after_long_outage()
        while True:
            if self._lying is not None:
                await self._wait_until_gone(link, self._lying)
            elif self._armed.is_set():
                await self._watch(link)
            else:
                await self._stand_by(link)

    def _report_offline(self, reason: str) -> None:
        """Once for each outage, however often the reader is tried in vain."""
        if not self._is_reported_offline:
            self._is_reported_offline = True
            self._lost_at_s = self._clock.monotonic()
            self._emit(DeviceOffline(DEVICE, reason, self._trace.tail()))

    def _forget_card_after_long_outage(self) -> None:
        outage_s = self._clock.monotonic() - self._lost_at_s
        if self._lying is not None and outage_s > SAME_CARD_AFTER_OUTAGE_S:
            self._card_gone()

    def _card_gone(self) -> None:
        self._lying = None
        self._emit(CardRemoved())

    async def _stand_by(self, link: Pn532Link) -> None:
        await link.request(FIELD_OFF)
        while not self._armed.is_set():
            try:
                async with asyncio.timeout(SIGN_OF_LIFE_S):
                    await self._armed.wait()
            except TimeoutError:
                await link.request(GET_FIRMWARE_VERSION)

    async def _watch(self, link: Pn532Link) -> None:
        """The next tap up to its event, unless disarmed before."""
        await link.request(limit_activation(MAX_RETRIES_FOREVER))
        while self._armed.is_set():
            target = await self._look(link, SIGN_OF_LIFE_S)
            if target is not None:
                await self._report_tap(link, target)
                return

    async def _report_tap(self, link: Pn532Link, target: Target) -> None:
        event = await self._identify(link, target)
        await link.release()
        if self._armed.is_set():  # else nobody asks any more; it is read when somebody does
            self._lying = target
            self._emit(event)

    async def _look(self, link: Pn532Link, limit_s: float) -> Target | None:
        # Without the field every card forgets the state it was left in, and answers again.
        await link.request(FIELD_OFF)
        return await link.find(limit_s)

    async def _wait_until_gone(self, link: Pn532Link, first: Target) -> None:
        """CardRemoved is emitted. A card still there after a short outage is no second tap."""
        failed_checks = 0
        forgotten_at_s = self._clock.monotonic() + FORGOTTEN_AFTER_S
        await link.request(limit_activation(FEW_RETRIES))
        while failed_checks < FAILED_CHECKS_UNTIL_GONE:
            is_forgotten = not failed_checks and self._clock.monotonic() > forgotten_at_s
            await asyncio.sleep(FORGOTTEN_PRESENCE_S if is_forgotten else PRESENCE_S)
            seen = await self._look(link, PRESENCE_LIMIT_S)
            failed_checks = 0 if seen and _may_be_same(first, seen) else failed_checks + 1
        self._card_gone()

    async def _identify(self, link: Pn532Link, target: Target) -> CardEvent:
        uid = target.uid.hex().upper()
        started_s = self._clock.monotonic()
        verdict: CardEvent = CardUnreadable()
        for attempt in range(LOOKS_PER_TAP):
            present = target if attempt == 0 else await self._look(link, PRESENCE_LIMIT_S)
            if present is None or not _may_be_same(target, present):
                verdict = CardUnreadable()
                break
            try:
                verdict = await self._read(link, present)
                break
            except NotOurs:
                verdict = ForeignCardRead(uid)
            except KeyMismatch:
                verdict = CardNotAuthentic(uid)
            except (CardLost, CardError):
                verdict = CardUnreadable()
        took_ms = round((self._clock.monotonic() - started_s) * 1000)
        log.info("card read", extra={"verdict": type(verdict).__name__, "took_ms": took_ms})
        return verdict

    async def _read(self, link: Pn532Link, target: Target) -> CardEvent:
        if not target.speaks_iso_14443_4 or len(target.uid) != GREEN_CARD_UID_LENGTH:
            raise NotOurs("not a DESFire card")
        key = await self._keystore.card_key(target.uid, self._profile.application_id)
        rnd_a = self._entropy.token(aes.BLOCK)
        try:
            number = await _converse(link, target, read_account_number(self._profile, key, rnd_a))
        except Misissued as error:
            self._emit(DeviceIncident(DEVICE, "card_reader.misissued", str(error)))
            return CardUnreadable()
        return GreenCardRead(number, target.uid.hex().upper())


async def _converse(link: Pn532Link, target: Target, talk: Conversation[T]) -> T:
    try:
        apdu = next(talk)
        while True:
            apdu = talk.send(await link.exchange(target, apdu))
    except StopIteration as done:
        result: T = done.value  # a generator's return value, typed by Conversation[T]
        return result


def _may_be_same(first: Target, second: Target) -> bool:
    return first.uid == second.uid or (_is_random(first.uid) and _is_random(second.uid))


def _is_random(uid: bytes) -> bool:
    return len(uid) == RANDOM_UID_LENGTH and uid[0] == RANDOM_UID_START
