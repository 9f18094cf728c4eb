"""Who enters as a charge point: the right pair; the wrong one is counted, told and slowed."""

import asyncio
import base64
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from central.fleet.registry import Site
from central.ocpp.doorkeeper import UNKNOWN, Refusal
from central.ocpp.passwords import is_right, kept_form
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import FixedClock, a_system, connected

KEY = "00112233445566778899aabbccddeeff"
HERE, THERE = "192.0.2.1", "192.0.2.2"


def tries(system: CentralSystem, *passwords: str | None, address: str = HERE) -> list[object]:
    async def door() -> list[object]:
        return [await system.admit("CP-1", each, address) for each in passwords]

    return asyncio.run(door())


@settings(max_examples=25)  # each costs what a guess costs
@given(st.text(max_size=40), st.text(max_size=40))
def test_password_when_kept_then_opens_and_no_other_does(password: str, other: str) -> None:
    kept = kept_form(password, "salt")
    assert is_right(kept, password)
    assert is_right(kept, other) == (password == other)


def test_key_when_kept_then_digits_and_bytes_open_it() -> None:
    kept = kept_form(KEY, "salt")
    assert is_right(kept, KEY)
    assert is_right(kept, KEY.upper())
    assert is_right(kept, bytes.fromhex(KEY).decode(errors="surrogateescape"))
    assert not is_right(kept, KEY[:-2] + "00")


@pytest.mark.usefixtures("both_databases")
def test_password_is_nowhere_in_the_database_and_none_is_kept_like_another() -> None:
    system = a_system()
    for point in ("CP-1", "CP-2"):
        system.registry.provision(point, Site("Harbour"), "correct horse")
    kept = [system.door._kept(point) for point in ("CP-1", "CP-2")]
    assert kept[0] != kept[1]
    assert "horse" not in str(kept)
    assert hashlib.sha256(b"correct horse").hexdigest() not in str(kept)
    assert tries(system, "correct horse", "correct horse", "wrong") == [None, None, Refusal()]


def test_password_when_the_system_starts_again_then_still_asked(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    a_system(store).registry.provision("CP-1", Site("Harbour"), "secret")
    store.close()
    store = Store(tmp_path / "s")
    system = a_system(store)
    before = system.door._kept("CP-1")
    system.registry.provision("CP-1", Site("Harbour"), None)
    system.registry.provision("CP-1", Site("Harbour"), "secret")
    assert system.door._kept("CP-1") == before
    assert tries(system, None, "secret") == [Refusal(), None]
    system.registry.provision("CP-1", Site("Harbour"), "another")
    assert tries(system, "secret", "another") == [Refusal(), None]
    store.close()


def test_point_without_a_password_enters_unless_all_must_have_one() -> None:
    system = a_system()
    assert tries(system, None, "anything") == [None, None]
    system.door.is_strict = True
    assert tries(system, None, "anything") == [Refusal(), Refusal()]
    assert system.door.refused == {UNKNOWN: 2}


def test_guessing_when_it_goes_on_then_waits_longer_and_is_told() -> None:
    clock = FixedClock()
    system = a_system(clock=clock)
    system.registry.provision("CP-1", Site("Harbour"), "secret")
    assert tries(system, "a", "b", "c", "d") == [Refusal()] * 4
    (waits,) = tries(system, "e")
    assert isinstance(waits, Refusal)
    assert waits.again_after_s > 0
    # Not even the right one is looked at before; and from elsewhere the point itself gets in.
    assert tries(system, "secret") == [waits]
    assert tries(system, "secret", address=THERE) == [None]
    clock.advance(seconds=waits.again_after_s)
    assert tries(system, "f") == [Refusal()]
    (longer,) = tries(system, "g")
    assert isinstance(longer, Refusal)
    assert longer.again_after_s > waits.again_after_s
    clock.advance(seconds=longer.again_after_s)
    assert tries(system, "secret", "h") == [None, Refusal()]
    assert system.door.refused["CP-1"] == 6
    assert [each.code for each in system.store.findings()] == ["point.wrong_password"]


def test_guessing_on_the_wire_is_answered_with_when_to_come_again() -> None:
    system = a_system()
    system.registry.provision("CP-1", Site("Harbour"), "secret")

    async def knock() -> tuple[int, str | None]:
        with pytest.raises(InvalidStatus) as refused:
            async with connected(system):
                pass
        response = refused.value.response
        return response.status_code, response.headers.get("Retry-After")

    told = [asyncio.run(knock()) for _ in range(5)]
    assert told[:4] == [(401, None)] * 4
    assert told[4][0] == 429
    assert int(told[4][1] or 0) > 0


def test_guessing_when_a_proxy_of_this_machine_brings_both_then_the_point_enters() -> None:
    system = a_system()
    system.registry.provision("CP-1", Site("Harbour"), "secret")

    async def knock(path: str, password: str, *said: str) -> int:
        basic = base64.b64encode(f"CP-1:{password}".encode()).decode()
        headers = [("Authorization", f"Basic {basic}"), *(("X-Forwarded-For", s) for s in said)]
        try:
            async with connected(system, path, additional_headers=headers):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    path = "/ocpp/CP-1"
    guesser = f"203.0.113.5, {THERE}"  # before the proxy's own entry stands what he likes
    assert [asyncio.run(knock(path, f"{n}", guesser)) for n in range(5)] == [401] * 4 + [429]
    assert asyncio.run(knock(path, "secret", "198.51.100.9, 192.0.2.2")) == 429
    assert asyncio.run(knock(path, "secret", HERE)) == 101
    assert asyncio.run(knock(path, "secret", THERE, HERE)) == 101
    assert asyncio.run(knock(path, "secret", "not an address")) == 101
