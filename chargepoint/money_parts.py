"""Composition of everything that moves money: terminal, hoppers, invoices, refunds, printer. No logic."""

from collections.abc import Callable, Mapping
from typing import Any

from chargepoint.app import card_vat
from chargepoint.app.bank_desk import BankDesk
from chargepoint.app.cashier import Cashier
from chargepoint.app.claims import ClaimDesk
from chargepoint.app.gate import Gate
from chargepoint.app.invoicing import Invoicing
from chargepoint.app.money_desk import MoneyDesk
from chargepoint.app.offline_allowance import OfflineAllowance
from chargepoint.app.ports import Spawn
from chargepoint.app.printing import PrintDesk
from chargepoint.app.refunds import RefundDesk, RefundSettings
from chargepoint.app.station_actor import StationActor
from chargepoint.app.voucher_desk import VoucherDesk
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue import topup_talk
from chargepoint.domain.dialogue.context import TopUp
from chargepoint.domain.dialogue.events import (
    BankChanged,
    ChangeLevel,
    DialogueEvent,
    InvoiceIssued,
    OwedRecovered,
)
from chargepoint.domain.money import prepaid_vat
from chargepoint.domain.money.voucher import VoucherTerms
from chargepoint.domain.record import Batch
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.ports import Emit
from chargepoint.settings import card_money_of, offline_rules_of, receipt_settings_of
from chargepoint.world import World
from config.schema import Config
from config.sections import minor


class MoneyParts:
    """Built before the station that `post` reaches; `wake` tells that the outbox has grown.

    Raises CardVatChanged, before anything is written.
    """

    print_desk: PrintDesk | None = None  # of a station with a printer

    def __init__(
        self,
        config: Config,
        world: World,
        *,
        emit: Emit,
        post: Callable[[DialogueEvent], None],
        spawn: Spawn,
        wake: Callable[[], None],
    ) -> None:
        self._config, self._world = config, world
        self._post, self._spawn, self._wake = post, spawn, wake
        chosen = world.journal.get(prepaid_vat.CHOSEN)
        card_vat.check(card_money_of(config).card_vat, world.journal.balances(), chosen)
        self._gate = Gate(world.journal)
        self._bank = BankDesk(
            self._gate,
            world.journal,
            answered=post,
            changed=lambda online, count: post(BankChanged(online, count)),
        )
        self.hardware = world.open_payment(emit, self._bank.persist, world.journal.note_cursor)
        if self.hardware.bank_terminal is not None:
            self._bank.connect(self.hardware.bank_terminal)
        self.invoicing = Invoicing(
            self._gate,
            world.journal,
            world.clock,
            receipt_settings_of(config),
            timezone=config.station.timezone,
            issued=self._invoice_issued,
        )
        self._refunds = self._build_refunds()
        self._claims = ClaimDesk(
            self._gate,
            world.journal,
            clock=world.clock,
            entropy=world.entropy,
            terms=VoucherTerms(config.cash.voucher_days, config.station.currency),
            told=self._debt_found,
        )
        self.vouchers = VoucherDesk(
            self._gate,
            world.journal,
            world.clock,
            post=post,
            currency=config.station.currency,
            limit=Minor(minor(config.cash.voucher_limit)),
        )
        self._cashier = self._build_cashier()
        self.desk = MoneyDesk(
            post,
            spawn,
            cashier=self._cashier,
            bank=self._bank,
            notes=self.hardware.note_validator,
            vouchers=self.vouchers,
        )

    def serve(self, station: StationActor) -> None:
        """What the station wants of these parts."""
        station.limited = OfflineAllowance(
            offline_rules_of(self._config), self._world.clock, self._world.journal.offline_spent
        ).limited
        station.billed = self.invoicing.issue_due
        self._connect_printer(station)

    @property
    def cashier(self) -> Cashier:
        return self._cashier

    # --- life ---

    async def recover(self) -> None:
        """What a cut left halfway: money for a card reaches it, what is owed becomes a voucher."""
        await self._claims.recover()
        journal = self._world.journal
        settings = card_money_of(self._config)
        for reference, amount in journal.saved_topups("confirmed").items():
            if journal.get(f"{topup_talk.REFUSED}{reference}") is not None:
                continue
            await journal.append(Batch(postings=topup_talk.credited(reference, amount, settings)))
        for reference, amount in journal.saved_topups(None).items():
            card = journal.get(f"{topup_talk.SAVED_CARD}{reference}")
            has_receipt = journal.session_record(SessionId(reference)) is not None
            if card is not None and not has_receipt:
                topup = TopUp(reference, card, inserted=amount)
                at = self._world.clock.utc()
                await journal.append(topup_talk.receipted(topup, settings, at))

    def delivered(self, message: VendorMessage, content: Mapping[str, Any]) -> None:
        """What the central system made of a message about money."""
        self.desk.delivered(message, content)
        if message.message_id in ("Session.Receipt", "GreenCard.TopUp"):
            self.invoicing.delivered(message, content)

    def saved_credit(self) -> dict[ConnectorId, Minor]:
        """Credit is the sum of its account; this copy is rebuilt at every boot."""
        found = {}
        for account, amount in self._world.journal.balances().items():
            if account == "unassigned":
                found[ConnectorId(0)] = Minor(amount)
            elif account.startswith("credit:"):
                found[ConnectorId(int(account.removeprefix("credit:")))] = Minor(amount)
        return found

    def start(self, keep: Callable[..., None]) -> None:
        """Every task of these parts, under the core's supervision."""
        keep(self._refunds.run, "refunds")
        if self.hardware.bank_terminal is not None:
            keep(self._bank.run, "bank_desk")
        if self.hardware.hoppers:
            self._spawn(self._cashier.open(), "cashier")
            self._spawn(self._claims.wait_no_longer(), "claims")

    # --- parts ---

    def _build_refunds(self) -> RefundDesk:
        world, receipt = self._world, receipt_settings_of(self._config)
        desk = RefundDesk(
            self._gate,
            world.journal,
            self.invoicing,
            clock=world.clock,
            entropy=world.entropy,
            settings=RefundSettings(
                self._config.cash.voucher_days,
                receipt.issues_invoices,
                self._config.station.timezone,
            ),
            queued=self._wake,
        )
        desk.connect(self.hardware.bank_maintenance)
        return desk

    def _build_cashier(self) -> Cashier:
        floats = {
            Minor(int(value)): device.float_coins
            for value, device in self._config.devices.hopper.items()
        }
        return Cashier(
            self.hardware.hoppers,
            self._gate,
            self._world.journal,
            floats=floats,
            level_changed=lambda payable: self._post(ChangeLevel(payable)),
            proved=self._claims.hopper_proved,
        )

    def _connect_printer(self, station: StationActor) -> None:
        if self.hardware.printer is None:
            return
        site = self._config.station
        desk = PrintDesk(
            self.hardware.printer,
            self._world.journal,
            receipt_settings_of(self._config),
            letterhead=(site.id, site.phone, site.timezone),
            failed=station.post,
        )
        self.print_desk = desk
        station.print_receipt = lambda order: self._spawn(desk.print(order), "printer:receipt")

    # --- what these parts tell ---

    def _debt_found(self, found: OwedRecovered) -> None:
        self._post(found)
        self._wake()

    def _invoice_issued(self, issued: InvoiceIssued) -> None:
        self._post(issued)
        self._wake()
