"""What a type of credential is.

One file per type: the class's docstring is the help of the form, its `Fields`
model draws it and checks what is saved, and `try_it` signs in somewhere with
it. Fields are texts as they were given; the model only reads them.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weir.ports.credential_types import Misfit, Probe
from weir.ports.node_context import NodeError, Terminal

SECRET = {"x-secret": True, "format": "password"}

Secret = Annotated[str, Field(min_length=1, json_schema_extra=SECRET)]
"""A field that a form hides."""

Address = Annotated[
    str, Field(pattern=r"^https?://[^\s/@?#]+([/?#][^\s]*)?$", json_schema_extra={"format": "uri"})
]
"""Where something answers over HTTP; nobody's name or password stands in it."""


class FieldsModel(BaseModel):
    """Base of the fields of a type: a misspelt one is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )


F = TypeVar("F", bound=BaseModel)

ModelType: TypeAlias = type[BaseModel]  # inside Credential, `type` is the name of a type


class Credential(Generic[F]):
    """Base of every type."""

    type: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]  # a name of lucide.dev
    testable: ClassVar[bool] = True

    @classmethod
    def fields_model(cls) -> ModelType:
        """The model given as `Credential[Fields]`."""
        for base in getattr(cls, "__orig_bases__", ()):
            origin = get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Credential):
                model: ModelType = get_args(base)[0]
                return model
        raise TypeError(f"{cls.__name__} must name its fields: class X(Credential[Fields])")

    def misfits(self, fields: Mapping[str, Any]) -> Sequence[Misfit]:
        """What is wrong with these fields; names and reasons, never values."""
        try:
            self.fields_model().model_validate(fields)
        except ValidationError as error:
            return [
                Misfit(
                    ".".join(("fields", *map(str, found["loc"]))),
                    found["type"].upper(),
                    found["msg"],
                )
                for found in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            ]
        return []

    def describe(self) -> dict[str, Any]:
        """What a form needs."""
        schema = self.fields_model().model_json_schema()
        properties: Mapping[str, Any] = schema.get("properties", {})
        return {
            "type": self.type,
            "title": self.title,
            "help": inspect.getdoc(type(self)) or "",
            "icon": self.icon,
            "fields": schema,
            "secret_fields": [name for name, one in properties.items() if _is_secret(one)],
            "testable": self.testable,
        }

    def secrets(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields that nobody may see, among them such as the model does not know."""
        model = self.fields_model().model_json_schema().get("properties", {})
        return {
            name: value
            for name, value in fields.items()
            if name not in model or _is_secret(model[name])
        }

    async def test(self, fields: Mapping[str, Any], probe: Probe) -> str:
        """Sign in with it and say what was seen."""
        if found := self.misfits(fields):
            raise Terminal(
                f"the fields do not fit the type {self.type}: "
                + "; ".join(f"{one.path}: {one.message}" for one in found[:8]),
                code="CREDENTIAL_INVALID",
            )
        return await self.try_it(cast("F", self.fields_model().model_validate(fields)), probe)

    async def try_it(self, fields: F, probe: Probe) -> str:  # noqa: ARG002 - for types that can
        """The same with fields that fit."""
        raise Terminal(
            f"a credential of the type {self.type} cannot be tested by itself",
            code="TEST_NOT_POSSIBLE",
        )


def untested(what: str) -> NodeError:
    """That something must be given first."""
    return Terminal(f"there is nothing to test it against: give {what}", code="TEST_NOT_POSSIBLE")


def _is_secret(schema: Mapping[str, Any]) -> bool:
    return bool(
        schema.get("x-secret") or any(one.get("x-secret") for one in schema.get("anyOf", ()))
    )
