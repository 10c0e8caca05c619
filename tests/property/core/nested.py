"""Random definitions with containers in containers, as an author may write them; all are right."""

from __future__ import annotations

from random import Random
from typing import Any

CODES = ["BAD", "WORSE"]
DEPTH = 3


class Author:
    """Writes one definition. Expressions read what is surely there, and nothing else."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.nodes: list[dict[str, Any]] = [{"id": "go", "type": "manual"}]
        self.edges: list[dict[str, Any]] = []
        self.unread: set[str] = set()  # may have no output though they ran
        self.left = 24  # nodes; what is nested would grow for ever

    def definition(self) -> dict[str, Any]:
        """The whole."""
        self.scope({}, 0, ["go"], frozenset())
        led_to = {edge["target"] for edge in self.edges}
        undoes = {one.get("compensate") for one in self.nodes}
        for one in self.nodes[1:]:
            if "parent" not in one and one["id"] not in led_to | undoes:
                self.edge("go", one["id"])
        return {
            "name": "Nested",
            "vars": {"n": 0},
            "nodes": self.nodes,
            "edges": self.edges,
        }

    def scope(
        self, place: dict[str, str], depth: int, seen: list[str], roots: frozenset[str]
    ) -> list[str]:
        """Some steps in one place; `seen` can be read in all of them, and so can the roots."""
        members: list[str] = []
        before: dict[str, list[str]] = {}
        for _ in range(self.random.randint(1, 3)):
            leads = self.random.sample(members, min(len(members), self.random.randint(0, 2)))
            known = [*seen, *dict.fromkeys(n for lead in leads for n in [*before[lead], lead])]
            first, last, readable = self.step(place, depth, known, roots)
            for lead in leads:
                self.edge(lead, first)
            members.append(last)
            before[last] = [n for n in known if n not in seen]
            if not readable:
                self.unread.add(last)
        return members

    def step(
        self, place: dict[str, str], depth: int, known: list[str], roots: frozenset[str]
    ) -> tuple[str, str, bool]:
        """One step, or a choice of two: its first node, its last, and whether that can be read."""
        kinds = ["set", "set", "task", "task", "set_variables", "delay", "wait_signal", "if"]
        if depth < DEPTH and self.left > 0:
            kinds += ["for_each", "while", "try", "scope", "race"] * 2
        kind = self.random.choice(kinds)
        match kind:
            case "if":
                return self.choice(place, known, roots)
            case "task":
                return self.task(place, known, roots)
            case "set":
                config: dict[str, Any] = {"values": {"v": self.value(known, roots)}}
            case "set_variables":
                config = {"values": {"n": "{{ vars.n + 1 }}"}}
            case "delay":
                config = {"duration": f"{self.random.randint(1, 9)}s"}
            case "wait_signal":
                config = {"name": "go on"}
            case _:
                name = self.container(kind, place, depth, known, roots)
                return name, name, True
        name = self.node(kind, config, place)
        return name, name, True

    def task(
        self, place: dict[str, str], known: list[str], roots: frozenset[str]
    ) -> tuple[str, str, bool]:
        """A task, perhaps with one that undoes it, and with any policy for its errors."""
        policy = self.random.choice(["fail", "fail", "fail", "continue", "ask"])
        config = {"task": "work", "input": self.value(known, roots)}
        more: dict[str, Any] = {"on_error": policy, "retry": {"max_attempts": 2, "initial": "1s"}}
        name = self.node("task", config, place, **more)
        if self.random.random() < 0.4:
            told = {"task": "undo", "input": f"{{{{ steps.{name} }}}}"}
            undo = self.node("task", told, place, retry={"max_attempts": 1})
            next(one for one in self.nodes if one["id"] == name)["compensate"] = undo
        return name, name, policy != "continue"

    def choice(
        self, place: dict[str, str], known: list[str], roots: frozenset[str]
    ) -> tuple[str, str, bool]:
        """Two ways that come together again."""
        check = self.node("if", {"condition": "{{ vars.n % 2 == 0 }}"}, place)
        yes = self.node("set", {"values": {"v": self.value(known, roots)}}, place)
        end = self.node("merge", {"mode": "first"}, place)
        self.edge(check, yes, "true")
        self.edge(check, end, "false")
        self.edge(yes, end)
        return check, end, True

    def container(
        self, kind: str, place: dict[str, str], depth: int, known: list[str], roots: frozenset[str]
    ) -> str:
        """A container with its inside."""
        config, inner = self.settings(kind, roots)
        name = self.node(kind, config, place)
        inside = {"parent": name}
        members = self.scope(inside, depth + 1, known, inner)
        if kind in {"for_each", "while", "scope"} and self.random.random() < 0.4:
            config["output"] = self.value([*known, *members], inner)
        if kind == "try":
            for section, more in (("catch", {"error"}), ("finally", set())):
                if self.random.random() < 0.6:
                    self.scope({**inside, "section": section}, depth + 1, known, inner | more)
        return name

    def settings(self, kind: str, roots: frozenset[str]) -> tuple[dict[str, Any], frozenset[str]]:
        """The config of a container, and the names inside it."""
        some = self.random.randint(0, 3)
        match kind:
            case "for_each" if self.random.random() < 0.3:
                return {"items": [*range(some)], "acc": 0}, roots | {"item", "index", "acc"}
            case "for_each":
                policy = self.random.choice(["stop", "continue", "collect"])
                config = {"items": [*range(some)], "concurrency": 2, "on_item_error": policy}
                return config, (roots - {"acc"}) | {"item", "index"}
            case "while":
                config = {"condition": f"{{{{ index < {some} }}}}", "initial": 0}
                return config, (roots - {"item"}) | {"index", "acc"}
            case "try":
                config = {"codes": CODES[:some]} if some < len(CODES) else {}
                if self.random.random() < 0.3:
                    config["when"] = "{{ error.message != '' }}"  # type: ignore[assignment]
                return config, roots
        return {}, roots

    def value(self, known: list[str], roots: frozenset[str]) -> Any:
        """Something to read."""
        readable = [f"steps.{name}" for name in known if name not in {"go", *self.unread}]
        choices = [*readable, *sorted(roots - {"error"}), "vars.n", "input", "run.id"]
        if "error" in roots:
            choices += ["error.code", "error.step"] * 2
        return f"{{{{ {self.random.choice(choices)} }}}}"

    def node(self, kind: str, config: Any, place: dict[str, str], **more: Any) -> str:
        """Add one."""
        name = f"n{len(self.nodes)}"
        self.nodes.append({"id": name, "type": kind, "config": config, **place, **more})
        self.left -= 1
        return name

    def edge(self, source: str, target: str, port: str = "out") -> None:
        """Add one."""
        self.edges.append({"source": source, "source_port": port, "target": target})
