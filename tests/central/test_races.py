"""Money under concurrent clients: whoever comes at the same time, everything is booked once."""

import json
import random
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.greencard.records import StartKey
from central.storage.store import Store
from central.system import CentralSystem
from tests.central.test_store import MESSAGES, Message
from tests.support.central import CARD, START, a_receipt, euros
from tests.support.together import AT_ONCE, Systems, all_at_once


def send(system: CentralSystem, message: Message) -> str:
    point, message_id, content = message
    answer = system._office.desk.answer(point, "es.citere", message_id, json.dumps(content))
    return json.dumps(answer, sort_keys=True)


def books_hold(store: Store) -> None:
    assert store.unbalanced_postings() == []
    assert sum(store.balances().values()) == 0
    for account, total in store.balances().items():
        assert total == sum(each["amount_minor"] for each in store.postings(account, 10_000))


@given(MESSAGES, st.integers(0, 2**16))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_messages_when_sent_by_all_at_once_then_booked_once_and_answered_alike(
    systems: Systems, messages: list[Message], seed: int
) -> None:
    with systems() as clients:
        clients[0].accounts.create_card(CARD, balance_minor=1000)
        clients[0].accounts.create_card("blocked", state="blocked")

        def client(number: int) -> Callable[[], list[tuple[str, str]]]:
            mixed = list(messages)
            random.Random(seed + number).shuffle(mixed)
            return lambda: [
                (_reference(message), send(clients[number], message)) for message in mixed
            ]

        told: dict[str, set[str]] = {}
        for answers in all_at_once([client(number) for number in range(AT_ONCE)]):
            for reference, answer in answers:
                told.setdefault(reference, set()).add(answer)
        assert {reference: len(answers) for reference, answers in told.items()} == dict.fromkeys(
            told, 1
        )
        books_hold(clients[0].store)


def _reference(message: Message) -> str:
    """What the answer belongs to: the first content under a reference is the one that counts."""
    point, message_id, content = message
    return f"{point} {message_id} {content.get('reference', content.get('receiptNumber'))}"


def test_voucher_when_redeemed_by_all_at_once_then_one_has_it(systems: Systems) -> None:
    with systems() as clients:
        for code in ("A", "B", "C"):
            issued = {"reference": f"I-{code}", "code": code, "amount": euros(500)}
            send(clients[0], ("CP-1", "Voucher.Issue", issued))
            answers = all_at_once(
                [
                    lambda number=number, code=code: send(
                        clients[number],
                        (
                            f"CP-{number}",
                            "Voucher.Redeem",
                            {"reference": f"R-{code}", "code": code},
                        ),
                    )
                    for number in range(AT_ONCE)
                ]
            )
            statuses = Counter("redeemed" in answer for answer in answers)
            assert statuses == {False: 1, True: AT_ONCE - 1}
        assert clients[0].store.balance("voucher") == 0
        books_hold(clients[0].store)


def test_card_when_it_starts_everywhere_at_once_then_its_balance_is_held_once(
    systems: Systems,
) -> None:
    with systems() as clients:
        for turn in range(5):
            number = f"card-{turn}"
            clients[0].accounts.create_card(number, balance_minor=1000)
            started = all_at_once(
                [
                    lambda client=client, point=point, number=number: client.charges.start(
                        StartKey(f"CP-{point}", 1, number, START, 0)
                    )
                    for point, client in enumerate(clients)
                ]
            )
            assert Counter(each.status for each in started) == {
                "Accepted": 1,
                "ConcurrentTx": AT_ONCE - 1,
            }
            assert sum(each.hold_minor for each in started) == 1000


def test_start_when_repeated_at_once_then_one_transaction(systems: Systems) -> None:
    with systems() as clients:
        clients[0].accounts.create_card(CARD, balance_minor=1000)
        key = StartKey("CP-1", 1, CARD, START, 0)
        started = all_at_once(
            [lambda client=client: client.charges.start(key) for client in clients]
        )
        assert {each.id for each in started} == {started[0].id}


def test_receipts_when_settled_at_once_then_points_and_money_of_each_count(
    systems: Systems,
) -> None:
    with systems() as clients:
        clients[0].accounts.create_card(CARD, balance_minor=100_000)
        all_at_once(
            [
                lambda number=number, client=client: [
                    send(
                        client,
                        (
                            f"CP-{number}",
                            "Session.Receipt",
                            a_receipt(receiptNumber=f"R-{turn}", transactionId=None),
                        ),
                    )
                    for turn in range(5)
                ]
                for number, client in enumerate(clients)
            ]
        )
        count = 5 * AT_ONCE
        card = clients[0].accounts.card(CARD)
        assert card is not None
        assert clients[0].accounts.balance(CARD) == 100_000 - count * 410
        assert card.points == count * 41
        # None of them overwrote what another had counted.
        assert card.charges_since_discount == count
        books_hold(clients[0].store)


def test_fee_when_the_month_is_begun_everywhere_then_taken_once(systems: Systems) -> None:
    with systems() as clients:
        plan = {"kind": "flatRate", "monthlyFeeMinor": 900, "monthlyWh": 1000}
        clients[0].accounts.create_card(CARD, balance_minor=5000, plan=plan)
        all_at_once([lambda client=client: client.charges.authorise(CARD) for client in clients])
        assert clients[0].accounts.balance(CARD) == 4100
        books_hold(clients[0].store)
