"""Money onto a Green Card: coins and notes, bank card, change, or a voucher. No second tap needed.

The money is booked to `topup:REF` when it is ours; the message that credits the account rides the
outbox and cannot be lost or doubled (decisions §4, §5).
"""

from dataclasses import replace
from datetime import datetime

from chargepoint.domain.dialogue import load_receipt
from chargepoint.domain.dialogue.actions import ask_about_card
from chargepoint.domain.dialogue.context import UNASSIGNED, DialogueSettings, Talk, TopUp
from chargepoint.domain.dialogue.events import InvoiceIssued
from chargepoint.domain.dialogue.guards import answer_is_active, can_ask
from chargepoint.domain.effects import CancelTimer, PrintReceipt, Sound
from chargepoint.domain.money import ledger
from chargepoint.domain.money.prepaid_vat import loaded, taxed
from chargepoint.domain.money.voucher import booking_key, redeem_message, redeem_reference
from chargepoint.domain.record import Batch
from chargepoint.domain.units import Minor, SessionId

_MINOR = 100
_COIN_IN_FLIGHT_S = 1.0
REFUSED = "topup.refused."  # setting: the central system would not credit topup:REF
SAVED_CARD = "topup.card."  # setting: whose money lies in topup:REF, found again after a cut
NO_AMOUNT = "amount"  # why a bank card cannot pay: none was chosen, or one beyond the limits
AMOUNTS = {"topup_10": 10, "topup_20": 20, "topup_50": 50}


# --- guards --------------------------------------------------------------------------------------


def may_top_up(talk: Talk) -> bool:
    """Only an authenticated Green Card; a blocked one takes no money. Coins that wait come first."""
    return _takes_money(talk) and talk.data.here == 0


def _takes_money(talk: Talk) -> bool:
    card = talk.data.card
    return card is not None and card.is_green_card and answer_is_active(talk)


def is_its_own_card(talk: Talk) -> bool:
    """Held to the reader once more while it is being topped up."""
    topup, card = talk.data.pay.topup, talk.data.card
    return (
        has_inserted(talk) and topup is not None and card is not None and topup.card == card.id_tag
    )


def is_free_for_a_card(talk: Talk) -> bool:
    """Money that was inserted for one card stays with it; money for a charge may go onto any."""
    return not has_inserted(talk) and can_ask(talk)


def is_topping_up(talk: Talk) -> bool:
    return talk.data.pay.topup is not None


def not_sent(talk: Talk) -> bool:
    topup = talk.data.pay.topup
    return topup is not None and not topup.sent


def has_inserted(talk: Talk) -> bool:
    topup = talk.data.pay.topup
    return topup is not None and topup.inserted > 0


def has_unsent(talk: Talk) -> bool:
    return not_sent(talk) and has_inserted(talk)


def is_enough(talk: Talk) -> bool:
    topup = talk.data.pay.topup
    return topup is not None and topup.inserted >= talk.settings.topup_min


def is_within_limits(amount: Minor, settings: DialogueSettings) -> bool:
    """What a bank terminal may be asked for; zero never is (greencard.topup_min, topup_max)."""
    return amount > 0 and settings.topup_min <= amount <= settings.topup_max


def is_offered(talk: Talk, name: str) -> bool:
    """`topup_other` is whatever is inserted; the others are amounts."""
    amount = Minor(AMOUNTS.get(name, 0) * _MINOR)
    return name not in AMOUNTS or is_within_limits(amount, talk.settings)


def offers_amount(talk: Talk) -> bool:
    return is_offered(talk, str(talk.event))


def nothing_inserted(talk: Talk) -> bool:
    return is_topping_up(talk) and not has_inserted(talk)


def may_load_change(talk: Talk) -> bool:
    card = talk.data.card
    owed = talk.data.leaving is not None and talk.data.leaving.owed > 0
    return owed and card is not None and card.is_green_card


def may_load_credit(talk: Talk) -> bool:
    return _takes_money(talk) and talk.data.here > 0


# --- actions -------------------------------------------------------------------------------------


def choose_amount(talk: Talk) -> None:
    euros = AMOUNTS.get(str(talk.event), 0)
    card = talk.data.card
    assert card is not None  # may_top_up
    reference = talk.take_name()
    talk.draft.settings.append((f"{SAVED_CARD}{reference}", card.id_tag))
    talk.pay(topup=TopUp(reference, card.id_tag, Minor(euros * _MINOR)))
    talk.timer("t_idle", 60)


def forget_topup(talk: Talk) -> None:
    talk.pay(topup=None)
    talk.timer("t_idle", 60)


def insert_cash(talk: Talk) -> None:
    talk.timer("t_idle", 60)


def note_inserted(talk: Talk, amount: Minor) -> None:
    topup = talk.data.pay.topup
    assert topup is not None  # is_topping_up
    talk.pay(topup=replace(topup, inserted=Minor(topup.inserted + amount)))


def send_soon(talk: Talk) -> None:
    """A coin may still be falling through the acceptor: it belongs to this top-up."""
    talk.timer("t_send", _COIN_IN_FLIGHT_S)


def send(talk: Talk) -> None:
    """The central system credits the account once, by `reference`, whenever it hears of it."""
    topup = talk.data.pay.topup
    assert topup is not None  # is_topping_up
    told = receipted(topup, talk.settings, talk.now.utc)
    talk.draft.postings.extend(told.postings)
    talk.draft.sessions.extend(told.sessions)
    talk.draft.deliveries.extend(told.deliveries)
    talk.draft.incidents.extend(told.incidents)
    number = load_receipt.number_of(topup.reference, talk.settings)
    qr = load_receipt.qr_of(topup, talk.settings)
    talk.pay(topup=replace(topup, sent=True, number=number, qr=qr))
    talk.set(coins=0)
    talk.timer("t_topup", 10)


def receipted(topup: TopUp, settings: DialogueSettings, at: datetime) -> Batch:
    """The money is in: its receipt, its VAT where the load is taxed, and its message, unless that
    waits for the invoice.
    """
    record = load_receipt.record_of(topup, settings, at)
    message = load_receipt.message_of(record.body["document"])
    return Batch(
        postings=taxed(topup.reference, topup.inserted, settings.topup_vat_percent),
        deliveries=() if record.invoice_due else (message,),
        sessions=(record,),
        incidents=load_receipt.incidents_of(topup, settings),
    )


def credited(
    reference: str, amount: Minor, settings: DialogueSettings
) -> tuple[ledger.Posting, ...]:
    """The central system has it on the card: what we owed for this card, we owe no more."""
    tax = taxed(reference, amount, settings.topup_vat_percent)
    return (loaded(reference, amount), *tax)


def note_invoice(talk: Talk, event: InvoiceIssued) -> None:
    """The load on the screen has its invoice."""
    topup = talk.data.pay.topup
    if topup is None or not event.number or topup.number != event.receipt:
        return
    talk.pay(topup=replace(topup, number=event.number, qr=event.qr))


def print_receipt(talk: Talk) -> None:
    topup = talk.data.pay.topup
    assert topup is not None  # the button is on its last screen
    talk.do(PrintReceipt(SessionId(topup.reference), talk.data.language))
    talk.timer("t_thanks", 20)


def begin_anew(talk: Talk) -> None:
    """The top-up is over, or got no money: coins are for a charge again."""
    talk.pay(topup=None)
    ask_about_card(talk)


def confirm(talk: Talk) -> None:
    talk.do(CancelTimer("t_topup"), Sound("ok"))
    talk.timer("t_thanks", 20)


def queue(talk: Talk) -> None:
    """Ten seconds without an answer: it is queued, and the screen says so."""
    talk.timer("t_thanks", 20)


def load_change(talk: Talk) -> None:
    """What is owed goes to the card; a voucher for it is cancelled in the same commit."""
    leaving, card, voucher = talk.data.leaving, talk.data.card, talk.data.pay.voucher
    assert leaving is not None  # may_load_change
    assert card is not None
    reference = talk.take_name()
    key, account = f"changeload:{reference}", ledger.owed(leaving.claim)
    if voucher is not None:
        key = booking_key(redeem_reference(voucher.code))
        account = ledger.VOUCHER
        talk.draft.deliveries.append(redeem_message(voucher.code))
    talk.draft.postings.append(
        ledger.transfer(key, leaving.owed, debit=account, credit=ledger.topup(reference))
    )
    talk.set(leaving=replace(leaving, owed=Minor(0)))
    talk.pay(voucher=None, topup=TopUp(reference, card.id_tag, leaving.owed, leaving.owed))
    send(talk)


def load_credit(talk: Talk) -> None:
    """Coins that wait for a charge go onto the card that was tapped over them."""
    card, data = talk.data.card, talk.data
    assert card is not None  # may_load_credit
    reference = talk.take_name()
    for connector in (UNASSIGNED, data.focus):
        amount = data.credit.get(connector, Minor(0))
        if amount:
            account = ledger.UNASSIGNED if connector == UNASSIGNED else ledger.credit(connector)
            talk.draft.postings.append(
                ledger.transfer(
                    f"load:{reference}:{connector}",
                    amount,
                    debit=account,
                    credit=ledger.topup(reference),
                )
            )
    talk.pay(topup=TopUp(reference, card.id_tag, data.here, data.here))
    talk.set(credit={**data.credit, UNASSIGNED: Minor(0), data.focus: Minor(0)})
    send(talk)
