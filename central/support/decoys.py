"""Questions for a support number that no card has: plausible, and the same at every call.

Whoever tries numbers hears three questions each time and learns nothing. Which ones follows from a key
that is made once and never leaves the database.
"""

import hashlib
import hmac

from sqlalchemy import select

from central.entropy import Entropy
from central.members.language import LANGUAGES, catalogue
from central.storage.store import Store
from central.storage.tables.support import SUPPORT_KEY

_NAME = "decoys"
_COUNT = 24  # `decoy.1` … in the catalogue


class Decoys:
    def __init__(self, store: Store, entropy: Entropy) -> None:
        self._store = store
        self._rows = store.database
        self._entropy = entropy

    def questions(self, fingerprint: str) -> list[str]:
        digest = hmac.new(self._key(), fingerprint.encode(), hashlib.sha256).digest()
        words = catalogue(list(LANGUAGES)[digest[0] % len(LANGUAGES)])
        left = list(range(1, _COUNT + 1))
        return [words[f"decoy.{left.pop(each % len(left))}"] for each in digest[1:4]]

    def _key(self) -> bytes:
        found = self._rows.value(select(SUPPORT_KEY.c.value).where(SUPPORT_KEY.c.name == _NAME))
        if found is None:
            made = self._entropy.token(32).hex()
            with self._store.change(f"key:{_NAME}"):
                self._rows.insert_new(SUPPORT_KEY, name=_NAME, value=made)
            return self._key()
        return bytes.fromhex(found)
