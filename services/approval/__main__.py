"""`python -m services.approval`: the approval service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.approval.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("approval", build)
