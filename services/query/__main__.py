"""`python -m services.query`: the query service in a process of its own."""

from weir.yielding import SHOWING, load

if __name__ == "__main__":
    load("services.query.service", SHOWING)

    from services.query.service import build
    from weir.process import serve

    serve("query", build)
