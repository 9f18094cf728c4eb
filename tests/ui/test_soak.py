"""A day shown over and over leaves nothing behind; the long one is `benchmarks.kiosk --soak 24`."""

import gc
from dataclasses import replace

import pygame

from ui.app import Kiosk
from ui.samples import ALL

ROUND = list(ALL.values())[::6]


def test_kiosk_holds_no_more_after_many_rounds_than_after_the_first() -> None:
    kiosk, surface = Kiosk((1024, 600), watch_core=True), pygame.Surface((1024, 600))
    counts = []
    now_s = 0.0
    for number in range(4):
        for shot in ROUND:
            now_s += 600.0
            kiosk.show(replace(shot, sequence=round(now_s), screen_seq=round(now_s)), now_s)
            kiosk.draw(surface, number)
            kiosk.tap_at(500, 500, now_s + 1)
            kiosk.refresh(now_s + 2)
        gc.collect()
        counts.append(len(gc.get_objects()))
    assert counts[-1] <= counts[1] + 50, counts
