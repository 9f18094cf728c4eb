"""Who tried too often waits: counted in the database, so that many processes give no more tries than one.

A try at an account counts as wrong before the secret is compared, and is taken back when it was right:
a hundred tries sent at once are a hundred tries.
"""

import asyncio
import logging

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from central.clock import Clock
from central.entropy import fingerprint
from central.limits import Account, Purse, Tries
from central.storage.store import Store
from central.storage.tables.brakes import BRAKE

logger = logging.getLogger(__name__)

_FORGET_EVERY_S = 600.0


class Brakes:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock

    async def spend(self, purse: Purse, who: str) -> float:
        """One try of the purse; 0, or how long until there is one."""
        return await self._store.run(self._spend, purse, who)

    async def wait_s(self, account: str) -> float:
        return await self._store.run(self._wait_s, account)

    async def tried(self, *accounts: str) -> float:
        """How long until they may be tried; 0: this one counts as wrong from now on."""
        return await self._store.run(self._tried, accounts)

    async def succeeded(self, *accounts: str) -> None:
        """The secret was right: what was wrong before is forgotten."""
        await self._store.run(self._succeeded, accounts)

    async def withdrawn(self, *accounts: str) -> None:
        """Nothing was compared, or it says nothing about what else was tried."""
        await self._store.run(self._withdrawn, accounts)

    async def run(self) -> None:
        """Until cancelled: what no longer slows anybody is forgotten."""
        while True:
            try:
                await self._store.run(self._forget)
            except SQLAlchemyError as error:
                logger.warning("database away", extra={"reason": str(error)})
            await asyncio.sleep(_FORGET_EVERY_S)

    # --- inside the database ------------------------------------------------------------------------

    def _spend(self, purse: Purse, who: str) -> float:
        name, now_ms = _kept(purse.name, who), self._now_ms()
        with self._store.change(f"brake:{name}"):
            known = self._known(name)
            wait_s = purse.wait_s(known, now_ms)
            if wait_s == 0:
                spent = purse.spent(known, now_ms)
                self._keep_inside(name, spent, purse.forgotten_ms(spent))
        return wait_s

    def _wait_s(self, account: str) -> float:
        return Account.wait_s(self._known(_kept("account", account)), self._now_ms())

    def _tried(self, accounts: tuple[str, ...]) -> float:
        names, now_ms = [_kept("account", each) for each in accounts], self._now_ms()
        with self._store.change(*(f"brake:{name}" for name in names)):
            known = {name: self._known(name) for name in names}
            wait_s = max(Account.wait_s(each, now_ms) for each in known.values())
            if wait_s == 0:
                for name, before in known.items():
                    after = Account.failed(before, now_ms)
                    self._keep_inside(name, after, Account.forgotten_ms(after))
        return wait_s

    def _succeeded(self, accounts: tuple[str, ...]) -> None:
        names = [_kept("account", each) for each in accounts]
        if all(self._known(name) == Tries() for name in names):
            return
        with self._store.change(*(f"brake:{name}" for name in names)):
            self._rows.write(delete(BRAKE).where(BRAKE.c.name.in_(names)))

    def _withdrawn(self, accounts: tuple[str, ...]) -> None:
        names = [_kept("account", each) for each in accounts]
        with self._store.change(*(f"brake:{name}" for name in names)):
            for name in names:
                after = Account.withdrawn(self._known(name))
                self._keep_inside(name, after, Account.forgotten_ms(after))

    def _forget(self) -> None:
        with self._store.change():
            old = delete(BRAKE).where(BRAKE.c.forgotten_ms < self._now_ms())
            self._rows.write(old)

    def _known(self, name: str) -> Tries:
        row = self._rows.first(select(BRAKE.c.milli, BRAKE.c.at_ms).where(BRAKE.c.name == name))
        return Tries() if row is None else Tries(row.milli, row.at_ms)

    def _keep_inside(self, name: str, tries: Tries, forgotten_ms: int) -> None:
        self._rows.upsert(
            BRAKE, name=name, milli=tries.milli, at_ms=tries.at_ms, forgotten_ms=forgotten_ms
        )

    def _now_ms(self) -> int:
        return int(self._clock.utc().timestamp() * 1000)


def _kept(kind: str, who: str) -> str:
    return fingerprint(f"{kind} {who}")
