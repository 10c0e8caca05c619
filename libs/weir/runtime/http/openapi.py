"""OpenAPI 3.1, printed from the table of routes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from weir.contract.errors import (
    AnswerTimeoutError,
    BodyTooLargeError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidJsonError,
    InvalidParameterError,
    InvalidRequestError,
    PreconditionRequiredError,
    RequestTimeoutError,
    RevisionMismatchError,
    TenantForbiddenError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedMediaTypeError,
    WeirError,
)
from weir.contract.identity_errors import (
    CsrfRefusedError,
    QuotaExceededError,
    RateLimitedError,
    SecondFactorRequiredError,
    TenantSuspendedError,
)
from weir.runtime.access import Permission
from weir.runtime.http.gate import limit_of
from weir.runtime.http.route import ANY, Parameter, Route

_REF = "#/components/schemas/{model}"
_SEGMENT = re.compile(r"\{([a-z_]+)(?::[^}]*)?\}")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WITH_BODY = ("POST", "PUT", "PATCH")

KEY = Parameter(
    "Idempotency-Key",
    "The same key with the same request makes the same thing once.",
    {"type": "string", "pattern": "^[!-~]{1,200}$"},
    place="header",
)
MATCH = Parameter(
    "If-Match",
    "The ETag that was read; `*` overwrites whatever is there.",
    {"type": "string", "pattern": '^(\\*|(W/)?"\\d{1,18}")$'},
    place="header",
)


Schemas = Mapping[Any, Any]
"""Of each model where it stands in the document."""


class ErrorBody(BaseModel):
    """What went wrong and what to do next."""

    code: str = Field(pattern="^[A-Z0-9_]+$")
    message: str
    details: Any = None
    request_id: str


class ErrorAnswer(BaseModel):
    """Every refusal."""

    error: ErrorBody


def document(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """The whole document."""
    models: set[type[BaseModel]] = {ErrorAnswer}
    for route in routes:
        models.update(model for model in (route.body, route.answer, *route.also.values()) if model)
    ordered = sorted(models, key=lambda model: model.__name__)
    # Two models of one name are told apart by their modules: only pydantic knows by which names.
    names, definitions = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=_REF
    )
    schemas = {model: schema for (model, _), schema in names.items()}
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in routes:
        path = _SEGMENT.sub(r"{\1}", route.pattern)
        for method in _METHODS if route.method == ANY else (route.method,):
            paths[path][method.lower()] = _operation(route, method, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Weir",
            "version": version,
            "description": "Durable workflow automation. Every refusal has the form of "
            "`ErrorAnswer`; each code has a page in the documentation.",
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key: `weir_<key id>_<secret>`.",
                }
            },
        },
    }


def _operation(route: Route, method: str, schemas: Schemas) -> dict[str, Any]:
    words = re.findall(r"[a-z0-9]+", route.pattern.removeprefix("/api/v1"))
    operation: dict[str, Any] = {
        "operationId": "_".join([method.lower(), *words]),
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [_parameter(parameter) for parameter in _parameters(route)],
        "responses": _responses(route, schemas),
        "x-weir-permission": route.permission.value,
    }
    if route.permission is Permission.PUBLIC:
        operation["security"] = []
    if route.body is not None and method in _WITH_BODY:
        schema = schemas[route.body]
        operation["requestBody"] = {
            "required": any(field.is_required() for field in route.body.model_fields.values()),
            "content": {media_type: {"schema": schema} for media_type in route.accepts},
        }
    return operation


def _parameters(route: Route) -> list[Parameter]:
    segments = [
        Parameter(name, _words(name), place="path") for name in _SEGMENT.findall(route.pattern)
    ]
    extra = [KEY] if route.creates else []
    return [*segments, *route.parameters, *extra, *([MATCH] if route.changes else [])]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.place == "path" or parameter is MATCH,
        "schema": dict(parameter.schema),
    }


def _words(name: str) -> str:
    return f"The {name.replace('_', ' ')}."


def _responses(route: Route, schemas: Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    answers: Mapping[int, type[BaseModel] | None] = {route.status: route.answer, **route.also}
    for status, model in sorted(answers.items()):
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            **_content(model, schemas),
        }
    by_status: dict[int, list[str]] = defaultdict(list)
    for error in _errors(route):
        by_status[error.status].append(error.code)
    for status, codes in sorted(by_status.items()):
        told = f"{HTTPStatus(status).phrase}: {', '.join(sorted(codes))}."
        if str(status) not in responses:
            responses[str(status)] = {"description": told, **_content(ErrorAnswer, schemas)}
    return responses


def _errors(route: Route) -> Iterable[type[WeirError]]:
    found: dict[str, type[WeirError]] = {error.code: error for error in route.errors}
    standing: list[type[WeirError]] = [
        WeirError,
        AnswerTimeoutError,
        UnavailableError,
        InvalidParameterError,
    ]
    if route.permission is not Permission.PUBLIC:
        standing += [
            UnauthorizedError,
            ForbiddenError,
            TenantForbiddenError,
            TenantSuspendedError,
            SecondFactorRequiredError,
            CsrfRefusedError,
        ]
    if route.body is not None or route.method == ANY:
        standing += [
            InvalidJsonError,
            InvalidRequestError,
            BodyTooLargeError,
            UnsupportedMediaTypeError,
            RequestTimeoutError,
        ]
    if limit_of(route):
        standing.append(RateLimitedError)
    if route.creates:
        standing += [IdempotencyConflictError, QuotaExceededError]
    if route.changes:
        standing += [PreconditionRequiredError, RevisionMismatchError]
    found.update({error.code: error for error in standing})
    return found.values()


def _content(model: type[BaseModel] | None, schemas: Schemas) -> dict[str, Any]:
    if model is None:
        return {}
    return {"content": {"application/json": {"schema": schemas[model]}}}
