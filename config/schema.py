"""Every setting of a station: unit, range, default, one sentence. There is no other place for them.

Prices are written as people say them (EUR, VAT included) and become integers in `tariff_of`.
"""

from decimal import Decimal
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_rules import Finding, findings
from chargepoint.domain.units import Watt
from config.devices import Devices
from config.folders import Service, State
from config.kiosk import Kiosk, Place, PlaceName
from config.nif import is_nif
from config.price_rules import PriceRule, ReservationRule, SessionRule, conditional
from config.sections import LISTED, Cents, Flag, Money, Section, Whole, milli, minor
from config.site import Site


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None
    return name


# Those the kiosk has words for.
Language = Literal["es", "ca", "eu", "gl", "en", "fr", "de", "pt", "it", "nl"]


_SMALLEST_A = 6  # IEC 61851-1: less cannot be signalled


class Station(Section):
    id: str = Field("CP-0001", pattern=r"^[A-Za-z0-9._:-]{1,48}$", description="OCPP identity")
    name: str = Field("07", max_length=8, description="what is painted on the cabinet")
    vendor: str = Field("Citere", max_length=20)
    model: str = Field("Plaza AC22", max_length=20)
    serial: str = Field("SN-0001", max_length=25)
    firmware: str = Field("0.1.0", max_length=50)
    connectors: Whole = Field(2, ge=1, le=4)
    language: Language = "es"
    languages: Annotated[tuple[Language, ...], LISTED] = Field(
        get_args(Language),
        strict=False,
        min_length=1,
        description="offered on the screen, in this order",
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Europe/Madrid", description="IANA name; prices and receipts"
    )
    currency: Literal["EUR"] = "EUR"
    max_power_w: Whole = Field(22_000, ge=1_000, le=400_000)
    connector_power_w: Annotated[
        tuple[Annotated[Whole, Field(ge=1_000, le=400_000)], ...], LISTED
    ] = Field(
        (),
        strict=False,
        description="W that each connector can give, in their order; empty: each max_power_w",
    )
    current_a: Whole = Field(32, ge=6, le=80, description="rating of one connector")
    cable_a: Whole = Field(
        0, ge=0, le=80, description="rating of the cable fixed to a connector; 0: a socket"
    )
    derate_from_c: Whole = Field(
        60, ge=0, le=90, description="°C in a board from which it gives less, 6 A at +10; 0: never"
    )
    voltage_v: Whole = Field(
        230, ge=100, le=400, description="between a phase and neutral; turns W into A"
    )
    phases: Whole = Field(3, ge=1, le=3, description="wired to each connector")
    socket_letter: Literal["B", "C", "K", "L", "M", "N"] = Field("C", description="EN 17186")
    phone: str = Field("+34 900 000 000", max_length=24)

    @model_validator(mode="after")
    def _each_connector_has_its_power(self) -> "Station":
        powers = self.connector_power_w
        if powers and len(powers) != self.connectors:
            raise ValueError(
                f"station.connector_power_w: {len(powers)} values"
                f" for station.connectors = {self.connectors}"
            )
        if any(power > self.max_power_w for power in powers):
            raise ValueError(
                f"station.connector_power_w: {max(powers)} W at one connector is more than"
                f" station.max_power_w = {self.max_power_w} for all of them"
            )
        return self

    @property
    def powers_w(self) -> tuple[int, ...]:
        """What each connector can give, from connector 1 on."""
        return self.connector_power_w or (self.max_power_w,) * self.connectors


class Central(Section):
    url: str = Field(
        "ws://127.0.0.1:9000",
        pattern=r"^wss?://",
        description="'/' + id is appended, or id stands for {id}",
    )
    password: str = Field("", description="HTTP Basic; better in CHARGEPOINT_CENTRAL_PASSWORD")
    secure_url: str = Field(
        "",
        pattern=r"^(wss://.+)?$",
        description="address of security profiles 2 and 3; empty: url, with wss",
    )
    upkeep: Flag = Field(
        default=False,
        description="tell it health and cash levels (Point.Health, Cash.Levels; docs/ocpp.md)",
    )
    fallback_url: str = Field(
        "", pattern=r"^(wss?://.+)?$", description="second central system; empty: there is none"
    )
    root_file: str = Field(
        "", description="PEM: root of the central system's certificate, until OCPP installs one"
    )
    manufacturer_root_file: str = Field(
        "", description="PEM: root of firmware signers, until OCPP installs one"
    )


class Prices(Section):
    """The public tariff, VAT included: EUR/kWh, EUR/min, EUR a session.

    The plain prices hold where no rule does; of a list of rules the first that holds counts.
    """

    energy: Money = Decimal("0.45")
    session: Cents = Decimal(0)
    charging_minute: Money = Decimal(0)
    idle_minute: Money = Decimal(0)
    idle_grace: Whole = Field(0, ge=0, le=1440, description="minutes before the idle fee")
    reservation_minute: Annotated[Money, Field(le=100)] = Field(
        Decimal(0),
        description="EUR/min that a reservation kept the connector before the charge that uses it",
    )
    vat: Whole = Field(21, ge=0, le=100, description="percent")
    energy_rules: tuple[PriceRule, ...] = Field((), strict=False, description="EUR/kWh")
    charging_rules: tuple[PriceRule, ...] = Field((), strict=False, description="EUR/min")
    idle_rules: tuple[PriceRule, ...] = Field((), strict=False, description="EUR/min")
    session_rules: tuple[SessionRule, ...] = Field((), strict=False, description="EUR")
    reservation_rules: tuple[ReservationRule, ...] = Field(
        (), strict=False, description="EUR/min, by the hours in which it was reserved"
    )


class SessionRules(Section):
    minimum: Cents = Field(Decimal("1.00"), description="credit that a start needs")
    resume_limit: Whole = Field(600, ge=0, le=86_400, description="seconds after a power cut")
    settle_limit: Whole = Field(43_200, ge=60, le=604_800, description="seconds until final price")


class Cards(Section):
    offline_limit: Cents = Field(Decimal("10.00"), description="EUR a card may spend offline")
    offline_per_day: Cents = Field(Decimal("20.00"), description="EUR a card and day, offline")
    uid_tokens: Flag = Field(default=False, description="accept other cards' UIDs as tokens")
    application: str = Field("F04301", pattern=r"^[0-9A-F]{6}$", description="DESFire AID, hex")
    system_id: str = Field("", pattern=r"^[ -~]{0,20}$", description="AN10922 system identifier")
    service: Annotated[tuple[str, ...], LISTED] = Field(
        (), strict=False, description="numbers of Green Cards that open the service menu's login"
    )
    key_file: str = Field("", description="32 hex digits, mode 600; or CHARGEPOINT_CARD_KEY")


Value = Annotated[Whole, Field(ge=1, le=50_000)]  # of a coin or a note, in cents


class Cash(Section):
    change_unit: Cents = Field(Decimal("0.10"), gt=0, description="smallest coin the hoppers hold")
    id_tag: str = Field("CASH", min_length=1, max_length=20)
    denominations: Annotated[tuple[Value, ...], LISTED] = Field(
        (10, 20, 50, 100, 200), strict=False, min_length=1
    )
    notes: Annotated[tuple[Value, ...], LISTED] = Field(
        (500, 1000, 2000), strict=False, description="cents"
    )
    voucher_days: Whole = Field(365, ge=1, le=3650, description="days until a voucher expires")
    voucher_limit: Cents = Field(
        Decimal("500.00"), gt=0, description="EUR; a voucher of another point is worth no more"
    )


class Bank(Section):
    id_tag: str = Field("BANK", min_length=1, max_length=20)
    hold: Cents = Field(
        Decimal("40.00"),
        gt=0,
        le=3000,
        description="EUR reserved on a bank card; a reservation's fee is added",
    )
    max_reservations: Whole = Field(1, ge=1, le=16)
    password: str = Field(
        "000000",
        pattern=r"^\d{6}$",
        description="the terminal's cashier password; better in CHARGEPOINT_BANK_PASSWORD",
    )


class Reservations(Section):
    accept: Flag = Field(default=True, description="the central system may reserve connectors")
    end_charges: Flag = Field(
        default=True,
        description="a charge ends when the calendar says that the connector is needed",
    )


class GreenCard(Section):
    vat: Literal["at_use", "at_topup"] = Field(
        "at_use",
        description="when a card's money is taxed, once: with each charge, or with each top-up",
    )
    topup_min: Cents = Field(
        Decimal("1.00"), gt=0, le=100, description="EUR; less is neither sold nor confirmed"
    )
    topup_max: Cents = Field(
        Decimal("200.00"),
        gt=0,
        le=3000,
        description="EUR of one top-up by coins, notes or bank card",
    )

    @model_validator(mode="after")
    def _limits_leave_an_amount(self) -> "GreenCard":
        if self.topup_min > self.topup_max:
            raise ValueError("greencard.topup_min: above greencard.topup_max, no amount is left")
        return self


class Receipt(Section):
    """Who issues what a customer takes home."""

    mode: Literal["kiosk", "central", "note"] = Field(
        "note",
        description="kiosk: simplified invoices (VERI*FACTU); central: the central system"
        " invoices; note: a charge note with a link",
    )
    nif: str = Field("", description="tax number of the issuer, as B12345674")
    issuer: str = Field("", max_length=120, description="name of the issuer, as registered")
    series: str = Field(
        "",
        pattern=r"^[A-Za-z0-9/._-]{0,20}$",
        description="series of invoice numbers, of this station alone; empty: station.id",
    )
    test_host: Flag = Field(default=False, description="QR to the tax agency's test system")
    link: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]{1,100})?$",
        description="base address of the receipt pages, as https://receipts.example",
    )

    simplified_limit: Cents = Field(
        Decimal("400.00"),
        gt=0,
        le=3000,
        description="EUR, VAT included, that one simplified invoice may bear (RD 1619/2012 §4):"
        " 400, or 3000 where the operator's trade is on the list of §4.2",
    )

    @model_validator(mode="after")
    def _an_invoice_names_its_issuer(self) -> "Receipt":
        if self.nif and not is_nif(self.nif):
            raise ValueError(f"receipt.nif: {self.nif} is no tax number, or has a typing error")
        if self.mode == "kiosk" and not (self.nif and self.issuer.strip()):
            raise ValueError("receipt.mode: kiosk needs receipt.nif and receipt.issuer")
        return self


class Config(Section):
    service: Service = Service()
    station: Station = Station()
    site: Site = Site()
    central: Central = Central()
    tariff: Prices = Prices()
    session: SessionRules = SessionRules()
    cards: Cards = Cards()
    greencard: GreenCard = GreenCard()
    cash: Cash = Cash()
    bank: Bank = Bank()
    reservation: Reservations = Reservations()
    receipt: Receipt = Receipt()
    kiosk: Kiosk = Kiosk()
    state: State = State()
    devices: Devices = Devices()
    places: dict[PlaceName, Place] = Field(
        default_factory=dict, description="slots of this cabinet by name, from the keys"
    )
    ocpp: dict[str, str] = Field(default_factory=dict, description="any OCPP configuration key")

    @model_validator(mode="after")
    def _site_is_wired_as_the_station(self) -> "Config":
        phases, station = self.site.connector_phases, self.station
        if phases and (station.phases != 1 or len(phases) != station.connectors):
            raise ValueError(
                f"site.connector_phases: {len(phases)} phases for {station.connectors} connectors"
                f" with station.phases = {station.phases}; one each, of connectors with one phase"
            )
        if 0 < self.site.max_current_a < _SMALLEST_A:
            raise ValueError(f"site.max_current_a: less than {_SMALLEST_A} A charges nobody")
        return self

    @model_validator(mode="after")
    def _language_is_offered(self) -> "Config":
        station = self.station
        if station.language not in station.languages:
            raise ValueError(
                f"station.language: {station.language} is not one of station.languages"
                f" {', '.join(station.languages)}"
            )
        return self

    @model_validator(mode="after")
    def _taxed_top_ups_have_an_invoice(self) -> "Config":
        if self.greencard.vat == "at_topup" and self.receipt.mode == "note":
            raise ValueError(
                "greencard.vat: at_topup needs a receipt.mode with invoices, kiosk or central:"
                " a top-up that is taxed is invoiced by the central system, and charges by it are not"
            )
        return self

    @model_validator(mode="after")
    def _tariff_is_allowed(self) -> "Config":
        if wrong := [each for each in tariff_findings(self) if each.is_error]:
            lines = [f"tariff.{each.key}: {each.text}; {each.remedy}" for each in wrong]
            raise ValueError("\n    ".join(lines))
        return self

    @model_validator(mode="after")
    def _every_connector_is_safe(self) -> "Config":
        """A contactor without a lease could stay closed when this software dies (promise 1)."""
        wanted = {str(number) for number in range(1, self.station.connectors + 1)}
        for name in ("evse", "lease_timer", "meter"):
            fitted = set(getattr(self.devices, name))
            if fitted and fitted != wanted:
                raise ValueError(
                    f"devices.{name}: fitted for connectors {sorted(fitted)},"
                    f" needed for {sorted(wanted)}"
                )
        return self


def tariff_of(config: Config) -> Tariff:
    """The public tariff as the domain computes it."""
    prices = config.tariff
    return Tariff(
        currency=config.station.currency,
        vat_percent=prices.vat,
        energy_milli_per_kwh=milli(prices.energy),
        charging_milli_per_minute=milli(prices.charging_minute),
        idle_milli_per_minute=milli(prices.idle_minute),
        idle_grace_minutes=prices.idle_grace,
        session_minor=minor(prices.session),
        reservation_milli_per_minute=milli(prices.reservation_minute),
        zone=config.station.timezone,
        energy=conditional(prices.energy_rules),
        charging_time=conditional(prices.charging_rules),
        idle_time=conditional(prices.idle_rules),
        fixed_fee=conditional(prices.session_rules),
        reservation_time=conditional(prices.reservation_rules),
    )


def tariff_findings(config: Config) -> tuple[Finding, ...]:
    """Errors keep a station from starting; warnings are told by `python -m config check`."""
    powers = [Watt(power) for power in config.station.powers_w]
    return findings(tariff_of(config), powers)
