"""Software from a stick: only what the manufacturer signed, and the way back to the slot before."""

import asyncio
import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chargepoint.app.clock import SystemClock
from chargepoint.ocpp.firmware import is_signed
from chargepoint.slots import SlotInstaller
from chargepoint.stick import StickPackages
from config.system.switch_slot import TRIES, confirm, switch
from tests.support.pki import a_root


def two_slots(folder: Path, *slots: str) -> Path:
    root = folder / "root"
    for slot in slots:
        (root / slot / "chargepoint").mkdir(parents=True)
        (root / slot / "chargepoint" / "__main__.py").touch()
    (root / "current").symlink_to(slots[0])
    return root


def prepare(_slot: Path) -> None: ...


def here(root: Path) -> str:
    return (root / "current").readlink().name


# --- back -----------------------------------------------------------------------------------------


def test_back_is_the_other_slot_once_and_told_as_done(tmp_path: Path) -> None:
    root, slots = two_slots(tmp_path, "b", "a"), tmp_path / "slots"
    installer = SlotInstaller(slots, root)
    assert asyncio.run(installer.go_back()) == ""
    assert installer.waiting() == "back-to-a"
    assert switch(root, slots, prepare) == "switched"
    confirm(slots)
    assert (here(root), installer.waiting(), installer.last()) == ("a", "", True)
    assert switch(root, slots, prepare) == "unchanged"


def test_back_to_what_no_longer_starts_comes_forward_again(tmp_path: Path) -> None:
    root, slots = two_slots(tmp_path, "b", "a"), tmp_path / "slots"
    installer = SlotInstaller(slots, root)
    asyncio.run(installer.go_back())
    said = [switch(root, slots, prepare) for _ in range(TRIES + 1)]
    assert said == ["switched"] * TRIES + ["rolled_back"]
    assert (here(root), installer.last()) == ("b", False)
    assert switch(root, slots, prepare) == "unchanged"


def test_back_without_an_earlier_version_or_taken_back_changes_nothing(tmp_path: Path) -> None:
    root, slots = two_slots(tmp_path, "a"), tmp_path / "slots"
    installer = SlotInstaller(slots, root)
    assert asyncio.run(installer.go_back()) == "there is no earlier version"
    (root / "b" / "chargepoint").mkdir(parents=True)
    (root / "b" / "chargepoint" / "__main__.py").touch()
    assert asyncio.run(installer.go_back()) == ""
    asyncio.run(installer.take_back())
    assert switch(root, slots, prepare) == "unchanged"
    (slots / "back.json").write_text(json.dumps({"job": "x"}), "ascii")
    (root / "b" / "chargepoint" / "__main__.py").unlink()
    assert switch(root, slots, prepare) == "refused"
    assert here(root) == "a"


# --- from a stick ---------------------------------------------------------------------------------


class Stick:
    """One signed package, as a manufacturer's tool leaves it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder / "stick", folder / "root.pem"
        self.folder.mkdir()
        self.slots = SlotInstaller(folder / "slots", folder)
        self._scratch = folder / "transfer"
        maker = a_root("Maker")
        leaf = maker.issue("Builds")
        assert isinstance(leaf.key, ec.EllipticCurvePrivateKey)
        self.package = self.folder / "v2.tar"
        self.package.write_bytes(b"software" * 1000)
        raw = leaf.key.sign(self.package.read_bytes(), ec.ECDSA(hashes.SHA256()))
        self.root.write_text(maker.pem, "ascii")
        (self.folder / "v2.tar.pem").write_text(leaf.pem, "ascii")
        (self.folder / "v2.tar.sig").write_text(base64.b64encode(raw).decode() + "\n", "ascii")

    def install(self, folder: str = "", root: str = "") -> str:
        packages = StickPackages(
            folder or str(self.folder),
            self._scratch,
            root_file=root or str(self.root),
            verify=is_signed,
            installer=self.slots,
            clock=SystemClock(),
        )
        return asyncio.run(packages.install())


def test_signed_package_waits_for_the_next_start_and_can_be_taken_back(tmp_path: Path) -> None:
    stick = Stick(tmp_path)
    assert stick.install() == ""
    assert stick.slots.waiting() == "stick-v2"
    assert (tmp_path / "slots" / "next.package").read_bytes() == stick.package.read_bytes()
    assert stick.package.exists()
    asyncio.run(stick.slots.take_back())
    assert stick.slots.waiting() == ""


def test_changed_package_another_maker_and_no_signature_are_refused(tmp_path: Path) -> None:
    stick = Stick(tmp_path)
    foreign = tmp_path / "foreign.pem"
    foreign.write_text(a_root("Somebody").pem, "ascii")
    assert stick.install(root=str(foreign)).startswith("certificate: ")
    stick.package.write_bytes(stick.package.read_bytes() + b"!")
    assert stick.install() == "the package is not what was signed"
    (stick.folder / "v2.tar.pem").write_text("no certificate", "ascii")
    assert stick.install().startswith("certificate: ")
    (stick.folder / "v2.tar.sig").unlink()
    assert "not one package" in stick.install()
    assert stick.slots.waiting() == ""


def test_no_stick_two_packages_and_nonsense_are_told(tmp_path: Path) -> None:
    stick = Stick(tmp_path)
    assert "not one package" in stick.install(folder=str(tmp_path / "nowhere"))
    (stick.folder / "v2.tar.pem").write_bytes(b"\xff\xfe")
    assert stick.install().endswith("unreadable")
    (stick.folder / "v3.tar").touch()
    assert "not one package" in stick.install()
