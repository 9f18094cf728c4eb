"""Where a stranger's endpoint may lead: to a push service's name, by https, in the public net."""

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from central.phone.push import PushLost, PushRefused, WrongSubscription
from central.webpush.reach import endpoint, is_public, public_address


@pytest.mark.parametrize(
    ("address", "host", "target"),
    [
        ("https://fcm.googleapis.com/fcm/send/a:b-c_d", "fcm.googleapis.com", "/fcm/send/a:b-c_d"),
        (
            "https://updates.push.services.mozilla.com:443/w/v2/x?y=1",
            "updates.push.services.mozilla.com",
            "/w/v2/x?y=1",
        ),
        ("https://WEB.push.apple.com", "web.push.apple.com", "/"),
        ("https://x.notify.windows.com./w/?token=a%2b", "x.notify.windows.com", "/w/?token=a%2b"),
    ],
)
def test_endpoint_of_a_push_service_is_read(address: str, host: str, target: str) -> None:
    found = endpoint(address)
    assert (found.host, found.target, found.origin) == (host, target, f"https://{host}")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "push.example.org/x",
        "http://push.example.org/x",
        "ftp://push.example.org/x",
        "file:///etc/passwd",
        "https:///x",
        "https://localhost/x",
        "https://printer/x",
        "https://db.internal/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.1/x",
        "https://10.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://push.example.org:8443/x",
        "https://push.example.org:22/x",
        "https://push.example.org:x/",
        "https://me@push.example.org/x",
        "https://push.example.org@10.0.0.1/x",
        "https://push.example.org\\@10.0.0.1/x",
        "https://push.example.org/x\r\nHost: a",
        "https://push.example.org/x y",
        "https://push..example.org/x",
        "https://-push.example.org/x",
        "https://push.example.org/#x",
        "https://" + "a" * 64 + ".org/",
        "https://push.example。org/",
    ],
)
def test_endpoint_when_it_leads_elsewhere_then_refused(address: str) -> None:
    with pytest.raises(WrongSubscription):
        endpoint(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("142.250.184.10", True),
        ("2a00:1450:4003:80e::200a", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.5.5", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd12::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:142.250.184.10", True),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2001:0:a00:1::", False),
    ],
)
def test_address_when_it_is_in_a_private_network_then_not_public(
    address: str, *, expected: bool
) -> None:
    assert is_public(ipaddress.ip_address(address)) == expected


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(*_: Any, **__: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror("no such name")
        return [(0, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_name_when_it_leads_into_the_public_net_then_its_first_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, "142.250.184.10", "142.250.184.11")
    assert asyncio.run(public_address("push.example.org")) == ("142.250.184.10", 443)


@pytest.mark.parametrize("second", ["127.0.0.1", "10.0.0.7", "::1", "fd00::5"])
def test_name_when_one_of_its_addresses_is_ours_then_refused(
    monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    resolving(monkeypatch, "142.250.184.10", second)
    with pytest.raises(PushRefused):
        asyncio.run(public_address("push.example.org"))


def test_name_when_nobody_knows_it_then_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch)
    with pytest.raises(PushLost):
        asyncio.run(public_address("push.example.org"))
