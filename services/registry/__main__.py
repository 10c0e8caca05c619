"""`python -m services.registry`: the registry service in a process of its own."""

from services.registry.service import build
from weir.process import serve

if __name__ == "__main__":
    serve("registry", build)
