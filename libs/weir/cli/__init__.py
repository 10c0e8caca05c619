"""The command line `weir`. What a command needs is imported when it runs, so that help is quick."""

from weir.cli.commands import app

__all__ = ["app"]
