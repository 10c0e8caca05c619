"""What the routes of policies read and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from weir.runtime.cedar import LIMIT

Text = Annotated[str, StringConstraints(max_length=LIMIT)]
Word = Annotated[str, StringConstraints(max_length=200)]
Words = Annotated[list[Word], Field(max_length=200)]
Action = Literal["publish", "start", "steer", "use_credential"]


class _Asked(BaseModel):
    """Base of requests: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChangePolicies(_Asked):
    """Policies in Cedar; empty: roles alone decide."""

    text: Text


class AskedPrincipal(_Asked):
    """Somebody of the tenant by `id`, or anybody by what they are.

    `webhook` as the id is whoever delivers to a webhook.
    """

    id: Word = ""
    type: Literal["User", "ServiceAccount", "ApiKey"] | None = None
    role: Word = ""
    groups: Words = Field(default_factory=list)


class GivenWorkflow(_Asked):
    """A workflow that need not exist."""

    project: Word = ""
    name: Word = ""
    labels: dict[Word, Word] = Field(default_factory=dict)
    node_types: Words = Field(default_factory=list)
    credentials_used: Words = Field(default_factory=list)


class AskedWorkflow(_Asked):
    """A workflow of the tenant by `id`, in its current or the named version, or a given one."""

    id: Word = ""
    version: Word = ""
    given: GivenWorkflow | None = None


class GivenCredential(_Asked):
    """A credential that need not exist."""

    projects: Words = Field(default_factory=list)
    type: Word = ""


class AskedCredential(_Asked):
    """A credential by the name definitions use, or a given one."""

    name: Word
    given: GivenCredential | None = None


class AskedContext(_Asked):
    """Around the question; `time` in RFC 3339, now if it is not named."""

    source: Word = "api"
    test: bool = False
    what: Word = ""
    time: Word = ""


class Explain(_Asked):
    """May this principal do this to the workflow? Or, for `use_credential`: may the workflow.

    With `text` it is asked of these policies, which are not stored.
    """

    action: Action
    principal: AskedPrincipal | None = None
    workflow: AskedWorkflow
    credential: AskedCredential | None = None
    context: AskedContext = Field(default_factory=AskedContext)
    text: Text | None = None


class PolicyProblem(BaseModel):
    """What is wrong with a text, and where."""

    code: str
    path: str
    node: str | None
    message: str
    advice: str
    line: int
    column: int


class PoliciesAnswer(BaseModel):
    """The tenant's policies; `errors` is empty unless this version cannot use them."""

    text: str
    revision: str
    updated_at: str | None
    updated_by: str | None
    language: str
    cedar_schema: str
    errors: list[PolicyProblem]


class NamedPolicy(BaseModel):
    """A policy that forbids, by its `@id` or its place in the text."""

    id: str
    advice: str


class RoleAnswer(BaseModel):
    """What roles say; `allowed` is null where they are not asked."""

    allowed: bool | None
    permission: str | None
    role: str
    project: str


class PolicyAnswer(BaseModel):
    """What policies say: allowed unless some forbid it; `errors` of those that failed."""

    allowed: bool
    forbidden_by: list[NamedPolicy]
    errors: list[str]


class Explained(BaseModel):
    """A decision and how it comes about."""

    allowed: bool
    roles: RoleAnswer
    policies: PolicyAnswer
    principal: dict[str, object]
    resource: dict[str, object]
