"""Routes of projects, members, groups and service accounts."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.identity import people_models as models
from services.identity.groups import Groups
from services.identity.members import STATUSES, Members
from services.identity.project_members import ProjectMembers
from services.identity.projects import Projects
from services.identity.service_accounts import ServiceAccounts
from weir.contract import errors, identity_errors
from weir.runtime.access import ROLES, Permission
from weir.runtime.http.route import API, PAGED, Parameter, Route

MANAGE = Permission.USERS_MANAGE
MIN_SEQUENCE = Parameter(
    "min_sequence",
    "`Weir-Sequence` of a write: the list waits up to 2 s to hold it.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
)
LISTED = (*PAGED, MIN_SEQUENCE)
NAME = Parameter("name", "Part of the name, in any case.")
STATUS = Parameter("status", "Only those.", {"type": "string", "enum": list(STATUSES)})
ROLE = Parameter(
    "role", "Only who has this role in the tenant.", {"type": "string", "enum": list(ROLES)}
)
GROUP_ID = Parameter("group_id", "Only who is in this group.")
BEHIND = (errors.ViewsBehindError,)

PROJECTS = f"{API}/projects"
PROJECT = f"{PROJECTS}/{{project_id}}"
USERS = f"{API}/users"
USER = f"{USERS}/{{user_id}}"
GROUPS = f"{API}/groups"
GROUP = f"{GROUPS}/{{group_id}}"
ACCOUNTS = f"{API}/service-accounts"
ACCOUNT = f"{ACCOUNTS}/{{account_id}}"


def project_routes(projects: Projects, members: ProjectMembers) -> tuple[Route, ...]:
    """Projects, and who has a role of their own in one."""
    route = partial(Route, tag="projects")
    missing = (identity_errors.ProjectNotFoundError,)
    both = (*missing, identity_errors.MemberNotFoundError)
    return (
        route(
            "GET",
            PROJECTS,
            projects.listed,
            Permission.SELF,
            "List the projects the caller may look into",
            answer=models.Projects,
            parameters=LISTED,
            errors=BEHIND,
        ),
        route(
            "POST",
            PROJECTS,
            projects.create,
            MANAGE,
            "Create a project",
            status=HTTPStatus.CREATED,
            answer=models.Project,
            body=models.Named,
            errors=(identity_errors.ProjectExistsError, identity_errors.LimitReachedError),
            creates=True,
            audit="project.created",
        ),
        route(
            "GET",
            PROJECT,
            projects.get,
            Permission.SELF,
            "Read a project",
            answer=models.Project,
            errors=missing,
        ),
        route(
            "PUT",
            PROJECT,
            projects.rename,
            MANAGE,
            "Rename a project",
            answer=models.Project,
            body=models.Named,
            errors=(*missing, identity_errors.ProjectExistsError),
            changes=True,
            by_project=True,
            audit="project.updated",
        ),
        route(
            "DELETE",
            PROJECT,
            projects.delete,
            MANAGE,
            "Delete a project that is empty",
            status=HTTPStatus.NO_CONTENT,
            errors=(*missing, identity_errors.ProjectNotEmptyError),
            changes=True,
            audit="project.deleted",
        ),
        route(
            "GET",
            f"{PROJECT}/members",
            members.listed,
            MANAGE,
            "List who has a role of their own in a project",
            answer=models.Members,
            parameters=LISTED,
            errors=(*missing, *BEHIND),
            by_project=True,
        ),
        route(
            "PUT",
            f"{PROJECT}/members/{{user_id}}",
            members.give,
            MANAGE,
            "Give a member or service account a role in a project",
            status=HTTPStatus.NO_CONTENT,
            body=models.ProjectRole,
            errors=(
                *both,
                identity_errors.RoleTooHighError,
                identity_errors.LimitReachedError,
            ),
            by_project=True,
            audit="member.updated",
        ),
        route(
            "DELETE",
            f"{PROJECT}/members/{{user_id}}",
            members.take,
            MANAGE,
            "Take somebody's role in a project",
            status=HTTPStatus.NO_CONTENT,
            errors=both,
            by_project=True,
            audit="member.updated",
        ),
    )


def member_routes(members: Members) -> tuple[Route, ...]:
    """People."""
    route = partial(Route, tag="users", permission=MANAGE)
    missing = (identity_errors.MemberNotFoundError,)
    switched = (
        *missing,
        identity_errors.MemberElsewhereError,
        identity_errors.MemberInvitedError,
        identity_errors.LastAdminError,
    )
    return (
        route(
            "GET",
            USERS,
            members.listed,
            summary="List the members of the tenant",
            answer=models.Members,
            parameters=(*LISTED, NAME, STATUS, ROLE, GROUP_ID),
            errors=BEHIND,
            by_project=True,
        ),
        route(
            "POST",
            USERS,
            members.invite,
            summary="Invite somebody by mail",
            status=HTTPStatus.CREATED,
            answer=models.Member,
            body=models.Invite,
            errors=(
                identity_errors.MemberExistsError,
                identity_errors.RoleTooHighError,
                identity_errors.QuotaExceededError,
            ),
            creates=True,
            audit="member.invited",
        ),
        route(
            "GET",
            USER,
            members.get,
            summary="Read a member",
            answer=models.Member,
            errors=missing,
            by_project=True,
        ),
        route(
            "PUT",
            USER,
            members.change,
            summary="Change a member's roles and groups",
            answer=models.Member,
            body=models.ChangeMember,
            errors=(
                *missing,
                identity_errors.RoleTooHighError,
                identity_errors.LastAdminError,
            ),
            changes=True,
            audit="member.updated",
        ),
        route(
            "DELETE",
            USER,
            members.remove,
            summary="Remove a member, with their keys of this tenant",
            status=HTTPStatus.NO_CONTENT,
            errors=(*missing, identity_errors.LastAdminError),
            changes=True,
            audit="member.removed",
        ),
        route(
            "POST",
            f"{USER}/invite",
            members.invite_again,
            summary="Send an invitation again",
            status=HTTPStatus.NO_CONTENT,
            errors=(*missing, identity_errors.MemberInvitedError),
            audit="member.invited",
        ),
        route(
            "POST",
            f"{USER}/disable",
            members.disable,
            summary="Lock a member's account: sessions end, keys count no more",
            answer=models.Member,
            errors=switched,
            audit="member.disabled",
        ),
        route(
            "POST",
            f"{USER}/enable",
            members.enable,
            summary="Unlock a member's account",
            answer=models.Member,
            errors=switched[:2],
            audit="member.enabled",
        ),
    )


def group_routes(groups: Groups) -> tuple[Route, ...]:
    """Groups, and who is in them."""
    route = partial(Route, tag="groups", permission=MANAGE)
    missing = (identity_errors.GroupNotFoundError,)
    refused = (
        identity_errors.GroupExistsError,
        identity_errors.RoleTooHighError,
    )
    both = (*missing, identity_errors.MemberNotFoundError, identity_errors.LastAdminError)
    return (
        route(
            "GET",
            GROUPS,
            groups.listed,
            summary="List groups",
            answer=models.Groups,
            parameters=LISTED,
            errors=BEHIND,
        ),
        route(
            "POST",
            GROUPS,
            groups.create,
            summary="Create a group",
            status=HTTPStatus.CREATED,
            answer=models.Group,
            body=models.CreateGroup,
            errors=(*refused, identity_errors.LimitReachedError),
            creates=True,
            audit="group.created",
        ),
        route(
            "GET", GROUP, groups.get, summary="Read a group", answer=models.Group, errors=missing
        ),
        route(
            "PUT",
            GROUP,
            groups.change,
            summary="Change a group's name and roles",
            answer=models.Group,
            body=models.ChangeGroup,
            errors=(*missing, *refused, identity_errors.LastAdminError),
            changes=True,
            audit="group.updated",
        ),
        route(
            "DELETE",
            GROUP,
            groups.delete,
            summary="Delete a group, and what it gave",
            status=HTTPStatus.NO_CONTENT,
            errors=(*missing, identity_errors.LastAdminError),
            changes=True,
            audit="group.deleted",
        ),
        route(
            "GET",
            f"{GROUP}/members",
            groups.members,
            summary="List who is in a group",
            answer=models.Members,
            parameters=LISTED,
            errors=(*missing, *BEHIND),
        ),
        route(
            "PUT",
            f"{GROUP}/members/{{user_id}}",
            groups.add,
            summary="Put a member or service account into a group",
            status=HTTPStatus.NO_CONTENT,
            errors=(*both, identity_errors.RoleTooHighError, identity_errors.LimitReachedError),
            audit="member.updated",
        ),
        route(
            "DELETE",
            f"{GROUP}/members/{{user_id}}",
            groups.remove,
            summary="Take somebody out of a group",
            status=HTTPStatus.NO_CONTENT,
            errors=both,
            audit="member.updated",
        ),
    )


def service_account_routes(accounts: ServiceAccounts) -> tuple[Route, ...]:
    """Programs."""
    route = partial(Route, tag="service accounts", permission=MANAGE)
    missing = (identity_errors.ServiceAccountNotFoundError,)
    return (
        route(
            "GET",
            ACCOUNTS,
            accounts.listed,
            summary="List service accounts",
            answer=models.ServiceAccounts,
            parameters=LISTED,
            errors=BEHIND,
        ),
        route(
            "POST",
            ACCOUNTS,
            accounts.create,
            summary="Create a service account",
            status=HTTPStatus.CREATED,
            answer=models.ServiceAccount,
            body=models.CreateServiceAccount,
            errors=(identity_errors.RoleTooHighError, identity_errors.LimitReachedError),
            creates=True,
            audit="service_account.created",
        ),
        route(
            "GET",
            ACCOUNT,
            accounts.get,
            summary="Read a service account",
            answer=models.ServiceAccount,
            errors=missing,
        ),
        route(
            "PUT",
            ACCOUNT,
            accounts.change,
            summary="Change a service account's name, roles and groups",
            answer=models.ServiceAccount,
            body=models.ChangeServiceAccount,
            errors=(*missing, identity_errors.RoleTooHighError),
            changes=True,
            audit="service_account.updated",
        ),
        route(
            "DELETE",
            ACCOUNT,
            accounts.delete,
            summary="Delete a service account, with its keys",
            status=HTTPStatus.NO_CONTENT,
            errors=missing,
            changes=True,
            audit="service_account.deleted",
        ),
        route(
            "POST",
            f"{ACCOUNT}/disable",
            accounts.disable,
            summary="Let none of a service account's keys count",
            answer=models.ServiceAccount,
            errors=missing,
            audit="service_account.disabled",
        ),
        route(
            "POST",
            f"{ACCOUNT}/enable",
            accounts.enable,
            summary="Let a service account's keys count again",
            answer=models.ServiceAccount,
            errors=missing,
            audit="service_account.enabled",
        ),
    )
