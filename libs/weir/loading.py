"""Imported by a process of ours before anything else, for a short start.

A process that died is made up for once another has started, so a start is kept
short of what loading modules does beside it:

- Nothing that is loaded is garbage; searching it for cycles is a fifth of a start.
  The main lets the collector go on once all is there.
- structlog takes rich for tracebacks on a console where it finds it: a twelfth.
- aiohttp reads the machine's root certificates, twice: a tenth. They are read
  when it first speaks TLS, by the very context that is to use them.
- pydantic asks every installed package for plugins, and makes the checks of each
  model while its class is made. Here they are made when the first value comes:
  what only describes an answer never needs them.

A library must not import this.
"""

import gc
import os
import ssl
import sys
from typing import Any


def _without_rich() -> None:
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401, PLC0415

    del sys.modules["rich"]


def _no_roots(_: ssl.SSLContext) -> None:
    """Nothing."""


def _roots_later() -> None:
    if "aiohttp" in sys.modules:
        return
    # Set over the method of its base for as long as aiohttp is loaded.
    ssl.SSLContext.set_default_verify_paths = _no_roots  # type: ignore[method-assign, assignment]
    try:
        from aiohttp import connector  # noqa: PLC0415
    finally:
        del ssl.SSLContext.set_default_verify_paths
    context = connector._SSL_CONTEXT_VERIFIED  # noqa: SLF001

    def first(*args: Any, **named: Any) -> ssl.SSLObject:
        vars(context).pop("wrap_bio", None)  # uncovers the method
        context.load_default_certs()
        return context.wrap_bio(*args, **named)

    context.wrap_bio = first  # type: ignore[method-assign]


def _checks_later() -> None:
    import pydantic  # noqa: PLC0415 - reads the environment

    pydantic.BaseModel.model_config["defer_build"] = True


gc.disable()
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
_without_rich()
_roots_later()
_checks_later()
