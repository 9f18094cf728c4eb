"""`ports.Backend` over OCPP 1.6J: puts the parts of this package together and owns no rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepoint.auth_ports import LocalList
from chargepoint.charging_ports import ChargingProfiles
from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.units import ConnectorId
from chargepoint.notice_ports import NoticeDoor
from chargepoint.ocpp import reports
from chargepoint.ocpp.authcache import AuthCache
from chargepoint.ocpp.authorise import Authoriser
from chargepoint.ocpp.connection import BackOff, Connection, Patience
from chargepoint.ocpp.firmware import FirmwareProfile
from chargepoint.ocpp.idle_values import IdleValues
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.link import Connect, Link, Observe, Terms
from chargepoint.ocpp.local_list import ListedTokens, LocalListProfile
from chargepoint.ocpp.notices import NoticeProfile
from chargepoint.ocpp.phone import PhoneProfile
from chargepoint.ocpp.profile import Profile
from chargepoint.ocpp.registration import Registration, Standing
from chargepoint.ocpp.reservations import ReservationProfile
from chargepoint.ocpp.rpc import Limits, Peer, Rpc
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.screen import ScreenProfile
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.suite import Security, SecurityWorld
from chargepoint.ocpp.sender import Sender
from chargepoint.ocpp.smart_charging import SmartChargingProfile
from chargepoint.ocpp.station16 import Reading, Readings, Station16, Surroundings
from chargepoint.ocpp.status import Statuses
from chargepoint.ocpp.translate import StationIdentity
from chargepoint.phone_ports import PhoneDoor
from chargepoint.ports import (
    CentralNews,
    Clock,
    Entropy,
    LinkState,
    Outbox,
    Policy,
    Settings,
    StationDoor,
    StatusReport,
)
from chargepoint.reservation_ports import ReservationDoor
from chargepoint.screen_ports import ScreenDoor

_SENT_ACTIONS = frozenset(
    {
        "Authorize",
        "BootNotification",
        "DataTransfer",
        "Heartbeat",
        "MeterValues",
        "SignCertificate",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
    }
    | reports.SENT_ACTIONS
)


def _no_reading(_connector: ConnectorId) -> Reading | None:
    return None


def _unobserved(_direction: str, _text: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class BackendLimits:
    patience: Patience = field(default_factory=Patience)
    # Above the 8 s that a socket lock may take to open.
    handler_timeout_s: float = 15.0
    # A local list of ten thousand tokens.
    frame_chars: int = 1_572_864


@dataclass(frozen=True, slots=True)
class LinkReport:
    """`trouble`: why there is no link, in the words of the last try.

    `server_until`, `own_until`: when the certificates of the link and of the station end.
    """

    state: LinkState
    trouble: str
    security_profile: int
    is_second_central: bool
    server_until: datetime | None = None
    own_until: datetime | None = None


class Ocpp16Backend:
    """One central system, spoken to in OCPP 1.6J. Satisfies `ports.Backend`."""

    def __init__(  # noqa: PLR0913 - the station's whole surroundings, by name
        self,
        *,
        identity: StationIdentity,
        connect: Connect,
        door: StationDoor,
        news: CentralNews,
        outbox: Outbox,
        settings: Settings,
        local_list: LocalList,
        reservations: ReservationDoor,
        charging: ChargingProfiles,
        clock: Clock,
        entropy: Entropy,
        connectors: int,
        config_keys: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
        observe: Observe = _unobserved,
        readings: Readings = _no_reading,
        limits: BackendLimits | None = None,
        security_world: SecurityWorld | None = None,
        notices: NoticeDoor | None = None,
        phone: PhoneDoor | None = None,
        screen: ScreenDoor | None = None,
    ) -> None:
        """`config_keys`: site defaults by key name without `ocpp.`; `overrides` win always.

        Raises KeysInvalid naming every wrong one.
        """
        self._limits = limits or BackendLimits()
        self._news = news
        self.keys = Keys(
            settings,
            connectors=connectors,
            configured=config_keys or {},
            overrides=overrides or {},
        )
        listed = ListedTokens(local_list, self.keys)
        cache = AuthCache(settings, listed)
        security = self._security = Security(
            security_world or SecurityWorld(),
            self.keys,
            settings,
            clock,
            entropy,
            serial=identity.serial,
            incident=news.incident,
            link=self,
        )
        profiles: list[Profile] = [security]
        triggers = dict(security.triggers)
        if security_world is not None and security_world.maintenance is not None:
            firmware = FirmwareProfile(
                security_world.maintenance,
                security.trust,
                self.keys,
                clock,
                station_id=identity.id,
                log=security.log,
                incident=news.incident,
            )
            profiles.append(firmware)
            triggers |= firmware.triggers
        self._statuses = Statuses(clock, lambda: self.keys.number("MinimumStatusDuration"))
        self._sender = Sender(outbox, self.keys, cache, news)
        self._registration = Registration(identity, self.keys, news, self._statuses.tell_all)
        self._station = Station16(
            Surroundings(
                connectors=connectors,
                door=door,
                news=news,
                outbox=outbox,
                clock=clock,
                keys=self.keys,
                cache=cache,
                statuses=self._statuses,
                registration=self._registration,
                readings=readings,
            ),
            profiles=(
                LocalListProfile(local_list, self.keys),
                ReservationProfile(reservations, connectors),
                SmartChargingProfile(charging, outbox, clock, connectors),
                *profiles,
                *self._noticing(notices, outbox),
                *(() if phone is None else (PhoneProfile(phone, outbox.session_of),)),
                *(() if screen is None else (ScreenProfile(screen),)),
            ),
            triggers=triggers,
        )
        self._schemas = Schemas(sent=_SENT_ACTIONS, answered=self._station.actions)
        self._peer = Peer(
            answer=self._station.answer,
            supported=self._station.actions,
            # §4.2: while Rejected the station answers nothing.
            may_answer=lambda: self._registration.standing is not Standing.REJECTED,
            identifier=entropy.identifier,
            observe=observe,
            incident=news.incident,
            malformed=security.malformed,
            replayed=security.replayed,
        )
        self._connection = Connection(
            connect=connect,
            serve=self._serve,
            registration=self._registration,
            always=self._station.send_triggered,
            online_duties=(
                self._statuses.run,
                self._sender.run,
                self._registration.beat,
                security.certificates.renew,
                IdleValues(self.keys, clock, readings, connectors).run,
            ),
            news=news,
            log=security.log,
            entropy=entropy,
            patience=self._limits.patience,
            routes=security.routes,
            back_off=self._back_off,
        )
        self._authoriser = Authoriser(
            self.keys, cache, listed, clock=clock, news=news, online=self._connection.online
        )

    def _back_off(self) -> BackOff:
        return self._limits.patience.back_off or BackOff(
            minimum_s=self.keys.number("RetryBackOffWaitMinimum"),
            random_s=self.keys.number("RetryBackOffRandomRange"),
            doublings=self.keys.number("RetryBackOffRepeatTimes"),
        )

    def _serve(self, link: Link) -> Rpc:
        limits = Limits(
            call_timeout_s=lambda: self.keys.number("MessageTimeout"),
            handler_timeout_s=self._limits.handler_timeout_s,
            frame_chars=self._limits.frame_chars,
        )
        return Rpc(link, self._schemas, self._peer, limits)

    def _noticing(self, door: NoticeDoor | None, outbox: Outbox) -> tuple[NoticeProfile, ...]:
        if door is None:
            return ()
        profile = NoticeProfile(door, self.keys, outbox.session_of)
        profile.tell_default_price()
        return (profile,)

    async def run(self) -> None:
        """Connect, stay connected, drain the outbox. Never returns by itself."""
        self._news.policy_changed(self.policy)
        await self._connection.run()

    async def ask(self, message_id: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """A vendor question; None without link or answer. Never raises."""
        return await self._authoriser.ask(message_id, payload)

    async def authorise(self, id_tag: str, connector: ConnectorId, *, card: bool) -> TokenAnswer:
        """The central system's verdict, or the offline rule's, within 10 s. Never raises."""
        return await self._authoriser.authorise(id_tag, connector, card=card)

    def report(self, status: StatusReport) -> None:
        """Newest wins per connector; connector 0 is the station."""
        self._statuses.report(status)

    def wake(self) -> None:
        """The outbox has grown."""
        self._sender.wake()

    @property
    def link(self) -> LinkState:
        return self._connection.state

    @property
    def link_report(self) -> LinkReport:
        """The link as a technician wants to know it."""
        return LinkReport(
            state=self._connection.state,
            trouble=self._connection.trouble,
            security_profile=self._security.profiles.in_force,
            is_second_central=self._security.routes.is_away,
            server_until=x509.end_of_der(self.peer_certificate),
            own_until=self._security.certificates.own_until,
        )

    @property
    def next_terms(self) -> Terms:
        """What the next try to connect goes by."""
        return self._security.routes.terms()

    def trusted_roots(self) -> tuple[str, ...]:
        """PEM of every root that is installed."""
        return self._security.trusted_roots()

    @property
    def peer_certificate(self) -> bytes | None:
        """The server's certificate (DER) of the link that stands."""
        return self._connection.peer_certificate

    def reconnect(self) -> None:
        """End the link once what is being answered has left, and open a new one."""
        self._connection.reconnect()

    @property
    def policy(self) -> Policy:
        """What the central system has configured; also told by `CentralNews.policy_changed`."""
        return self.keys.policy()
