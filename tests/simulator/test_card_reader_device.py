"""The simulated reader is as strict as the real one: what a driver does wrong, it notices."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.greencard import aes
from drivers.greencard.commands import (
    FIELD_OFF,
    FIND_ONE_TYPE_A,
    GET_FIRMWARE_VERSION,
    RELEASE_ALL,
    SAM_NORMAL,
    Error,
    exchange,
    limit_activation,
    parse_target,
)
from drivers.greencard.desfire import ApduStyle, wrap
from drivers.greencard.pn532 import (
    WAKE_UP,
    Ack,
    Command,
    Decoder,
    Frame,
    Garbage,
    Nack,
    Refused,
    Response,
    encode,
)
from drivers.port import BytePort
from simulator.cards import BENCH_PROFILE, CardSpec, foreign_card, green_card
from simulator.devices.card_reader import CardReaderDevice
from simulator.devices.virtual_card import Application, CardFile, DesfireChip, VirtualCard
from simulator.entropy import SeededEntropy
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual

ENTROPY = SeededEntropy(1)
DESFIRE = bytes.fromhex("04112233445566")
SELECT = bytes([0x5A]) + BENCH_PROFILE.application_id[::-1]


class Host:
    """A host that sends raw bytes and collects frames."""

    def __init__(self, port: BytePort, reader: CardReaderDevice) -> None:
        self.port = port
        self.reader = reader
        self._decoder = Decoder()

    async def say(self, octets: bytes, listen_s: float = 0.2) -> list[Frame | Garbage]:
        """Everything the reader says within `listen_s`."""
        self.port.write(octets)
        heard: list[Frame | Garbage] = []
        try:
            async with asyncio.timeout(listen_s):
                while True:
                    heard += self._decoder.feed(await self.port.read())
        except TimeoutError:
            return heard

    async def ask(self, command: Command) -> bytes:
        ack, answer = await self.say(encode(command))
        assert ack == Ack()
        assert isinstance(answer, Response)
        assert answer.code == command.code + 1
        return answer.parameters

    async def wake(self) -> None:
        await self.say(WAKE_UP + encode(SAM_NORMAL))
        await self.ask(limit_activation(1))

    async def card(self, apdu: bytes) -> bytes:
        return await self.ask(exchange(1, apdu))


Story = Callable[[Host], Awaitable[None]]


def play(story: Story) -> None:
    async def main() -> None:
        line = MemoryLine("card_reader", ENTROPY, baudrate=115_200)
        reader = CardReaderDevice(line)
        async with asyncio.TaskGroup() as group:
            device = group.create_task(reader.run())
            await story(Host(await line.open_port(), reader))
            device.cancel()

    run_virtual(main())


def test_sleeping_reader_loses_a_command_that_does_not_wake_it() -> None:
    async def story(host: Host) -> None:
        assert await host.say(encode(GET_FIRMWARE_VERSION)) == []
        assert (await host.say(WAKE_UP + encode(SAM_NORMAL)))[0] == Ack()

    play(story)


def test_card_commands_before_sam_configuration_get_the_error_frame() -> None:
    async def story(host: Host) -> None:
        await host.say(WAKE_UP)
        assert await host.say(encode(FIND_ONE_TYPE_A)) == [Ack(), Refused()]
        assert await host.ask(GET_FIRMWARE_VERSION) == bytes.fromhex("32010607")

    play(story)


@pytest.mark.parametrize(
    "command",
    [
        Command(0xEE),
        Command(0x02, b"\x00"),
        Command(0x14, b"\x09"),
        Command(0x32, b"\x05\xff"),
        Command(0x4A, b"\x03\x00"),
        Command(0x40, b"\x01"),
        Command(0x52),
        Command(0x00, b"\x09"),
        Command(0x16),
    ],
)
def test_command_it_does_not_know_gets_the_error_frame(command: Command) -> None:
    async def story(host: Host) -> None:
        await host.wake()
        assert await host.say(encode(command)) == [Ack(), Refused()]

    play(story)


def test_damaged_command_is_not_even_acknowledged() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        damaged = bytearray(encode(GET_FIRMWARE_VERSION))
        damaged[6] ^= 1
        assert await host.say(bytes(damaged)) == []

    play(story)


def test_last_response_is_repeated_on_nack_until_the_next_command() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        version = await host.ask(GET_FIRMWARE_VERSION)
        assert await host.say(encode(Nack())) == [Response(0x03, version)]
        await host.say(encode(Command(0xEE)))
        assert await host.say(encode(Nack())) == []

    play(story)


def test_search_without_limit_ends_by_the_hosts_ack() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        await host.ask(limit_activation(0xFF))
        assert await host.say(encode(FIND_ONE_TYPE_A), listen_s=5) == [Ack()]
        assert await host.say(encode(Ack())) == []
        host.reader.present(foreign_card(DESFIRE, ENTROPY))
        assert await host.say(b"") == []
        assert await host.ask(GET_FIRMWARE_VERSION)

    play(story)


def test_released_card_is_deaf_until_the_field_drops() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        host.reader.present(foreign_card(DESFIRE, ENTROPY))
        found = parse_target(await host.ask(FIND_ONE_TYPE_A))
        assert found is not None
        assert found.uid == DESFIRE
        await host.ask(RELEASE_ALL)
        assert parse_target(await host.ask(FIND_ONE_TYPE_A)) is None
        await host.ask(FIELD_OFF)
        assert parse_target(await host.ask(FIND_ONE_TYPE_A)) == found

    play(story)


def test_presence_check_sees_an_activated_card_leave() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        host.reader.present(foreign_card(DESFIRE, ENTROPY))
        await host.ask(FIND_ONE_TYPE_A)
        assert await host.ask(Command(0x00, b"\x06")) == bytes([Error.NONE])
        host.reader.remove()
        assert await host.ask(Command(0x00, b"\x06")) == bytes([Error.TIME_OUT])
        assert await host.ask(Command(0x00, b"\x00echo")) == b"\x00echo"

    play(story)


def test_exchange_without_an_activated_card_is_a_wrong_state() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        assert await host.card(SELECT) == bytes([Error.WRONG_STATE])

    play(story)


def test_reader_powered_down_must_be_woken_again() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        assert await host.ask(Command(0x16, b"\x10")) == b"\x00"
        assert await host.say(encode(GET_FIRMWARE_VERSION)) == []

    play(story)


def test_reader_without_power_is_silent_and_wakes_anew() -> None:
    async def story(host: Host) -> None:
        await host.wake()
        host.reader.power_cut()
        assert await host.say(WAKE_UP + encode(SAM_NORMAL)) == []
        host.reader.power_on()
        await host.wake()

    play(story)


def test_unknown_fault_is_refused() -> None:
    async def story(host: Host) -> None:
        with pytest.raises(ValueError, match="weld"):
            host.reader.fault("weld")

    play(story)


# --- the card -----------------------------------------------------------------------------------

KEY = bytes(range(16))
APPLICATION = Application(
    {1: KEY, 2: KEY}, {1: CardFile(bytes(16), read_key=1), 2: CardFile(bytes(200), read_key=0x0E)}
)


def a_card() -> DesfireChip:
    return DesfireChip({BENCH_PROFILE.application_id: APPLICATION}, SeededEntropy(2))


def native(chip: DesfireChip, *commands: str) -> str:
    """The answer to the last of some native commands."""
    answer = b""
    for command in commands:
        answer = chip.answer(bytes.fromhex(command)) or b""
    return answer.hex().upper()


SELECTED = SELECT.hex()


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        ((SELECTED,), "00"),
        (("5A000001",), "A0"),
        (("5A0000",), "7E"),
        (("FE",), "1C"),
        (("AA01",), "40"),
        ((SELECTED, "AA07"), "40"),
        ((SELECTED, "AA"), "7E"),
        ((SELECTED, "71"), "7E"),
        ((SELECTED, "710100FF"), "7E"),
        ((SELECTED, "AA01", "5A000001"), "CA"),
        ((SELECTED, "AA01", "AF00"), "7E"),
        ((SELECTED, "AA01", "AF" + "00" * 32), "AE"),
        (("AF",), "CA"),
        ((SELECTED, "BD09000000100000"), "F0"),
        ((SELECTED, "BD01000000100000"), "AE"),
        ((SELECTED, "BD02000000FFFF00"), "BE"),
        ((SELECTED, "BD02"), "7E"),
        ((SELECTED, "BD02000000040000"), "0000000000"),
        ((SELECTED, "905A0000030000A100"), "917E"),
    ],
)
def test_card_answers_with_the_status_of_the_real_one(
    commands: tuple[str, ...], answer: str
) -> None:
    assert native(a_card(), *commands) == answer


def test_card_sends_a_long_file_in_frames() -> None:
    chip = a_card()
    first = native(chip, SELECTED, "BD02000000000000")
    assert first.startswith("AF")
    assert len(first) == 2 * 60
    rest = [native(chip, "AF") for _ in range(3)]
    assert [frame[:2] for frame in rest] == ["AF", "AF", "00"]
    assert native(chip, "AF") == "CA"


@pytest.mark.parametrize(
    "broken", ["905A", "905A010003DEC0F500", "905A000004DEC0F500", "905A000003DEC0F501"]
)
def test_iso_command_of_a_wrong_shape_is_a_length_error(broken: str) -> None:
    assert native(a_card(), broken) == "917E"


def test_file_of_another_key_is_refused_with_permission_denied() -> None:
    chip = a_card()
    challenge = chip.answer(SELECT) and chip.answer(b"\xaa\x02")
    assert challenge is not None
    rnd_b = aes.decrypt(KEY, aes.ZERO_IV, challenge[1:])
    token = aes.encrypt(KEY, challenge[1:], bytes(16) + aes.rotate_left(rnd_b))
    proof = chip.answer(b"\xaf" + token)
    assert proof is not None
    assert proof[0] == 0
    assert native(chip, "BD01000000100000") == "9D"


def test_card_that_lost_its_field_forgot_its_session() -> None:
    card = green_card(CardSpec.from_scenario("GC-1"), SeededEntropy(3))
    assert card.chip.answer(wrap(ApduStyle.ISO, SELECT)) == b"\x91\x00"
    card.leave_field()
    assert card.chip.answer(wrap(ApduStyle.ISO, b"\xaa\x01")) == b"\x91\x40"


def test_memory_card_does_not_speak_and_bank_card_does_not_understand() -> None:
    memory = foreign_card(bytes.fromhex("DEADBEEF"), ENTROPY)
    assert memory.chip.answer(SELECT) is None
    bank: VirtualCard = foreign_card(bytes.fromhex("08ADBEEF"), ENTROPY)
    assert bank.chip.answer(wrap(ApduStyle.ISO, SELECT)) == bytes.fromhex("6E00")
