"""What is inside what, as a value and back: the part of a snapshot that only some runs have."""

from __future__ import annotations

from typing import Any, TypeVar

from immutables import Map

from weir.contract.messages import Error, Message, PauseRequested, ResumeRequested
from weir.core.canonical import message_value
from weir.core.state import NO_NEST, Blob, Block, Gate, Nest, Scope, Signal, Undo

M = TypeVar("M", bound=Message)


# A run's own data may look like a reference: what is one is said beside it.
def packed(value: Any) -> Any:
    """A value of the run as JSON that can be read back."""
    return {"blob": value._asdict()} if isinstance(value, Blob) else {"value": value}


def unpacked(value: dict[str, Any]) -> Any:
    """The value that was packed."""
    return Blob(**value["blob"]) if "blob" in value else value["value"]


def nest_value(nest: Nest) -> dict[str, Any] | None:
    """Everything that is recorded of it; None for the runs that have none."""
    if nest is NO_NEST:
        return None
    return {
        "blocks": {path: block_value(block) for path, block in sorted(nest.blocks.items())},
        "scopes": {
            place: {**scope._asdict(), "error": message_value(scope.error)}
            for place, scope in sorted(nest.scopes.items())
        },
        "undo": [nest.undo[at] for at in sorted(nest.undo)],
        "undoing": {
            place: {
                **undo._asdict(),
                "error": message_value(undo.error),
                "failed": [message_value(error) for error in undo.failed],
            }
            for place, undo in sorted(nest.undoing.items())
        },
        "signals": {
            name: [[signal.signal_id, signal.payload] for signal in early]
            for name, early in sorted(nest.signals.items())
        },
        "signal_ids": sorted(nest.signal_ids),
        "awaiting": {name: list(paths) for name, paths in sorted(nest.awaiting.items())},
        "vars": dict(sorted(nest.vars.items())),
        "leaving": dict(sorted(nest.leaving.items())),
        "pause": message_value(nest.wish) if isinstance(nest.wish, PauseRequested) else None,
        "resume": message_value(nest.wish) if isinstance(nest.wish, ResumeRequested) else None,
        "gates": [gate._asdict() for gate in nest.gates],
        "labels": dict(sorted(nest.labels.items())),
        "search": dict(sorted(nest.search.items())),
        "attributed": nest.attributed,
    }


def nest_of(value: dict[str, Any] | None) -> Nest:
    """What was taken."""
    if value is None:
        return NO_NEST
    undo = value["undo"]
    return Nest(
        blocks=Map({path: block_of(block) for path, block in value["blocks"].items()}),
        scopes=Map(
            {
                place: Scope(
                    **{
                        **scope,
                        "members": tuple(scope["members"]),
                        "error": _message(Error, scope["error"]),
                    }
                )
                for place, scope in value["scopes"].items()
            }
        ),
        undo=Map(dict(enumerate(undo))),
        undo_top=len(undo),
        undoing=Map(
            {
                place: Undo(
                    _message(Error, undo["error"]),
                    undo["undone"],
                    tuple(Error.model_validate(error) for error in undo["failed"]),
                    undo["over"],
                )
                for place, undo in value["undoing"].items()
            }
        ),
        signals=Map(
            {
                name: tuple(Signal(*signal) for signal in early)
                for name, early in value["signals"].items()
            }
        ),
        signal_ids=Map(dict.fromkeys(value["signal_ids"], True)),
        awaiting=Map({name: tuple(paths) for name, paths in value["awaiting"].items()}),
        vars=Map(value["vars"]),
        leaving=Map(value["leaving"]),
        wish=_message(PauseRequested, value["pause"]) or _message(ResumeRequested, value["resume"]),
        gates=tuple(Gate(**gate) for gate in value.get("gates", ())),
        labels=Map(value.get("labels", {})),
        search=Map(value.get("search", {})),
        attributed=value.get("attributed", False),
    )


def block_value(block: Block) -> dict[str, Any]:
    """A container that was entered, as JSON."""
    return {
        **block._asdict(),
        "rounds": {str(at): ended for at, ended in sorted(block.rounds.items())},
        "results": [[at, packed(value)] for at, value in sorted(block.results.items())],
        "acc": packed(block.acc),
        "output": packed(block.output),
        "error": message_value(block.error),
    }


def block_of(value: dict[str, Any]) -> Block:
    """The container that was taken."""
    return Block(
        **{
            **value,
            "rounds": Map({int(at): ended for at, ended in value["rounds"].items()}),
            "results": Map({at: unpacked(result) for at, result in value["results"]}),
            "acc": unpacked(value["acc"]),
            "output": unpacked(value["output"]),
            "error": _message(Error, value["error"]),
        }
    )


def _message(kind: type[M], value: Any) -> M | None:
    return None if value is None else kind.model_validate(value)
