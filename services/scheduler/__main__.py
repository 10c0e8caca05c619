"""`python -m services.scheduler`: the scheduler service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.scheduler.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("scheduler", build)
