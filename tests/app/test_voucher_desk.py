"""What a code is worth, who decides it, and what is told when central system and point disagree."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.app.gate import Gate
from chargepoint.app.voucher_desk import VoucherDesk
from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.dialogue.events import DialogueEvent, VoucherAnswered, VoucherFound
from chargepoint.domain.effects import FindVoucher, RedeemVoucher
from chargepoint.domain.money import voucher
from chargepoint.domain.money.voucher import VoucherRecord, VoucherState
from chargepoint.domain.record import Batch
from chargepoint.domain.units import Minor, RequestId
from tests.support.central import FixedClock
from tests.support.slips import Oracle, SlipBook

CODE = "12345678"
ORDER = RedeemVoucher(RequestId("v1"), CODE)
REFERENCE = "redeem:12345678"
OWN = VoucherRecord(CODE, "S1", Minor(360), "2027-11-21", VoucherState.KNOWN)
ISSUE = VendorMessage(f"voucher:{CODE}:issue", "Voucher.Issue", {"code": CODE})
REDEEM = voucher.redeem_message(CODE)
ACCEPTED = {"status": "Accepted", "amount": {"amount": 360, "currency": "EUR"}}


@dataclass
class Scene:
    own: VoucherRecord | None = None
    answer: dict[str, Any] | None = None
    book: SlipBook = field(default_factory=SlipBook)
    clock: FixedClock = field(default_factory=FixedClock)
    posted: list[DialogueEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.central = Oracle(self.answer)
        self.desk = VoucherDesk(
            Gate(self.book),
            self.book,
            self.clock,
            post=self.posted.append,
            currency="EUR",
            limit=Minor(50_000),
        )
        self.desk.connect(self.central)  # type: ignore[arg-type]  # asks only

    def play(self, work: Callable[[VoucherDesk], Awaitable[None] | None]) -> "Scene":
        async def live() -> None:
            if self.own is not None:
                await self.book.append(Batch(vouchers=(self.own,)))
            done = work(self.desk)
            if done is not None:
                await done

        asyncio.run(live())
        return self

    def redeemed(self) -> VoucherAnswered:
        self.play(lambda desk: desk.redeem(ORDER))
        (answer,) = self.posted
        assert isinstance(answer, VoucherAnswered)
        return answer


def said(amount: int, reason: str = "", offline_code: str = "") -> VoucherAnswered:
    return VoucherAnswered(RequestId("v1"), REFERENCE, Minor(amount), reason, offline_code)


# --- vouchers of other points ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "amount", "reason"),
    [
        (ACCEPTED, 360, ""),
        ({"status": "Rejected", "reason": "redeemed"}, 0, "used"),
        ({"status": "Rejected", "reason": "unknown"}, 0, "unknown"),
        ({"status": "Rejected", "reason": "expired"}, 0, "expired"),
        ({"status": "Rejected"}, 0, "unknown"),
        ({}, 0, "unknown"),
        (None, 0, "offline"),
    ],
)
def test_voucher_of_another_point_is_worth_what_the_central_system_says(
    answer: dict[str, Any] | None, amount: int, reason: str
) -> None:
    scene = Scene(answer=answer)
    assert scene.redeemed() == said(amount, reason)
    assert scene.central.asked == [("Voucher.Redeem", {"code": CODE, "reference": REFERENCE})]


@pytest.mark.parametrize(
    "money",
    [
        {"amount": 0, "currency": "EUR"},
        {"amount": -360, "currency": "EUR"},
        {"amount": 50_001, "currency": "EUR"},
        {"amount": 360, "currency": "USD"},
        {"amount": "360", "currency": "EUR"},
        {"amount": True, "currency": "EUR"},
        360,
        None,
    ],
)
def test_amount_of_zero_or_above_the_limit_pays_nothing_and_is_told_with_the_answer(
    money: object,
) -> None:
    scene = Scene(answer={"status": "Accepted", "amount": money})
    assert scene.redeemed() == said(0, "trouble")
    (told,) = scene.book.incidents()
    assert told.code == "voucher.amount"
    assert told.trace[0] == "> Voucher.Redeem …678"
    assert told.trace[1].startswith("< {")
    assert CODE not in f"{told.detail} {told.trace}"


# --- vouchers of this point --------------------------------------------------------------------------


def test_own_voucher_typed_twice_is_used_and_not_asked() -> None:
    scene = Scene(OWN, ACCEPTED)
    scene.book.booked.add(f"voucherin:{REFERENCE}")
    assert scene.redeemed() == said(0, "used")
    assert scene.central.asked == []


def test_own_voucher_is_asked_about_while_there_is_a_link() -> None:
    assert Scene(OWN, ACCEPTED).redeemed() == said(360)
    elsewhere = Scene(OWN, {"status": "Rejected", "reason": "redeemed"})
    assert elsewhere.redeemed() == said(0, "used")


def test_own_voucher_without_a_link_or_an_answer_is_paid_here_and_told_later() -> None:
    assert Scene(OWN, None).redeemed() == said(360, offline_code=CODE)


def test_own_voucher_that_the_central_system_cannot_know_yet_is_decided_here() -> None:
    young = VoucherRecord(CODE, "S1", Minor(360), "2027-11-21")
    scene = Scene(young, {"status": "Rejected", "reason": "unknown"})
    assert scene.redeemed() == said(360, offline_code=CODE)
    assert scene.central.asked == []


def test_own_voucher_that_the_central_system_refused_is_good_here_and_tells_nobody() -> None:
    refused = VoucherRecord(CODE, "S1", Minor(360), "2027-11-21", VoucherState.REFUSED)
    assert Scene(refused, ACCEPTED).redeemed() == said(360)


def test_own_voucher_is_worth_what_was_issued_whatever_the_answer_says() -> None:
    scene = Scene(OWN, {"status": "Accepted", "amount": {"amount": 90_000, "currency": "EUR"}})
    assert scene.redeemed() == said(360)
    assert scene.book.incident_codes() == ["voucher.amount"]


@pytest.mark.parametrize(("day", "amount"), [(21, 360), (22, 0)])
def test_own_voucher_is_good_on_its_last_day_and_no_longer(day: int, amount: int) -> None:
    scene = Scene(OWN, None)
    scene.clock.moment = datetime(2027, 11, day, 23, 59, tzinfo=UTC)
    answer = scene.redeemed()
    assert answer.amount == amount
    assert answer.reason == ("" if amount else "expired")
    assert scene.book.incident_codes() == ([] if amount else ["voucher.expired"])


def test_stop_code_finds_the_voucher_behind_its_session() -> None:
    scene = Scene(OWN)
    scene.book.stop_codes["4827"] = CODE
    scene.play(lambda desk: desk.find(FindVoucher(RequestId("v1"), "4827")))
    scene.play(lambda desk: desk.find(FindVoucher(RequestId("v2"), "0000")))
    assert scene.posted == [
        VoucherFound(RequestId("v1"), (OWN,)),
        VoucherAnswered(RequestId("v2"), "", Minor(0), "unknown"),
    ]


# --- what the central system made of our messages ------------------------------------------------------


def state_after(message: VendorMessage, content: dict[str, Any]) -> tuple[Scene, VoucherState]:
    young = VoucherRecord(CODE, "S1", Minor(360), "2027-11-21")
    scene = Scene(young).play(lambda desk: desk.delivered(message, content))
    record = scene.book.voucher(CODE)
    assert record is not None
    return scene, record.state


@pytest.mark.parametrize("content", [{"status": "Accepted"}, {}])
def test_issue_that_arrived_leaves_the_decision_to_the_central_system(
    content: dict[str, Any],
) -> None:
    scene, state = state_after(ISSUE, content)
    assert state is VoucherState.KNOWN
    assert scene.book.incident_codes() == []


def test_issue_that_is_refused_is_told_and_the_code_stays_good_here() -> None:
    scene, state = state_after(ISSUE, {"status": "Rejected", "reason": "exists"})
    assert state is VoucherState.REFUSED
    assert scene.book.incident_codes() == ["voucher.issue_refused"]


def test_voucher_paid_here_offline_and_elsewhere_too_is_told_and_is_our_loss() -> None:
    scene = Scene(OWN).play(
        lambda desk: desk.delivered(REDEEM, {"status": "Rejected", "reason": "redeemed"})
    )
    (told,) = scene.book.incidents()
    assert told.code == "voucher.refused"
    assert told.trace[1] == '< {"reason": "redeemed", "status": "Rejected"}'
    (lost,) = [posting for batch in scene.book.batches for posting in batch.postings]
    assert {e.account: e.signed_minor for e in lost.entries} == {"absorbed": 360, "voucher": -360}
    assert lost.key == f"voucherlost:{CODE}"


@pytest.mark.parametrize("reason", ["expired", "unknown"])
def test_voucher_refused_for_another_reason_is_told_and_nothing_moves(reason: str) -> None:
    scene = Scene(OWN).play(
        lambda desk: desk.delivered(REDEEM, {"status": "Rejected", "reason": reason})
    )
    assert scene.book.incident_codes() == ["voucher.refused"]
    assert not [posting for batch in scene.book.batches for posting in batch.postings]


def test_answer_that_comes_twice_changes_nothing_more() -> None:
    refused = {"status": "Rejected", "reason": "redeemed"}

    def twice(desk: VoucherDesk) -> None:
        desk.delivered(REDEEM, refused)
        desk.delivered(REDEEM, refused)

    keys = [p.key for b in Scene(OWN).play(twice).book.batches for p in b.postings]
    assert set(keys) == {f"voucherlost:{CODE}"}, "the journal books a key once"


def test_message_about_a_voucher_that_is_not_ours_means_nothing_here() -> None:
    scene = Scene().play(lambda desk: desk.delivered(REDEEM, {"status": "Rejected"}))
    assert scene.book.batches == []


def test_accepted_redemption_needs_no_more() -> None:
    scene = Scene(OWN).play(lambda desk: desk.delivered(REDEEM, dict(ACCEPTED)))
    assert len(scene.book.batches) == 1, "what the test put there"
