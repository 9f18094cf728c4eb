"""The bench's own certificates let the station in, and nobody else (docs/bench.md)."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from chargepoint.ocpp.link import LinkLost, LinkRefused, Terms
from chargepoint.ocpp.websocket import Access, websocket_connect
from simulator.__main__ import parser
from simulator.play_options import station_options
from simulator.relay import Relay
from simulator.relay_server import HOST, RelayServer
from simulator.sealed_link import SealedLink, sealed_link


def a_link(profile: int, folder: Path) -> SealedLink:
    now = datetime.now(UTC)  # noqa: TID251 - TLS goes by the machine's clock
    return sealed_link(profile, folder, HOST, serial="SN-1", password="s3cret", now=now)


@pytest.mark.parametrize("profile", [2, 3])
def test_the_station_comes_in_through_the_relay(profile: int, tmp_path: Path) -> None:
    sealed = a_link(profile, tmp_path)
    root = Path(sealed.keys["central.root_file"]).read_text("ascii")
    identity = tmp_path / "security" / "station.pem"
    seen: list[str] = []

    async def central(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers.get("Authorization", ""))
        await connection.wait_closed()

    async def story() -> None:
        async with serve(central, HOST, 0, subprotocols=[Subprotocol("ocpp1.6")]) as behind:
            url = f"ws://{HOST}:{behind.sockets[0].getsockname()[1]}"
            relay = Relay(lambda _frame: None, lambda: datetime(2026, 1, 1, tzinfo=UTC))
            async with RelayServer(relay, url, sealed.server) as door:
                assert door.url.startswith("wss://")
                access = Access(door.url, "CP-1", sealed.keys.get("central.password", ""))
                terms = Terms(profile, roots=(root,), identity=identity)
                link = await websocket_connect(access)(terms)
                await link.close()
                stranger = Terms(2, roots=())
                with pytest.raises(LinkRefused):
                    await websocket_connect(access)(stranger)
                if profile == 3:
                    with pytest.raises(LinkLost):
                        await websocket_connect(access)(Terms(2, roots=(root,)))

    asyncio.run(story())
    assert [bool(each) for each in seen] == [profile == 2]


def test_keys_are_of_this_user_alone(tmp_path: Path) -> None:
    a_link(3, tmp_path)
    for path in (tmp_path / "security").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_the_option_says_which_profile() -> None:
    assert station_options(parser().parse_args([])).security_profile == 0
    assert station_options(parser().parse_args(["--central-tls", "3"])).security_profile == 3
