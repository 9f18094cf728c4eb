"""ports: Transfer over http, https, ftp and ftps, by the standard library's clients in a thread.

Bounded in size and time. Redirects are not followed, proxies not used, nothing is cached. A password
in a URL is used and never written down.
"""

import asyncio
import base64
import ftplib
import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from chargepoint.domain.progress import Step
from chargepoint.security_ports import TransferFailed

PROTOCOLS = ("FTP", "FTPS", "HTTP", "HTTPS")
MAX_PACKAGE_BYTES = 512 * 1024 * 1024
_CHUNK_BYTES = 1 << 16
_SILENCE_S = 30.0
_PERMISSION = (401, 403)
_NOT_SUPPORTED = (404, 405, 501)
_T = TypeVar("_T")


class _Aborted(OSError):
    """Nobody waits for this transfer any more."""


class NetworkTransfer:
    def __init__(
        self,
        folder: Path,
        roots: Callable[[], tuple[str, ...]] = tuple,
        max_bytes: int = MAX_PACKAGE_BYTES,
    ) -> None:
        """`roots`: PEM certificates trusted besides the system's."""
        self._folder = folder
        self._roots = roots
        self._max_bytes = max_bytes

    def knows(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            return parts.scheme.upper() in PROTOCOLS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return False

    async def download(self, url: str, name: str) -> Path:
        return await self._in_thread(url, lambda parts, aborted: self._get(parts, name, aborted))

    async def upload(self, url: str, name: str, content: bytes) -> None:
        await self._in_thread(url, lambda parts, _aborted: self._put(parts, name, content))

    async def _in_thread(self, url: str, work: Callable[[SplitResult, threading.Event], _T]) -> _T:
        if not self.knows(url):
            raise TransferFailed("no address we can use", Step.NOT_SUPPORTED, is_final=True)
        aborted = threading.Event()
        try:
            return await asyncio.to_thread(work, urlsplit(url), aborted)
        except ftplib.error_perm as error:
            detail = str(error)[:3]
            is_login = detail == "530"
            step = Step.PERMISSION_DENIED if is_login else Step.UPLOAD_FAILED
            raise TransferFailed(f"FTP {detail}", step) from error
        except (OSError, EOFError, http.client.HTTPException, ftplib.Error) as error:
            raise TransferFailed(f"{type(error).__name__} at {urlsplit(url).hostname}") from error
        finally:
            aborted.set()

    # --- in the thread ---

    def _get(self, parts: SplitResult, name: str, aborted: threading.Event) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, size = self._folder / name, 0
        try:
            with path.open("wb") as file:
                for chunk in self._chunks(parts):
                    size += len(chunk)
                    self._check_size(size, aborted)
                    file.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _check_size(self, size: int, aborted: threading.Event) -> None:
        if size > self._max_bytes:
            raise TransferFailed("larger than this station takes", is_final=True)
        if aborted.is_set():
            raise _Aborted

    def _chunks(self, parts: SplitResult) -> Iterator[bytes]:
        if parts.scheme.startswith("ftp"):
            with self._ftp(parts) as ftp, ftp.transfercmd(f"RETR {_path(parts)}") as line:
                while chunk := line.recv(_CHUNK_BYTES):
                    yield chunk
                line.close()
                ftp.voidresp()
            return
        with self._http(parts) as connection:
            connection.request("GET", _target(parts), headers=_headers(parts))
            with connection.getresponse() as response:
                _check(response.status)
                yield from _whole(response)

    def _put(self, parts: SplitResult, name: str, content: bytes) -> None:
        if parts.scheme.startswith("ftp"):
            with self._ftp(parts) as ftp:
                ftp.storbinary(f"STOR {_path(parts).rstrip('/')}/{name}", BytesIO(content))
            return
        target = f"{parts.path.rstrip('/')}/{name}" + (f"?{parts.query}" if parts.query else "")
        with self._http(parts) as connection:
            # PUT to the file's own name; a server that wants POST says 405.
            headers = _headers(parts) | {"Content-Type": "text/plain; charset=utf-8"}
            connection.request("PUT", target, content, headers)
            status = _drained(connection.getresponse())
            if status in _NOT_SUPPORTED:
                headers |= {"Content-Disposition": f'attachment; filename="{name}"'}
                connection.request("POST", _target(parts), content, headers)
                status = _drained(connection.getresponse())
            _check(status)

    @contextmanager
    def _http(self, parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
        host = parts.hostname or ""
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=_SILENCE_S, context=self._context()
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=_SILENCE_S)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _ftp(self, parts: SplitResult) -> Iterator[ftplib.FTP]:
        """Passive, as it must be behind a mobile network's gateway."""
        ftp = ftplib.FTP(timeout=_SILENCE_S)  # noqa: S321 - as above
        if parts.scheme == "ftps":
            ftp = ftplib.FTP_TLS(timeout=_SILENCE_S, context=self._context())  # noqa: S321
        try:
            ftp.connect(parts.hostname or "", parts.port or ftplib.FTP_PORT)
            ftp.login(unquote(parts.username or ""), unquote(parts.password or ""))
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
            ftp.voidcmd("TYPE I")
            yield ftp
            ftp.quit()
        finally:
            ftp.close()

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if roots := self._roots():
            context.load_verify_locations(cadata="\n".join(roots))
        return context


def _check(status: int) -> None:
    if status in _PERMISSION:
        raise TransferFailed(f"HTTP {status}", Step.PERMISSION_DENIED, is_final=True)
    if status in _NOT_SUPPORTED:
        raise TransferFailed(f"HTTP {status}", Step.NOT_SUPPORTED, is_final=True)
    if status == 400:
        raise TransferFailed("HTTP 400", Step.BAD_MESSAGE, is_final=True)
    if not 200 <= status < 300:
        raise TransferFailed(f"HTTP {status}", is_final=300 <= status < 500)


def _whole(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Every byte that was promised, or IncompleteRead."""
    expected, received = response.length, 0
    while chunk := response.read(_CHUNK_BYTES):
        received += len(chunk)
        yield chunk
    if expected is not None and received != expected:
        raise http.client.IncompleteRead(b"", expected - received)


def _drained(response: http.client.HTTPResponse) -> int:
    with response:
        response.read(_CHUNK_BYTES)
        return response.status


def _headers(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _path(parts: SplitResult) -> str:
    path = unquote(parts.path)
    if "\r" in path or "\n" in path:
        raise TransferFailed("line break in a path", Step.BAD_MESSAGE, is_final=True)
    return path
