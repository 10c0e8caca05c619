"""`python -m services.executor`: the executor service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.executor.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("executor", build)
