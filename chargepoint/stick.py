"""A software package from a stick: taken only when the manufacturer has signed it.

    NAME.tar        the package
    NAME.tar.pem    certificate of who signed it, and what vouches for it
    NAME.tar.sig    signature of the package, base64, as in SignedUpdateFirmware

What is verified is a copy: nobody changes it afterwards by pulling the stick. It becomes the package of
the next start (slots.py); switch_slot.py goes back by itself when it does not run.
"""

import asyncio
import shutil
from pathlib import Path

from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.x509 import CertificateWrong
from chargepoint.ports import Clock
from chargepoint.security_ports import Installer, InstallFailed, Verify

_MOST_BYTES = 1 << 30
_MOST_TEXT_BYTES = 1 << 16


class StickPackages:
    def __init__(
        self,
        folder: str,
        scratch: Path,
        *,
        root_file: str,
        verify: Verify,
        installer: Installer,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._scratch = scratch
        self._root_file = root_file
        self._verify = verify
        self._installer = installer
        self._clock = clock

    async def install(self) -> str:
        """Why not, or nothing: then it waits for the next start."""
        if not self._folder:
            return "service.packages is not set"
        if not self._root_file:
            return "central.manufacturer_root_file is not set"
        try:
            return await self._install()
        except CertificateWrong as wrong:
            return f"certificate: {wrong}"
        except InstallFailed as failed:
            return str(failed)
        except (OSError, UnicodeDecodeError) as error:
            return f"{self._folder}: {getattr(error, 'strerror', None) or 'unreadable'}"

    async def _install(self) -> str:
        found = await asyncio.to_thread(self._copied)
        if found is None:
            return f"{self._folder}: not one package NAME.tar with NAME.tar.pem and NAME.tar.sig"
        package, certificate, signature = found
        root = await asyncio.to_thread(_text, Path(self._root_file))
        chain = x509.read_chain(certificate)
        x509.check_path(chain, [x509.read_one(root)], self._clock.utc())
        if not await self._verify(package, certificate, signature.strip()):
            await asyncio.to_thread(package.unlink)
            return "the package is not what was signed"
        await self._installer.install(package, f"stick-{package.stem}")
        return ""

    def _copied(self) -> tuple[Path, str, str] | None:
        """Exactly one package, so that nobody installs another one than they mean."""
        packages = sorted(Path(self._folder).glob("*.tar"))
        if len(packages) != 1 or packages[0].stat().st_size > _MOST_BYTES:
            return None
        package = packages[0]
        beside = [package.with_name(f"{package.name}{end}") for end in (".pem", ".sig")]
        if not all(each.is_file() for each in beside):
            return None
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = self._scratch / package.name
        shutil.copyfile(package, copy)
        return copy, _text(beside[0]), _text(beside[1])


def _text(file: Path) -> str:
    with file.open("rb") as source:
        return source.read(_MOST_TEXT_BYTES).decode("ascii")
