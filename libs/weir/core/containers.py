"""Deciding containers: what happens when one is reached, when its inside ends, or fails."""

from __future__ import annotations

from typing import Any

from weir.contract import times
from weir.contract.codec import INLINE_LIMIT
from weir.contract.messages import Error, IterationCompleted, ScopeEntered, SectionEntered
from weir.core.compensation import begin_undo, is_undoable, with_failures
from weir.core.control.behaviour import Completed, Enter, Failed, Reached
from weir.core.control.catalogue import BEHAVIOURS
from weir.core.control.race import lost
from weir.core.control.try_catch import takes_code
from weir.core.control.while_loop import over_limit
from weir.core.graph import Node
from weir.core.nesting import container_of, first_home, name_of, round_of
from weir.core.scope import Viewed, shown, shown_error
from weir.core.sizes import size_of
from weir.core.state import LOOPS, Blob, Block, Scope, Step
from weir.core.turn import HEAVY, Turn

_TOO_HEAVY = "reads or does more than is allowed here: let it look at less"


def enter(turn: Turn, path: str, node: Node, step: Step | None) -> None:
    """A container is reached, or the list it goes over has come from an executor."""
    config = _config(turn, path, node, step)
    if config is HEAVY and node.type == "for_each":
        # There the list is written down in pages.
        turn.dispatch(path, node, turn.next_attempt(path))
        return
    if config is HEAVY:
        config = _heavy(path, "the configuration")
    if isinstance(config, Error):
        turn.fail(path, config)
        return
    outcome = BEHAVIOURS[node.type](config, Reached(turn.now, {}))
    match outcome:
        case Failed(error):
            turn.fail(path, error)
        case Completed(output):
            turn.hand_on(path, node, output, "out")
        case Enter(scope):
            _open(turn, path, node, scope)


def _config(turn: Turn, path: str, node: Node, step: Step | None) -> Any:
    """What a container is given; HEAVY if only an executor can make it."""
    if step is not None and step.answer is not None and step.answer.verdict == "items":
        made = step.answer.value
        return _heavy(path, "what it goes over") if isinstance(made, Blob) else made
    config = turn.try_evaluate(node.template, Viewed(path))
    if node.type == "for_each" and size_of(config, INLINE_LIMIT) > INLINE_LIMIT:
        return HEAVY
    return config


def _open(turn: Turn, path: str, node: Node, scope: ScopeEntered) -> None:
    if scope.kind == "while":
        more = _goes_on(turn, path, node, scope.acc, 0)
        if more is not True:
            if isinstance(more, Error):
                turn.fail(path, more)
            else:
                turn.hand_on(path, node, scope.acc, "out")
            return
        scope = scope.model_copy(update={"more": True})
    if node.timeout_ms:
        deadline = times.from_ms(turn.now + int(node.timeout_ms))
        scope = scope.model_copy(update={"deadline_at": deadline})
    turn.bytes += size_of(scope.items, INLINE_LIMIT)
    turn.record(scope, path)


def _goes_on(turn: Turn, path: str, node: Node, acc: Any, index: int) -> bool | Error:
    """Whether a `while` has another iteration."""
    answer = turn.try_evaluate(node.inner["condition"], Viewed(path, acc=(acc, index)))
    if answer is HEAVY:
        return _heavy(path, "the condition")
    if isinstance(answer, Error | bool):
        return (over_limit(node.config, index) or True) if answer is True else answer
    message = "the condition gave neither true nor false: compare it with something"
    return Error(code="CONDITION_NOT_BOOLEAN", message=message, step=path)


def ask_scope(turn: Turn, place: str) -> None:
    """An iteration has ended or failed."""
    path, index = container_of(place), round_of(place)
    node = turn.graph.nodes[name_of(path)]
    scope, block = turn.run.nest.scopes[place], turn.run.nest.blocks[path]
    error = scope.error
    keep = node.id in turn.graph.sagas and is_undoable(turn, place)
    if error is not None:
        policy = node.config.get("on_item_error", "stop") if node.type == "for_each" else "stop"
        if policy == "stop":
            turn.fail(path, error)
            return
        kept = {"error": shown_error(error)} if policy == "collect" else None
        turn.record(IterationCompleted(index=index, output=kept, error=error, keep=keep), path)
        return
    done = _yielded(turn, place, node, scope)
    if isinstance(done, Error):
        turn.fail(path, done)
        return
    if block.kind == "while":
        acc = turn.run.steps[f"{place}/{done.source}"].output if done.source else done.output
        more = _goes_on(turn, path, node, acc, index + 1)
        if isinstance(more, Error):
            turn.fail(path, more)
            return
        done = done.model_copy(update={"more": more})
    turn.record(done.model_copy(update={"index": index, "keep": keep}), path)


def _yielded(turn: Turn, place: str, node: Node, scope: Scope) -> IterationCompleted | Error:
    """What an iteration comes to: its `output`, else what its last steps came to."""
    template = node.inner.get("output")
    if template is not None:
        value = turn.try_evaluate(template, Viewed(f"{place}/$output"))
        if value is HEAVY:
            return _heavy(place, "output")
        if isinstance(value, Error):
            return value.model_copy(update={"step": place})
        size = size_of(value, INLINE_LIMIT)
        if size > INLINE_LIMIT:
            return _heavy(place, "output")
        turn.bytes += size
        return IterationCompleted(output=value)
    ends = _ends(turn, place, node, scope.section)
    if len(ends) == 1:
        return IterationCompleted(source=ends[0])
    return IterationCompleted(output=_by_name(turn, place, ends))


def _ends(turn: Turn, place: str, node: Node, section: str) -> list[str]:
    """The last steps of a section that came to a good end."""
    steps = turn.run.steps
    return [
        sink
        for sink in turn.graph.section(node.id, section).sinks
        if (step := steps.get(f"{place}/{sink}")) is not None
        and step.status in {"succeeded", "caught"}
    ]


def _by_name(turn: Turn, place: str, names: list[str]) -> Any:
    steps = turn.run.steps
    outputs = {name: shown(steps[f"{place}/{name}"].output) for name in names}
    return outputs or None


def ask_block(turn: Turn, path: str, node: Node) -> None:
    """A container's inside has come to its end."""
    nest = turn.run.nest
    block = nest.blocks[path]
    if path in nest.undoing:
        undo = nest.undoing[path]
        turn.fail(path, with_failures(undo.error, undo.failed))
    elif block.kind in LOOPS:
        _end_loop(turn, path, node, block)
    elif block.kind == "try":
        _ask_try(turn, path, node, block, nest.scopes[path])
    elif block.kind == "race":
        _ask_race(turn, path, node, nest.scopes[path])
    else:
        failed = nest.scopes[path].error
        output = _section_output(turn, path, node, "body") if failed is None else failed
        _end_block(turn, path, node, output)


def fail_block(turn: Turn, path: str, node: Node, error: Error) -> None:
    """A container fails; a scope undoes first what was done in it."""
    if node.type != "scope" or not begin_undo(turn, path, error):
        turn.fail(path, error)


def _end_loop(turn: Turn, path: str, node: Node, block: Block) -> None:
    if block.chained:
        _end_block(turn, path, node, block.acc)
        return
    results = block.results
    _end_block(turn, path, node, [shown(results.get(at)) for at in range(block.total)])


def _end_block(turn: Turn, path: str, node: Node, output: Any) -> None:
    """The container is done; what is too much for the log goes by an executor."""
    if isinstance(output, Error):
        fail_block(turn, path, node, output)
    elif isinstance(output, Blob):
        turn.complete(path, output)
    elif size_of(output, INLINE_LIMIT) > INLINE_LIMIT:
        turn.collect(path, output)
    else:
        turn.hand_on(path, node, output, "out")


def _section_output(turn: Turn, path: str, node: Node, section: str) -> Any:
    """What a scope or a section of a try yields."""
    template = node.inner.get("output")
    if template is not None and section != "finally":
        value = turn.try_evaluate(template, Viewed(f"{path}/$output"))
        return _heavy(path, "output") if value is HEAVY else value
    ends = _ends(turn, path, node, section)
    if len(ends) == 1:
        return turn.run.steps[f"{path}/{ends[0]}"].output
    return _by_name(turn, path, ends)


def _ask_try(turn: Turn, path: str, node: Node, block: Block, scope: Scope) -> None:
    """The body, the catch or the finally section has ended or failed."""
    error, here = scope.error, scope.section
    graph = turn.graph
    if here == "finally":
        pending = error or block.error
        if pending is not None:
            turn.fail(path, pending)
        else:
            _end_block(turn, path, node, block.output)
        return
    if error is not None and here == "body" and graph.section(node.id, "catch").size:
        caught = _catches(turn, path, node, error)
        if isinstance(caught, Error):
            error = caught
        elif caught:
            turn.record(SectionEntered(section="catch", error=error), path)
            return
    output = None if error is not None else _section_output(turn, path, node, here)
    if isinstance(output, Error):
        error, output = output, None
    if graph.section(node.id, "finally").size:
        turn.record(SectionEntered(section="finally", error=error, output=output), path)
    elif error is not None:
        turn.fail(path, error)
    else:
        _end_block(turn, path, node, output)


def _catches(turn: Turn, path: str, node: Node, error: Error) -> bool | Error:
    if not takes_code(node.config, error):
        return False
    condition = node.inner.get("when")
    if condition is None:
        return True
    answer = turn.try_evaluate(condition, Viewed(path, error=shown_error(error)))
    if isinstance(answer, bool | Error):
        return answer
    message = f"`when` gave neither true nor false; what had failed: {error.code}: {error.message}"
    return Error(code="CONDITION_NOT_BOOLEAN", message=message, step=path)


def _ask_race(turn: Turn, path: str, node: Node, scope: Scope) -> None:
    winner = first_home(turn.run, turn.graph, path)
    if winner is None:
        turn.fail(path, lost(scope.error))
        return
    output = {"winner": name_of(winner), "output": shown(turn.run.steps[winner].output)}
    _end_block(turn, path, node, output)


def _heavy(path: str, what: str) -> Error:
    return Error(code="EXPRESSION_BUDGET", message=f"{what} {_TOO_HEAVY}", step=path)
