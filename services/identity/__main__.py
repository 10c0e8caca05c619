"""`python -m services.identity`: the identity service in a process of its own."""

from weir.yielding import SHOWING, load

if __name__ == "__main__":
    load("services.identity.service", SHOWING)

    from services.identity.first_person import first_link
    from services.identity.service import build
    from weir.process import serve

    serve("identity", build, first_link)
