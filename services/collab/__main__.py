"""`python -m services.collab`: the collab service in a process of its own."""

from weir.yielding import SHOWING, load

if __name__ == "__main__":
    load("services.collab.service", SHOWING)

    from services.collab.service import build
    from weir.process import serve

    serve("collab", build)
