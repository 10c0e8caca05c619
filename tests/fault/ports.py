"""Ports for processes that are started again and again on the same one.

They lie below those that the kernel gives to outgoing connections, so that
nobody takes one while its process is dead.
"""

from __future__ import annotations

import socket
from random import Random

_RANGE = range(20_000, 32_000)
_random = Random()  # two runs of the tests beside each other look in different places
_given: set[int] = set()


def free_port() -> int:
    """A port of the loopback that nobody listens on and that was not given before."""
    while True:
        port = _random.choice(_RANGE)
        if port in _given:
            continue
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        _given.add(port)
        return port
