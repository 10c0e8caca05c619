"""The process in which heavy expressions are evaluated: `python -m weir.runtime.worker_evaluator`.

It reads requests on its standard input and answers on its standard output, each
a JSON value after its length in four bytes; before the first it writes a length
of zero, to say that it is ready. It has no environment, may write no
file and use no more memory and time than it was told at its start; whoever
started it kills it when an answer is late.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any, BinaryIO

import orjson

from weir.core.expressions import (
    TASK_BUDGET,
    BudgetExceededError,
    EvaluationError,
    ExpressionError,
    Scope,
    compile_template,
)

LENGTH = 4


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The value or the error of one request."""
    scope = Scope(roots=request["roots"], now_ms=request["now_ms"], seed=request["seed"])
    try:
        template = compile_template(request["config"], path="")
        return {"value": template.evaluate(scope, TASK_BUDGET)}
    except EvaluationError as error:
        details = {"path": error.path, "field": error.field}
        return {"error": {"code": error.code, "message": error.message, "details": details}}
    except (ExpressionError, BudgetExceededError) as error:
        return {"error": {"code": error.code, "message": error.message}}
    except (MemoryError, RecursionError):
        message = "the expression needs too much memory: keep what it reads smaller"
        return {"error": {"code": BudgetExceededError.code, "message": message}}


def serve(requests: BinaryIO, answers: BinaryIO, seconds: int) -> None:
    """Answer until the input ends. One request may use `seconds` of processor time."""
    answers.write(bytes(LENGTH))
    answers.flush()
    while len(head := requests.read(LENGTH)) == LENGTH:
        request = orjson.loads(requests.read(int.from_bytes(head, "big")))
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        # The limit counts a process's whole life, so it moves along with each request.
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))
        data = orjson.dumps(answer(request))
        answers.write(len(data).to_bytes(LENGTH, "big") + data)
        answers.flush()


def main() -> None:
    """Bind ourselves, then serve."""
    seconds, megabytes = int(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not look like an answer
    memory = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, answers, seconds)


if __name__ == "__main__":
    main()
