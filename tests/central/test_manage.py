"""The operator's command changes a running system, is refused where it makes no sense, leaves a trail."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from central.greencard.promotions import Promotion
from central.manage import main
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, Point, a_receipt, a_system, converse, euros

ALWAYS = Promotion("Always", percent=10)


def a_running_system(folder: Path, **options: Any) -> CentralSystem:
    system = a_system(Store(folder / "central.db"), **options)
    system.accounts.create_card(CARD, balance_minor=5000)
    return system


def manage(folder: Path, *words: str, by: str = "maria") -> int:
    return main(["--db", str(folder / "central.db"), "--by", by, *words], FixedClock())


async def account(point: Point) -> dict[str, Any]:
    return await point.transfer("GreenCard.Account", {"cardNumber": CARD, "connectorId": 1})


def test_promotion_when_added_edited_and_ended_then_in_the_next_answer(tmp_path: Path) -> None:
    system = a_running_system(tmp_path)

    async def script(point: Point) -> None:
        async def energy_milli() -> int:
            told: int = (await account(point))["tariff"]["energyMilliPerKwh"]
            return told

        assert await energy_milli() == 41_000
        assert manage(tmp_path, "promotion", "add", "Spring", "--percent", "50") == 0
        assert await energy_milli() == 20_500
        assert manage(tmp_path, "promotion", "edit", "Spring", "--milli-off-per-kwh", "1000") == 0
        assert await energy_milli() == 40_000
        assert manage(tmp_path, "promotion", "edit", "Spring", "--days", "Monday") == 0
        assert await energy_milli() == 41_000  # a Saturday
        assert manage(tmp_path, "promotion", "end", "Spring") == 0
        assert await energy_milli() == 41_000

    converse(system, script)
    events = [(note.actor, note.event) for note in reversed(system.store.trail.notes())]
    assert events == [
        ("maria", "promotion.add"),
        ("maria", "promotion.edit"),
        ("maria", "promotion.edit"),
        ("maria", "promotion.end"),
    ]


def test_promotion_of_the_file_when_ended_then_stays_ended_at_the_next_start(
    tmp_path: Path,
) -> None:
    from central.greencard.accounts import Programme

    programme = Programme(promotions=(ALWAYS,))
    system = a_running_system(tmp_path, programme=programme)
    assert system.accounts.programme.promotions == (ALWAYS,)
    assert manage(tmp_path, "promotion", "end", "Always") == 0
    again = a_running_system(tmp_path, programme=programme)
    assert again.accounts.programme.promotions == ()


def test_loyalty_and_plan_when_set_then_in_the_next_answer(tmp_path: Path) -> None:
    system = a_running_system(tmp_path)

    async def script(point: Point) -> None:
        assert manage(tmp_path, "loyalty", "--loyalty-every", "3") == 0
        assert (await account(point))["discount"]["chargesUntilNext"] == 3
        flat = ("--kind", "flatRate", "--monthly-fee-minor", "2900", "--monthly-wh", "100000")
        assert manage(tmp_path, "plan", CARD, *flat) == 0
        told = await account(point)
        assert (told["plan"], told["balance"]) == (
            {"kind": "flatRate", "whLeft": 100_000},
            euros(2100),
        )

    converse(system, script)
    assert [note.event for note in system.store.trail.notes()] == ["plan.set", "loyalty.set"]


def test_plan_when_set_again_in_the_month_that_is_paid_then_its_energy_is_not_given_twice(
    tmp_path: Path,
) -> None:
    system = a_running_system(tmp_path)
    flat = ("--kind", "flatRate", "--monthly-fee-minor", "2900", "--monthly-wh", "100000")

    def left(*words: str) -> int | None:
        assert manage(tmp_path, "plan", CARD, *flat, *words) == 0
        system.accounts.renew(CARD)
        card = system.accounts.card(CARD)
        assert card is not None
        return system.accounts.plan_now(card).wh_left

    assert left() == 100_000
    card = system.store.card(CARD)
    assert card is not None
    with system.store.change(f"card:{CARD}"):
        system.store.save_card(replace(card, plan=replace(card.plan, wh_left=30_000)))
    assert left("--until-date", "2027-01-31") == 30_000
    assert left("--wh-left", "50000") == 50_000
    assert system.accounts.balance(CARD) == 2100


def test_card_when_blocked_then_refused_and_its_trail_tells_who_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system = a_running_system(tmp_path)

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt())
        assert manage(tmp_path, "block", CARD, "--reason", "lost") == 0
        assert (await account(point))["state"] == "blocked"
        assert manage(tmp_path, "unblock", CARD, "--reason", "found", by="luis") == 0
        assert (await account(point))["state"] == "active"

    converse(system, script)
    capsys.readouterr()
    assert manage(tmp_path, "trail", CARD) == 0
    told = capsys.readouterr().out
    assert "maria  card.block  lost" in told
    assert "luis  card.unblock  found" in told
    assert "CP-1/1: 10000 Wh, 410 minor" in told
    assert CARD not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("promotion", "add", "x"), "either percent or milliOffPerKwh"),
        (("promotion", "add", "x", "--percent", "101"), "percent"),
        (("promotion", "add", "x", "--percent", "5", "--start-time", "25:00"), "startTime"),
        (("promotion", "add", "Always", "--percent", "5"), "there is a promotion Always"),
        (("promotion", "edit", "x", "--percent", "5"), "there is no promotion x"),
        (("promotion", "end", "x"), "there is no promotion x"),
        (("loyalty", "--loyalty-percent", "101"), "loyaltyPercent"),
        (("plan", "123", "--kind", "prepaid"), "there is no card"),
        (("plan", CARD, "--kind", "flatRate", "--wh-left", "-1"), "whLeft"),
        (
            ("plan", CARD, "--kind", "flatRate", "--from-date", "2027-02-01", "--until-date", "2027-01-01"),
            "before it begins",
        ),
        (("block", "123", "--reason", "lost"), "there is no card"),
        (("trail", "123"), "there is no card"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    from central.greencard.accounts import Programme

    system = a_running_system(tmp_path, programme=Programme(promotions=(ALWAYS,)))
    assert manage(tmp_path, *words) == 2
    assert told in capsys.readouterr().err
    assert system.store.trail.notes() == []
    assert system.accounts.programme.promotions == (ALWAYS,)


def test_change_without_a_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system = a_running_system(tmp_path)
    assert manage(tmp_path, "block", CARD, "--reason", "lost", by=" ") == 2
    assert "--by NAME" in capsys.readouterr().err
    assert system.accounts.card(CARD).state == "active"  # type: ignore[union-attr]


def test_debt_is_not_lifted_by_a_command(tmp_path: Path) -> None:
    system = a_running_system(tmp_path)
    with system.store.change():
        system.store.post("fee", "", "fee", {f"card:{CARD}": -6000, "fees": 6000})
    assert manage(tmp_path, "unblock", CARD, "--reason", "asked") == 2


def test_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert manage(tmp_path, "promotion", "list") == 1
    assert not (tmp_path / "central.db").exists()


def test_lists_tell_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_running_system(tmp_path)
    assert manage(tmp_path, "promotion", "list") == 0
    assert manage(tmp_path, "loyalty") == 0
    told = capsys.readouterr().out
    assert "no promotions" in told
    assert "10 charges, 10 %" in told
    assert manage(tmp_path, "promotion", "add", "Sun", "--percent", "5", "--days", "Sunday") == 0
    assert manage(tmp_path, "promotion", "list") == 0
    assert "Sun: percent 5, days Sunday" in capsys.readouterr().out


def test_system_on_a_server_is_managed_by_its_url(postgres_place: str) -> None:
    store = Store(postgres_place)
    system = a_system(store)
    system.accounts.create_card(CARD)
    words = ["--db", postgres_place, "--by", "maria", "block", CARD, "--reason", "lost"]
    assert main(words, FixedClock()) == 0
    card = system.accounts.card(CARD)
    assert card is not None
    assert (card.state, card.state_reason) == ("blocked", "lost")
    store.close()


def test_server_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--db", "postgresql:///x?host=/no/such/folder", "loyalty"]) == 1
    assert capsys.readouterr().err.startswith("central: ")
