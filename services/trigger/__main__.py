"""`python -m services.trigger`: the trigger service in a process of its own."""

from weir.yielding import INTAKE, load

if __name__ == "__main__":
    load("services.trigger.service", INTAKE)

    from services.trigger.service import build
    from weir.process import serve

    serve("trigger", build)
