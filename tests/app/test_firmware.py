"""A firmware update from order to its one end, whatever comes between (field note 26)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chargepoint.app.firmware import FirmwareUpdates
from chargepoint.domain.delivery import Delivery
from chargepoint.domain.progress import Task, TaskProgress
from chargepoint.security_ports import (
    Installed,
    InstallFailed,
    Ordered,
    TransferFailed,
    UpdateOrder,
)
from chargepoint.store.journal import Journal, open_inline
from simulator.entropy import SeededEntropy
from simulator.vtime import START_OF_TIME, VirtualClock, run_virtual

SIGNED = {"certificate": "PEM", "signature": "c2ln", "request": 7}


def an_order(**changes: object) -> UpdateOrder:
    fields: dict[str, object] = {
        "location": "https://files.example/fw?token=1",
        "retrieve_at": START_OF_TIME,
        "retries": 2,
        "retry_interval_s": 10,
    }
    return UpdateOrder(**{**fields, **changes})  # type: ignore[arg-type]


@dataclass
class Surroundings:
    """Transfer, installer and charging side of one station; outlives its process."""

    downloads_fail: int = 0
    failure_is_final: bool = False
    install_fails: bool = False
    ends: Installed = Installed.DONE
    is_genuine: bool = True
    charging: bool = False
    tries: int = 0
    installed: list[str] = field(default_factory=list)
    updating: list[bool] = field(default_factory=list)
    restarts: int = 0
    noted: list[str] = field(default_factory=list)

    async def download(self, url: str, name: str) -> Path:
        self.tries += 1
        await asyncio.sleep(5)
        if self.tries <= self.downloads_fail:
            raise TransferFailed("gone", is_final=self.failure_is_final)
        return Path(name)

    async def upload(self, url: str, name: str, content: bytes) -> None:
        raise AssertionError

    def knows(self, url: str) -> bool:
        return True

    async def install(self, package: Path, job: str) -> None:
        if self.install_fails:
            raise InstallFailed("slot not written")
        self.installed.append(job)

    async def outcome(self, job: str) -> Installed:
        return self.ends if job in self.installed else Installed.FAILED

    async def verify(self, package: Path, certificate: str, signature: str) -> bool:
        return self.is_genuine

    def is_charging(self) -> bool:
        return self.charging

    def set_updating(self, *, updating: bool) -> None:
        self.updating.append(updating)

    def restart(self) -> None:
        self.restarts += 1

    def note(self, event: str, info: str = "") -> None:
        assert "token" not in info
        self.noted.append(event)


@asynccontextmanager
async def a_life(journal: Journal, around: Surroundings) -> AsyncIterator[FirmwareUpdates]:
    """One process of the station."""
    updates = FirmwareUpdates(
        journal,
        journal,
        VirtualClock(),
        SeededEntropy(1),
        transfer=around,
        installer=around,
        verify=around.verify,
        station=around,
        security=around,
        queued=lambda: None,
    )
    async with asyncio.TaskGroup() as group:
        running = group.create_task(updates.run())
        yield updates
        running.cancel()


def told(journal: Journal) -> list[str]:
    rows = journal._reader.execute("SELECT kind, body FROM outbox ORDER BY sequence")
    from chargepoint.store.rows import load

    found: list[Delivery] = [load(kind, body) for kind, body in rows]
    return [one.step.value for one in found if isinstance(one, TaskProgress)]


def play(
    tmp_path: Path,
    around: Surroundings,
    order: UpdateOrder,
    *,
    reboots: int = 0,
    during: Callable[[Surroundings], None] = lambda _around: None,
) -> list[str]:
    """The steps told when it is over; `reboots`: after the restart that the update asked for."""

    async def scenario() -> list[str]:
        journal = open_inline(str(tmp_path / "journal.sqlite"), VirtualClock())
        async with a_life(journal, around) as updates:
            assert await updates.update(order) is Ordered.ACCEPTED
            await asyncio.sleep(100)
            during(around)
            await asyncio.sleep(500)
        for _ in range(reboots):
            async with a_life(journal, around):
                await asyncio.sleep(10)
        steps = told(journal)
        journal.close()
        return steps

    return run_virtual(scenario())


def test_a_plain_update_is_told_step_by_step_and_ends_once(tmp_path: Path) -> None:
    around = Surroundings()
    steps = play(tmp_path, around, an_order(), reboots=3)
    assert steps == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert around.restarts == 1
    assert around.noted == ["FirmwareUpdated"]


def test_a_signed_update_tells_what_the_whitepaper_asks(tmp_path: Path) -> None:
    later = START_OF_TIME + timedelta(minutes=2)
    order = an_order(**SIGNED, install_at=START_OF_TIME + timedelta(minutes=3), retrieve_at=later)
    assert play(tmp_path, Surroundings(), order, reboots=2) == [
        "DownloadScheduled",
        "Downloading",
        "Downloaded",
        "SignatureVerified",
        "InstallScheduled",
        "Installing",
        "InstallRebooting",
        "Installed",
    ]


def test_a_wrong_signature_installs_nothing(tmp_path: Path) -> None:
    around = Surroundings(is_genuine=False)
    steps = play(tmp_path, around, an_order(**SIGNED), reboots=1)
    assert steps == ["Downloading", "Downloaded", "InvalidSignature"]
    assert around.installed == []
    assert around.noted == ["InvalidFirmwareSignature"]


@pytest.mark.parametrize(
    ("failing", "tries", "last"), [(2, 3, "Installing"), (3, 3, "DownloadFailed")]
)
def test_a_download_is_tried_again_and_then_given_up(
    failing: int, tries: int, last: str, tmp_path: Path
) -> None:
    around = Surroundings(downloads_fail=failing)
    assert play(tmp_path, around, an_order())[-1] == last
    assert around.tries == tries


def test_what_trying_again_cannot_cure_is_given_up_at_once(tmp_path: Path) -> None:
    around = Surroundings(downloads_fail=1, failure_is_final=True)
    assert play(tmp_path, around, an_order())[-1] == "DownloadFailed"
    assert around.tries == 1


def test_running_transactions_end_first_and_none_begins(tmp_path: Path) -> None:
    around = Surroundings(charging=True)

    def unplugged(seen: Surroundings) -> None:
        assert seen.updating == [True]  # nobody new
        assert seen.installed == []
        seen.charging = False

    assert play(tmp_path, around, an_order(), during=unplugged)[-1] == "Installing"
    assert len(around.installed) == 1


def test_a_failed_installation_restores_availability(tmp_path: Path) -> None:
    around = Surroundings(install_fails=True)
    steps = play(tmp_path, around, an_order(), reboots=2)
    assert steps[-2:] == ["Installing", "InstallationFailed"]
    assert around.updating[0] is True
    assert around.updating[-1] is False
    assert around.restarts == 0


def test_software_that_does_not_start_is_a_failure_told_once(tmp_path: Path) -> None:
    around = Surroundings(ends=Installed.FAILED)
    steps = play(tmp_path, around, an_order(), reboots=3)
    assert steps.count("InstallationFailed") == 1
    assert "Installed" not in steps
    assert around.updating[-1] is False


@pytest.mark.parametrize("cut_s", [1, 6, 8, 20, 40])
def test_a_power_cut_anywhere_still_ends_with_one_end(cut_s: int, tmp_path: Path) -> None:
    around = Surroundings()

    async def scenario() -> list[str]:
        journal = open_inline(str(tmp_path / "journal.sqlite"), VirtualClock())
        async with a_life(journal, around) as updates:
            order = an_order(install_at=START_OF_TIME + timedelta(seconds=30))
            await updates.update(order)
            await asyncio.sleep(cut_s)
        for _ in range(3):
            async with a_life(journal, around):
                await asyncio.sleep(100)
        steps = told(journal)
        journal.close()
        return steps

    steps = run_virtual(scenario())
    assert [step for step in steps if step in ("Installed", "InstallationFailed")] == ["Installed"]
    assert len(set(steps)) == len(steps)


def test_a_newer_order_replaces_one_that_is_not_installed_yet(tmp_path: Path) -> None:
    around = Surroundings(charging=True)

    async def scenario() -> None:
        journal = open_inline(str(tmp_path / "journal.sqlite"), VirtualClock())
        async with a_life(journal, around) as updates:
            assert updates.step(signed=True) == (None, None)
            assert await updates.update(an_order(**SIGNED)) is Ordered.ACCEPTED
            await asyncio.sleep(20)
            assert around.updating == [True]
            newer = an_order(**{**SIGNED, "request": 8})
            assert await updates.update(newer) is Ordered.ACCEPTED_CANCELED
            around.charging = False
            await asyncio.sleep(60)
            step, request = updates.step(signed=True)
            assert (step, request) == ("InstallRebooting", 8)
            assert await updates.update(an_order()) is Ordered.REJECTED
        async with a_life(journal, around) as updates:
            await asyncio.sleep(1)
            assert updates.step(signed=True) == (None, None)  # L01.FR.28
        rows = journal._reader.execute("SELECT key FROM outbox").fetchall()
        assert all(key.startswith(Task.SIGNED_FIRMWARE) for (key,) in rows)
        journal.close()

    run_virtual(scenario())


def test_times_without_meaning_are_now(tmp_path: Path) -> None:
    past = datetime(2000, 1, 1, tzinfo=START_OF_TIME.tzinfo)
    order = an_order(retrieve_at=past, install_at=past)
    assert play(tmp_path, Surroundings(), order)[0] == "Downloading"
