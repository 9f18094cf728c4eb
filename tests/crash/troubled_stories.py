"""Paying customers while something else is wrong: a device, the network, the central system."""

from tests.crash.stories import CARD, CODE, HOME, PLUG, Dice, Story, charge, price

_CHEAP = ("0.45", "1.20", "2.00")
_CHANGE = 'hopper: {"1.00": 20, "0.10": 40}'


def note_charge(dice: Dice) -> tuple[list[str], list[str]]:
    """A note, escrowed until it is known to be changeable; some are counterfeit."""
    trouble = dice.among("fault: {device: note_validator, kind: wrong}", "wait: 1s")
    clear = ["clear: {device: note_validator}"] if trouble.startswith("fault") else []
    steps = [HOME, trouble, "note: 5.00", *clear, "note: 10.00", PLUG, "touch: start"]
    return [price(dice, *_CHEAP), _CHANGE], [*steps, *charge(dice), dice.wait(5, 40)]


def hopper_jams(dice: Dice) -> tuple[list[str], list[str]]:
    """The hopper gives up in the middle; what it did not pay stays owed or becomes a voucher."""
    jam = "fault: {device: hopper, kind: stuck, value: 1.00}"
    ready = dice.coins(3, 5)
    steps = [HOME, *ready, "touch: return_money", dice.wait(0, 2), jam]
    return [_CHANGE], [*steps, dice.wait(5, 60)]


def central_away(dice: Dice) -> tuple[list[str], list[str]]:
    """Everything of a coin charge happens offline and is delivered afterwards."""
    away = [HOME, "central: down", *dice.coins(2, 4), PLUG, "touch: start"]
    return [price(dice, *_CHEAP), _CHANGE], [*away, *charge(dice), "central: up", dice.wait(5, 60)]


def central_slow(dice: Dice) -> tuple[list[str], list[str]]:
    """Answers come after 12 s, later than anybody waits."""
    steps = [HOME, "central: slow", *dice.coins(2, 4), PLUG, "touch: start"]
    return [price(dice, *_CHEAP), _CHANGE], [*steps, *charge(dice), "central: up", dice.wait(5, 60)]


def card_topup_offline(dice: Dice) -> tuple[list[str], list[str]]:
    """Coins for a card while the account cannot be reached: they are loaded later, once."""
    begin = [HOME, "tap: GC-1", "touch: topup", "touch: topup_other", "touch: topup_cash"]
    pay = ["expect: {screen: cash_in, within: 5s}", "central: down", *dice.coins(1, 4)]
    steps = [*begin, *pay, "touch: key_ok", dice.wait(3, 15), "central: up", dice.wait(5, 60)]
    return [CARD], steps


def meter_lost(dice: Dice) -> tuple[list[str], list[str]]:
    """The meter goes silent while a card pays: the sale ends at the last believable value."""
    start = ["tap: GC-1", "touch: start", "expect: {contactor: {1: closed}, within: 20s}"]
    lost = [dice.wait(3, 20), "fault: {device: meter, connector: 1, kind: unplugged}"]
    back = [dice.wait(5, 30), "clear: {device: meter, connector: 1}", dice.wait(5, 30)]
    return [price(dice), CARD], [HOME, PLUG, *start, *lost, *back]


def terminal_silent(dice: Dice) -> tuple[list[str], list[str]]:
    """The bank terminal cannot be reached while the charge is to be booked."""
    steps = [HOME, PLUG, "touch: pay_card", "bank: approve", *CODE, dice.wait(0, 8)]
    away = ["fault: {device: bank_terminal, kind: unplugged}", dice.wait(0, 5)]
    back = [dice.wait(5, 30), "clear: {device: bank_terminal}", dice.wait(5, 40)]
    return [price(dice)], [*steps, *away, "touch: stop", "enter_code: own", *back]


_OFFICE = "receipt.mode: central, receipt.nif: B12345674, receipt.issuer: Plaza SL"


def invoice_of_the_office(dice: Dice) -> tuple[list[str], list[str]]:
    """The central system invoices: it may be away or slow when the charge is billed."""
    trouble = dice.among("central: down", "central: slow", "wait: 1s")
    pay = dice.among("coins", "card")
    begin = [*dice.coins(2, 4), PLUG, "touch: start"]
    if pay == "card":
        begin = [PLUG, "touch: pay_card", "bank: approve"]
    energy = dice.among("2.00", "9.90")
    given = [f"config: {{tariff.energy: {energy}, {_OFFICE}}}", _CHANGE]
    charged = charge(dice)
    steps = [HOME, *begin, *charged[:4], trouble, *charged[4:], dice.wait(0, 20), "central: up"]
    return given, [*steps, dice.wait(5, 40)]


def topup_invoice_of_the_office(dice: Dice) -> tuple[list[str], list[str]]:
    """Money for a card is taxed and invoiced when it is paid, by the central system."""
    trouble = dice.among("central: down", "central: slow", "wait: 1s")
    begin = [HOME, "tap: GC-1", "touch: topup", "touch: topup_other", "touch: topup_cash"]
    pay = ["expect: {screen: cash_in, within: 5s}", *dice.coins(1, 3), trouble, "touch: key_ok"]
    given = [f"config: {{greencard.vat: at_topup, {_OFFICE}}}", CARD]
    return given, [*begin, *pay, dice.wait(3, 20), "central: up", dice.wait(5, 40)]


def emergency_stop(dice: Dice) -> tuple[list[str], list[str]]:
    """Somebody presses it in the middle of a charge, and turns it back; nobody resets it."""
    pressed = "fault: {device: cabinet, kind: emergency_stop}"
    back = [dice.wait(1, 9), "clear: {device: cabinet, kind: emergency_stop}", dice.wait(3, 30)]
    begin = [HOME, *dice.coins(2, 4), PLUG, "touch: start", *charge(dice)[:4]]
    return [price(dice, *_CHEAP), _CHANGE], [*begin, pressed, *back]


TROUBLED: tuple[Story, ...] = (
    *(note_charge, hopper_jams, central_away, central_slow),
    *(card_topup_offline, meter_lost, terminal_silent),
    *(invoice_of_the_office, topup_invoice_of_the_office, emergency_stop),
)
