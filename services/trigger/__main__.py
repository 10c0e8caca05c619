"""`python -m services.trigger`: the trigger service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.trigger.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("trigger", build)
