"""Modbus RTU frames of a client, built from pymodbus' framer and message classes.

Its messages and CRC are used as they are. Its client is not: that drops everything it has received
when one byte before the answer is wrong, keeps requests in the order asked, and repeats a request
although it is no longer wanted.

    unit | function | ...        | CRC low, CRC high
    unit | function + 80h | code | CRC low, CRC high        refused
"""

import struct
from collections.abc import Callable
from functools import lru_cache

from pymodbus.exceptions import ModbusException
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    WriteMultipleRegistersRequest,
    WriteMultipleRegistersResponse,
)
from typing_extensions import override

LONGEST_ANSWER = 256  # Modbus over serial line §2.5.1
BUFFER_LIMIT = 2 * LONGEST_ANSWER
EXCEPTION_BIT = 0x80
_STEADY_FRAMES = 64  # what is asked every second, and answers that are as they were
EXCEPTION_SIZE = 5
WRITTEN_SIZE = 8  # unit, function, address, count, CRC


def _crc_of(octet: int) -> int:
    for _ in range(8):
        octet = (octet >> 1) ^ (0xA001 if octet & 1 else 0)
    return octet


_CRC_OF = tuple(_crc_of(octet) for octet in range(256))


class WriteCoilValue(ModbusPDU):
    """Function 05 with any value: relay modules read times from it, standard coils FF00 and 0000."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, dev_id: int = 0, address: int = 0, value: int = 0) -> None:
        super().__init__(dev_id=dev_id, address=address)
        self.value = value

    @override
    def encode(self) -> bytes:
        return struct.pack(">HH", self.address, self.value)

    @override
    def decode(self, data: bytes) -> None:
        self.address, self.value = struct.unpack(">HH", data[:4])


_FRAMER = FramerRTU(DecodePDU(is_server=False))
_ANSWERS: dict[int, Callable[[], ModbusPDU]] = {
    ReadCoilsResponse.function_code: ReadCoilsResponse,
    ReadDiscreteInputsResponse.function_code: ReadDiscreteInputsResponse,
    ReadHoldingRegistersResponse.function_code: ReadHoldingRegistersResponse,
    ReadInputRegistersResponse.function_code: ReadInputRegistersResponse,
    WriteCoilValue.function_code: WriteCoilValue,
    WriteMultipleRegistersResponse.function_code: WriteMultipleRegistersResponse,
}


def read_input_registers(unit: int, address: int, count: int) -> ModbusPDU:
    return ReadInputRegistersRequest(dev_id=unit, address=address, count=count)


def read_holding_registers(unit: int, address: int, count: int) -> ModbusPDU:
    return ReadHoldingRegistersRequest(dev_id=unit, address=address, count=count)


def read_coils(unit: int, address: int, count: int) -> ModbusPDU:
    return ReadCoilsRequest(dev_id=unit, address=address, count=count)


def read_discrete_inputs(unit: int, address: int, count: int) -> ModbusPDU:
    return ReadDiscreteInputsRequest(dev_id=unit, address=address, count=count)


def write_coil(unit: int, address: int, value: int) -> ModbusPDU:
    return WriteCoilValue(unit, address, value)


def write_registers(unit: int, address: int, *values: int) -> ModbusPDU:
    return WriteMultipleRegistersRequest(
        dev_id=unit, address=address, count=len(values), registers=list(values)
    )


def encode(request: ModbusPDU) -> bytes:
    if isinstance(request, ReadHoldingRegistersRequest):  # and input registers, its subclass
        kind = int(type(request).function_code)
        return _reading(kind, request.dev_id, request.address, request.count)
    return _FRAMER.buildFrame(request)


@lru_cache(_STEADY_FRAMES)
def _reading(function: int, unit: int, address: int, count: int) -> bytes:
    is_holding = function == ReadHoldingRegistersRequest.function_code
    read = read_holding_registers if is_holding else read_input_registers
    return _FRAMER.buildFrame(read(unit, address, count))


def is_answered_by_itself(request: ModbusPDU) -> bool:
    """On a line that echoes, a unit that is dead would seem to agree."""
    return isinstance(request, WriteCoilValue)


def answer_size(request: ModbusPDU) -> int:
    """Bytes of the regular answer to `request`, with unit and CRC."""
    match request:
        case ReadHoldingRegistersRequest():  # and input registers, its subclass
            return 5 + 2 * request.count
        case ReadCoilsRequest() | ReadDiscreteInputsRequest():
            return 5 + (request.count + 7) // 8
        case WriteCoilValue():
            return request.rtu_frame_size
        case WriteMultipleRegistersRequest():
            return WRITTEN_SIZE
        case _:
            raise TypeError(f"no driver of ours sends {request}")


class AnswerFinder:
    """Finds the answer to one request among whatever arrives; bounded, any chunking."""

    def __init__(self, request: ModbusPDU) -> None:
        self.question = encode(request)
        self._request = request
        self._size = answer_size(request)
        self._received = b""
        self._end = 0  # of what was found
        self.found = b""
        self.head = b""  # how it all began: our own question, on a line that echoes

    @property
    def knows_echo(self) -> bool:
        """Whether `head` says if the line echoes."""
        return bool(self.head) and not is_answered_by_itself(self._request)

    @property
    def received(self) -> bytes:
        """Everything that came, newest last: what to show when nothing was found in it."""
        return self._received

    def feed(self, chunk: bytes) -> ModbusPDU | None:
        """The regular answer, or an `ExceptionResponse`."""
        self.head = (self.head + chunk)[:LONGEST_ANSWER]
        self._received = (self._received + chunk)[-BUFFER_LIMIT:]
        return self._search()

    def next(self) -> ModbusPDU | None:
        """What follows the one that was found, if it came with it."""
        self._received, self._end = self._received[self._end :], 0
        return self._search()

    def _search(self) -> ModbusPDU | None:
        start = self._received.find(self._request.dev_id)
        while start >= 0:
            answer = self._answer_at(start)
            if answer is not None:
                return answer
            start = self._received.find(self._request.dev_id, start + 1)
        return None

    def _answer_at(self, start: int) -> ModbusPDU | None:
        function = self._received[start + 1 : start + 2]
        if function == bytes([self._request.function_code]):
            frame = self._received[start : start + self._size]
            is_whole = len(frame) == self._size
        elif function == bytes([self._request.function_code | EXCEPTION_BIT]):
            frame = self._received[start : start + EXCEPTION_SIZE]
            is_whole = len(frame) == EXCEPTION_SIZE
        else:
            return None
        if not is_whole or not has_right_crc(frame):
            return None
        answer = _decoded(frame[1:-2])
        if answer is None or not self._is_ours(answer):
            return None
        self.found, self._end = frame, start + len(frame)
        return answer

    def _is_ours(self, answer: ModbusPDU) -> bool:
        request = self._request
        if isinstance(answer, ExceptionResponse):
            return True
        if isinstance(answer, WriteCoilValue):
            assert isinstance(request, WriteCoilValue)  # it has the same function code
            return (answer.address, answer.value) == (request.address, request.value)
        if isinstance(answer, WriteMultipleRegistersResponse):
            return (answer.address, answer.count) == (request.address, request.count)
        if isinstance(answer, ReadHoldingRegistersResponse):
            return len(answer.registers) == request.count
        return len(answer.bits) >= request.count


def _decoded(body: bytes) -> ModbusPDU | None:
    """`DecodePDU.decode` without its diagnostics, which spell out every answer for a log."""
    if body[0] & EXCEPTION_BIT:
        return ExceptionResponse(body[0] & ~EXCEPTION_BIT, body[1])
    answer = _ANSWERS[body[0]]()
    if isinstance(answer, ReadHoldingRegistersResponse):  # and of input registers, its subclass
        if body[1] != len(body) - 2 or body[1] % 2:
            return None
        answer.registers = list(struct.unpack(f">{body[1] // 2}H", body[2:]))
        return answer
    try:
        answer.decode(body[1:])
    except (ModbusException, ValueError, IndexError, struct.error):
        return None
    return answer


@lru_cache(_STEADY_FRAMES)
def has_right_crc(frame: bytes) -> bool:
    """Modbus over serial line §6.2.2; several times as fast as the library's, for every answer."""
    crc = 0xFFFF
    for octet in frame[:-2]:
        crc = (crc >> 8) ^ _CRC_OF[(crc ^ octet) & 0xFF]
    return crc == int.from_bytes(frame[-2:], "little")
