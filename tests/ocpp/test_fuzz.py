"""A tenth of the fuzzer's night: mutated frames against a whole station (tests/ocpp/fuzz)."""

import logging

import pytest

from tests.ocpp.fuzz.station import FRAMES_IN_A_LIFE, fuzz_one_life

FRAMES = 10_000
PARTS = 5


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_station_when_frames_are_mutated_then_each_gets_its_answer_and_the_link_stays(
    part: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    lives = FRAMES // FRAMES_IN_A_LIFE
    found = [fuzz_one_life(seed) for seed in range(part, lives, PARTS)]
    assert [wrong for each in found for wrong in each.wrong] == []
    assert sum(each.frames for each in found) >= FRAMES // PARTS
