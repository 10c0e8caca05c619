"""`python -m services.collab`: the collab service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.collab.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("collab", build)
