"""The secrets port in memory: the same envelopes, under keys that end with the process."""

from __future__ import annotations

from collections.abc import Sequence

from weir.adapters.envelope.secrets import EnvelopeSecrets
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.keys import MemoryKeys
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.ports.keys import KeyProvider


class MemorySecrets(EnvelopeSecrets):
    """Envelopes whose data keys lie in a log of their own."""

    def __init__(self, providers: Sequence[KeyProvider] = ()) -> None:
        clock = SystemClock()
        log = MemoryLog(Broker(clock).connect(), subjects.REGISTRY)
        super().__init__(log, clock, providers or (MemoryKeys(),))
