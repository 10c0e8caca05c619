"""Programs as definitions, the way an author writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fault.programs.making import Act, Chain, Code

RETRY = {"max_attempts": 12, "initial": "100ms", "factor": 1.5, "max": "1s", "jitter": 0.2}
_EXIT = "_end"


class Writer:
    """Writes one program; `children` are the ids of the workflows it may call."""

    def __init__(self, url: str, children: Sequence[str]) -> None:
        self._url = url
        self._children = children
        self._nodes: list[dict[str, Any]] = []
        self._edges: list[dict[str, str]] = []

    def definition(self, code: Code, name: str) -> dict[str, Any]:
        """The document to publish."""
        self._nodes = [{"id": "start", "type": "manual"}]
        self._edges = []
        _, value = self._chain(code.chain, "input.n", [("start", "out")], {})
        lists = {act.name: f"{{{{ steps.{act.name} }}}}" for act in looked_at(code)}
        return {
            "schema": "weir/v1",
            "name": name,
            "vars": {"acc": 1},
            "nodes": self._nodes,
            "edges": self._edges,
            "output": {"v": f"{{{{ {value} }}}}", **lists},
        }

    def _node(self, name: str, kind: str, place: dict[str, str], config: Any, **more: Any) -> None:
        node = {"id": name, "type": kind, **place, **more}
        self._nodes.append(node if config is None else {**node, "config": config})

    def _join(self, ends: list[tuple[str, str]], target: str) -> None:
        for source, port in ends:
            edge = {"source": source, "target": target}
            self._edges.append(edge if port == "out" else {**edge, "source_port": port})

    def _chain(
        self, chain: Chain, value: str, ends: list[tuple[str, str]], place: dict[str, str]
    ) -> tuple[list[tuple[str, str]], str]:
        """Its loose ends, and the expression of its value."""
        for act in chain:
            ends, value = getattr(self, f"_{act.kind}")(act, value, ends, place)
        return ends, value

    def _plain(
        self, act: Act, ends: list[tuple[str, str]], kind: str, place: Any, config: Any, **more: Any
    ) -> list[tuple[str, str]]:
        self._node(act.name, kind, place, config, **more)
        self._join(ends, act.name)
        return [(act.name, "out")]

    def _call_outside(self, step: str, value: str, **told: Any) -> dict[str, Any]:
        body = {"run": "{{ run.id }}", "step": step, "v": f"{{{{ {value} }}}}", **told}
        return {"method": "POST", "url": f"{self._url}/effects", "body": body}

    def _set(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        config = {"values": {"v": f"{{{{ ({value} * 3 + {act.given['k']}) % 1009 }}}}"}}
        return self._plain(act, ends, "set", place, config), f"steps.{act.name}.v"

    def _effect(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        given = act.given
        told = {"failures": given["failures"], "ms": given["ms"]}
        config = self._call_outside(act.name, f"{value} + {given['k']}", **told)
        more: dict[str, Any] = {"retry": RETRY}
        mine = f"steps.{act.name}.body.v"
        if given["undo"]:
            more["compensate"] = f"{act.name}_u"
            undo = self._call_outside(f"{act.name}_u", mine, failures=given["k"] % 2)
            self._node(f"{act.name}_u", "http_request", place, undo, retry=RETRY)
        return self._plain(act, ends, "http_request", place, config, **more), mine

    _flaky = _slow = _effect

    def _bad(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        given = act.given
        status = f"{{{{ {value} % {given['modulus']} == 0 ? 422 : 200 }}}}"
        config = self._call_outside(act.name, value, status=status)
        policy = given["policy"]
        ends = self._plain(act, ends, "http_request", place, config, on_error=policy, retry=RETRY)
        if policy == "route":
            handler = f"{act.name}_h"
            self._node(
                handler, "http_request", place, self._call_outside(handler, value), retry=RETRY
            )
            self._join([(act.name, "error")], handler)
            ends = self._merge(act, [*ends, (handler, "out")], place, join="any")
        return ends, value

    def _merge(
        self, act: Act, ends: list[tuple[str, str]], place: Any, **more: Any
    ) -> list[tuple[str, str]]:
        self._node(act.name + _EXIT, "merge", place, None, **more)
        self._join(ends, act.name + _EXIT)
        return [(act.name + _EXIT, "out")]

    def _sleep(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        config = {"duration": f"{act.given['ms']}ms"}
        return self._plain(act, ends, "delay", place, config), value

    def _signal(self, act: Act, _value: str, ends: Any, place: Any) -> Any:
        ends = self._plain(act, ends, "wait_signal", place, {"name": act.name})
        return ends, f"steps.{act.name}.v"

    def _late(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        config = {"name": "never", "timeout": "300ms"}
        ends = self._plain(act, ends, "wait_signal", place, config, on_error="continue")
        return ends, value

    def _park(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        mark = f"{act.name}_m"
        config = self._call_outside(mark, value)
        self._node(mark, "http_request", place, config, retry=RETRY)
        self._join(ends, mark)
        ends = self._plain(act, [(mark, "out")], "wait_signal", place, {"name": "never"})
        return ends, value

    def _variable(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        new = f"{{{{ (vars.acc * 5 + {value}) % 1009 }}}}"
        ends = self._plain(act, ends, "set_variables", place, {"values": {"acc": new}})
        return ends, f"steps.{act.name}.acc"

    def _call(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        workflow = self._children[act.given["program"]]
        config = {"workflow": workflow, "input": {"n": f"{{{{ {value} }}}}"}}
        return self._plain(act, ends, "sub_workflow", place, config), f"steps.{act.name}.v"

    def _if(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        config = {"condition": f"{{{{ {value} % {act.given['modulus']} == 0 }}}}"}
        self._plain(act, ends, "if", place, config)
        then, _ = self._chain(act.parts["then"], value, [(act.name, "true")], place)
        other, _ = self._chain(act.parts["else"], value, [(act.name, "false")], place)
        return self._merge(act, [*then, *other], place, join="any"), value

    def _parallel(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        loose: list[tuple[str, str]] = []
        for part in act.parts.values():
            loose += self._chain(part, value, ends, place)[0]
        return self._merge(act, loose, place), value

    def _box(
        self, act: Act, ends: Any, place: Any, config: Any, inner: dict[str, str]
    ) -> list[tuple[str, str]]:
        """A container; `inner` is the value that each of its parts begins with."""
        out = self._plain(act, ends, act.kind, place, config)
        for part, value in inner.items():
            within = {"parent": act.name}
            if act.kind == "try":
                within["section"] = part
            self._chain(act.parts[part], value, [], within)
        return out

    def _for_each(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        given = act.given
        items = ", ".join(f"{value} + {at}" for at in range(given["items"]))
        config: dict[str, Any] = {
            "items": f"{{{{ [{items}] }}}}",
            "concurrency": given["concurrency"],
            "on_item_error": given["policy"],
        }
        if given["gathers"]:
            config["acc"] = {"v": f"{{{{ {value} }}}}"}
            ends = self._box(act, ends, place, config, {"body": "acc.v"})
            return ends, f"steps.{act.name}.v"
        return self._box(act, ends, place, config, {"body": "item"}), value

    def _while(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        times = act.given["times"]
        config = {
            "initial": {"v": f"{{{{ {value} }}}}"},
            "condition": f"{{{{ index < {times} }}}}",
        }
        return self._box(act, ends, place, config, {"body": "acc.v"}), f"steps.{act.name}.v"

    def _try(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        codes = act.given["codes"]
        config = {"codes": codes} if codes else {}
        inner = dict.fromkeys(act.parts, value)
        return self._box(act, ends, place, config, inner), f"steps.{act.name}.v"

    def _scope(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        return self._box(act, ends, place, {}, {"body": value}), f"steps.{act.name}.v"

    def _race(self, act: Act, value: str, ends: Any, place: Any) -> Any:
        ends = self._box(act, ends, place, {}, {"first": value})
        within = {"parent": act.name}
        waits, lost = f"{act.name}_w", f"{act.name}_l"
        self._node(waits, "wait_signal", within, {"name": "never"})
        self._node(lost, "http_request", within, self._call_outside(lost, value))
        self._join([(waits, "out")], lost)
        return ends, f"steps.{act.name}.output.v"


def looked_at(code: Code) -> list[Act]:
    """Loops whose whole list stands in the output of the program."""
    return [act for act in code.chain if act.kind == "for_each"]
