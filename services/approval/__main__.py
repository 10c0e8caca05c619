"""`python -m services.approval`: the approval service in a process of its own."""

from weir.yielding import SHOWING, load

if __name__ == "__main__":
    load("services.approval.service", SHOWING)

    from services.approval.service import build
    from weir.process import serve

    serve("approval", build)
