"""A server that speaks AWS, in a process of its own: moto."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen


class AwsServer:
    """Entered, it is its address."""

    def __enter__(self) -> str:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while True:
            try:
                with urlopen(f"{url}/moto-api/", timeout=5):  # noqa: S310
                    return url
            except (URLError, ConnectionError):
                assert time.monotonic() < until, "no AWS server"
                time.sleep(0.05)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
