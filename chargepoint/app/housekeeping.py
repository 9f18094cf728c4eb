"""What a technician changes of the station itself: settings, a window, a file of logs, a restart."""

from collections.abc import Awaitable, Callable

from chargepoint.app.maintenance_window import MaintenanceWindow
from chargepoint.app.replacing import Ended
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.values import Fact, Sheet
from chargepoint.domain.units import Minor
from chargepoint.maintenance_ports import Slots

KEPT = frozenset(
    {
        *(Deed.SET, Deed.EXPORT, Deed.WINDOW, Deed.REBOOT),
        *(Deed.TAKE_BACK, Deed.INSTALL, Deed.ROLL_BACK),
    }
)

ChangeSetting = Callable[[str, str], Awaitable[str]]
"""Writes one key of the site's file; answers why not, or nothing. Applied at the next start."""

Export = Callable[[str, bytes], Awaitable[str]]
"""Puts a file where the site says; answers why not, or nothing."""


async def no_site_file(key: str, _value: str) -> str:
    """Of a station that was started without one."""
    return f"{key}: no site file"


async def no_export(_name: str, _content: bytes) -> str:
    return "service.export is not set"


Install = Callable[[], Awaitable[str]]
"""Takes a signed package from where the site says; answers why not, or nothing."""


async def no_packages() -> str:
    return "service.packages is not set"


class Housekeeping:
    def __init__(  # noqa: PLR0913 - everything that a person may change, by name
        self,
        window: MaintenanceWindow,
        *,
        change: ChangeSetting,
        export: Export,
        logs: Callable[[], tuple[str, bytes]],
        restart: Callable[[], None],
        slots: Slots,
        install: Install = no_packages,
    ) -> None:
        """`logs`: name and content of the file, without secrets."""
        self.window = window
        self._change = change
        self._export = export
        self._logs = logs
        self._restart = restart
        self._slots = slots
        self._install = install

    def software(self) -> Sheet:
        """What the next start begins from, and how the last went; the amount: packages that wait."""
        waits, last = self._slots.waiting(), self._slots.last()
        word, mark = ("sw.good", "ok") if last else ("sw.bad", "bad")
        went = (Fact("sw.result", word, "key", mark),) if last is not None else ()
        waiting = waits or "sw.none"
        kind = "text" if waits else "key"
        return Sheet((Fact("sw.waiting", waiting, kind), *went), Minor(1 if waits else 0))

    async def carry_out(self, deed: Deed, subject: str) -> Ended:
        match deed:
            case Deed.SET:
                key, _, value = subject.partition("=")
                why = await self._change(key, value)
                return (False, f"failed|{why}") if why else (True, "setting_saved")
            case Deed.EXPORT:
                why = await self._export(*self._logs())
                return (False, f"failed|{why}") if why else (True, "logs_exported")
            case Deed.WINDOW:
                await self.window.plan(subject)
                return True, "window_planned" if subject else "window_dropped"
            case Deed.TAKE_BACK | Deed.INSTALL | Deed.ROLL_BACK:
                return await self._change_software(deed)
            case _:
                self._restart()
                return True, "restarting"

    async def _change_software(self, deed: Deed) -> Ended:
        """What the next start begins from; nothing that runs is touched."""
        if deed is Deed.TAKE_BACK:
            await self._slots.take_back()
            return True, "update_taken_back"
        is_new = deed is Deed.INSTALL
        why = await (self._install() if is_new else self._slots.go_back())
        if why:
            return False, f"failed|{why}"
        return True, "install_ready" if is_new else "rollback_ready"
