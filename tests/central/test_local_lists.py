"""Points know by heart which cards may charge: in full, then by what changed, and again when they forgot."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.errors import CallRefused, PointAway
from central.ocpp.list_rows import Confirmed, Entry, Listed, ListRows, confirmed
from central.ocpp.local_lists import LocalLists, next_part
from central.system import CentralSystem
from tests.support.central import a_system


class ListedPoint:
    """A point's side of the two messages: refuses what OCPP 1.6 lets it refuse."""

    def __init__(
        self, version: int = 0, longest: str = "50", *, enabled: str = "true", room: str = "10000"
    ) -> None:
        self.version = version
        self.keys = {"LocalAuthListEnabled": enabled, "LocalAuthListMaxLength": room}
        self.refusals: list[str] = []
        self.asked: list[str] = []
        self.tags: dict[str, str] = {}
        self.sent: list[dict[str, Any]] = []
        self.longest = longest
        self.is_away = False
        self.does_not_know = ""

    async def call(self, _point: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        if self.is_away:
            raise PointAway("gone")
        self.asked.append(action)
        if action == self.does_not_know:
            raise CallRefused("NotImplemented", "")
        if action == "GetLocalListVersion":
            return {"listVersion": self.version}
        if action == "GetConfiguration":
            keys = {**self.keys, "SendLocalListMaxLength": self.longest}
            told = [{"key": key, "value": keys[key]} for key in payload["key"] if keys[key]]
            return {"configurationKey": told}
        if self.refusals:
            self.sent.append(payload)
            return {"status": self.refusals.pop(0)}
        return {"status": self._take(payload)}

    def _take(self, sent: dict[str, Any]) -> str:
        assert len(sent["localAuthorizationList"]) <= int(self.longest)
        self.sent.append(sent)
        if sent["updateType"] == "Full":
            self.tags.clear()
        elif sent["listVersion"] <= self.version:
            return "VersionMismatch"
        for each in sent["localAuthorizationList"]:
            if "idTagInfo" in each:
                self.tags[each["idTag"]] = each["idTagInfo"]["status"]
            else:
                self.tags.pop(each["idTag"], None)
        self.version = sent["listVersion"]
        return "Accepted"

    @property
    def kinds(self) -> list[str]:
        return [each["updateType"] for each in self.sent]


Script = Callable[[], Awaitable[None]]


def play(system: CentralSystem, point: ListedPoint, script: Script, listed: Listed) -> None:
    rows = ListRows(system.store.database, listed)
    lists = LocalLists(
        system.store, system.feed, system.registry, rows, held=lambda: ["CP-1"], call=point.call
    )

    async def conversation() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lists.run())
            await settled()
            boot(system)
            await settled()
            await script()
            await settled()
            system.feed.close()

    asyncio.run(conversation())


async def settled() -> None:
    """Until everybody has had their turn; PostgreSQL's threads take a moment."""
    for _ in range(30):
        await asyncio.sleep(0.002)


def boot(system: CentralSystem) -> None:
    system.registry.point("CP-1").boot_status = "Accepted"
    system.registry.changed(system.registry.point("CP-1"))


def with_cards(count: int) -> CentralSystem:
    system = a_system()
    for number in range(count):
        system.accounts.create_card(f"card-{number}")
    return system


async def nothing() -> None:
    return


@pytest.mark.usefixtures("both_databases")
def test_list_when_new_then_full_and_then_by_what_changed() -> None:
    system, point = with_cards(3), ListedPoint()

    async def script() -> None:
        assert point.tags == dict.fromkeys(["card-0", "card-1", "card-2"], "Accepted")
        system.accounts.set_state("card-1", "blocked")
        await settled()
        assert point.tags["card-1"] == "Blocked"
        assert confirmed(system.store.database, "card-1") == Confirmed(("CP-1",), ())
        assert confirmed(system.store.database, "nobody's") is None

    play(system, point, script, Listed.ALL)
    assert point.kinds == ["Full", "Differential"]
    assert len(point.sent[1]["localAuthorizationList"]) == 1


def test_list_when_long_then_in_parts_that_rise() -> None:
    system, point = with_cards(7), ListedPoint(longest="3")
    play(system, point, nothing, Listed.ALL)
    assert len(point.tags) == 7
    assert point.kinds == ["Full", "Differential", "Differential"]
    versions = [each["listVersion"] for each in point.sent]
    assert versions == sorted(set(versions))


def test_list_when_only_blocked_cards_are_wanted_then_a_released_one_leaves_it() -> None:
    system, point = with_cards(3), ListedPoint()

    async def script() -> None:
        assert point.tags == {}
        system.accounts.set_state("card-1", "blocked")
        await settled()
        assert point.tags == {"card-1": "Blocked"}
        system.accounts.set_state("card-1", "active")

    play(system, point, script, Listed.BLOCKED)
    assert point.tags == {}


@pytest.mark.parametrize("version", [99, 2])
def test_list_when_the_point_has_another_version_then_as_it_needs(version: int) -> None:
    """99 was never given out; of 2 the rest is enough."""
    system, point = with_cards(4), ListedPoint(version)
    point.tags = {"card-0": "Accepted", "card-1": "Accepted"}
    play(system, point, nothing, Listed.ALL)
    assert len(point.tags) == 4
    assert point.kinds == ["Full" if version == 99 else "Differential"]


def test_point_without_lists_is_asked_once_and_left_alone() -> None:
    system, point = with_cards(1), ListedPoint(-1)

    async def script() -> None:
        system.accounts.set_state("card-0", "blocked")

    play(system, point, script, Listed.ALL)
    assert point.sent == []


def test_point_that_goes_away_is_told_when_it_is_back() -> None:
    system, point = with_cards(2), ListedPoint()
    point.is_away = True

    async def script() -> None:
        point.is_away = False
        boot(system)

    play(system, point, script, Listed.ALL)
    assert len(point.tags) == 2


@pytest.mark.parametrize("enabled", ["false", ""])
def test_point_that_says_it_keeps_no_list_is_asked_that_and_nothing_more(enabled: str) -> None:
    system, point = with_cards(2), ListedPoint(enabled=enabled)

    async def script() -> None:
        system.accounts.set_state("card-1", "blocked")

    play(system, point, script, Listed.ALL)
    assert point.asked == ["GetConfiguration"]


@pytest.mark.parametrize("action", ["GetConfiguration", "GetLocalListVersion", "SendLocalList"])
def test_point_that_does_not_know_the_question_is_not_asked_again(action: str) -> None:
    system, point = with_cards(2), ListedPoint()
    point.does_not_know = action

    async def script() -> None:
        system.accounts.set_state("card-1", "blocked")

    play(system, point, script, Listed.ALL)
    assert point.asked.count(action) == 1


@pytest.mark.parametrize("refusal", ["VersionMismatch", "Failed"])
def test_differential_that_is_refused_is_followed_by_a_full_list(refusal: str) -> None:
    system, point = with_cards(3), ListedPoint()

    async def script() -> None:
        point.refusals = [refusal]
        system.accounts.set_state("card-1", "blocked")

    play(system, point, script, Listed.ALL)
    assert point.kinds == ["Full", "Differential", "Full"]
    assert point.tags == {"card-0": "Accepted", "card-1": "Blocked", "card-2": "Accepted"}


def test_full_list_that_failed_is_tried_again_with_the_next_change_and_not_before() -> None:
    system, point = with_cards(2), ListedPoint()
    point.refusals = ["Failed"]

    async def script() -> None:
        assert (point.kinds, point.tags) == (["Full"], {})
        system.accounts.set_state("card-1", "blocked")

    play(system, point, script, Listed.ALL)
    assert point.tags == {"card-0": "Accepted", "card-1": "Blocked"}


def test_point_that_answers_not_supported_is_left_alone() -> None:
    system, point = with_cards(2), ListedPoint()
    point.refusals = ["NotSupported"]

    async def script() -> None:
        system.accounts.set_state("card-1", "blocked")

    play(system, point, script, Listed.ALL)
    assert point.kinds == ["Full"]


def test_list_when_the_point_has_too_little_room_then_those_that_may_not_charge() -> None:
    system, point = with_cards(5), ListedPoint(room="4")

    async def script() -> None:
        assert point.tags == {}
        system.accounts.set_state("card-1", "blocked")
        await settled()
        assert point.tags == {"card-1": "Blocked"}
        system.accounts.set_state("card-1", "active")

    play(system, point, script, Listed.ALL)
    assert point.tags == {}


@given(
    st.lists(
        st.one_of(st.none(), st.sampled_from(["Accepted", "Blocked"])), min_size=1, max_size=20
    ),
    st.integers(1, 6),
    st.integers(0, 25),
)
def test_parts_one_after_another_give_the_whole_list(
    statuses: list[str | None], length: int, version: int
) -> None:
    entries = [Entry(f"tag-{n}", n + 1, status) for n, status in enumerate(statuses)]
    newest = len(entries)
    point = ListedPoint(min(version, newest), longest=str(length))
    point.tags = {e.id_tag: e.status for e in entries[: point.version] if e.status is not None}
    for _ in range(40):
        if point.version == newest:
            break
        is_full = point.version == 0
        rest = [each for each in entries if each.version > point.version]
        assert point._take(next_part(rest, length, newest, is_full=is_full)) == "Accepted"
    assert point.version == newest
    assert point.tags == {e.id_tag: e.status for e in entries if e.status is not None}
