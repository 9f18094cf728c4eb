"""From the site's configuration to what each part of the core needs to know of it."""

from chargepoint.app.charging_desk import Wiring
from chargepoint.app.offline_allowance import OfflineRules
from chargepoint.app.projection import Panel
from chargepoint.app.reservations import ReservationRules
from chargepoint.contract import Station
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings
from chargepoint.domain.money.prepaid_vat import CardVat
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.supply.composite_schedule import Supply
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Minor, Watt
from chargepoint.payment_ports import PaymentHardware
from chargepoint.ports import Hardware
from config.schema import Config, tariff_of
from config.sections import minor


def panel_of(config: Config) -> Panel:
    station = config.station
    return Panel(
        station=Station(
            name=station.name,
            socket_letter=station.socket_letter,
            max_power=station.max_power_w,
            currency=station.currency,
            phone=station.phone,
            languages=station.languages,
            places={name: [place.right_cm, place.up_cm] for name, place in config.places.items()},
        ),
        timezone=station.timezone,
        theme=config.kiosk.theme,
        brightness_day=config.kiosk.brightness_day,
        brightness_night=config.kiosk.brightness_night,
        locator_s=config.kiosk.locator,
        quiet_from=config.kiosk.quiet_from,
        quiet_until=config.kiosk.quiet_until,
    )


def dialogue_settings_of(
    config: Config, hardware: Hardware, payment: PaymentHardware
) -> DialogueSettings:
    return DialogueSettings(
        tariff=tariff_of(config),
        minimum=Minor(minor(config.session.minimum)),
        card_vat=CardVat(config.greencard.vat),
        timezone=config.station.timezone,
        topup_min=Minor(minor(config.greencard.topup_min)),
        topup_max=Minor(minor(config.greencard.topup_max)),
        offline_limit=Minor(minor(config.cards.offline_limit)),
        cash_tag=config.cash.id_tag,
        uid_tokens=config.cards.uid_tokens,
        languages=config.station.languages,
        coins_fitted=hardware.coin_acceptor is not None,
        bank_fitted=payment.bank_terminal is not None,
        bank_tag=config.bank.id_tag,
        hold=Minor(minor(config.bank.hold)),
        max_holds=config.bank.max_reservations,
        note_values=config.cash.notes if payment.note_validator is not None else (),
        hoppers_fitted=bool(payment.hoppers),
        voucher_days=config.cash.voucher_days,
        id=config.station.id,
        reader_fitted=hardware.card_reader is not None,
        printer_fitted=payment.printer is not None,
        denominations=config.cash.denominations,
        phone=config.station.phone,
        powers_w=config.station.powers_w,
        name=config.station.name,
        receipt=receipt_settings_of(config),
        service_cards=config.cards.service,
        exports_logs=bool(config.service.export),
    )


def card_money_of(config: Config) -> DialogueSettings:
    """As much of it as money for a Green Card needs."""
    return DialogueSettings(
        tariff=tariff_of(config),
        card_vat=CardVat(config.greencard.vat),
        timezone=config.station.timezone,
        id=config.station.id,
        receipt=receipt_settings_of(config),
    )


def offline_rules_of(config: Config) -> OfflineRules:
    return OfflineRules(
        per_charge=Minor(minor(config.cards.offline_limit)),
        per_day=Minor(minor(config.cards.offline_per_day)),
        minimum=Minor(minor(config.session.minimum)),
        timezone=config.station.timezone,
    )


def receipt_settings_of(config: Config) -> ReceiptSettings:
    receipt = config.receipt
    return ReceiptSettings(
        mode=ReceiptMode(receipt.mode),
        nif=receipt.nif,
        issuer=receipt.issuer.strip(),
        series=receipt.series or config.station.id,
        is_test_host=receipt.test_host,
        link=receipt.link,
        simplified_limit=Minor(minor(receipt.simplified_limit)),
    )


def asked_of(receipt: ReceiptSettings) -> dict[str, str] | None:
    return receipt.asked if receipt.asks_invoices else None


def rating_of(config: Config) -> MilliAmp:
    """Of one connector and the cable that is fixed to it, if one is."""
    station = config.station
    return MilliAmp(min(station.current_a, station.cable_a or station.current_a) * 1000)


def most_power_of(config: Config) -> Watt:
    """At the highest voltage that is still in order (EN 50160: 10 % above)."""
    station = config.station
    return Watt(rating_of(config) * station.voltage_v * station.phases * 110 // 100_000)


def wiring_of(config: Config) -> Wiring:
    station, site = config.station, config.site
    supply = Supply(station.voltage_v, station.phases)
    limit = MilliAmp(site.max_current_a * 1000) if site.max_current_a else None
    phases = {ConnectorId(n): frozenset({p}) for n, p in enumerate(site.connector_phases, start=1)}
    return Wiring(rating_of(config), supply, limit, phases)


def reservation_rules_of(config: Config) -> ReservationRules:
    return ReservationRules(
        accepts=config.reservation.accept, ends_charges=config.reservation.end_charges
    )


def point_settings_of(config: Config) -> PointSettings:
    return PointSettings(
        rating=rating_of(config),
        has_fixed_cable=config.station.cable_a > 0,
        sells_signed=frozenset(
            ConnectorId(int(connector))
            for connector, meter in config.devices.meter.items()
            if meter.ocmf_required
        ),
        derate_from_milli=config.station.derate_from_c * 1000,
        nominal=MilliVolt(config.station.voltage_v * 1000),
        most_power=most_power_of(config),
        receipt_series=config.station.id,
        timezone=config.station.timezone,
        issues_invoices=config.receipt.mode == "kiosk",
        asks_invoices=asked_of(receipt_settings_of(config)),
        simplified_limit=Minor(minor(config.receipt.simplified_limit)),
        change_unit=Minor(minor(config.cash.change_unit)),
        card_vat=CardVat(config.greencard.vat),
        resume_limit_s=config.session.resume_limit,
        settle_limit_s=config.session.settle_limit,
    )
