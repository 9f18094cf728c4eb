"""Charging profiles outlive the process (OCPP 1.6 errata 3.37)."""

import asyncio
from pathlib import Path

from chargepoint.app.clock import SystemClock
from chargepoint.store.journal import open_inline
from tests.support.profiles import a_profile


def test_profiles_are_there_after_a_restart_and_replaced_ones_are_not(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.db")

    async def story() -> None:
        journal = open_inline(path, SystemClock())
        await journal.profiles.change([], [a_profile((0, 16), id_=1), a_profile((0, 8), id_=2)])
        await journal.profiles.change([1], [a_profile((0, 6), id_=3), a_profile((0, 9), id_=2)])
        journal.close()

    asyncio.run(story())
    journal = open_inline(path, SystemClock())
    assert journal.profiles.all() == [a_profile((0, 9), id_=2), a_profile((0, 6), id_=3)]
    journal.close()
