"""`python -m services.query`: the query service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.query.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("query", build)
