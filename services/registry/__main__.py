"""`python -m services.registry`: the registry service in a process of its own."""

from weir.yielding import SHOWING, load

if __name__ == "__main__":
    load("services.registry.service", SHOWING)

    from services.registry.service import build
    from weir.process import serve

    serve("registry", build)
