"""`python -m central`: its provisioning file and its exit codes."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from central.__main__ import _arguments, _is_strict, main
from central.errors import WrongProvisioning
from central.feed import EVERYTHING, Feed
from central.provisioning import Provisioning, read_provisioning
from central.web import arguments as members
from tests.support.central import CARD, a_system


def _file(folder: Path, content: Any) -> Path:
    path = folder / "cards.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_provisioning_when_applied_twice_then_nothing_doubles(tmp_path: Path) -> None:
    content = {
        "tariff": {"energyMilliPerKwh": 39_000, "sessionMinor": 50},
        "programme": {"loyaltyEvery": 5},
        "cards": [
            {
                "number": CARD,
                "uid": "04A1B2C3D4E5F6",
                "balanceMinor": 2350,
                "plan": {"kind": "flatRate", "whLeft": 80_000},
                "discount": {"percent": 20, "reason": "promotion"},
                "points": 7,
            }
        ],
        "tokens": {"DEADBEEF": "Accepted"},
        "points": {"CP-1": {"name": "Harbour", "latitude": 43.3, "longitude": -2}},
    }
    provisioning = read_provisioning(_file(tmp_path, content))
    system = a_system(tariff=provisioning.tariff_value(), programme=provisioning.programme_value())
    provisioning.apply(system)
    provisioning.apply(system)
    card = system.accounts.card(CARD)
    assert card is not None
    assert system.accounts.balance(CARD) == 2350
    assert (card.plan.wh_left, card.promotion_percent, card.points) == (80_000, 20, 7)
    terms = system.accounts.terms(card)
    assert (terms.tariff.energy_milli_per_kwh, terms.tariff.session_minor) == (31_200, 40)
    assert terms.discount.charges_until_next == 5
    assert system.charges.authorise("DEADBEEF") == "Accepted"
    assert system.registry.point("CP-1").site.name == "Harbour"


def test_provisioning_when_wrong_then_every_error_with_file_and_key(tmp_path: Path) -> None:
    content = {"cards": [{"number": "123"}, {"number": CARD, "balanceMinor": -1}], "extra": 1}
    path = _file(tmp_path, content)
    with pytest.raises(WrongProvisioning) as wrong:
        read_provisioning(path)
    lines = str(wrong.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(str(path)) for line in lines)
    assert "cards.0.number" in lines[0]
    assert "cards.1.balanceMinor" in lines[1]


def test_program_when_file_is_wrong_then_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cards", str(tmp_path / "missing.json")]) == 2
    assert "missing.json" in capsys.readouterr().err


def test_program_when_port_is_taken_then_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["--ocpp-port", port, "--port", "0"]) == 1
        assert main(["--ocpp-port", "0", "--port", port]) == 1
    assert "in use" in capsys.readouterr().err


def test_help_when_asked_then_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "python -m central --db" in capsys.readouterr().out


def test_feed_when_listener_is_slow_then_it_is_told_to_read_everything() -> None:
    async def listen() -> None:
        feed = Feed()
        with feed.subscribed() as subscription:
            for number in range(1001):
                feed.changed("frame", str(number))
            assert next(iter(subscription._pending)) == EVERYTHING
            assert len(subscription._pending) == 2

    asyncio.run(listen())


@pytest.mark.parametrize(
    ("words", "is_strict"),
    [
        ([], False),
        (["--only-with-password"], True),
        (["--host", "0.0.0.0"], True),
        (["--public-url", "https://charge.example"], True),  # a proxy on this machine
        (["--public-url", "http://127.0.0.1:8081"], False),
        (["--smtp", "smtps://mail.example"], True),
        (["--mail", "mails"], True),
        (["--host", "0.0.0.0", "--no-only-with-password"], False),
        (["--host", "0.0.0.0", "--tls", "a.pem", "--tls-clients", "root.pem"], False),
    ],
)
def test_point_without_a_password_when_strangers_may_come_then_refused_unless_said_otherwise(
    words: list[str], is_strict: bool
) -> None:
    arguments = _arguments(words)
    options = members.options(arguments, Provisioning())
    assert _is_strict(arguments, options) is is_strict
