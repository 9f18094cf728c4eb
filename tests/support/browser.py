"""A browser without a browser: it keeps cookies, reads the proof out of a form and sends it back."""

import asyncio
import re
from types import TracebackType
from typing import Any, Self

import httpx2

_PROOF = re.compile(r'name="proof" value="([0-9a-f]{64})"')
HERE = ("127.0.0.1", 50_000)


class Browser:
    """One visitor of an ASGI app, on this thread: the store belongs to one."""

    def __init__(
        self, app: Any, *, base: str = "http://127.0.0.1", peer: tuple[str, int] = HERE
    ) -> None:
        transport = httpx2.ASGITransport(app, client=peer, raise_app_exceptions=False)
        self._client = httpx2.AsyncClient(transport=transport, base_url=base)
        self.page: httpx2.Response | None = None

    def open(self, path: str, **headers: str) -> httpx2.Response:
        self.page = asyncio.run(self._client.get(path, headers=headers))
        return self.page

    def send(self, path: str, *, proof: str | None = None, **fields: str) -> httpx2.Response:
        """A form of the page that is open; what follows a 303 is opened."""
        self.answer(path, proof=self.proof() if proof is None else proof, **fields)
        assert self.page is not None
        while self.page.status_code == 303 and self.page.headers["location"].startswith("/"):
            self.open(self.page.headers["location"])
        assert self.page is not None
        return self.page

    def answer(self, path: str, **fields: str) -> httpx2.Response:
        """The same, without following."""
        if "proof" not in fields:
            fields["proof"] = self.proof()
        self.page = asyncio.run(self._client.post(path, data=fields))
        return self.page

    def proof(self) -> str:
        found = _PROOF.search(self.page.text if self.page is not None else "")
        assert found is not None, "the open page has no form"
        return found[1]

    def post(self, path: str, **options: Any) -> httpx2.Response:
        """Whatever a foreign page or program sends."""
        return asyncio.run(self._client.post(path, **options))

    def cookie(self, name: str) -> str | None:
        return self._client.cookies.get(name)

    def set_cookie(self, name: str, value: str) -> None:
        self._client.cookies.set(name, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run(self._client.aclose())
