"""`python -m services.identity`: the identity service in a process of its own."""

import weir.loading  # noqa: F401 - first
from services.identity.first_person import first_link
from services.identity.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("identity", build, first_link)
