"""What a node type is.

One file per type: the class's docstring is the palette's help, its `Config`
model draws the form (`x-ui` hints in `json_schema_extra`) and checks the
resolved configuration, and for types of kind `task` `run` does the work. The
host resolves expressions and secrets, retries, times out and routes errors,
so that no author can get them wrong.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from weir.contract.times import duration_ms
from weir.core.spec import Kind, NodeSpec, RetryPolicy
from weir.nodes.schema import authoring_schema, model_schema
from weir.ports.node_context import NodeContext, NotHere, Retryable, Terminal

__all__ = [
    "Condition",
    "Duration",
    "Node",
    "NodeContext",
    "NodeModel",
    "NotHere",
    "Retryable",
    "Terminal",
]

Category = Literal["trigger", "ai", "action", "control", "data", "human"]


def _milliseconds(value: Any) -> float:
    if not isinstance(value, str | int | float):
        raise ValueError("a duration is written like 500ms, 90s, 1h30m or 2d")  # noqa: TRY004
    return duration_ms(value)


Duration = Annotated[
    float,
    BeforeValidator(_milliseconds),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "minimum": 0,
            "pattern": r"^\s*(\d+(\.\d+)?(ms|s|m|h|d))+\s*$|^\s*P[\dDTHMS.]+\s*$",
            "description": "500ms, 90s, 1h30m, 2d, or a number of seconds",
        }
    ),
]
"""Milliseconds, written as people write durations."""

Condition = Annotated[
    bool, Field(json_schema_extra={"x-ui": {"widget": "expression", "yields": "boolean"}})
]
"""Something that is true or false, nearly always an expression."""


class NodeModel(BaseModel):
    """Base of the built-in configurations: a misspelt field is an error, numbers turn to text."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, regex_engine="python-re"
    )


C = TypeVar("C", bound=BaseModel)

ModelType: TypeAlias = type[BaseModel]  # inside Node, `type` is the name of a node type


class Node(Generic[C]):
    """Base of every node type; the class attributes are what the palette and the engine read.

    `timeout_ms` and `retry` are defaults that a definition may override.
    `secret_fields` are top-level fields of the config that must be written as
    `{{ credentials.<name> }}` or a path of it; only the worker resolves them.
    """

    type: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Kind] = "task"
    version: ClassVar[int] = 1
    category: ClassVar[Category]
    icon: ClassVar[str]  # a name of lucide.dev
    retry: ClassVar[RetryPolicy] = RetryPolicy()
    timeout_ms: ClassVar[float] = 60_000
    queue: ClassVar[str] = "default"
    effect: ClassVar[Literal["none", "read", "write"]] = "none"
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    sections: ClassVar[tuple[str, ...]] = ()  # of a container: what its inside is divided into

    @classmethod
    def config_model(cls) -> ModelType:
        """The model given as `Node[Config]`."""
        for base in getattr(cls, "__orig_bases__", ()):
            origin = get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Node):
                model: ModelType = get_args(base)[0]
                return model
        raise TypeError(f"{cls.__name__} must name its configuration: class X(Node[Config])")

    @classmethod
    def ports(cls, config: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG003 - for the types that look
        """Outbound ports of a node with this config, expressions not resolved; without `error`."""
        return ("out",)

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - as above
        """JSON Schema of the output of a node with this config; None if nothing is known of it."""
        return None

    @classmethod
    def spec(cls) -> NodeSpec:
        """What the core must know."""
        return NodeSpec(
            type=cls.type,
            kind=cls.kind,
            version=cls.version,
            config_schema=authoring_schema(cls.config_model(), cls.secret_fields),
            ports=cls.ports,
            output=cls.output,
            sections=cls.sections,
            secret_fields=cls.secret_fields,
            retry=cls.retry,
            timeout_ms=cls.timeout_ms,
            queue=cls.queue,
            effect=cls.effect,
        )

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """What the palette and the properties panel need, as `GET /nodes` gives it."""
        retry = cls.retry
        return {
            "type": cls.type,
            "version": cls.version,
            "kind": cls.kind,
            "title": cls.title,
            "help": inspect.getdoc(cls) or "",
            "category": cls.category,
            "icon": cls.icon,
            "ports": list(cls.ports({})),
            "sections": list(cls.sections),
            "output_schema": cls.output({}),
            "config_schema": model_schema(cls.config_model()),
            "secret_fields": sorted(cls.secret_fields),
            "retry": {
                "max_attempts": retry.max_attempts,
                "initial_ms": retry.initial_ms,
                "factor": retry.factor,
                "max_ms": retry.max_ms,
                "jitter": retry.jitter,
            },
            "timeout_ms": cls.timeout_ms,
            "queue": cls.queue,
            "effect": cls.effect,
        }

    async def execute(self, config: Any, ctx: NodeContext) -> Any:
        """Check the resolved config and run.

        The message of a refused config names places and reasons, never values:
        they may come from a credential.
        """
        try:
            checked = self.config_model().model_validate(config)
        except ValidationError as error:
            raise Terminal(
                f"the configuration of this {self.type} step does not fit: {_places(error)}",
                code="CONFIG_INVALID",
            ) from None
        return await self.run(cast("C", checked), ctx)

    async def run(self, config: C, ctx: NodeContext) -> Any:
        """Do the work and return the output, a JSON value. Only types of kind `task` have one."""
        raise NotImplementedError

    async def close(self) -> None:
        """Free what is kept between runs."""


def _places(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'config'}: {item['msg']}"
        for item in error.errors(include_input=False, include_context=False, include_url=False)[:8]
    )
