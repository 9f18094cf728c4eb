"""Stories of paying customers, each as many scenarios as there are seeds: amounts, prices, waits."""

from collections.abc import Callable

from simulator.entropy import SeededEntropy
from simulator.scenario_file import Scenario, parse

PLUG = "plug: {connector: 1, ev: {soc: 20, battery_kwh: 40, max_a: 32, phases: 3}}"
HOME = "expect: {screen: home, within: 30s}"
CODE = ("expect: {screen: code, within: 20s}", "touch: key_ok")
_CHEAP = ("0.45", "1.20", "2.00")  # so that the coins outlast the charge
CARD = "cards: {GC-1: {balance: 20.00}}"


class Dice:
    def __init__(self, seed: int, name: str) -> None:
        self._entropy = SeededEntropy(seed, name)

    def among(self, *choices: str) -> str:
        return choices[self._entropy.below(len(choices))]

    def between(self, least: int, most: int) -> int:
        return least + self._entropy.below(most - least + 1)

    def coins(self, least: int, most: int) -> list[str]:
        """At least one of 1.00 or 2.00, so that a charge may begin."""
        more = [
            f"coin: {self.among('0.10', '0.20', '0.50', '1.00', '2.00')}"
            for _ in range(self.between(least, most) - 1)
        ]
        return [f"coin: {self.among('1.00', '2.00')}", *more]

    def wait(self, least_s: int, most_s: int) -> str:
        return f"wait: {self.between(least_s, most_s)}s"


Story = Callable[[Dice], tuple[list[str], list[str]]]
"""(given, steps), each a line of the scenario file."""


def price(dice: Dice, *energies: str) -> str:
    energy = dice.among(*(energies or ("0.45", "2.00", "9.90", "20.00")))
    return f"config: {{tariff.energy: {energy}, tariff.session: {dice.among('0', '0.10')}}}"


def _hopper(dice: Dice) -> str:
    return f'hopper: {{"1.00": {dice.between(0, 12)}, "0.10": {dice.between(0, 25)}}}'


def charge(dice: Dice) -> list[str]:
    """From the code to the plug in the customer's hand."""
    return [
        *CODE,
        "expect: {contactor: {1: closed}, within: 20s}",
        dice.wait(3, 30),
        "touch: stop",
        "enter_code: own",
        "expect: {lock: {1: unlocked}, within: 10s}",
        "unplug: {connector: 1}",
    ]


def bank_charge(dice: Dice) -> tuple[list[str], list[str]]:
    steps = [HOME, PLUG, "touch: pay_card", "bank: approve", *charge(dice)]
    return [price(dice)], [*steps, dice.wait(5, 25)]


def bank_nothing_sold(dice: Dice) -> tuple[list[str], list[str]]:
    asleep = "plug: {connector: 1, ev: {soc: 20, max_a: 16, ready: false}}"
    steps = [HOME, asleep, "touch: pay_card", "bank: approve", *CODE, dice.wait(0, 9)]
    leave = ["touch: stop", "enter_code: own", "expect: {lock: {1: unlocked}, within: 10s}"]
    return [price(dice)], [*steps, *leave, "unplug: {connector: 1}", dice.wait(5, 25)]


def bank_second_card(dice: Dice) -> tuple[list[str], list[str]]:
    refused = dice.among("decline", "remove_early")
    steps = [HOME, PLUG, "touch: pay_card", f"bank: {refused}"]
    again = ["expect: {screen: card_no, within: 40s}", "touch: retry", "bank: approve"]
    return [price(dice)], [*steps, *again, *charge(dice), dice.wait(5, 25)]


def bank_topup(dice: Dice) -> tuple[list[str], list[str]]:
    amount = dice.among("topup_10", "topup_20", "topup_50")
    steps = [HOME, "tap: GC-1", "touch: topup", f"touch: {amount}", "touch: topup_card"]
    return [CARD], [*steps, "bank: approve", dice.wait(15, 40)]


def change(dice: Dice) -> tuple[list[str], list[str]]:
    note = ["note: 5.00"] if dice.between(0, 1) else []
    steps = [HOME, *dice.coins(1, 4), *note, PLUG, "touch: start", *charge(dice)]
    return [price(dice, *_CHEAP), 'hopper: {"1.00": 20, "0.10": 40}'], [*steps, dice.wait(5, 40)]


def change_short(dice: Dice) -> tuple[list[str], list[str]]:
    steps = [HOME, *dice.coins(1, 5), PLUG, "touch: start", *charge(dice)]
    return [price(dice, *_CHEAP), _hopper(dice)], [*steps, dice.wait(10, 200)]


def money_back(dice: Dice) -> tuple[list[str], list[str]]:
    steps = [HOME, *dice.coins(1, 5), "touch: return_money", dice.wait(5, 200)]
    return [_hopper(dice)], steps


def voucher_onto_card(dice: Dice) -> tuple[list[str], list[str]]:
    steps = [HOME, *dice.coins(2, 5), "touch: return_money"]
    iou = ["expect: {screen: cash_iou, within: 20s}", "touch: voucher", "touch: to_greencard"]
    return [CARD, 'hopper: {"1.00": 1}'], [*steps, *iou, "tap: GC-1", dice.wait(5, 15)]


def coins_onto_card(dice: Dice) -> tuple[list[str], list[str]]:
    steps = [HOME, "tap: GC-1", "touch: topup", "touch: topup_other", "touch: topup_cash"]
    ready = "expect: {screen: cash_in, within: 5s}"
    return [CARD], [*steps, ready, *dice.coins(1, 6), "touch: key_ok", dice.wait(5, 15)]


def credit_onto_card(dice: Dice) -> tuple[list[str], list[str]]:
    short = ["coin: 1.00", "coin: 0.50", "touch: return_money"]
    iou = ["expect: {screen: cash_iou, within: 20s}", "touch: to_greencard", "tap: GC-1"]
    return [CARD, 'hopper: {"0.10": 3}'], [
        HOME,
        *dice.coins(1, 3),
        *short,
        *iou,
        dice.wait(5, 15),
    ]


def green_card_charge(dice: Dice) -> tuple[list[str], list[str]]:
    start = ["tap: GC-1", "touch: start", "expect: {contactor: {1: closed}, within: 20s}"]
    end = ["tap: GC-1", "expect: {lock: {1: unlocked}, within: 10s}", "unplug: {connector: 1}"]
    return [price(dice), CARD], [HOME, PLUG, *start, dice.wait(3, 25), *end, dice.wait(5, 25)]


def coins_used_up(dice: Dice) -> tuple[list[str], list[str]]:
    steps = [HOME, PLUG, *dice.coins(1, 3), "touch: start", *CODE, dice.wait(30, 60)]
    top_up = dice.coins(1, 2) if dice.between(0, 1) else []
    return ["config: {tariff.energy: 45.00, tariff.session: 0}"], [*steps, *top_up, dice.wait(5, 9)]


STORIES: tuple[Story, ...] = (
    *(bank_charge, bank_nothing_sold, bank_second_card, bank_topup),
    *(change, change_short, money_back, voucher_onto_card),
    *(coins_onto_card, credit_onto_card, green_card_charge, coins_used_up),
)


def told(story: Story, seed: int) -> Scenario:
    given, steps = story(Dice(seed, story.__name__))
    lines = [
        f"title: {story.__name__} {seed}",
        f"seed: {seed}",
        "given:",
        *(f"  {line}" for line in given),
        "steps:",
        *(f"  - {line}" for line in steps),
    ]
    return parse("\n".join(lines), f"{story.__name__}:{seed}")
