"""The local authorisation list: every answer of SendLocalList, its rules, and a plain model."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.key_catalogue import LOCAL_LIST_TOKENS
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.local_list import LocalListProfile
from chargepoint.store.journal import open_inline
from simulator.vtime import VirtualClock, run_virtual
from tests.support.fakes import MemoryLocalList, MemorySettings
from tests.support.ocpp_peer import Bench, CallError, a_bench

ONE = ConnectorId(1)
ACCEPTED = {"status": "Accepted"}
BLOCKED = {"status": "Blocked"}


def _entry(tag: str, **info: Any) -> dict[str, Any]:
    return {"idTag": tag, "idTagInfo": info or ACCEPTED}


async def _send(bench: Bench, kind: str, version: int, *entries: dict[str, Any]) -> str:
    payload: dict[str, Any] = {"listVersion": version, "updateType": kind}
    if entries:
        payload["localAuthorizationList"] = list(entries)
    frame = await bench.central.call("SendLocalList", payload)
    assert frame[0] == 3, frame
    word: str = frame[2]["status"]
    return word


async def _version(bench: Bench) -> int:
    frame = await bench.central.call("GetLocalListVersion", {})
    number: int = frame[2]["listVersion"]
    return number


async def _disable(bench: Bench, key: str, value: str = "false") -> None:
    frame = await bench.central.call("ChangeConfiguration", {"key": key, "value": value})
    assert frame[2]["status"] == "Accepted"


def test_an_empty_list_is_version_0_and_a_disabled_one_minus_1() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert await _version(bench) == 0
            assert await _send(bench, "Full", 3, _entry("A")) == "Accepted"
            assert await _version(bench) == 3
            assert await _send(bench, "Full", 4) == "Accepted"
            assert await _version(bench) == 0
            await _disable(bench, "LocalAuthListEnabled")
            assert await _version(bench) == -1
            assert await _send(bench, "Full", 5, _entry("A")) == "NotSupported"

    run_virtual(scenario())


def test_a_differential_update_must_go_forward_and_a_full_one_may_go_back() -> None:
    async def scenario() -> None:
        store = MemoryLocalList()
        async with a_bench(local_list=store) as bench:
            assert await _send(bench, "Full", 10, _entry("A"), _entry("B")) == "Accepted"
            for version in (10, 9, 1):
                assert await _send(bench, "Differential", version) == "VersionMismatch"
            update = (_entry("C"), {"idTag": "a"}, {"idTag": "unknown"})
            assert await _send(bench, "Differential", 12, *update) == "Accepted"
            assert (set(store.tokens), store.version()) == ({"B", "C"}, 12)
            assert await _send(bench, "Differential", 13) == "Accepted"
            assert await _version(bench) == 13
            assert await _send(bench, "Full", 5, _entry("D")) == "Accepted"
            assert (set(store.tokens), store.version()) == ({"D"}, 5)

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("kind", "version", "entries"),
    [
        ("Full", 0, [_entry("A")]),
        ("Full", -1, [_entry("A")]),
        ("Differential", 0, []),
        ("Full", 2**63, [_entry("A")]),
        ("Full", 5, [_entry("A"), _entry("a")]),
        ("Full", 5, [_entry("A"), {"idTag": "B"}]),
        ("Differential", 5, [_entry("A"), {"idTag": "A"}]),
        ("Full", 5, [_entry(f"T{n}") for n in range(LOCAL_LIST_TOKENS + 1)]),
    ],
)
def test_what_cannot_be_taken_fails_and_changes_nothing(
    kind: str, version: int, entries: list[dict[str, Any]]
) -> None:
    async def scenario() -> None:
        store = MemoryLocalList()
        async with a_bench(local_list=store) as bench:
            assert await _send(bench, "Full", 2, _entry("OLD")) == "Accepted"
            assert await _send(bench, kind, version, *entries) == "Failed"
            assert (set(store.tokens), store.version()) == ({"OLD"}, 2)

    run_virtual(scenario())


def test_a_differential_update_must_leave_a_list_that_fits() -> None:
    async def scenario() -> None:
        store = MemoryLocalList()
        full = [_entry(f"T{n}") for n in range(LOCAL_LIST_TOKENS)]
        async with a_bench(local_list=store) as bench:
            assert await _send(bench, "Full", 1, *full) == "Accepted"
            assert await _send(bench, "Differential", 2, _entry("NEW")) == "Failed"
            assert await _send(bench, "Differential", 2, _entry("T1", **BLOCKED)) == "Accepted"
            swap = (_entry("NEW"), {"idTag": "T2"})
            assert await _send(bench, "Differential", 3, *swap) == "Accepted"
            assert len(store.tokens) == LOCAL_LIST_TOKENS

    run_virtual(scenario())


def test_offline_the_list_decides_before_the_cache_and_its_refusals_stand() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            authorise = bench.backend.authorise
            await authorise("CACHED", ONE, card=False)
            past, future = "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"
            await _send(
                bench,
                "Full",
                1,
                _entry("GOOD", status="Accepted", expiryDate=future, parentIdTag="FLEET"),
                _entry("OVER", status="Accepted", expiryDate=past),
                _entry("CACHED", **BLOCKED),
                _entry("BAD", status="Invalid"),
            )
            await _disable(bench, "AllowOfflineTxForUnknownId", "true")
            bench.central.answers["Authorize"] = CallError()
            for tag, expected in (
                ("good", "accepted"),
                ("OVER", "expired"),
                ("CACHED", "blocked"),
                ("BAD", "invalid"),
                ("NOBODY", "accepted"),
            ):
                answer = await authorise(tag, ONE, card=False)
                assert (answer.status, answer.offline) == (expected, True), tag
            assert (await authorise("GOOD", ONE, card=False)).parent_tag == "FLEET"
            await _disable(bench, "LocalAuthorizeOffline")
            assert (await authorise("GOOD", ONE, card=False)).status == "invalid"

    run_virtual(scenario())


def test_pre_authorisation_asks_nobody_for_a_listed_token_but_always_for_a_green_card() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            card = "6034440000000005"
            await _send(bench, "Full", 1, _entry("FLEET"), _entry("BAD", **BLOCKED), _entry(card))
            await _disable(bench, "LocalPreAuthorize", "true")
            authorise = bench.backend.authorise
            assert (await authorise("FLEET", ONE, card=False)).status == "accepted"
            assert bench.central.count("Authorize") == 0
            await authorise("BAD", ONE, card=False)
            assert bench.central.count("Authorize") == 1
            await authorise(card, ONE, card=True)
            assert bench.central.count("DataTransfer") == 1

    run_virtual(scenario())


def test_a_listed_token_is_never_added_to_the_cache() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            await _send(bench, "Full", 1, _entry("LISTED"))
            authorise = bench.backend.authorise
            await authorise("LISTED", ONE, card=False)
            await authorise("OTHER", ONE, card=False)
            assert "LISTED" not in bench.settings.values["auth.cache"]
            assert "OTHER" in bench.settings.values["auth.cache"]

    run_virtual(scenario())


def test_a_long_list_lets_others_in_between() -> None:
    async def scenario() -> None:
        profile = LocalListProfile(
            MemoryLocalList(), Keys(MemorySettings(), connectors=2, configured={}, overrides={})
        )
        entries = [_entry(f"T{n}") for n in range(LOCAL_LIST_TOKENS)]
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            running = group.create_task(others())
            payload = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": entries}
            await profile.answers["SendLocalList"](payload)
            running.cancel()
        assert turns >= LOCAL_LIST_TOKENS // 250

    asyncio.run(scenario())


_TAGS = st.sampled_from(["A", "b", "C", "d", "E"])
_INFOS = st.sampled_from([None, ACCEPTED, BLOCKED])
_UPDATES = st.tuples(
    st.sampled_from(["Full", "Differential"]),
    st.integers(-1, 6),
    st.lists(st.tuples(_TAGS, _INFOS), max_size=4),
)


def _expected(
    model: tuple[int, dict[str, str]], kind: str, version: int, rows: list[tuple[str, Any]]
) -> tuple[str, tuple[int, dict[str, str]]]:
    """§5.15 in the plainest words."""
    known, listed = model
    tags = [tag.upper() for tag, _ in rows]
    if version <= 0:
        return "Failed", model
    if kind == "Differential" and version <= known:
        return "VersionMismatch", model
    if len(set(tags)) != len(tags) or (kind == "Full" and any(i is None for _, i in rows)):
        return "Failed", model
    after = {} if kind == "Full" else dict(listed)
    for tag, info in rows:
        after.pop(tag.upper(), None)
        if info is not None:
            after[tag.upper()] = info["status"].lower()
    return "Accepted", (version, after)


@settings(max_examples=60, deadline=None)
@given(st.lists(_UPDATES, max_size=8))
def test_any_sequence_of_updates_agrees_with_a_plain_model(
    updates: list[tuple[str, int, list[tuple[str, Any]]]],
) -> None:
    async def scenario() -> None:
        journal = open_inline(":memory:", VirtualClock())
        keys = Keys(MemorySettings(), connectors=2, configured={}, overrides={})
        profile = LocalListProfile(journal.local_list, keys)
        model: tuple[int, dict[str, str]] = (0, {})
        for kind, version, rows in updates:
            items = [
                {"idTag": tag} if info is None else {"idTag": tag, "idTagInfo": info}
                for tag, info in rows
            ]
            payload = {"listVersion": version, "updateType": kind, "localAuthorizationList": items}
            answer = await profile.answers["SendLocalList"](payload)
            word, model = _expected(model, kind, version, rows)
            assert answer.payload == {"status": word}
            held = {tag: journal.local_list.find(tag) for tag in "ABCDE"}
            found = {tag: entry.status.value for tag, entry in held.items() if entry}
            assert (journal.local_list.version(), found) == model
        journal.close()

    run_virtual(scenario())


def test_a_list_survives_a_restart(tmp_path: Any) -> None:
    async def write() -> None:
        journal = open_inline(str(tmp_path / "j.db"), VirtualClock())
        keys = Keys(MemorySettings(), connectors=2, configured={}, overrides={})
        profile = LocalListProfile(journal.local_list, keys)
        entry = _entry("T", status="Accepted", expiryDate="2030-01-01T00:00:00Z", parentIdTag="P")
        payload = {"listVersion": 7, "updateType": "Full", "localAuthorizationList": [entry]}
        await profile.answers["SendLocalList"](payload)
        journal.close()

    async def read() -> None:
        journal = open_inline(str(tmp_path / "j.db"), VirtualClock())
        found = journal.local_list.find("t")
        assert found is not None
        assert found.expires is not None
        assert (journal.local_list.version(), found.parent, found.expires.year) == (7, "P", 2030)
        journal.close()

    run_virtual(write())
    run_virtual(read())
