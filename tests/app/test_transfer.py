"""Files by URL against real servers: bounded, retried elsewhere, no word of a password."""

import asyncio
import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.progress import Step
from chargepoint.security_ports import Installed, InstallFailed, TransferFailed
from chargepoint.slots import SlotInstaller
from chargepoint.transfer import NetworkTransfer
from tests.support.pki import FROM, Issued, a_root


class Handler(BaseHTTPRequestHandler):
    status = 200
    body = b"firmware" * 100
    promised = 0
    seen: list[tuple[str, str, bytes, str]]

    def do_GET(self) -> None:
        self._note(b"")
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(self.promised or len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_PUT(self) -> None:
        self._note(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(
            405 if self.status == 405 and self.command == "PUT" else self.status % 405
        )
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self._note(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _note(self, body: bytes) -> None:
        self.seen.append((self.command, self.path, body, self.headers.get("Authorization", "")))

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def a_server(
    secure: ssl.SSLContext | None = None, **attributes: Any
) -> Iterator[tuple[str, list[tuple[str, str, bytes, str]]]]:
    kind = type("Scripted", (Handler,), {"seen": [], **attributes})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", kind.seen  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def failure(transfer: NetworkTransfer, url: str, *, upload: bool = False) -> TransferFailed:
    async def scenario() -> None:
        if upload:
            await transfer.upload(url, "log.txt", b"x")
        else:
            await transfer.download(url, "fw")

    with pytest.raises(TransferFailed) as caught:
        asyncio.run(scenario())
    assert "secret" not in str(caught.value)
    return caught.value


def test_a_file_comes_whole_with_the_credentials_of_its_address(tmp_path: Path) -> None:
    with a_server() as (host, seen):
        url = f"http://me:s%40cret@{host}/fw?x=1"
        path = asyncio.run(NetworkTransfer(tmp_path).download(url, "fw"))
        assert path.read_bytes() == Handler.body
        basic = "Basic " + base64.b64encode(b"me:s@cret").decode()
        assert seen == [("GET", "/fw?x=1", b"", basic)]


@pytest.mark.parametrize(
    ("attributes", "is_final"),
    [
        ({"status": 302}, True),
        ({"status": 404}, True),
        ({"status": 403}, True),
        ({"status": 503}, False),
        ({"promised": 5000}, False),
    ],
)
def test_what_is_not_the_whole_file_leaves_nothing(
    attributes: dict[str, Any], is_final: bool, tmp_path: Path
) -> None:
    with a_server(**attributes) as (host, _):
        failed = failure(NetworkTransfer(tmp_path), f"http://me:secret@{host}/fw")
        assert failed.is_final == is_final
        assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_cut_off(tmp_path: Path) -> None:
    with a_server() as (host, _):
        assert failure(NetworkTransfer(tmp_path, max_bytes=100), f"http://{host}/fw").is_final
        assert list(tmp_path.iterdir()) == []


def _secure(folder: Path, server: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.write(folder / "server.pem"))
    return context


def test_an_installed_root_vouches_for_a_server_of_files(tmp_path: Path) -> None:
    root, installed = a_root(), [""]
    transfer = NetworkTransfer(tmp_path / "in", lambda: tuple(filter(None, installed)))
    with a_server(_secure(tmp_path, root.issue("localhost"))) as (host, seen):
        url = f"https://{host.replace('127.0.0.1', 'localhost')}/fw"
        assert "CertVerif" in str(failure(transfer, url))
        installed[0] = root.pem
        assert asyncio.run(transfer.download(url, "fw")).read_bytes() == Handler.body
        asyncio.run(transfer.upload(url, "log.txt", b"lines"))
        assert [each[:2] for each in seen] == [("GET", "/fw"), ("PUT", "/fw/log.txt")]


@pytest.mark.parametrize("case", ["other host", "expired", "other root"])
def test_a_server_of_files_that_cannot_prove_itself_gets_nothing(case: str, tmp_path: Path) -> None:
    root = a_root()
    past = datetime(2021, 1, 1, tzinfo=UTC)
    server = {
        "other host": root.issue("elsewhere.example"),
        "expired": root.issue("localhost", valid=(FROM, past)),
        "other root": a_root("Other").issue("localhost"),
    }[case]
    transfer = NetworkTransfer(tmp_path / "in", lambda: (root.pem,))
    with a_server(_secure(tmp_path, server)) as (host, seen):
        url = f"https://{host.replace('127.0.0.1', 'localhost')}/fw"
        assert "CertVerif" in str(failure(transfer, url, upload=True))
        assert seen == []


def test_a_log_is_put_under_its_name_or_posted_where_put_is_unknown(tmp_path: Path) -> None:
    transfer = NetworkTransfer(tmp_path)
    with a_server() as (host, seen):
        asyncio.run(transfer.upload(f"http://{host}/in/?k=1", "log.txt", b"lines"))
        assert [each[:3] for each in seen] == [("PUT", "/in/log.txt?k=1", b"lines")]
    with a_server(status=405) as (host, seen):
        asyncio.run(transfer.upload(f"http://{host}/in", "log.txt", b"lines"))
        assert [each[:2] for each in seen] == [("PUT", "/in/log.txt"), ("POST", "/in")]


def test_an_upload_that_is_refused_says_why(tmp_path: Path) -> None:
    transfer = NetworkTransfer(tmp_path)
    for status, step in ((401, Step.PERMISSION_DENIED), (400, Step.BAD_MESSAGE)):
        with a_server(status=status) as (host, _):
            assert failure(transfer, f"http://{host}/in", upload=True).step is step
    assert failure(transfer, "smb://x/y", upload=True).step is Step.NOT_SUPPORTED
    assert not failure(transfer, "http://127.0.0.1:9/in", upload=True).is_final


def test_only_addresses_with_a_host_and_a_known_scheme_are_known(tmp_path: Path) -> None:
    transfer = NetworkTransfer(tmp_path)
    assert all(transfer.knows(f"{scheme}://h/p") for scheme in ("http", "https", "ftp", "ftps"))
    for url in ("", "file:///etc/passwd", "http:///x", "http://h:99999/", "http://[::1"):
        assert not transfer.knows(url), url


# --- FTP -----------------------------------------------------------------------------------------


@contextmanager
def an_ftp_server(files: dict[str, bytes], password: str = "p") -> Iterator[str]:
    """Just enough of RFC 959, passive."""
    control = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve_ftp, args=(control, files, password))
    thread.start()
    try:
        yield f"127.0.0.1:{control.getsockname()[1]}"
    finally:
        thread.join()
        control.close()


def _serve_ftp(  # noqa: C901 - one flat case per verb
    control: socket.socket, files: dict[str, bytes], password: str
) -> None:
    line, _ = control.accept()
    data = socket.create_server(("127.0.0.1", 0))
    with line, data, line.makefile("rw", newline="\r\n", encoding="utf-8") as talk:

        def say(text: str) -> None:
            talk.write(text + "\n")
            talk.flush()

        say("220 ready")
        for order in _orders(talk):
            verb, _, rest = order.strip().partition(" ")
            match verb:
                case "USER":
                    say("331 password")
                case "PASS":
                    say("230 in" if rest == password else "530 no")
                case "PASV" | "EPSV":
                    port = data.getsockname()[1]
                    where = f"127,0,0,1,{port >> 8},{port & 255}"
                    say(f"227 ({where})" if verb == "PASV" else f"229 (|||{port}|)")
                case "RETR" | "STOR":
                    say("150 here")
                    with data.accept()[0] as peer:
                        if verb == "RETR":
                            peer.sendall(files[rest])
                        else:
                            files[rest] = b"".join(iter(lambda: peer.recv(4096), b""))
                    say("226 done")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("200 ok")


def _orders(talk: Iterator[str]) -> Iterator[str]:
    with contextlib.suppress(ConnectionError):
        yield from talk


def test_files_go_both_ways_by_ftp(tmp_path: Path) -> None:
    files = {"/a/fw": b"firmware" * 5000}
    transfer = NetworkTransfer(tmp_path)
    with an_ftp_server(files) as host:
        path = asyncio.run(transfer.download(f"ftp://u:p@{host}/a/fw", "fw"))
        assert path.read_bytes() == files["/a/fw"]
    with an_ftp_server(files) as host:
        asyncio.run(transfer.upload(f"ftp://u:p@{host}/in", "log.txt", b"lines"))
        assert files["/in/log.txt"] == b"lines"


def test_a_wrong_ftp_password_is_told_as_such(tmp_path: Path) -> None:
    with an_ftp_server({}) as host:
        failed = failure(NetworkTransfer(tmp_path), f"ftp://u:secret@{host}/in", upload=True)
        assert failed.step is Step.PERMISSION_DENIED


# --- slots ---------------------------------------------------------------------------------------


def test_a_package_is_whole_before_it_is_announced(tmp_path: Path) -> None:
    slots = tmp_path / "slots"
    installer = SlotInstaller(slots)

    async def scenario() -> None:
        package = tmp_path / "fw"
        package.write_bytes(b"new")
        await installer.install(package, "job-1")
        assert (slots / "next.package").read_bytes() == b"new"
        assert (slots / "next.json").read_text() == '{"job": "job-1"}'
        assert not package.exists()
        assert await installer.outcome("job-1") is Installed.FAILED  # nobody has said anything
        for said, expected in (
            ("nonsense", Installed.FAILED),
            ('{"job": "job-0", "ok": true}', Installed.FAILED),
            ('{"job": "job-1", "ok": false}', Installed.FAILED),
            ('{"job": "job-1", "ok": true}', Installed.DONE),
        ):
            (slots / "result.json").write_text(said)
            assert await installer.outcome("job-1") is expected
        with pytest.raises(InstallFailed):
            await installer.install(tmp_path / "nothing", "job-2")
        assert not (slots / "next.json").exists()

    asyncio.run(scenario())
