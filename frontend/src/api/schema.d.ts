// Written from the routes of the code by `make api`: do not edit.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys of access tokens */
        get: operations["get_well_known_jwks_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/last-runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the newest run of each of some workflows */
        get: operations["get_analytics_last_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how much waits in each queue, and how many workers wait there */
        get: operations["get_analytics_queues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how runs did lately: how many, how they ended, how long they took */
        get: operations["get_analytics_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how the runs of each workflow did lately */
        get: operations["get_analytics_workflows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approval-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hear of changes of approvals, over a WebSocket */
        get: operations["get_approval_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approval-links/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page behind a link in a mail; it changes nothing */
        get: operations["get_approval_links_token"];
        put?: never;
        /** Decide by a link in a mail; it counts once */
        post: operations["post_approval_links_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approval-slack/{tenant}/{credential}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Where Slack tells of pressed buttons */
        post: operations["post_approval_slack_tenant_credential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List approvals: those of runs that one may see, and those that wait for one */
        get: operations["get_approvals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count approvals by status */
        get: operations["get_approvals_counts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an approval */
        get: operations["get_approvals_approval_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/assignees": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask others from now on; for who may steer the run */
        post: operations["post_approvals_approval_id_assignees"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/comments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say something */
        post: operations["post_approvals_approval_id_comments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide, in one's own name; the first decision counts */
        post: operations["post_approvals_approval_id_decision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/delegation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hand one's part to another member */
        post: operations["post_approvals_approval_id_delegation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{approval_id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask no more, so that the step fails; for who may steer the run */
        post: operations["post_approvals_approval_id_withdrawal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what happened, the newest first */
        get: operations["get_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export what happened as JSON lines, the oldest first */
        get: operations["get_audit_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check the whole chain of audit */
        get: operations["get_audit_verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change your address: a link goes to the new one */
        post: operations["post_auth_email"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/email/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say by the link that a new address is yours */
        post: operations["post_auth_email_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How you prove beside a password who you are */
        get: operations["get_auth_factors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take up an invitation: set a password and sign in */
        post: operations["post_auth_invitations_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in by address and password */
        post: operations["post_auth_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign out */
        post: operations["post_auth_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout/everywhere": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign out everywhere */
        post: operations["post_auth_logout_everywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks, and what they may */
        get: operations["get_auth_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me/erasure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have oneself forgotten */
        post: operations["post_auth_me_erasure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/{provider_id}/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Go to the provider to sign in */
        get: operations["get_auth_oidc_provider_id_begin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/{provider_id}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Come back from the provider, signed in */
        get: operations["get_auth_oidc_provider_id_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in by a passkey alone */
        post: operations["post_auth_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkey-registration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the browser is asked to make a passkey */
        post: operations["post_auth_passkey_registration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkey/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the browser is asked to sign in by a passkey alone */
        post: operations["post_auth_passkey_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add the passkey that the browser made */
        post: operations["post_auth_passkeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkeys/{passkey_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Call a passkey otherwise */
        put: operations["put_auth_passkeys_passkey_id"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkeys/{passkey_id}/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove a passkey */
        post: operations["post_auth_passkeys_passkey_id_delete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change your password; every other session ends */
        put: operations["put_auth_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password/forgot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a link to set a new password; the answer is always the same */
        post: operations["post_auth_password_forgot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password by the link; every session ends */
        post: operations["post_auth_password_reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sign-in providers of a tenant, for a page that offers them */
        get: operations["get_auth_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make ten new recovery codes; those before count no more */
        post: operations["post_auth_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** New tokens for a refresh token, which counts once */
        post: operations["post_auth_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for an account; the answer is always the same, the rest comes by mail */
        post: operations["post_auth_register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/enrol/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add the passkey and complete the sign-in; recovery codes are shown once */
        post: operations["post_auth_second_factor_enrol_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/enrol/passkey/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the browser is asked to make a passkey, where a tenant demands it */
        post: operations["post_auth_second_factor_enrol_passkey_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/enrol/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to use time-based codes, where a tenant demands it to sign in */
        post: operations["post_auth_second_factor_enrol_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/enrol/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the codes count and complete the sign-in; recovery codes are shown once */
        post: operations["post_auth_second_factor_enrol_totp_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Complete a sign-in by a passkey */
        post: operations["post_auth_second_factor_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/passkey/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the browser is asked to complete a sign-in by a passkey */
        post: operations["post_auth_second_factor_passkey_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Complete a sign-in by a recovery code */
        post: operations["post_auth_second_factor_recovery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Complete a sign-in by a time-based code */
        post: operations["post_auth_second_factor_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where you are signed in */
        get: operations["get_auth_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of your sessions */
        delete: operations["delete_auth_sessions_session_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/signing-keys/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign access tokens by a new key */
        post: operations["post_auth_signing_keys_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/tenant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Go on in another of your tenants, in this session */
        put: operations["put_auth_tenant"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tenants you are a member of */
        get: operations["get_auth_tenants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to use time-based codes; the secret is shown this once */
        post: operations["post_auth_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the codes count from the first right one on; shows recovery codes once */
        post: operations["post_auth_totp_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use time-based codes no more */
        post: operations["post_auth_totp_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credential-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List types of credentials with their fields */
        get: operations["get_credential_types"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List credentials, names only */
        get: operations["get_credentials"];
        put?: never;
        /** Store a credential */
        post: operations["post_credentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/rotation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the keys that secrets are sealed under, and what lies under old ones */
        get: operations["get_credentials_rotation"];
        put?: never;
        /** Wrap the keys anew, make a fresh one, and move all secrets under it */
        post: operations["post_credentials_rotation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a credential without what it holds */
        get: operations["get_credentials_name"];
        /** Replace what a credential holds, or whose it is */
        put: operations["put_credentials_name"];
        post?: never;
        /** Delete a credential */
        delete: operations["delete_credentials_name"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{name}/grant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to let somebody grant access (OAuth 2) */
        post: operations["post_credentials_name_grant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a credential and say what came of it */
        post: operations["post_credentials_name_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credentials/{name}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the workflows that name a credential */
        get: operations["get_credentials_name_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List dead letters, the last failure first */
        get: operations["get_dead_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{letter_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a dead letter with what was to be done */
        get: operations["get_dead_letters_letter_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{letter_id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give it up, with a reason */
        post: operations["post_dead_letters_letter_id_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{letter_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do it again: in a new run from that step, or by resuming the run set aside */
        post: operations["post_dead_letters_letter_id_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters:discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Discard every dead letter that the filters take */
        post: operations["post_dead_letters_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters:retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry every dead letter that the filters take */
        post: operations["post_dead_letters_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/erasure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete the tenant and everything it has */
        post: operations["post_erasure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publish events on the tenant's bus: JSON, or CloudEvents in any mode */
        post: operations["post_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export everything the tenant has as JSON lines, without secrets */
        get: operations["get_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/expressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what expressions can call and read */
        get: operations["get_expressions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/expressions/evaluate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Evaluate a value with expressions over given data */
        post: operations["post_expressions_evaluate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List groups */
        get: operations["get_groups"];
        put?: never;
        /** Create a group */
        post: operations["post_groups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a group */
        get: operations["get_groups_group_id"];
        /** Change a group's name and roles */
        put: operations["put_groups_group_id"];
        post?: never;
        /** Delete a group, and what it gave */
        delete: operations["delete_groups_group_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{group_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who is in a group */
        get: operations["get_groups_group_id_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{group_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Put a member or service account into a group */
        put: operations["put_groups_group_id_members_user_id"];
        post?: never;
        /** Take somebody out of a group */
        delete: operations["delete_groups_group_id_members_user_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List API keys, the newest first */
        get: operations["get_keys"];
        put?: never;
        /** Make an API key; its token is shown this once */
        post: operations["post_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an API key without what proves it */
        get: operations["get_keys_key_id"];
        put?: never;
        post?: never;
        /** Revoke an API key, for good */
        delete: operations["delete_keys_key_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people, accounts and keys of the tenant are called */
        get: operations["get_names"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List node types */
        get: operations["get_nodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a node type */
        get: operations["get_nodes_type"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/oauth/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where an authorisation server sends the browser back to */
        get: operations["get_oauth_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["get_openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{user_id}/erasure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count what is left of somebody */
        get: operations["get_people_user_id_erasure"];
        put?: never;
        /** Have somebody forgotten */
        post: operations["post_people_user_id_erasure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{user_id}/factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take away somebody's lost second factors and passkeys, and end their sessions */
        delete: operations["delete_people_user_id_factors"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/platform/administrators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who runs the installation */
        get: operations["get_platform_administrators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/platform/administrators/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Let somebody run the installation */
        put: operations["put_platform_administrators_user_id"];
        post?: never;
        /** Let somebody run the installation no more */
        delete: operations["delete_platform_administrators_user_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the tenant's policies and their schema */
        get: operations["get_policies"];
        /** Replace the tenant's policies; an empty text removes them */
        put: operations["put_policies"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say what roles and policies would decide, and why, without doing anything */
        post: operations["post_policies_explain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the projects the caller may look into */
        get: operations["get_projects"];
        put?: never;
        /** Create a project */
        post: operations["post_projects"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a project */
        get: operations["get_projects_project_id"];
        /** Rename a project */
        put: operations["put_projects_project_id"];
        post?: never;
        /** Delete a project that is empty */
        delete: operations["delete_projects_project_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who has a role of their own in a project */
        get: operations["get_projects_project_id_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Give a member or service account a role in a project */
        put: operations["put_projects_project_id_members_user_id"];
        post?: never;
        /** Take somebody's role in a project */
        delete: operations["delete_projects_project_id_members_user_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the tenant's sign-in providers */
        get: operations["get_providers"];
        put?: never;
        /** Connect a sign-in provider (OpenID Connect) */
        post: operations["post_providers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{provider_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a sign-in provider */
        get: operations["get_providers_provider_id"];
        /** Change a sign-in provider */
        put: operations["put_providers_provider_id"];
        post?: never;
        /** Disconnect a sign-in provider */
        delete: operations["delete_providers_provider_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{provider_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask a provider for its description and keys, as signing in would */
        post: operations["post_providers_provider_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the devices on which one gets notices of approvals */
        get: operations["get_push_devices"];
        put?: never;
        /** Get notices of approvals in this browser; once, however often it is asked */
        post: operations["post_push_devices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/devices/{device_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Get no more notices there */
        delete: operations["delete_push_devices_device_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/devices/{device_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a notice there that is about nothing */
        post: operations["post_push_devices_device_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/push/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** By which key a browser knows who sends it notices */
        get: operations["get_push_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List runs; label.<name>=<value> and search.<name>=<value> filter */
        get: operations["get_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a run, and what it waits for */
        get: operations["get_runs_run_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/blobs/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a value kept outside the log; `name` is the end of its `$blob` key */
        get: operations["get_runs_run_id_blobs_name"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/callbacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who is told of a run's end, with every attempt */
        get: operations["get_runs_run_id_callbacks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the wish that a run ends; what came of it shows in the run */
        post: operations["post_runs_run_id_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the run's log, message by message, from log and archive */
        get: operations["get_runs_run_id_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/fork": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on from any step in a new run, with another input or version if wanted */
        post: operations["post_runs_run_id_fork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the lines of a run's steps; asked as a WebSocket, follow them live */
        get: operations["get_runs_run_id_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the wish that a run stands still */
        post: operations["post_runs_run_id_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the wish that a run goes on */
        post: operations["post_runs_run_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on from what failed, in a new run; what ended well is not done again */
        post: operations["post_runs_run_id_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a signal; the same id is one signal, and an early one is kept */
        post: operations["post_runs_run_id_signals"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the whole state of a run, made again from log and archive */
        get: operations["get_runs_run_id_state"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the steps of a run with their attempts */
        get: operations["get_runs_run_id_steps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/steps/{step}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a step and what each attempt was given; `%2F` for its strokes */
        get: operations["get_runs_run_id_steps_step"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/steps/{step}/deadline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a waiting step another time */
        post: operations["post_runs_run_id_steps_step_deadline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/steps/{step}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide about a failed step that waits for a person: retry, skip or fail */
        post: operations["post_runs_run_id_steps_step_decision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read all steps of a run without their values, as a picture of it needs them */
        get: operations["get_runs_run_id_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs:cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel every run that the filters of the list take */
        post: operations["post_runs_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs:pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause every run that the filters of the list take */
        post: operations["post_runs_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs:resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume every paused run that the filters of the list take */
        post: operations["post_runs_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs:retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry every failed or cancelled run that the filters of the list take */
        post: operations["post_runs_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules */
        get: operations["get_schedules"];
        put?: never;
        /** Make a schedule on a workflow */
        post: operations["post_schedules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next times of what is written, without saving it */
        post: operations["post_schedules_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a schedule with its next ten times and how it goes on */
        get: operations["get_schedules_schedule_id"];
        /** Change a schedule that is no trigger node's */
        put: operations["put_schedules_schedule_id"];
        post?: never;
        /** Delete a schedule that is no trigger node's; its runs go on */
        delete: operations["delete_schedules_schedule_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer the times of a range that lies behind, whether they were answered or not */
        post: operations["post_schedules_schedule_id_backfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/fires": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of the last 200 times, and why no run began where none did */
        get: operations["get_schedules_schedule_id_fires"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/next": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The next times, also of a schedule that is paused */
        get: operations["get_schedules_schedule_id_next"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause it: no time of its calendar is answered */
        post: operations["post_schedules_schedule_id_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let it go on; what lay in the pause is not made up for */
        post: operations["post_schedules_schedule_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{schedule_id}/trigger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a run now, be it paused or not */
        post: operations["post_schedules_schedule_id_trigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schemas/definition": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The JSON Schema of definitions */
        get: operations["get_schemas_definition"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List service accounts */
        get: operations["get_service_accounts"];
        put?: never;
        /** Create a service account */
        post: operations["post_service_accounts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-accounts/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a service account */
        get: operations["get_service_accounts_account_id"];
        /** Change a service account's name, roles and groups */
        put: operations["put_service_accounts_account_id"];
        post?: never;
        /** Delete a service account, with its keys */
        delete: operations["delete_service_accounts_account_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-accounts/{account_id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let none of a service account's keys count */
        post: operations["post_service_accounts_account_id_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-accounts/{account_id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a service account's keys count again */
        post: operations["post_service_accounts_account_id_enable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List subscriptions to the bus, with how far they have come and what waits */
        get: operations["get_subscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions/{subscription_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a subscription */
        get: operations["get_subscriptions_subscription_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions/{subscription_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start nothing for now; events wait as long as the bus keeps them */
        post: operations["post_subscriptions_subscription_id_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions/{subscription_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin again at a sequence or a time: each event from there on starts a run anew */
        post: operations["post_subscriptions_subscription_id_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions/{subscription_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on where it was paused */
        post: operations["post_subscriptions_subscription_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the tenants of the installation */
        get: operations["get_tenants"];
        put?: never;
        /** Create a tenant, and invite who is to administer it */
        post: operations["post_tenants"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the tenant the caller asks in */
        get: operations["get_tenants_current"];
        /** Change the tenant's name, hosts, origins, audit of runs and second factor */
        put: operations["put_tenants_current"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/current/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the tenant has of what its quotas allow; of the whole tenant, so for its roles */
        get: operations["get_tenants_current_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a tenant */
        get: operations["get_tenants_tenant"];
        /** Change a tenant, with its limits and quotas */
        put: operations["put_tenants_tenant"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/{tenant}/erasure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count what is left of a tenant in every store */
        get: operations["get_tenants_tenant_erasure"];
        put?: never;
        /** Delete a tenant and everything it has */
        post: operations["post_tenants_tenant_erasure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/{tenant}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer a suspended tenant again */
        post: operations["post_tenants_tenant_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/{tenant}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer nothing of a tenant until it is resumed; its runs go on */
        post: operations["post_tenants_tenant_suspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the members of the tenant */
        get: operations["get_users"];
        put?: never;
        /** Invite somebody by mail */
        post: operations["post_users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a member */
        get: operations["get_users_user_id"];
        /** Change a member's roles and groups */
        put: operations["put_users_user_id"];
        post?: never;
        /** Remove a member, with their keys of this tenant */
        delete: operations["delete_users_user_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lock a member's account: sessions end, keys count no more */
        post: operations["post_users_user_id_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Unlock a member's account */
        post: operations["post_users_user_id_enable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send an invitation again */
        post: operations["post_users_user_id_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List webhooks */
        get: operations["get_webhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a webhook */
        get: operations["get_webhooks_webhook_id"];
        /** Switch a webhook on or off */
        put: operations["put_webhooks_webhook_id"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was delivered to a webhook, the newest first */
        get: operations["get_webhooks_webhook_id_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a delivery with headers, body and replays */
        get: operations["get_webhooks_webhook_id_deliveries_delivery_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a delivery once more, in a new run of its version or of the current one */
        post: operations["post_webhooks_webhook_id_deliveries_delivery_id_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries:replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make every delivery once more that the filters of the list take */
        post: operations["post_webhooks_webhook_id_deliveries_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a new signing secret; the old one is accepted for a while */
        post: operations["post_webhooks_webhook_id_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Judge a sample: verdict, scope and filter, without a run */
        post: operations["post_webhooks_webhook_id_simulate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a sample the way of every delivery; its run says that it is a test */
        post: operations["post_webhooks_webhook_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List workflows; label.<name>=<value> filters by label */
        get: operations["get_workflows"];
        put?: never;
        /** Create a workflow from its definition */
        post: operations["post_workflows"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a definition without saving it */
        post: operations["post_workflows_validate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a workflow with its draft */
        get: operations["get_workflows_workflow_id"];
        /** Replace the draft */
        put: operations["put_workflows_workflow_id"];
        post?: never;
        /** Delete a workflow; its runs and versions stay readable */
        delete: operations["delete_workflows_workflow_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/clone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Copy the draft into a new workflow */
        post: operations["post_workflows_workflow_id_clone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/collab": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A WebSocket on which a draft is drawn together: docs/reference/draft-document.md */
        get: operations["get_workflows_workflow_id_collab"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is added, removed, changed and moved between two of a workflow's definitions */
        get: operations["get_workflows_workflow_id_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an editor must know of a draft's document before it opens its socket */
        get: operations["get_workflows_workflow_id_document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/project": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Put a workflow into a project, or into none; its runs stay where they were started */
        put: operations["put_workflows_workflow_id_project"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the runs of a workflow */
        get: operations["get_workflows_workflow_id_runs"];
        put?: never;
        /** Start a run, and wait for its end if asked to */
        post: operations["post_workflows_workflow_id_runs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/runs:batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start up to 1,000 runs; each has its own answer */
        post: operations["post_workflows_workflow_id_runs_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/trials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a version of a draft to try out, with pinned outputs or one node alone */
        post: operations["post_workflows_workflow_id_trials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List versions, the newest first */
        get: operations["get_workflows_workflow_id_versions"];
        put?: never;
        /** Publish the draft as the current version */
        post: operations["post_workflows_workflow_id_versions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a version, or `current` */
        get: operations["get_workflows_workflow_id_versions_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/versions/{version}/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let an older version run again; the draft stays as it is */
        post: operations["post_workflows_workflow_id_versions_version_current"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workflows/{workflow_id}/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the draft equal to a version, as an edit; versions stay as they are */
        post: operations["post_workflows_workflow_id_versions_version_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A WebSocket that shows runs as they go on: docs/reference/sockets.md */
        get: operations["get_ws"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Deliver to a webhook; the same delivery id starts one run */
        get: operations["get_hooks_webhook_id"];
        /** Deliver to a webhook; the same delivery id starts one run */
        put: operations["put_hooks_webhook_id"];
        /** Deliver to a webhook; the same delivery id starts one run */
        post: operations["post_hooks_webhook_id"];
        /** Deliver to a webhook; the same delivery id starts one run */
        delete: operations["delete_hooks_webhook_id"];
        options?: never;
        head?: never;
        /** Deliver to a webhook; the same delivery id starts one run */
        patch: operations["patch_hooks_webhook_id"];
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process can do its work */
        get: operations["get_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Accept
         * @description The token of the link, and how to sign in from now on.
         */
        Accept: {
            /**
             * Email
             * @description Only of the installation's first person.
             * @default
             */
            email?: string;
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /** Password */
            password: string;
            /** Token */
            token: string;
        };
        /**
         * Administrator
         * @description An account that may make, bound and delete tenants, and name others who may.
         */
        Administrator: {
            /** Email */
            email: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "invited" | "active" | "disabled";
        };
        /**
         * AdministratorList
         * @description A page of them.
         */
        AdministratorList: {
            /** Items */
            items: components["schemas"]["Administrator"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * AskedContext
         * @description Around the question; `time` in RFC 3339, now if it is not named.
         */
        AskedContext: {
            /**
             * Source
             * @default api
             */
            source?: string;
            /**
             * Test
             * @default false
             */
            test?: boolean;
            /**
             * Time
             * @default
             */
            time?: string;
            /**
             * What
             * @default
             */
            what?: string;
        };
        /**
         * AskedCredential
         * @description A credential by the name definitions use, or a given one.
         */
        AskedCredential: {
            /** @default null */
            given?: components["schemas"]["GivenCredential"] | null;
            /** Name */
            name: string;
        };
        /**
         * AskedPrincipal
         * @description Somebody of the tenant by `id`, or anybody by what they are.
         *
         *     `webhook` as the id is whoever delivers to a webhook.
         */
        AskedPrincipal: {
            /** Groups */
            groups?: string[];
            /**
             * Id
             * @default
             */
            id?: string;
            /**
             * Role
             * @default
             */
            role?: string;
            /**
             * Type
             * @default null
             */
            type?: ("User" | "ServiceAccount" | "ApiKey") | null;
        };
        /**
         * AskedWorkflow
         * @description A workflow of the tenant by `id`, in its current or the named version, or a given one.
         */
        AskedWorkflow: {
            /** @default null */
            given?: components["schemas"]["GivenWorkflow"] | null;
            /**
             * Id
             * @default
             */
            id?: string;
            /**
             * Version
             * @default
             */
            version?: string;
        };
        /**
         * Attempt
         * @description One attempt of a step on an executor.
         */
        Attempt: {
            /** Attempt */
            attempt: number;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /** Queued At */
            queued_at: string;
            /** Started At */
            started_at: string | null;
            /**
             * Status
             * @description queued, succeeded, failed or cancelled
             */
            status: string;
            /** Worker */
            worker: string;
        };
        /**
         * Backfill
         * @description Times that lie behind, to be answered again.
         */
        Backfill: {
            /**
             * After
             * @description Times after this one …
             */
            after: string;
            /**
             * Overlap
             * @description How they meet runs: by default one after the other.
             * @default buffer_all
             * @enum {string}
             */
            overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "terminate_other" | "allow";
            /**
             * Upto
             * @description … up to and with this one, which is not in the future.
             */
            upto: string;
        };
        /**
         * Bar
         * @description A step of a timeline, without its output.
         */
        Bar: {
            /** Attempt */
            attempt: number;
            /** Attempts */
            attempts: components["schemas"]["BarAttempt"][];
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            error: components["schemas"]["Short"] | null;
            inside: components["schemas"]["Inside"] | null;
            /** Node Type */
            node_type: string;
            /** Port */
            port: string;
            /** Queue */
            queue: string;
            /** Scheduled At */
            scheduled_at: string | null;
            /**
             * Seq
             * @description Frames with a `seq` up to this tell nothing new of the step.
             */
            seq: string;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
            /** Step */
            step: string;
            /** Waits */
            waits: string | null;
            /** Wake At */
            wake_at: string | null;
        };
        /**
         * BarAttempt
         * @description One attempt of a step on an executor.
         */
        BarAttempt: {
            /** Attempt */
            attempt: number;
            /** Ended At */
            ended_at: string | null;
            error: components["schemas"]["Short"] | null;
            /** Queued At */
            queued_at: string;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
            /** Worker */
            worker: string;
        };
        /**
         * BeginGrant
         * @description Where the browser goes on afterwards: a path here; empty for a page that says how it went.
         */
        BeginGrant: {
            /**
             * Return To
             * @default
             */
            return_to?: string;
        };
        /**
         * BrokenLink
         * @description The first link that is not as it was written. `number` should lie there.
         */
        BrokenLink: {
            /** Number */
            number: number;
            /** Reason */
            reason: string;
            /** Sequence */
            sequence: string;
        };
        /**
         * Button
         * @description A provider as a sign-in page shows it.
         */
        Button: {
            /** Begin */
            begin: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * Buttons
         * @description The providers of a tenant.
         */
        Buttons: {
            /** Items */
            items: components["schemas"]["Button"][];
        };
        /**
         * Callable
         * @description Something that expressions can call.
         */
        Callable: {
            /** Examples */
            examples: {
                [key: string]: unknown;
            }[];
            /**
             * Form
             * @enum {string}
             */
            form: "function" | "macro" | "operator";
            /** Group */
            group: string;
            /** Help */
            help: string;
            /** Name */
            name: string;
            /** Signature */
            signature: string;
        };
        /**
         * Callback
         * @description One receiver of the end of a run, and what came of telling it.
         */
        Callback: {
            /** Attempts */
            attempts: components["schemas"]["Delivery"][];
            /**
             * Event
             * @description run.succeeded, run.failed or run.cancelled
             */
            event: string;
            /**
             * Id
             * @description `webhook-id` of every attempt.
             */
            id: string;
            /**
             * Named By
             * @description version or start
             */
            named_by: string;
            /**
             * Next At
             * @description When it is tried again.
             */
            next_at: string | null;
            /**
             * Run Id
             * @description The run that does the telling.
             */
            run_id: string;
            /**
             * Status
             * @description pending, delivered or failed
             */
            status: string;
            /** Url */
            url: string;
        };
        /**
         * Callbacks
         * @description Who is told of the end of a run.
         */
        Callbacks: {
            /** Items */
            items: components["schemas"]["Callback"][];
        };
        /**
         * Came
         * @description Where a run goes on from.
         */
        Came: {
            /** Run Id */
            run_id: string;
            /** Step */
            step: string;
        };
        /**
         * CancelMany
         * @description Why they are to end, and how.
         */
        CancelMany: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
            /**
             * Mode
             * @default graceful
             * @enum {string}
             */
            mode?: "graceful" | "terminate";
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * CancelRun
         * @description Why the run is to end, and how: after undoing what can be undone, or at once.
         */
        CancelRun: {
            /**
             * Mode
             * @default graceful
             * @enum {string}
             */
            mode?: "graceful" | "terminate";
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * Change
         * @description All of what a schedule means; what is left out is as by default.
         */
        Change: {
            /**
             * At
             * @description One time.
             * @default null
             */
            at?: string | null;
            /**
             * Catch Up
             * @description How late a time may be made up for.
             * @default 1h
             */
            catch_up?: string;
            /**
             * Cron
             * @description Five fields, or one of @hourly, @daily, @weekly, @monthly …
             * @default null
             */
            cron?: string | null;
            /**
             * Every
             * @description An interval like 15m, 1s at least.
             * @default null
             */
            every?: string | null;
            /**
             * From
             * @description With `every`: the first time.
             * @default null
             */
            from?: string | null;
            /**
             * Input
             * @description What runs get, 32 kB at most.
             * @default null
             */
            input?: unknown;
            /**
             * Jitter
             * @description Runs begin up to so much later.
             * @default 0s
             */
            jitter?: string;
            /**
             * Name
             * @description For people.
             */
            name: string;
            /**
             * Overlap
             * @default skip
             * @enum {string}
             */
            overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "terminate_other" | "allow";
            /**
             * Timezone
             * @description For `cron`: an IANA name.
             * @default null
             */
            timezone?: string | null;
            /**
             * Trigger
             * @description The trigger node that runs begin at; without it as a start through the API.
             * @default null
             */
            trigger?: string | null;
            /**
             * Until
             * @description No time after this one.
             * @default null
             */
            until?: string | null;
        };
        /**
         * ChangeCredential
         * @description New fields, all of them, or other projects; what is left out stays.
         *
         *     What an authorisation server has granted ends with the old fields.
         */
        ChangeCredential: {
            /**
             * Fields
             * @default null
             */
            fields?: {
                [key: string]: string;
            } | null;
            /**
             * Projects
             * @default null
             */
            projects?: string[] | null;
            /**
             * Type
             * @default null
             */
            type?: string | null;
        };
        /**
         * ChangeCurrent
         * @description What an administrator of the tenant changes; what is left out stays.
         */
        ChangeCurrent: {
            /**
             * Allowed Hosts
             * @default null
             */
            allowed_hosts?: string[] | null;
            /**
             * Audit Runs
             * @default null
             */
            audit_runs?: ("all" | "by_people" | "none") | null;
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Origins
             * @default null
             */
            origins?: string[] | null;
            /**
             * Second Factor
             * @default null
             */
            second_factor?: ("optional" | "required") | null;
        };
        /**
         * ChangeEmail
         * @description The new address, and a proof of who asks.
         */
        ChangeEmail: {
            /**
             * Code
             * @description Of a second factor.
             * @default
             */
            code?: string;
            /** Email */
            email: string;
            /**
             * Password
             * @default
             */
            password?: string;
        };
        /**
         * ChangeGroup
         * @description What changes; what is left out stays. `role` null: in projects only.
         */
        ChangeGroup: {
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Projects
             * @default null
             */
            projects?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            } | null;
            /**
             * Role
             * @default null
             */
            role?: ("admin" | "editor" | "operator" | "viewer") | null;
        };
        /**
         * ChangeMember
         * @description What changes; what is left out stays. `role` null: in projects only.
         */
        ChangeMember: {
            /**
             * Groups
             * @default null
             */
            groups?: string[] | null;
            /**
             * Projects
             * @default null
             */
            projects?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            } | null;
            /**
             * Role
             * @default null
             */
            role?: ("admin" | "editor" | "operator" | "viewer") | null;
        };
        /**
         * ChangePassword
         * @description The password as it is, or a code, and as it is to be.
         */
        ChangePassword: {
            /**
             * Code
             * @description Of a second factor.
             * @default
             */
            code?: string;
            /**
             * Current
             * @default
             */
            current?: string;
            /** New */
            new: string;
        };
        /**
         * ChangePolicies
         * @description Policies in Cedar; empty: roles alone decide.
         */
        ChangePolicies: {
            /** Text */
            text: string;
        };
        /**
         * ChangeProvider
         * @description The same; without a client secret the one that is stored stays.
         */
        ChangeProvider: {
            /** Client Id */
            client_id: string;
            /**
             * Client Secret
             * @description Must be given anew where issuer or client id changes.
             * @default null
             */
            client_secret?: string | null;
            /**
             * Creates Users
             * @description Whether people who are no members get an account or become one.
             * @default false
             */
            creates_users?: boolean;
            /**
             * Default Role
             * @description Of people none of whose groups has a role; empty: refused.
             * @default
             */
            default_role?: ("admin" | "editor" | "operator" | "viewer") | "";
            /**
             * Groups Claim
             * @description The claim that holds groups; a path with dots.
             * @default
             */
            groups_claim?: string;
            /**
             * Issuer
             * @description Exactly as its description names it.
             */
            issuer: string;
            /**
             * Links Users
             * @description Whether members of the tenant with the same verified address are the same.
             * @default false
             */
            links_users?: boolean;
            /**
             * Name
             * @description For people, on the button.
             */
            name: string;
            /**
             * Roles
             * @description Role by group of the provider.
             */
            roles?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            };
            /**
             * Scopes
             * @description `openid` is always among them.
             */
            scopes?: string[];
        };
        /**
         * ChangeServiceAccount
         * @description What changes; what is left out stays. `role` null: in projects only.
         */
        ChangeServiceAccount: {
            /**
             * Groups
             * @default null
             */
            groups?: string[] | null;
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Projects
             * @default null
             */
            projects?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            } | null;
            /**
             * Role
             * @default null
             */
            role?: ("admin" | "editor" | "operator" | "viewer") | null;
        };
        /**
         * ChangeTenant
         * @description The same, with what the installation grants.
         */
        ChangeTenant: {
            /**
             * Allowed Hosts
             * @default null
             */
            allowed_hosts?: string[] | null;
            /**
             * Audit Runs
             * @default null
             */
            audit_runs?: ("all" | "by_people" | "none") | null;
            /**
             * Limits
             * @default null
             */
            limits?: components["schemas"]["Limit"][] | null;
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Origins
             * @default null
             */
            origins?: string[] | null;
            /**
             * Quotas
             * @default null
             */
            quotas?: {
                [key: string]: number;
            } | null;
            /**
             * Second Factor
             * @default null
             */
            second_factor?: ("optional" | "required") | null;
        };
        /**
         * ChangeWebhook
         * @description Switch a webhook on or off; what it means is the definition's.
         */
        ChangeWebhook: {
            /** Enabled */
            enabled: boolean;
        };
        /**
         * ChooseTenant
         * @description Which of one's tenants the session is to mean.
         */
        ChooseTenant: {
            /**
             * Tenant
             * @description Its id.
             */
            tenant: string;
        };
        /**
         * Clone
         * @description What the copy is called; without a name the old one and "(copy)".
         */
        Clone: {
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Project
             * @description Where the copy belongs; without it where the original does.
             * @default null
             */
            project?: string | null;
        };
        /**
         * Comment
         * @description Something to say.
         */
        Comment: {
            /** Text */
            text: string;
        };
        /**
         * Confirm
         * @description That it is meant: the tenant's name, the address of who signs in, or somebody's id.
         */
        Confirm: {
            /** Confirm */
            confirm: string;
        };
        /**
         * ConfirmTotp
         * @description The first code of a new authenticator.
         */
        ConfirmTotp: {
            /** Code */
            code: string;
            /**
             * Enrolment
             * @description As enrolling answered it.
             */
            enrolment: string;
        };
        /**
         * Counts
         * @description How many there are; of what is over the last 30 days count.
         */
        Counts: {
            /** Decided */
            decided: number;
            /** Expired */
            expired: number;
            /**
             * Mine
             * @description Open, and waiting for who asks.
             */
            mine: number;
            /** Open */
            open: number;
            /** Withdrawn */
            withdrawn: number;
        };
        /**
         * Create
         * @description A schedule on a workflow.
         */
        Create: {
            /**
             * At
             * @description One time.
             * @default null
             */
            at?: string | null;
            /**
             * Catch Up
             * @description How late a time may be made up for.
             * @default 1h
             */
            catch_up?: string;
            /**
             * Cron
             * @description Five fields, or one of @hourly, @daily, @weekly, @monthly …
             * @default null
             */
            cron?: string | null;
            /**
             * Every
             * @description An interval like 15m, 1s at least.
             * @default null
             */
            every?: string | null;
            /**
             * From
             * @description With `every`: the first time.
             * @default null
             */
            from?: string | null;
            /**
             * Input
             * @description What runs get, 32 kB at most.
             * @default null
             */
            input?: unknown;
            /**
             * Jitter
             * @description Runs begin up to so much later.
             * @default 0s
             */
            jitter?: string;
            /**
             * Name
             * @description For people.
             */
            name: string;
            /**
             * Note
             * @default
             */
            note?: string;
            /**
             * Overlap
             * @default skip
             * @enum {string}
             */
            overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "terminate_other" | "allow";
            /**
             * Paused
             * @default false
             */
            paused?: boolean;
            /**
             * Timezone
             * @description For `cron`: an IANA name.
             * @default null
             */
            timezone?: string | null;
            /**
             * Trigger
             * @description The trigger node that runs begin at; without it as a start through the API.
             * @default null
             */
            trigger?: string | null;
            /**
             * Until
             * @description No time after this one.
             * @default null
             */
            until?: string | null;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * CreateCredential
         * @description A credential under the name that definitions use; its fields are sealed and never shown.
         *
         *     `projects` are those whose workflows may use it; none: all of the tenant.
         */
        CreateCredential: {
            /** Fields */
            fields: {
                [key: string]: string;
            };
            /** Name */
            name: string;
            /** Projects */
            projects?: string[];
            /** Type */
            type: string;
        };
        /**
         * CreateGroup
         * @description A group, and what its members may do.
         */
        CreateGroup: {
            /** Name */
            name: string;
            /** Projects */
            projects?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            };
            /**
             * Role
             * @default null
             */
            role?: ("admin" | "editor" | "operator" | "viewer") | null;
        };
        /**
         * CreateKey
         * @description A key, and what it may do: never more than who makes it, nor than its owner.
         *
         *     `owner` is a service account; left out it is the caller. `scopes` none: all of its role.
         */
        CreateKey: {
            /**
             * Expires At
             * @default null
             */
            expires_at?: string | null;
            /** Name */
            name: string;
            /**
             * Owner
             * @default null
             */
            owner?: string | null;
            /**
             * Platform
             * @default false
             */
            platform?: boolean;
            /**
             * Project
             * @default null
             */
            project?: string | null;
            /**
             * Role
             * @enum {string}
             */
            role: "admin" | "editor" | "operator" | "viewer";
            /** Scopes */
            scopes?: components["schemas"]["Permission"][];
        };
        /**
         * CreateProvider
         * @description Who is to sign people in from outside.
         */
        CreateProvider: {
            /** Client Id */
            client_id: string;
            /**
             * Client Secret
             * @description Never answered. Empty: PKCE alone.
             * @default
             */
            client_secret?: string;
            /**
             * Creates Users
             * @description Whether people who are no members get an account or become one.
             * @default false
             */
            creates_users?: boolean;
            /**
             * Default Role
             * @description Of people none of whose groups has a role; empty: refused.
             * @default
             */
            default_role?: ("admin" | "editor" | "operator" | "viewer") | "";
            /**
             * Groups Claim
             * @description The claim that holds groups; a path with dots.
             * @default
             */
            groups_claim?: string;
            /**
             * Issuer
             * @description Exactly as its description names it.
             */
            issuer: string;
            /**
             * Links Users
             * @description Whether members of the tenant with the same verified address are the same.
             * @default false
             */
            links_users?: boolean;
            /**
             * Name
             * @description For people, on the button.
             */
            name: string;
            /**
             * Roles
             * @description Role by group of the provider.
             */
            roles?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            };
            /**
             * Scopes
             * @description `openid` is always among them.
             */
            scopes?: string[];
        };
        /**
         * CreateServiceAccount
         * @description A service account, and what it may do.
         */
        CreateServiceAccount: {
            /** Groups */
            groups?: string[];
            /** Name */
            name: string;
            /** Projects */
            projects?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            };
            /**
             * Role
             * @default null
             */
            role?: ("admin" | "editor" | "operator" | "viewer") | null;
        };
        /**
         * CreateTenant
         * @description A tenant. `id` stands in its subjects and rows for ever.
         *
         *     Whoever the address `admin` belongs to is invited to administer it.
         */
        CreateTenant: {
            /**
             * Admin
             * @default null
             */
            admin?: string | null;
            /**
             * Allowed Hosts
             * @default null
             */
            allowed_hosts?: string[] | null;
            /**
             * Audit Runs
             * @default null
             */
            audit_runs?: ("all" | "by_people" | "none") | null;
            /** Id */
            id: string;
            /**
             * Limits
             * @default null
             */
            limits?: components["schemas"]["Limit"][] | null;
            /** Name */
            name: string;
            /**
             * Origins
             * @default null
             */
            origins?: string[] | null;
            /**
             * Quotas
             * @default null
             */
            quotas?: {
                [key: string]: number;
            } | null;
            /**
             * Second Factor
             * @default null
             */
            second_factor?: ("optional" | "required") | null;
        };
        /**
         * Credential
         * @description A credential without what it holds.
         */
        Credential: {
            /** Created At */
            created_at: string;
            grant: components["schemas"]["CredentialGrant"] | null;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Projects */
            projects: string[];
            /** Revision */
            revision: string;
            /** Type */
            type: string;
            /** Updated At */
            updated_at: string;
        };
        /**
         * CredentialGrant
         * @description How it stands with what an authorisation server has granted.
         */
        CredentialGrant: {
            /** Expires At */
            expires_at: string | null;
            /** Problem */
            problem: string;
            /** Scope */
            scope: string;
            /** Tried At */
            tried_at: string;
        };
        /**
         * CredentialTested
         * @description What a test gave; `message` is for people.
         */
        CredentialTested: {
            /** Code */
            code: string;
            /** Message */
            message: string;
            /** Ok */
            ok: boolean;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * CredentialType
         * @description A type of credential, as a form shows it.
         */
        CredentialType: {
            /** Fields */
            fields: {
                [key: string]: unknown;
            };
            /** Help */
            help: string;
            /** Icon */
            icon: string;
            /** Secret Fields */
            secret_fields: string[];
            /** Testable */
            testable: boolean;
            /** Title */
            title: string;
            /** Type */
            type: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * CredentialTypes
         * @description All types.
         */
        CredentialTypes: {
            /** Items */
            items: components["schemas"]["CredentialType"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * CredentialUsage
         * @description A page of workflows that name a credential.
         */
        CredentialUsage: {
            /** Items */
            items: components["schemas"]["CredentialUse"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * CredentialUse
         * @description A workflow that names a credential: in its draft, in its current version, or in both.
         */
        CredentialUse: {
            /** In Current */
            in_current: boolean;
            /** In Draft */
            in_draft: boolean;
            /** Name */
            name: string;
            /** Project */
            project: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Credentials
         * @description A page of credentials.
         */
        Credentials: {
            /** Items */
            items: components["schemas"]["Credential"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * DataKeyShown
         * @description A data key; the last one made seals.
         */
        DataKeyShown: {
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            /** Provider */
            provider: string;
            /** Provider Key */
            provider_key: string;
            /** Wrapped At */
            wrapped_at: string;
        };
        /**
         * DeadLetter
         * @description Work that nobody does any more unless somebody acts.
         */
        DeadLetter: {
            /** Attempts */
            attempts: number;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /**
             * First At
             * @description When it failed first.
             */
            first_at: string;
            handled: components["schemas"]["Handled"] | null;
            /** Id */
            id: string;
            /** Last At */
            last_at: string;
            /**
             * Reason
             * @description exhausted: a step had failed for good. failed: the run, without a step to blame. poison: the task was given out again and again without an outcome. parked, quarantined: the run cannot be decided. unreadable: a message of its log. event: an event of the bus could start no run.
             */
            reason: string;
            /**
             * Run Id
             * @description null for an event.
             */
            run_id: string | null;
            /** Settled At */
            settled_at: string | null;
            /**
             * Status
             * @description open; retried or discarded, by a person; settled: the run went on by itself
             */
            status: string;
            /**
             * Step
             * @description For an event: the trigger node.
             */
            step: string | null;
            /** Workflow Id */
            workflow_id: string;
            /** Workflow Name */
            workflow_name: string;
        };
        /**
         * DeadLetters
         * @description A page of dead letters, the last failure first.
         */
        DeadLetters: {
            /** Items */
            items: components["schemas"]["DeadLetter"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Dealt
         * @description What was made of a letter. `revision` is taken by `min_revision` of the list.
         */
        Dealt: {
            /** Action */
            action: string;
            /** Id */
            id: string;
            /** New Run Id */
            new_run_id: string | null;
            /** Revision */
            revision: string;
        };
        /**
         * DealtMany
         * @description One answer per letter. `more`: there are others that the filters take.
         */
        DealtMany: {
            /** Done */
            done: number;
            /** Dry Run */
            dry_run: boolean;
            /** Items */
            items: components["schemas"]["DealtOne"][];
            /** Matched */
            matched: number;
            /** More */
            more: boolean;
            /** Refused */
            refused: number;
        };
        /**
         * DealtOne
         * @description What became of one letter, or the reason why not.
         */
        DealtOne: {
            /**
             * Action
             * @default null
             */
            action?: string | null;
            /**
             * Error
             * @default null
             */
            error?: {
                [key: string]: unknown;
            } | null;
            /** Id */
            id: string;
            /**
             * New Run Id
             * @default null
             */
            new_run_id?: string | null;
            /**
             * Revision
             * @default null
             */
            revision?: string | null;
        };
        /**
         * Decide
         * @description What somebody decides.
         */
        Decide: {
            /**
             * Comment
             * @description Why.
             * @default
             */
            comment?: string;
            /**
             * Option
             * @description Value of the option.
             */
            option: string;
            /**
             * Values
             * @description What the form asks for.
             * @default null
             */
            values?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * DecideStep
         * @description What becomes of a failed step that waits for a person.
         */
        DecideStep: {
            /**
             * Decision
             * @enum {string}
             */
            decision: "retry" | "skip" | "fail";
            /**
             * Output
             * @description For `skip`: what the step's output shows.
             * @default null
             */
            output?: unknown;
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * Decision
         * @description How it ended.
         */
        Decision: {
            /** At */
            at: string;
            /**
             * By
             * @description usr_…, svc_…, or system where a time was over.
             */
            by: string;
            /**
             * How
             * @description people, escalation, timeout; of what was withdrawn person or run
             */
            how: string;
            /** Option */
            option: string | null;
            /** Reason */
            reason: string;
        };
        /**
         * Definition
         * @description A workflow's definition, schema weir/v1. Only what a list shows is checked at saving.
         */
        Definition: {
            /**
             * Description
             * @default
             */
            description?: string;
            /** Edges */
            edges?: unknown[];
            /** Name */
            name: string;
            /** Nodes */
            nodes?: unknown[];
            /** Settings */
            settings?: {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        /**
         * Delegate
         * @description To whom somebody hands their part.
         */
        Delegate: {
            /**
             * Comment
             * @default
             */
            comment?: string;
            /**
             * To
             * @description Id or address of a member.
             */
            to: string;
        };
        /**
         * Delivered
         * @description What became of a delivery: a run, or the reason there is none.
         */
        Delivered: {
            /**
             * Dropped
             * @default null
             */
            dropped?: string | null;
            /**
             * Duplicate
             * @default null
             */
            duplicate?: boolean | null;
            /**
             * Ended At
             * @default null
             */
            ended_at?: string | null;
            /**
             * Error
             * @default null
             */
            error?: {
                [key: string]: unknown;
            } | null;
            /**
             * Output
             * @default null
             */
            output?: unknown;
            /**
             * Reason
             * @default null
             */
            reason?: string | null;
            /**
             * Run Id
             * @default null
             */
            run_id?: string | null;
            /**
             * Status
             * @default null
             */
            status?: string | null;
        };
        /**
         * Delivery
         * @description One attempt to tell the end of a run.
         */
        Delivery: {
            /** At */
            at: string;
            /** Attempt */
            attempt: number;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /** Http Status */
            http_status: number | null;
            /** Latency Ms */
            latency_ms: number | null;
            /**
             * Status
             * @description queued, succeeded, failed or cancelled
             */
            status: string;
        };
        /**
         * Diff
         * @description What was compared with what: `draft`, or the id of a version; empty where there is none.
         */
        Diff: {
            /** Added */
            added: components["schemas"]["EntryChange"][];
            /** Changed */
            changed: components["schemas"]["EntryChange"][];
            /**
             * Dropped
             * @description What of the document is in no definition, if the draft was compared.
             */
            dropped: components["schemas"]["Dropped"][];
            /** From */
            from: string;
            /** Moved */
            moved: components["schemas"]["EntryChange"][];
            /** Removed */
            removed: components["schemas"]["EntryChange"][];
            /** Settings */
            settings: components["schemas"]["SettingChange"][];
            /** To */
            to: string;
        };
        /**
         * Difference
         * @description All that leads from one definition to another; moved differs in its place alone.
         */
        Difference: {
            /** Added */
            added: components["schemas"]["EntryChange"][];
            /** Changed */
            changed: components["schemas"]["EntryChange"][];
            /** Moved */
            moved: components["schemas"]["EntryChange"][];
            /** Removed */
            removed: components["schemas"]["EntryChange"][];
            /** Settings */
            settings: components["schemas"]["SettingChange"][];
        };
        /**
         * DiscardLetter
         * @description Why nothing more is to be done.
         */
        DiscardLetter: {
            /** Reason */
            reason: string;
        };
        /**
         * DiscardLetters
         * @description Give them up.
         */
        DiscardLetters: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
            /** Reason */
            reason: string;
        };
        /**
         * Document
         * @description What an editor must know before it opens the socket.
         */
        Document: {
            /**
             * Epoch
             * @description The document's name in time: two epochs are never merged.
             */
            epoch: string;
            /** Peers */
            peers: components["schemas"]["Peer"][];
            /**
             * Read Only
             * @description Whether the caller may only look.
             */
            read_only: boolean;
        };
        /**
         * Dropped
         * @description What people who drew at the same time left without an end.
         */
        Dropped: {
            /** Code */
            code: string;
            /** Id */
            id: string;
        };
        /**
         * Enrolment
         * @description What an authenticator app is given; shown this once. It counts after a first right code.
         */
        Enrolment: {
            /** Enrolment */
            enrolment: string;
            /** Expires In */
            expires_in: number;
            /** Secret */
            secret: string;
            /** Uri */
            uri: string;
        };
        /**
         * Entries
         * @description A page of entries, the newest first.
         */
        Entries: {
            /** Items */
            items: components["schemas"]["Entry"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Entry
         * @description Who did what, where from, and what came of it. `link` is its place in the chain.
         *
         *     What was personal of somebody who was erased reads `erased`.
         */
        Entry: {
            /** Changes */
            changes: {
                [key: string]: unknown;
            };
            /** Count */
            count: number;
            /** Event */
            event: string;
            /** Id */
            id: string;
            /** Ip Address */
            ip_address: string;
            /** Link */
            link: number;
            /** Outcome */
            outcome: string;
            /** Reason */
            reason: string;
            /** Request Id */
            request_id: string;
            /** Resource Id */
            resource_id: string;
            /** Tenant Id */
            tenant_id: string;
            /** Timestamp */
            timestamp: string;
            /** User Agent */
            user_agent: string;
            /** User Id */
            user_id: string;
        };
        /**
         * EntryChange
         * @description A node, an edge or a note.
         */
        EntryChange: {
            /** @default null */
            by?: components["schemas"]["TouchedBy"] | null;
            /** Fields */
            fields?: components["schemas"]["FieldChange"][];
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "node" | "edge" | "note";
        };
        /**
         * Error
         * @description Why a run could not begin.
         */
        Error: {
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * ErrorAnswer
         * @description Every refusal.
         */
        ErrorAnswer: {
            error: components["schemas"]["ErrorBody"];
        };
        /**
         * ErrorBody
         * @description What went wrong and what to do next.
         */
        ErrorBody: {
            /** Code */
            code: string;
            /**
             * Details
             * @default null
             */
            details?: unknown;
            /** Message */
            message: string;
            /** Request Id */
            request_id: string;
        };
        /**
         * Evaluate
         * @description A value with expressions, and what they may read.
         */
        Evaluate: {
            /**
             * Scope
             * @description What stands under `input`, `steps`, `item` and so on.
             */
            scope?: {
                [key: string]: unknown;
            };
            /**
             * Value
             * @description Any JSON value with `{{ … }}` in its texts.
             */
            value: unknown;
        };
        /**
         * Evaluated
         * @description What the value comes to, or why it comes to nothing.
         */
        Evaluated: {
            /**
             * Errors
             * @default []
             */
            errors?: components["schemas"]["Flaw"][];
            /** Ok */
            ok: boolean;
            /**
             * Value
             * @default null
             */
            value?: unknown;
        };
        /**
         * EventBody
         * @description What the event holds, any JSON; or a CloudEvent, alone or in a batch, by its media type.
         */
        EventBody: {
            [key: string]: unknown;
        };
        /**
         * Events
         * @description A page of a run's log, the first first.
         */
        Events: {
            /** Items */
            items: components["schemas"]["LoggedMessage"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Explain
         * @description May this principal do this to the workflow? Or, for `use_credential`: may the workflow.
         *
         *     With `text` it is asked of these policies, which are not stored.
         */
        Explain: {
            /**
             * Action
             * @enum {string}
             */
            action: "publish" | "start" | "steer" | "use_credential";
            context?: components["schemas"]["AskedContext"];
            /** @default null */
            credential?: components["schemas"]["AskedCredential"] | null;
            /** @default null */
            principal?: components["schemas"]["AskedPrincipal"] | null;
            /**
             * Text
             * @default null
             */
            text?: string | null;
            workflow: components["schemas"]["AskedWorkflow"];
        };
        /**
         * Explained
         * @description A decision and how it comes about.
         */
        Explained: {
            /** Allowed */
            allowed: boolean;
            policies: components["schemas"]["PolicyAnswer"];
            /** Principal */
            principal: {
                [key: string]: unknown;
            };
            /** Resource */
            resource: {
                [key: string]: unknown;
            };
            roles: components["schemas"]["RoleAnswer"];
        };
        /**
         * FactorsAnswer
         * @description How somebody proves beside a password who they are.
         */
        FactorsAnswer: {
            /**
             * Demanded
             * @description Whether a tenant of theirs demands a second factor.
             */
            demanded: boolean;
            /** Passkeys */
            passkeys: components["schemas"]["PasskeyAnswer"][];
            /** Recovery Codes Left */
            recovery_codes_left: number;
            /** Totp */
            totp: boolean;
        };
        /**
         * FieldChange
         * @description A value that differs; null where it was or is not there.
         */
        FieldChange: {
            /**
             * After
             * @default null
             */
            after?: unknown;
            /**
             * Before
             * @default null
             */
            before?: unknown;
            /**
             * Path
             * @description A JSON pointer, within the node, edge or note.
             */
            path: string;
        };
        /**
         * Figures
         * @description Of runs by their start. Durations are of those that have ended, null if none has.
         */
        Figures: {
            /** Cancelled */
            cancelled: number;
            /** Failed */
            failed: number;
            /** P50 Ms */
            p50_ms: number | null;
            /** P95 Ms */
            p95_ms: number | null;
            /** P99 Ms */
            p99_ms: number | null;
            /** Started */
            started: number;
            /** Succeeded */
            succeeded: number;
        };
        /**
         * FiguresAt
         * @description Of one stretch.
         */
        FiguresAt: {
            /** At */
            at: string;
            /** Cancelled */
            cancelled: number;
            /** Failed */
            failed: number;
            /** P50 Ms */
            p50_ms: number | null;
            /** P95 Ms */
            p95_ms: number | null;
            /** P99 Ms */
            p99_ms: number | null;
            /** Started */
            started: number;
            /** Succeeded */
            succeeded: number;
        };
        /**
         * Fire
         * @description What became of a time, or of several that were missed together: `times` counts them.
         */
        Fire: {
            /** Decided At */
            decided_at: string;
            error: components["schemas"]["Error"] | null;
            /** Fired At */
            fired_at: string | null;
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "fired" | "skipped" | "queued" | "refused";
            /** Request Id */
            request_id: string;
            /** Run Id */
            run_id: string | null;
            /**
             * Run Status
             * @description How the run ended; null while it goes on.
             */
            run_status: string | null;
            /** Scheduled At */
            scheduled_at: string;
            /** Times */
            times: number;
            /**
             * Why
             * @description Of what was skipped: overlap, missed, queue_full, replaced.
             */
            why: string;
        };
        /**
         * Fires
         * @description A page of what became of the last 200 times, the last decided first.
         */
        Fires: {
            /** Items */
            items: components["schemas"]["Fire"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Flaw
         * @description What is wrong, and where: a JSON pointer into the value, line and column in that text.
         */
        Flaw: {
            /**
             * Advice
             * @default
             */
            advice?: string;
            /** Code */
            code: string;
            /**
             * Column
             * @default 1
             */
            column?: number;
            /**
             * Line
             * @default 1
             */
            line?: number;
            /** Message */
            message: string;
            /**
             * Path
             * @default
             */
            path?: string;
            /**
             * Reference
             * @description The reference that leads to nothing.
             * @default
             */
            reference?: string;
        };
        /**
         * Forgotten
         * @description Whose password is to be set anew.
         */
        Forgotten: {
            /** Email */
            email: string;
        };
        /**
         * ForkRun
         * @description From where a new run goes on.
         */
        ForkRun: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Input
             * @description Another input for the new run.
             * @default null
             */
            input?: unknown;
            /**
             * Step
             * @description Path of a step of the run, such as each[6]/notify.
             */
            step: string;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * Forked
         * @description The new run, and what it will do once more. `run_id` is null in a dry run.
         */
        Forked: {
            /**
             * Carried
             * @description How many steps are taken over and not executed again.
             */
            carried: number;
            /** Duplicate */
            duplicate: boolean;
            origin: components["schemas"]["Came"];
            /** Repeats */
            repeats: components["schemas"]["Repeated"][];
            /** Run Id */
            run_id: string | null;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
            /** Version */
            version: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Given
         * @description What an attempt was given.
         */
        Given: {
            /** Attempt */
            attempt: number;
            /**
             * Evaluated
             * @description False: expressions too heavy for the scheduler, which the executor evaluates.
             */
            evaluated: boolean;
            /** Value */
            value: unknown;
        };
        /**
         * GivenCredential
         * @description A credential that need not exist.
         */
        GivenCredential: {
            /** Projects */
            projects?: string[];
            /**
             * Type
             * @default
             */
            type?: string;
        };
        /**
         * GivenWorkflow
         * @description A workflow that need not exist.
         */
        GivenWorkflow: {
            /** Credentials Used */
            credentials_used?: string[];
            /** Labels */
            labels?: {
                [key: string]: string;
            };
            /**
             * Name
             * @default
             */
            name?: string;
            /** Node Types */
            node_types?: string[];
            /**
             * Project
             * @default
             */
            project?: string;
        };
        /**
         * GrantBegun
         * @description Where to send the browser that asked.
         */
        GrantBegun: {
            /** Until */
            until: string;
            /** Url */
            url: string;
        };
        /**
         * Group
         * @description Members that get roles together.
         */
        Group: {
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            /** Members */
            members: number;
            /** Name */
            name: string;
            /** Projects */
            projects: {
                [key: string]: string;
            };
            /** Revision */
            revision: string;
            /** Role */
            role: string;
        };
        /**
         * Groups
         * @description A page of groups.
         */
        Groups: {
            /** Items */
            items: components["schemas"]["Group"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Halfway
         * @description A sign-in whose password was right.
         */
        Halfway: {
            /**
             * Challenge
             * @description As the sign-in answered it.
             */
            challenge: string;
        };
        /**
         * HalfwayCode
         * @description The code that completes it.
         */
        HalfwayCode: {
            /**
             * Challenge
             * @description As the sign-in answered it.
             */
            challenge: string;
            /** Code */
            code: string;
        };
        /**
         * HalfwayConfirm
         * @description The same as a part of signing in.
         */
        HalfwayConfirm: {
            /** Challenge */
            challenge: string;
            /** Code */
            code: string;
            /**
             * Enrolment
             * @description As enrolling answered it.
             */
            enrolment: string;
        };
        /**
         * HalfwayMakePasskey
         * @description The same as a part of signing in.
         */
        HalfwayMakePasskey: {
            /** Challenge */
            challenge: string;
            /**
             * Credential
             * @description `PublicKeyCredential.toJSON()`.
             */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Name
             * @description As its owner calls it.
             */
            name: string;
        };
        /**
         * HalfwayPasskey
         * @description The same after a right password.
         */
        HalfwayPasskey: {
            /** Challenge */
            challenge: string;
            /** Credential */
            credential: {
                [key: string]: unknown;
            };
        };
        /**
         * Handled
         * @description What somebody made of a letter.
         */
        Handled: {
            /**
             * Action
             * @description retried or discarded
             */
            action: string;
            /** At */
            at: string;
            /** By */
            by: string;
            /** New Run Id */
            new_run_id: string | null;
            /** Reason */
            reason: string;
        };
        /**
         * Health
         * @description Whether the process lives and what it depends on is there.
         *
         *     `warnings` tell what will be missing soon, in words; the process is still ready.
         */
        Health: {
            /** Checks */
            checks: {
                [key: string]: boolean;
            };
            /** Status */
            status: string;
            /** Warnings */
            warnings: string[];
        };
        /**
         * HookDeliveries
         * @description A page of deliveries, the newest first.
         */
        HookDeliveries: {
            /**
             * Counts
             * @description With `counts=true`: how many the filters take, by verdict; 10,000 means at least so many.
             * @default null
             */
            counts?: {
                [key: string]: number;
            } | null;
            /** Items */
            items: components["schemas"]["HookDelivery"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * HookDelivery
         * @description A delivery to a webhook, and what became of it.
         */
        HookDelivery: {
            /** At */
            at: string;
            /** By */
            by: string | null;
            /**
             * Code
             * @description Of a refusal.
             */
            code: string | null;
            /**
             * Delivery Id
             * @description The sender's id of it.
             */
            delivery_id: string | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @description delivery: from outside. test, replay: sent by `by`.
             */
            kind: string;
            /** Method */
            method: string;
            /**
             * Reason
             * @description Why it was refused or dropped, in words.
             */
            reason: string | null;
            /**
             * Replay Of
             * @description Of a replay: the delivery.
             */
            replay_of: string | null;
            /** Run Id */
            run_id: string | null;
            /**
             * Size
             * @description Bytes of its body; of one that started a run, as JSON.
             */
            size: number;
            /**
             * Status
             * @description The HTTP status it was answered.
             */
            status: number;
            /**
             * Untold
             * @description How many before it were not written down, for there were too many at once.
             */
            untold: number;
            /**
             * Verdict
             * @description accepted: it started a run. duplicate: its id had started one before. filtered: the filter dropped it. refused: see `code`.
             */
            verdict: string;
            /**
             * Version
             * @description The version it was held against.
             */
            version: string | null;
            /** Webhook Id */
            webhook_id: string;
        };
        /**
         * Inside
         * @description Of a loop its iterations, of anything else the steps in it.
         */
        Inside: {
            /** Done */
            done: number;
            /** Failed */
            failed: number;
            /** Total */
            total: number;
        };
        /**
         * Invite
         * @description Whom to invite, and what they may do then.
         */
        Invite: {
            /** Email */
            email: string;
            /** Groups */
            groups?: string[];
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /** Projects */
            projects?: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            };
            /**
             * Role
             * @default null
             */
            role?: ("admin" | "editor" | "operator" | "viewer") | null;
        };
        /**
         * KeyRotation
         * @description How it stands with the keys of the tenant.
         *
         *     `stale` counts what lies under an older key than the newest, `unreadable` what cannot be
         *     opened and so not be sealed anew. `overdue`: the newest key is older than ninety days.
         */
        KeyRotation: {
            /** Age Days */
            age_days: number | null;
            /** Keys */
            keys: components["schemas"]["DataKeyShown"][];
            /** Overdue */
            overdue: boolean;
            /** Provider */
            provider: string;
            /** Provider Key */
            provider_key: string;
            /** Rotated At */
            rotated_at: string | null;
            /** Secrets */
            secrets: number;
            /** Stale */
            stale: number;
            /** To Wrap */
            to_wrap: number;
            /** Unreadable */
            unreadable: number;
        };
        /**
         * Language
         * @description Functions, macros and operators in the order of the reference, and the names there are.
         */
        Language: {
            /** Items */
            items: components["schemas"]["Callable"][];
            /** Names */
            names: string[];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * LastRun
         * @description The newest run of a workflow.
         */
        LastRun: {
            /** Ended At */
            ended_at: string | null;
            /** Run Id */
            run_id: string;
            /** Started At */
            started_at: string;
            /** Status */
            status: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * LastRuns
         * @description Of those workflows that have any.
         */
        LastRuns: {
            /** Items */
            items: components["schemas"]["LastRun"][];
        };
        /**
         * Limit
         * @description So many requests of a kind in so many milliseconds; 0 is no limit.
         */
        Limit: {
            /** Count */
            count: number;
            /**
             * Name
             * @enum {string}
             */
            name: "api" | "hooks" | "start" | "credentials";
            /**
             * Window Ms
             * @default 60000
             */
            window_ms?: number;
        };
        /**
         * Line
         * @description A line a step wrote. `id` is what a live tail takes as `after`.
         */
        Line: {
            /** At */
            at: string;
            /** Attempt */
            attempt: number;
            /** Fields */
            fields: unknown;
            /** Id */
            id: string;
            /** Level */
            level: string;
            /** Message */
            message: string;
            /** Step */
            step: string;
            /** Trace Parent */
            trace_parent: string;
        };
        /**
         * Lines
         * @description A page of log lines, the first first.
         */
        Lines: {
            /** Items */
            items: components["schemas"]["Line"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Link
         * @description A step of another run.
         */
        Link: {
            /** Run Id */
            run_id: string;
            /** Step */
            step: string;
        };
        /**
         * LoggedMessage
         * @description A message of the run's log. `envelope` is its body as it was stored.
         */
        LoggedMessage: {
            /** Envelope */
            envelope: unknown;
            /**
             * Kind
             * @description in: a fact; ev, task: the owner's; timer; snap
             */
            kind: string;
            /** Sequence */
            sequence: string;
            /** Stored At */
            stored_at: string;
            /** Subject */
            subject: string;
        };
        /**
         * Login
         * @description Address and password.
         */
        Login: {
            /** Email */
            email: string;
            /** Password */
            password: string;
            /**
             * Tenant
             * @description What the session means where a request names no tenant; empty: the first.
             * @default
             */
            tenant?: string;
        };
        /**
         * MadePasskey
         * @description A new passkey; the first second factor of an account comes with recovery codes.
         */
        MadePasskey: {
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Recovery Codes
             * @default null
             */
            recovery_codes?: string[] | null;
            /** Transports */
            transports: string[];
            /** Used At */
            used_at: string | null;
        };
        /**
         * MakePasskey
         * @description The browser's answer to the options of registering.
         */
        MakePasskey: {
            /**
             * Credential
             * @description `PublicKeyCredential.toJSON()`.
             */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Name
             * @description As its owner calls it.
             */
            name: string;
        };
        /**
         * ManyStarted
         * @description One answer per item, in order.
         */
        ManyStarted: {
            /** Items */
            items: (components["schemas"]["RunStarted"] | components["schemas"]["Refused"])[];
        };
        /**
         * ManySteered
         * @description One answer per run. `more`: there are others that the filters take.
         */
        ManySteered: {
            /** Done */
            done: number;
            /** Dry Run */
            dry_run: boolean;
            /** Items */
            items: components["schemas"]["Steered"][];
            /** Matched */
            matched: number;
            /** More */
            more: boolean;
            /** Refused */
            refused: number;
        };
        /**
         * Member
         * @description Somebody in the tenant. `role` empty: in projects only; of roles the highest counts.
         */
        Member: {
            /** Created At */
            created_at: string;
            /** Email */
            email: string;
            /** Groups */
            groups: string[];
            /** Id */
            id: string;
            /** Last Sign In */
            last_sign_in: string | null;
            /** Name */
            name: string;
            /** Projects */
            projects: {
                [key: string]: string;
            };
            /** Revision */
            revision: string;
            /** Role */
            role: string;
            /** Source */
            source: string;
            /**
             * Status
             * @enum {string}
             */
            status: "invited" | "active" | "disabled";
        };
        /**
         * Members
         * @description A page of members.
         */
        Members: {
            /** Items */
            items: components["schemas"]["Member"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Move
         * @description Where a workflow belongs; its runs stay where they were started.
         */
        Move: {
            /**
             * Project
             * @description A project, or null for none.
             */
            project: string | null;
        };
        /**
         * MoveDeadline
         * @description When a waiting step is to wait no longer.
         */
        MoveDeadline: {
            /**
             * Due At
             * @description RFC 3339; a time in the past ends the wait now.
             */
            due_at: string;
        };
        /**
         * Named
         * @description What it is called.
         */
        Named: {
            /** Name */
            name: string;
        };
        /**
         * NamedPolicy
         * @description A policy that forbids, by its `@id` or its place in the text.
         */
        NamedPolicy: {
            /** Advice */
            advice: string;
            /** Id */
            id: string;
        };
        /**
         * NamesOf
         * @description By id; an id that has no name for who asks is left out.
         */
        NamesOf: {
            /** Names */
            names: {
                [key: string]: string;
            };
        };
        /**
         * NewKey
         * @description A key with its token, which is shown this once: null if the request came before.
         */
        NewKey: {
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Owner */
            owner: string | null;
            /** Platform */
            platform: boolean;
            /** Project */
            project: string | null;
            /** Revision */
            revision: string;
            /** Role */
            role: string;
            /** Scopes */
            scopes: string[];
            /** Token */
            token: string | null;
            /** Used At */
            used_at: string | null;
        };
        /**
         * NextTimes
         * @description Times to come.
         */
        NextTimes: {
            /** Items */
            items: string[];
        };
        /**
         * NodeType
         * @description A node type as the palette and the properties panel show it.
         */
        NodeType: {
            /** Kind */
            kind: string;
            /** Title */
            title: string;
            /** Type */
            type: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * NodeTypes
         * @description The catalogue.
         */
        NodeTypes: {
            /** Items */
            items: components["schemas"]["NodeType"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Noted
         * @description Why, for people.
         */
        Noted: {
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * Option
         * @description A way to decide.
         */
        Option: {
            /**
             * Comment
             * @description Whether it asks for a comment.
             */
            comment: boolean;
            /**
             * Form
             * @description Whether it asks for the form.
             */
            form: boolean;
            /** Label */
            label: string;
            /**
             * Required
             * @description How many must choose it.
             */
            required: number;
            /**
             * Style
             * @description default, primary, success, warning or danger
             */
            style: string;
            /** Value */
            value: string;
        };
        /**
         * Options
         * @description What `navigator.credentials.create` or `.get` takes, in JSON.
         */
        Options: {
            /** Expires In */
            expires_in: number;
            /** Options */
            options: {
                [key: string]: unknown;
            };
        };
        /**
         * OwnTenant
         * @description A tenant that somebody is a member of.
         */
        OwnTenant: {
            /**
             * Current
             * @description Whether the session means it where a request names none.
             */
            current: boolean;
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * OwnTenants
         * @description All of them that are not suspended, by name.
         */
        OwnTenants: {
            /** Items */
            items: components["schemas"]["OwnTenant"][];
        };
        /**
         * Page
         * @description A page of the inbox.
         */
        Page: {
            /** Items */
            items: components["schemas"]["Summary"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * PasskeyAnswer
         * @description A passkey.
         */
        PasskeyAnswer: {
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Transports */
            transports: string[];
            /** Used At */
            used_at: string | null;
        };
        /**
         * Pause
         * @description Why nothing is to be started for now.
         */
        Pause: {
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * PauseMany
         * @description Why they are to stand still.
         */
        PauseMany: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * PauseRun
         * @description Why the run is to stand still.
         */
        PauseRun: {
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * Peer
         * @description Somebody who has the document open.
         */
        Peer: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Read Only
             * @description Whether they only look.
             * @default false
             */
            read_only?: boolean;
        };
        /**
         * Permission
         * @description What a route asks of its caller.
         * @enum {string}
         */
        Permission: "public" | "self" | "workflows:read" | "workflows:write" | "runs:read" | "runs:start" | "events:publish" | "credentials:manage" | "users:manage" | "tenant:manage" | "audit:read" | "platform:manage";
        /**
         * PersonErasure
         * @description What is left of somebody, by kind.
         */
        PersonErasure: {
            /** Deleted At */
            deleted_at: string | null;
            /** Done */
            done: boolean;
            /** Left */
            left: {
                [key: string]: number;
            };
            /** User Id */
            user_id: string;
        };
        /**
         * PoliciesAnswer
         * @description The tenant's policies; `errors` is empty unless this version cannot use them.
         */
        PoliciesAnswer: {
            /** Cedar Schema */
            cedar_schema: string;
            /** Errors */
            errors: components["schemas"]["PolicyProblem"][];
            /** Language */
            language: string;
            /** Revision */
            revision: string;
            /** Text */
            text: string;
            /** Updated At */
            updated_at: string | null;
            /** Updated By */
            updated_by: string | null;
        };
        /**
         * PolicyAnswer
         * @description What policies say: allowed unless some forbid it; `errors` of those that failed.
         */
        PolicyAnswer: {
            /** Allowed */
            allowed: boolean;
            /** Errors */
            errors: string[];
            /** Forbidden By */
            forbidden_by: components["schemas"]["NamedPolicy"][];
        };
        /**
         * PolicyProblem
         * @description What is wrong with a text, and where.
         */
        PolicyProblem: {
            /** Advice */
            advice: string;
            /** Code */
            code: string;
            /** Column */
            column: number;
            /** Line */
            line: number;
            /** Message */
            message: string;
            /** Node */
            node: string | null;
            /** Path */
            path: string;
        };
        /**
         * Preview
         * @description Times to look at.
         */
        Preview: {
            /**
             * At
             * @description One time.
             * @default null
             */
            at?: string | null;
            /**
             * Count
             * @default 10
             */
            count?: number;
            /**
             * Cron
             * @description Five fields, or one of @hourly, @daily, @weekly, @monthly …
             * @default null
             */
            cron?: string | null;
            /**
             * Every
             * @description An interval like 15m, 1s at least.
             * @default null
             */
            every?: string | null;
            /**
             * From
             * @description With `every`: the first time.
             * @default null
             */
            from?: string | null;
            /**
             * Timezone
             * @description For `cron`: an IANA name.
             * @default null
             */
            timezone?: string | null;
            /**
             * Until
             * @description No time after this one.
             * @default null
             */
            until?: string | null;
        };
        /**
         * Probe
         * @description Whether a webhook is served, as it was found right after the publish.
         */
        Probe: {
            /** Code */
            code: string | null;
            /** Message */
            message: string | null;
            /**
             * Ms
             * @description How long it took.
             */
            ms: number;
            /**
             * State
             * @description served: in this version, by who takes deliveries. refused: see `code`. silent: nobody answered; no trigger runs.
             */
            state: string;
        };
        /**
         * Problem
         * @description One located problem: a JSON pointer, and in a text with expressions line and column.
         */
        Problem: {
            /** Advice */
            advice: string;
            /** Code */
            code: string;
            /**
             * Column
             * @default null
             */
            column?: number | null;
            /**
             * Line
             * @default null
             */
            line?: number | null;
            /** Message */
            message: string;
            /**
             * Node
             * @default null
             */
            node?: string | null;
            /** Path */
            path: string;
        };
        /**
         * Project
         * @description A part of a tenant with roles of its own.
         */
        Project: {
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Revision */
            revision: string;
        };
        /**
         * ProjectRole
         * @description A role in one project.
         */
        ProjectRole: {
            /**
             * Role
             * @enum {string}
             */
            role: "admin" | "editor" | "operator" | "viewer";
        };
        /**
         * Projects
         * @description A page of projects.
         */
        Projects: {
            /** Items */
            items: components["schemas"]["Project"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Proof
         * @description One of both proves anew who asks.
         */
        Proof: {
            /**
             * Code
             * @description Time-based or recovery code.
             * @default
             */
            code?: string;
            /**
             * Password
             * @default
             */
            password?: string;
        };
        /**
         * ProvePasskey
         * @description The browser's answer to the options of signing in, without a password.
         */
        ProvePasskey: {
            /** Credential */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Tenant
             * @description Which tenant is meant, if several.
             * @default
             */
            tenant?: string;
        };
        /**
         * ProviderAnswer
         * @description A sign-in provider.
         */
        ProviderAnswer: {
            /** Client Id */
            client_id: string;
            /** Created At */
            created_at: string;
            /** Creates Users */
            creates_users: boolean;
            /** Default Role */
            default_role: string;
            /** Groups Claim */
            groups_claim: string;
            /** Has Secret */
            has_secret: boolean;
            /** Id */
            id: string;
            /** Issuer */
            issuer: string;
            /** Links Users */
            links_users: boolean;
            /** Name */
            name: string;
            /**
             * Redirect Uri
             * @description What the provider must be told to send people back to.
             */
            redirect_uri: string;
            /** Revision */
            revision: string;
            /** Roles */
            roles: {
                [key: string]: "admin" | "editor" | "operator" | "viewer";
            };
            /** Scopes */
            scopes: string[];
            /** Updated At */
            updated_at: string;
        };
        /**
         * ProviderList
         * @description A page of them.
         */
        ProviderList: {
            /** Items */
            items: components["schemas"]["ProviderAnswer"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Publish
         * @description What to say about the version.
         */
        Publish: {
            /**
             * Base Version
             * @description The current version that the draft was compared with, empty for none: if another one is current, nothing is published.
             * @default null
             */
            base_version?: string | null;
            /**
             * Note
             * @default
             */
            note?: string;
            /**
             * State Vector
             * @description What the editor shows of the document, as Yjs encodes it, in base64: it is published when all of that is stored, within 2 s.
             * @default null
             */
            state_vector?: string | null;
        };
        /**
         * PublishedEvents
         * @description The events of a request, in their order.
         */
        PublishedEvents: {
            /** Items */
            items: components["schemas"]["services__trigger__event_models__Published"][];
        };
        /**
         * PublishedWebhook
         * @description A webhook of the version that was published.
         */
        PublishedWebhook: {
            /** Created At */
            created_at: string;
            /** Enabled */
            enabled: boolean;
            /** Id */
            id: string;
            /** Node */
            node: string;
            /** Path */
            path: string;
            /**
             * Previous Until
             * @default null
             */
            previous_until?: string | null;
            /** @description Null where the setting `webhook_probe` is 0. */
            probe: components["schemas"]["Probe"] | null;
            /** Revision */
            revision: string;
            /**
             * Scheme
             * @enum {string}
             */
            scheme: "none" | "standard" | "github" | "hmac";
            /**
             * Secret
             * @default null
             */
            secret?: string | null;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * PushDevice
         * @description A browser in which notices are shown.
         */
        PushDevice: {
            /** Added At */
            added_at: string;
            /**
             * Fingerprint
             * @description SHA-256 of its endpoint, in hex.
             */
            fingerprint: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * PushDevices
         * @description All of somebody's.
         */
        PushDevices: {
            /** Items */
            items: components["schemas"]["PushDevice"][];
        };
        /**
         * PushKey
         * @description Who may send notices.
         */
        PushKey: {
            /**
             * Key
             * @description `applicationServerKey` of a subscription, base64url.
             */
            key: string;
        };
        /**
         * PushSubscription
         * @description A browser's subscription, as its PushManager gives it.
         */
        PushSubscription: {
            /**
             * Endpoint
             * @description Where its push service takes notices: an https address.
             */
            endpoint: string;
            keys: components["schemas"]["PushSubscriptionKeys"];
            /**
             * Name
             * @description What to call the device in lists.
             * @default
             */
            name?: string;
        };
        /**
         * PushSubscriptionKeys
         * @description What notices are encrypted for.
         */
        PushSubscriptionKeys: {
            /**
             * Auth
             * @description Shared secret, base64url.
             */
            auth: string;
            /**
             * P256Dh
             * @description Public key, base64url.
             */
            p256dh: string;
        };
        /**
         * PushTested
         * @description What came of a test.
         */
        PushTested: {
            /**
             * Problem
             * @description Why not; empty if it did.
             */
            problem: string;
            /**
             * Sent
             * @description Whether the push service took it.
             */
            sent: boolean;
        };
        /**
         * Queue
         * @description A queue of tasks.
         */
        Queue: {
            /** Oldest At */
            oldest_at: string | null;
            /** Queue */
            queue: string;
            /** Queued */
            queued: number;
            /**
             * Workers
             * @description Requests of workers that wait there; 1 if all are at work, null if unknown.
             */
            workers: number | null;
        };
        /**
         * Queues
         * @description Where something waits, and the one that is always there.
         */
        Queues: {
            /** Items */
            items: components["schemas"]["Queue"][];
        };
        /**
         * Quota
         * @description One of them: `used`, and the most there may be; no `limit`, and it is free.
         */
        Quota: {
            /** Limit */
            limit: number | null;
            /** Name */
            name: string;
            /** Used */
            used: number;
        };
        /**
         * Reassign
         * @description Who is asked from now on.
         */
        Reassign: {
            /**
             * Assignees
             * @description user:…, group:… or role:….
             */
            assignees: string[];
            /**
             * Comment
             * @default
             */
            comment?: string;
        };
        /**
         * Recorded
         * @description The wish is in the run's log; what comes of it shows in the run.
         */
        Recorded: {
            /** Recorded */
            recorded: boolean;
            /** Request Id */
            request_id: string;
            /** Run Id */
            run_id: string;
        };
        /**
         * RecoveryCodes
         * @description Each signs in once in the place of a second factor; shown this once.
         */
        RecoveryCodes: {
            /** Recovery Codes */
            recovery_codes: string[];
        };
        /**
         * Refresh
         * @description The refresh token of a program; a browser has it in a cookie.
         */
        Refresh: {
            /** Refresh Token */
            refresh_token: string;
        };
        /**
         * Refused
         * @description Why one run of a batch was not started.
         */
        Refused: {
            /** Error */
            error: {
                [key: string]: unknown;
            };
        };
        /**
         * Register
         * @description Who wants an account.
         */
        Register: {
            /** Email */
            email: string;
            /**
             * Name
             * @default null
             */
            name?: string | null;
        };
        /**
         * RenamePasskey
         * @description Another name.
         */
        RenamePasskey: {
            /** Name */
            name: string;
        };
        /**
         * Repeated
         * @description A step with an effect outside that ran before and will run again.
         */
        Repeated: {
            /** Node Type */
            node_type: string;
            /** Step */
            step: string;
        };
        /**
         * ReplayMany
         * @description Every delivery that the filters take.
         */
        ReplayMany: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Ignore Filter
             * @description Start it whatever the filter says.
             * @default false
             */
            ignore_filter?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Unverified
             * @description Also if it was never proved that the sender sent it: you vouch for it.
             * @default false
             */
            unverified?: boolean;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * Replayed
         * @description What came of a replay. `id` is its place in the history.
         */
        Replayed: {
            /** Dropped */
            dropped: string | null;
            /** Duplicate */
            duplicate: boolean;
            /** Id */
            id: string | null;
            /** Replay Of */
            replay_of: string;
            /** Run Id */
            run_id: string | null;
            /** Verdict */
            verdict: string;
            /** Version */
            version: string | null;
        };
        /**
         * ReplayedMany
         * @description One answer per delivery. `more`: there are others that the filters take.
         */
        ReplayedMany: {
            /** Done */
            done: number;
            /** Dry Run */
            dry_run: boolean;
            /** Items */
            items: components["schemas"]["ReplayedOne"][];
            /** Matched */
            matched: number;
            /** More */
            more: boolean;
            /** Refused */
            refused: number;
        };
        /**
         * ReplayedOne
         * @description What came of one, or the reason why nothing did.
         */
        ReplayedOne: {
            /** Delivery Id */
            delivery_id: string;
            /**
             * Dropped
             * @default null
             */
            dropped?: string | null;
            /**
             * Duplicate
             * @default null
             */
            duplicate?: boolean | null;
            /**
             * Error
             * @default null
             */
            error?: {
                [key: string]: unknown;
            } | null;
            /**
             * Id
             * @default null
             */
            id?: string | null;
            /**
             * Replay Of
             * @default null
             */
            replay_of?: string | null;
            /**
             * Run Id
             * @default null
             */
            run_id?: string | null;
            /**
             * Verdict
             * @default null
             */
            verdict?: string | null;
            /**
             * Version
             * @default null
             */
            version?: string | null;
        };
        /**
         * Reset
         * @description The token of the link, and the new password.
         */
        Reset: {
            /** Password */
            password: string;
            /** Token */
            token: string;
        };
        /**
         * ResumeMany
         * @description Nothing more needs to be said.
         */
        ResumeMany: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
        };
        /**
         * ResumeRun
         * @description Nothing needs to be said.
         */
        ResumeRun: Record<string, never>;
        /**
         * RetryLetter
         * @description Why it is done again, and with which version.
         */
        RetryLetter: {
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * RetryLetters
         * @description Do them again.
         */
        RetryLetters: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * RetryMany
         * @description With which version.
         */
        RetryMany: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Limit
             * @default 100
             */
            limit?: number;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * RetryRun
         * @description How a failed run is tried again; with `dry_run` only what would be done is told.
         */
        RetryRun: {
            /**
             * Dry Run
             * @default false
             */
            dry_run?: boolean;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * RoleAnswer
         * @description What roles say; `allowed` is null where they are not asked.
         */
        RoleAnswer: {
            /** Allowed */
            allowed: boolean | null;
            /** Permission */
            permission: string | null;
            /** Project */
            project: string;
            /** Role */
            role: string;
        };
        /**
         * RotateKeys
         * @description What is to be new beside the wrapping of all keys.
         *
         *     `fresh` makes a data key under which all is sealed anew; `everywhere` does it for all tenants
         *     of the installation.
         */
        RotateKeys: {
            /**
             * Everywhere
             * @default false
             */
            everywhere?: boolean;
            /**
             * Fresh
             * @default true
             */
            fresh?: boolean;
        };
        /**
         * Rotated
         * @description The key that signs from now on.
         */
        Rotated: {
            /** Kid */
            kid: string;
        };
        /**
         * Run
         * @description A run.
         */
        Run: {
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /** Id */
            id: string;
            /** Input */
            input: unknown;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** @description Where it goes on from, if it is a fork or a retry. */
            origin: components["schemas"]["Link"] | null;
            /** Output */
            output: unknown;
            /** @description The step whose run this is. */
            parent: components["schemas"]["Link"] | null;
            /** Project */
            project: string | null;
            /**
             * Search
             * @description What it is found by: its search attributes.
             */
            search: {
                [key: string]: string;
            };
            /** Started At */
            started_at: string;
            /** Started By */
            started_by: string;
            /** Status */
            status: string;
            trigger: components["schemas"]["services__query__models__Trigger"];
            /** Version */
            version: string;
            /**
             * Waits For
             * @description At most 20 steps, and the run itself; empty once it has ended.
             */
            waits_for: components["schemas"]["WaitingInFull"][];
            /** Workflow Id */
            workflow_id: string;
            /** Workflow Name */
            workflow_name: string;
        };
        /**
         * RunFigures
         * @description Of a span that ends now.
         */
        RunFigures: {
            /** @description Of the span of the same length before. */
            before: components["schemas"]["Figures"];
            /** Bucket Ms */
            bucket_ms: number;
            /** Buckets */
            buckets: components["schemas"]["FiguresAt"][];
            /**
             * Complete
             * @description False: only the newest 200,000 runs were counted.
             */
            complete: boolean;
            /** From */
            from: string;
            /**
             * Open
             * @description How many go on now, by status.
             */
            open: {
                [key: string]: number;
            };
            total: components["schemas"]["Figures"];
            /** Window */
            window: string;
        };
        /**
         * RunInList
         * @description A run without its values.
         */
        RunInList: {
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /** Id */
            id: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Origin Run Id */
            origin_run_id: string | null;
            /** Parent Run Id */
            parent_run_id: string | null;
            /**
             * Parent Step
             * @description Whose step it is, in the run `parent_run_id`.
             */
            parent_step: string | null;
            /** Project */
            project: string | null;
            /** Search */
            search: {
                [key: string]: string;
            };
            /** Started At */
            started_at: string;
            /** Started By */
            started_by: string;
            /** Status */
            status: string;
            trigger: components["schemas"]["TriggerInList"];
            /** Version */
            version: string;
            /**
             * Waits For
             * @description At most 3 things; empty once it has ended.
             */
            waits_for: components["schemas"]["Waiting"][];
            /** Workflow Id */
            workflow_id: string;
            /** Workflow Name */
            workflow_name: string;
        };
        /**
         * RunStarted
         * @description A run that exists now. With `wait`, and if it ended in time, how it ended.
         */
        RunStarted: {
            /** Duplicate */
            duplicate: boolean;
            /**
             * Ended At
             * @default null
             */
            ended_at?: string | null;
            /**
             * Error
             * @default null
             */
            error?: {
                [key: string]: unknown;
            } | null;
            /**
             * Output
             * @default null
             */
            output?: unknown;
            /**
             * Reason
             * @default null
             */
            reason?: string | null;
            /**
             * Response Error
             * @description Why the webhook's own response could not be made.
             * @default null
             */
            response_error?: {
                [key: string]: unknown;
            } | null;
            /** Run Id */
            run_id: string;
            /** Started At */
            started_at: string;
            /** Status */
            status: string;
            /**
             * Step
             * @description Of a webhook that answers at a node.
             * @default null
             */
            step?: string | null;
            /**
             * Step Status
             * @default null
             */
            step_status?: string | null;
            /** Version */
            version: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Runs
         * @description A page of runs.
         */
        Runs: {
            /** Items */
            items: components["schemas"]["RunInList"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * RunsAgain
         * @description The version that is current now.
         */
        RunsAgain: {
            /** Number */
            number: number;
            /** Revision */
            revision: string;
            /** Version */
            version: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Said
         * @description What the sender hears.
         */
        Said: {
            /** Body */
            body: unknown;
            /** Headers */
            headers: {
                [key: string]: string;
            };
            /** Status */
            status: number;
        };
        /**
         * Sample
         * @description A delivery that a person makes up.
         */
        Sample: {
            /**
             * Body
             * @description The body as JSON; none without it.
             * @default null
             */
            body?: unknown;
            /**
             * Content Type
             * @default application/json
             */
            content_type?: string;
            /**
             * Delivery Id
             * @description A fresh one without it.
             * @default
             */
            delivery_id?: string;
            /** Headers */
            headers?: {
                [key: string]: string;
            };
            /**
             * Method
             * @description Without it POST, or the first that the webhook takes.
             * @default null
             */
            method?: ("DELETE" | "GET" | "PATCH" | "POST" | "PUT") | null;
            /** Query */
            query?: {
                [key: string]: string;
            };
            /**
             * Sign
             * @description Sign it as the sender would; false: check the headers as they are.
             * @default true
             */
            sign?: boolean;
            /**
             * Text
             * @description The body as text, instead of `body`: for forms, or bad JSON.
             * @default null
             */
            text?: string | null;
        };
        /**
         * Schedule
         * @description A schedule with how it goes on.
         */
        Schedule: {
            /** At */
            at: string | null;
            /** Catch Up */
            catch_up: string;
            /** Created At */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Cron */
            cron: string | null;
            /** Every */
            every: string | null;
            /** From */
            from: string | null;
            /** From Node */
            from_node: boolean;
            /** Id */
            id: string;
            /** Input */
            input: unknown;
            /** Jitter */
            jitter: string;
            /** @description The last time that was decided. */
            last: components["schemas"]["Fire"] | null;
            /** Name */
            name: string;
            /**
             * Next
             * @description The next ten times, also while it is paused.
             */
            next: string[];
            /**
             * Next At
             * @description Null where none comes, or while it is paused.
             */
            next_at: string | null;
            /** Note */
            note: string;
            /**
             * Overlap
             * @enum {string}
             */
            overlap: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "terminate_other" | "allow";
            /** Paused */
            paused: boolean;
            /** Revision */
            revision: string;
            /**
             * Running
             * @description Runs that go on.
             */
            running: string[];
            /** Timezone */
            timezone: string;
            /** Trigger */
            trigger: string | null;
            /** Until */
            until: string | null;
            /**
             * Waiting
             * @description Times that wait for those runs.
             */
            waiting: string[];
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * ScheduleInList
         * @description A schedule in a list.
         */
        ScheduleInList: {
            /** At */
            at: string | null;
            /** Created At */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Cron */
            cron: string | null;
            /** Every */
            every: string | null;
            /** From Node */
            from_node: boolean;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Next At
             * @description Null where none comes, or while it is paused.
             */
            next_at: string | null;
            /** Note */
            note: string;
            /**
             * Overlap
             * @enum {string}
             */
            overlap: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "terminate_other" | "allow";
            /** Paused */
            paused: boolean;
            /** Revision */
            revision: string;
            /** Timezone */
            timezone: string;
            /** Trigger */
            trigger: string | null;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * ScheduleMade
         * @description The schedule of a trigger node.
         */
        ScheduleMade: {
            /** Id */
            id: string;
            /** Next At */
            next_at: string | null;
            /** Paused */
            paused: boolean;
            /** Trigger */
            trigger: string;
        };
        /**
         * Schedules
         * @description A page of schedules.
         */
        Schedules: {
            /** Items */
            items: components["schemas"]["ScheduleInList"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Schema
         * @description A JSON Schema.
         */
        Schema: {
            [key: string]: unknown;
        };
        /**
         * SendSignal
         * @description What a run is told. The same `id` is the same signal, however often it is sent.
         */
        SendSignal: {
            /**
             * Id
             * @description Without it the Idempotency-Key counts, if there is one.
             * @default null
             */
            id?: string | null;
            /**
             * Name
             * @description What the waiting step calls it.
             */
            name: string;
            /**
             * Payload
             * @description What the step's output shows.
             * @default null
             */
            payload?: unknown;
            /**
             * Step
             * @description The step that must wait for it; without one it is kept for whoever asks.
             * @default
             */
            step?: string;
        };
        /**
         * ServiceAccount
         * @description A program that is somebody: keys act in its name, and end with it.
         */
        ServiceAccount: {
            /** Created At */
            created_at: string;
            /** Groups */
            groups: string[];
            /** Id */
            id: string;
            /** Keys */
            keys: number;
            /** Name */
            name: string;
            /** Projects */
            projects: {
                [key: string]: string;
            };
            /** Revision */
            revision: string;
            /** Role */
            role: string;
            /**
             * Status
             * @enum {string}
             */
            status: "active" | "disabled";
        };
        /**
         * ServiceAccounts
         * @description A page of service accounts.
         */
        ServiceAccounts: {
            /** Items */
            items: components["schemas"]["ServiceAccount"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Session
         * @description One session of the caller.
         */
        Session: {
            /** Address */
            address: string;
            /** Agent */
            agent: string;
            /** Began At */
            began_at: string;
            /** Current */
            current: boolean;
            /** Expires At */
            expires_at: string;
            /** Id */
            id: string;
            /** Methods */
            methods: string[];
            /** Renewed At */
            renewed_at: string;
            /** Tenant */
            tenant: string;
        };
        /**
         * Sessions
         * @description All that still count, newest first.
         */
        Sessions: {
            /** Items */
            items: components["schemas"]["Session"][];
        };
        /**
         * SettingChange
         * @description What is of the workflow itself: its name, input, variables, settings.
         */
        SettingChange: {
            /**
             * After
             * @default null
             */
            after?: unknown;
            /**
             * Before
             * @default null
             */
            before?: unknown;
            /** @default null */
            by?: components["schemas"]["TouchedBy"] | null;
            /**
             * Path
             * @description A JSON pointer, within the node, edge or note.
             */
            path: string;
        };
        /**
         * Short
         * @description An error, as far as a picture shows it.
         */
        Short: {
            /** Code */
            code: string;
            /**
             * Message
             * @description At most 300 characters of it.
             */
            message: string;
        };
        /**
         * SignalRecorded
         * @description The signal is in the run's log; it waits there until a step asks for it.
         */
        SignalRecorded: {
            /** Recorded */
            recorded: boolean;
            /** Run Id */
            run_id: string;
            /** Signal Id */
            signal_id: string;
        };
        /**
         * Simulated
         * @description A delivery that is judged, and starts nothing.
         */
        Simulated: {
            /**
             * Body
             * @description The body as JSON; none without it.
             * @default null
             */
            body?: unknown;
            /**
             * Content Type
             * @default application/json
             */
            content_type?: string;
            /**
             * Delivery Id
             * @description A fresh one without it.
             * @default
             */
            delivery_id?: string;
            /** Headers */
            headers?: {
                [key: string]: string;
            };
            /**
             * Method
             * @description Without it POST, or the first that the webhook takes.
             * @default null
             */
            method?: ("DELETE" | "GET" | "PATCH" | "POST" | "PUT") | null;
            /** Query */
            query?: {
                [key: string]: string;
            };
            /**
             * Sign
             * @description Sign it as the sender would; false: check the headers as they are.
             * @default true
             */
            sign?: boolean;
            /**
             * Text
             * @description The body as text, instead of `body`: for forms, or bad JSON.
             * @default null
             */
            text?: string | null;
            /**
             * Version
             * @description A version; the current one without.
             * @default null
             */
            version?: string | null;
        };
        /**
         * Simulation
         * @description What would become of a delivery. The run's id is the one it would have.
         */
        Simulation: {
            /** @description Of a webhook with a response of its own that answers at once. */
            answer: components["schemas"]["Said"] | null;
            /** Delivery Id */
            delivery_id: string | null;
            /**
             * Dropped
             * @description Why the filter drops it.
             */
            dropped: string | null;
            /**
             * Error
             * @description Why it is refused: code, message and details, as the sender would hear.
             */
            error: {
                [key: string]: unknown;
            } | null;
            /** Run Id */
            run_id: string | null;
            /**
             * Scope
             * @description What the filter and the response read; null if it is refused before.
             */
            scope: {
                [key: string]: unknown;
            } | null;
            /**
             * Verdict
             * @description accepted, duplicate, filtered or refused
             */
            verdict: string;
            /** Version */
            version: string | null;
        };
        /**
         * StartCallback
         * @description Who is told of the end of this run, beside whom the definition names.
         */
        StartCallback: {
            /**
             * Events
             * @description The ends that are told; all if empty.
             */
            events?: ("succeeded" | "failed" | "cancelled")[];
            /**
             * Secret
             * @description The credential whose field `secret` signs, as {{ credentials.x }}.
             */
            secret: string;
            /**
             * Url
             * @description https:// or http://.
             */
            url: string;
        };
        /**
         * StartMany
         * @description Many runs of one workflow.
         */
        StartMany: {
            /** Items */
            items: components["schemas"]["StartOne"][];
        };
        /**
         * StartOne
         * @description A run of a batch, with a key of its own.
         */
        StartOne: {
            /** @default null */
            callback?: components["schemas"]["StartCallback"] | null;
            /**
             * Idempotency Key
             * @default null
             */
            idempotency_key?: string | null;
            /**
             * Input
             * @description The run's input, any JSON value.
             */
            input?: unknown;
            /** Labels */
            labels?: {
                [key: string]: string;
            };
            /**
             * Priority
             * @description Whose steps go first; as the version has it without.
             * @default null
             */
            priority?: ("low" | "normal" | "high") | null;
            /**
             * Trigger
             * @description The trigger node to fire, where there are several.
             * @default null
             */
            trigger?: string | null;
            /**
             * Trigger Data
             * @description Of a trial alone: what its steps read in `trigger` beside `payload`, which is the input; `trigger.data` of a run is such a sample. 64 kB at most.
             */
            trigger_data?: {
                [key: string]: unknown;
            };
            /**
             * Version
             * @description A version; the current one without.
             * @default null
             */
            version?: string | null;
        };
        /**
         * StartRun
         * @description What a run is started with; everything may be left out.
         */
        StartRun: {
            /** @default null */
            callback?: components["schemas"]["StartCallback"] | null;
            /**
             * Input
             * @description The run's input, any JSON value.
             */
            input?: unknown;
            /** Labels */
            labels?: {
                [key: string]: string;
            };
            /**
             * Priority
             * @description Whose steps go first; as the version has it without.
             * @default null
             */
            priority?: ("low" | "normal" | "high") | null;
            /**
             * Trigger
             * @description The trigger node to fire, where there are several.
             * @default null
             */
            trigger?: string | null;
            /**
             * Trigger Data
             * @description Of a trial alone: what its steps read in `trigger` beside `payload`, which is the input; `trigger.data` of a run is such a sample. 64 kB at most.
             */
            trigger_data?: {
                [key: string]: unknown;
            };
            /**
             * Version
             * @description A version; the current one without.
             * @default null
             */
            version?: string | null;
        };
        /**
         * Steered
         * @description What became of one run: recorded, a new run, or the reason why not.
         */
        Steered: {
            /**
             * Error
             * @default null
             */
            error?: {
                [key: string]: unknown;
            } | null;
            /**
             * New Run Id
             * @default null
             */
            new_run_id?: string | null;
            /** Run Id */
            run_id: string;
        };
        /**
         * Step
         * @description A step of a run, or an iteration of a loop, as its last attempt left it.
         */
        Step: {
            /** Attempt */
            attempt: number;
            /** Attempts */
            attempts: components["schemas"]["Attempt"][];
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            inside: components["schemas"]["Inside"] | null;
            /**
             * Node Type
             * @description Empty for inline steps: the version knows it.
             */
            node_type: string;
            /** Output */
            output: unknown;
            /** Port */
            port: string;
            /** Queue */
            queue: string;
            /** Scheduled At */
            scheduled_at: string | null;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
            /** Step */
            step: string;
            /**
             * Waits
             * @description signal:<name>, child:<run id>, approval:<id> or ask
             */
            waits: string | null;
            /** Wake At */
            wake_at: string | null;
        };
        /**
         * StepInFull
         * @description A step with what it was given and what it came to. Credentials are never in either.
         */
        StepInFull: {
            /** Attempt */
            attempt: number;
            /** Attempts */
            attempts: components["schemas"]["Attempt"][];
            /**
             * Child Run Id
             * @description The run that it started.
             */
            child_run_id: string | null;
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /**
             * Inputs
             * @description One for each time it was handed over; none for inline steps.
             */
            inputs: components["schemas"]["Given"][];
            inside: components["schemas"]["Inside"] | null;
            /**
             * Node Type
             * @description Empty for inline steps: the version knows it.
             */
            node_type: string;
            /** Output */
            output: unknown;
            /** Port */
            port: string;
            /** Queue */
            queue: string;
            /** Scheduled At */
            scheduled_at: string | null;
            /** Seq */
            seq: string;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
            /** Step */
            step: string;
            /**
             * Waits
             * @description signal:<name>, child:<run id>, approval:<id> or ask
             */
            waits: string | null;
            /** Wake At */
            wake_at: string | null;
        };
        /**
         * Steps
         * @description A page of steps, in the order the run reached them.
         */
        Steps: {
            /** Items */
            items: components["schemas"]["Step"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Subscription
         * @description A subscription, how far it has come, and what waits before it. Counts are of a generation.
         */
        Subscription: {
            /**
             * Active
             * @description False: the current version has no such trigger.
             */
            active: boolean;
            /** Created At */
            created_at: string;
            /**
             * Dropped
             * @description That the filter left out.
             */
            dropped: number;
            /**
             * Enabled
             * @description False: paused, events wait.
             */
            enabled: boolean;
            /**
             * Events
             * @description That matched; after a kill some are counted twice.
             */
            events: number;
            /**
             * Generation
             * @description How often it was told where to begin.
             */
            generation: number;
            /** Id */
            id: string;
            /**
             * Last Event At
             * @description When the last event was published.
             */
            last_event_at: string | null;
            /** Last Event Sequence */
            last_event_sequence: string | null;
            /**
             * Moved At
             * @description When the position was last written down.
             */
            moved_at: string | null;
            /** Node */
            node: string;
            /**
             * Position
             * @description Everything up to this sequence of the bus is dealt with.
             */
            position: string;
            /**
             * Reason
             * @description Why it was paused, or begins somewhere else.
             */
            reason: string | null;
            /**
             * Refused
             * @description That became dead letters.
             */
            refused: number;
            /** Revision */
            revision: string;
            /**
             * Started
             * @description That started a run, alone or in a batch.
             */
            started: number;
            /**
             * Subject
             * @description Without `bus.<tenant>.`; may have wildcards.
             */
            subject: string;
            /**
             * Waiting
             * @description Events that match and are not dealt with.
             */
            waiting: number;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * SubscriptionMade
         * @description What a trigger node listens to.
         */
        SubscriptionMade: {
            /**
             * Active
             * @description False: the current version has no such trigger.
             */
            active: boolean;
            /** Created At */
            created_at: string;
            /**
             * Enabled
             * @description False: paused, events wait.
             */
            enabled: boolean;
            /**
             * Generation
             * @description How often it was told where to begin.
             */
            generation: number;
            /** Id */
            id: string;
            /** Node */
            node: string;
            /**
             * Reason
             * @description Why it was paused, or begins somewhere else.
             */
            reason: string | null;
            /** Revision */
            revision: string;
            /**
             * Subject
             * @description Without `bus.<tenant>.`; may have wildcards.
             */
            subject: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Subscriptions
         * @description A page of subscriptions.
         */
        Subscriptions: {
            /** Items */
            items: components["schemas"]["Subscription"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Summary
         * @description An approval in a list.
         */
        Summary: {
            /** Asked At */
            asked_at: string;
            /** Assignees */
            assignees: string[];
            decision: components["schemas"]["Decision"] | null;
            /** Due At */
            due_at: string | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @description approval or user_input
             */
            kind: string;
            /** Options */
            options: components["schemas"]["Option"][];
            /** Project */
            project: string | null;
            /** Run Id */
            run_id: string;
            /** Started By */
            started_by: string | null;
            /**
             * Status
             * @description open, decided, expired or withdrawn
             */
            status: string;
            /** Step */
            step: string;
            /**
             * Tally
             * @description How many chose each option.
             */
            tally: {
                [key: string]: number;
            };
            /** Title */
            title: string;
            /** Version */
            version: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Taken
         * @description A wish that is stored: its owner answers it. `run_id` is what the run will be called.
         */
        Taken: {
            /** Request Id */
            request_id: string;
            /** Run Id */
            run_id: string | null;
            /** Schedule Id */
            schedule_id: string;
            /** Times */
            times: number;
        };
        /**
         * Tenant
         * @description A tenant. What it names of limits and quotas differs from the installation's.
         */
        Tenant: {
            /** Allowed Hosts */
            allowed_hosts: string[];
            /**
             * Audit Runs
             * @enum {string}
             */
            audit_runs: "all" | "by_people" | "none";
            /** Created At */
            created_at: string;
            /** Id */
            id: string;
            /** Limits */
            limits: components["schemas"]["Limit"][];
            /** Name */
            name: string;
            /** Origins */
            origins: string[];
            /** Quotas */
            quotas: {
                [key: string]: number;
            };
            /** Revision */
            revision: string;
            /**
             * Second Factor
             * @enum {string}
             */
            second_factor: "optional" | "required";
            /**
             * Status
             * @enum {string}
             */
            status: "active" | "suspended";
        };
        /**
         * TenantErasure
         * @description What is left of a tenant, by store; `left` of views is null where no database is connected.
         *
         *     `kept` is what nobody can remove: links of the audit, without what was personal in them.
         */
        TenantErasure: {
            /** Deleted At */
            deleted_at: string | null;
            /** Done */
            done: boolean;
            /** Kept */
            kept: {
                [key: string]: number;
            };
            /** Left */
            left: {
                [key: string]: number | null;
            };
            /** Tenant */
            tenant: string;
        };
        /**
         * Tenants
         * @description A page of tenants.
         */
        Tenants: {
            /** Items */
            items: components["schemas"]["Tenant"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Timeline
         * @description A page of a run's steps, in the order the run reached them, and how it stands.
         */
        Timeline: {
            /** Ended At */
            ended_at: string | null;
            /** Items */
            items: components["schemas"]["Bar"][];
            /** Next Cursor */
            next_cursor: string | null;
            /**
             * Seq
             * @description What a socket is to be subscribed `after`: nothing is missed.
             */
            seq: string;
            /** Started At */
            started_at: string;
            /** Status */
            status: string;
        };
        /**
         * TouchedBy
         * @description Who touched something last in the document, and when.
         */
        TouchedBy: {
            /** At */
            at: string;
            /** Id */
            id: string;
        };
        /**
         * Tried
         * @description A version to start a run with. It is in no list of versions and never current.
         */
        Tried: {
            /** Version */
            version: string;
            /** Warnings */
            warnings: components["schemas"]["Problem"][];
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * TriggerInList
         * @description What started a run.
         */
        TriggerInList: {
            /** Kind */
            kind: string;
            /** Node */
            node: string;
        };
        /**
         * Try
         * @description What is tried, and what is given instead of being executed.
         */
        Try: {
            /**
             * Definition
             * @description What is on the screen; the stored draft without it.
             * @default null
             */
            definition?: {
                [key: string]: unknown;
            } | null;
            /**
             * Only
             * @description The one node to run; what it reads must be pinned.
             * @default null
             */
            only?: string | null;
            /**
             * Pins
             * @description Outputs by node id: these nodes are not executed.
             */
            pins?: {
                [key: string]: unknown;
            };
        };
        /**
         * Usage
         * @description All of them. `runs_per_day` are today's (UTC), with what processes have put by for more.
         */
        Usage: {
            /** Items */
            items: components["schemas"]["Quota"][];
        };
        /**
         * Verify
         * @description The token of the link.
         */
        Verify: {
            /** Token */
            token: string;
        };
        /**
         * Version
         * @description A published version: what its author wrote, and what runs.
         */
        Version: {
            /** Current */
            current: boolean;
            /** Definition */
            definition: {
                [key: string]: unknown;
            };
            /** Frozen */
            frozen: {
                [key: string]: unknown;
            };
            /** Note */
            note: string;
            /** Number */
            number: number;
            /** Published At */
            published_at: string;
            /** Published By */
            published_by: string;
            /** Version */
            version: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * VersionInList
         * @description A published version without its definition.
         */
        VersionInList: {
            /** Current */
            current: boolean;
            /** Note */
            note: string;
            /** Number */
            number: number;
            /** Published At */
            published_at: string;
            /** Published By */
            published_by: string;
            /** Version */
            version: string;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Versions
         * @description A page of versions, the newest first.
         */
        Versions: {
            /** Items */
            items: components["schemas"]["VersionInList"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Vote
         * @description What somebody chose.
         */
        Vote: {
            /** At */
            at: string;
            /** By */
            by: string;
            /** Comment */
            comment: string;
            /** Option */
            option: string;
            /** Values */
            values: unknown;
            /**
             * Via
             * @description app, link or slack
             */
            via: string;
        };
        /**
         * Waiting
         * @description One thing a run waits for, shortly.
         */
        Waiting: {
            /**
             * Kind
             * @description task, timer, signal, child, person, limit, paused or scheduler
             */
            kind: string;
            /** Step */
            step: string | null;
            /**
             * Text
             * @description For people.
             */
            text: string;
            /**
             * Until
             * @description When it is due; for a task: when the attempt is given up.
             */
            until: string | null;
        };
        /**
         * WaitingInFull
         * @description One thing a run waits for.
         */
        WaitingInFull: {
            /**
             * Approval Id
             * @description Of what people are asked.
             */
            approval_id: string | null;
            /** Attempt */
            attempt: number | null;
            /**
             * Kind
             * @description task, timer, signal, child, person, limit, paused or scheduler
             */
            kind: string;
            /**
             * Position
             * @description Of a task in its queue, as of now; null if a worker has it or nobody knows.
             */
            position: number | null;
            /** Queue */
            queue: string | null;
            /**
             * Run Id
             * @description Of the run it waits for.
             */
            run_id: string | null;
            /** Signal */
            signal: string | null;
            /** Since */
            since: string | null;
            /** Step */
            step: string | null;
            /**
             * Text
             * @description For people.
             */
            text: string;
            /**
             * Until
             * @description When it is due; for a task: when the attempt is given up.
             */
            until: string | null;
            /**
             * Workers
             * @description How many requests of workers wait at the queue; 1 if all are at work.
             */
            workers: number | null;
        };
        /**
         * Webhook
         * @description The address of a trigger node.
         */
        Webhook: {
            /** Created At */
            created_at: string;
            /** Enabled */
            enabled: boolean;
            /** Id */
            id: string;
            /** Node */
            node: string;
            /** Path */
            path: string;
            /** Revision */
            revision: string;
            /**
             * Scheme
             * @enum {string}
             */
            scheme: "none" | "standard" | "github" | "hmac";
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * WebhookWithSecret
         * @description A webhook with its signing secret, which is shown this once.
         */
        WebhookWithSecret: {
            /** Created At */
            created_at: string;
            /** Enabled */
            enabled: boolean;
            /** Id */
            id: string;
            /** Node */
            node: string;
            /** Path */
            path: string;
            /**
             * Previous Until
             * @default null
             */
            previous_until?: string | null;
            /** Revision */
            revision: string;
            /**
             * Scheme
             * @enum {string}
             */
            scheme: "none" | "standard" | "github" | "hmac";
            /**
             * Secret
             * @default null
             */
            secret?: string | null;
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Webhooks
         * @description A page of webhooks.
         */
        Webhooks: {
            /** Items */
            items: components["schemas"]["Webhook"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Whoami
         * @description Who asks, and what they may.
         */
        Whoami: {
            /** Email */
            email: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Permissions */
            permissions: string[];
            /** Platform */
            platform: boolean;
            /** Projects */
            projects: {
                [key: string]: string;
            };
            /** Role */
            role: string;
            /** Roles */
            roles: {
                [key: string]: string[];
            };
            /** Tenant */
            tenant: string;
        };
        /**
         * Whole
         * @description An approval.
         */
        Whole: {
            /** Asked At */
            asked_at: string;
            /** Assignees */
            assignees: string[];
            /** Context */
            context: unknown;
            decision: components["schemas"]["Decision"] | null;
            /** Due At */
            due_at: string | null;
            /**
             * Form
             * @description JSON Schema.
             */
            form: unknown;
            /**
             * History
             * @description What happened, the oldest first.
             */
            history: {
                [key: string]: unknown;
            }[];
            /** Id */
            id: string;
            /**
             * Kind
             * @description approval or user_input
             */
            kind: string;
            /**
             * Message
             * @description Markdown.
             */
            message: string;
            /**
             * Names
             * @description Of everybody in it, by id.
             */
            names: {
                [key: string]: string;
            };
            /** Options */
            options: components["schemas"]["Option"][];
            /** Project */
            project: string | null;
            /** Run Id */
            run_id: string;
            /** Self Approval */
            self_approval: boolean;
            /** Started By */
            started_by: string | null;
            /**
             * Status
             * @description open, decided, expired or withdrawn
             */
            status: string;
            /** Step */
            step: string;
            /**
             * Tally
             * @description How many chose each option.
             */
            tally: {
                [key: string]: number;
            };
            /** Title */
            title: string;
            /** Version */
            version: string;
            /** Votes */
            votes: components["schemas"]["Vote"][];
            /** Workflow Id */
            workflow_id: string;
            you: components["schemas"]["You"];
        };
        /**
         * WholeDelivery
         * @description A delivery with all that is known of it.
         */
        WholeDelivery: {
            /**
             * Address
             * @description Where it came from.
             */
            address: string | null;
            /** At */
            at: string;
            /** By */
            by: string | null;
            /**
             * Code
             * @description Of a refusal.
             */
            code: string | null;
            /**
             * Delivery Id
             * @description The sender's id of it.
             */
            delivery_id: string | null;
            /**
             * Headers
             * @description By lower-case name; secrets are masked.
             */
            headers: {
                [key: string]: string;
            };
            /** Id */
            id: string;
            /**
             * Kind
             * @description delivery: from outside. test, replay: sent by `by`.
             */
            kind: string;
            /** Method */
            method: string;
            /**
             * Payload
             * @description The body as JSON, if it is JSON; by reference if large.
             */
            payload: unknown;
            /** Query */
            query: {
                [key: string]: string;
            };
            /**
             * Reason
             * @description Why it was refused or dropped, in words.
             */
            reason: string | null;
            /**
             * Replay Of
             * @description Of a replay: the delivery.
             */
            replay_of: string | null;
            /**
             * Replays
             * @description The newest replays of it.
             */
            replays: components["schemas"]["HookDelivery"][];
            /** Run Id */
            run_id: string | null;
            /**
             * Size
             * @description Bytes of its body; of one that started a run, as JSON.
             */
            size: number;
            /**
             * Status
             * @description The HTTP status it was answered.
             */
            status: number;
            /**
             * Text
             * @description The body as text, if it is no JSON.
             */
            text: string | null;
            /**
             * Truncated
             * @description Whether some of the body is missing here.
             */
            truncated: boolean;
            /**
             * Untold
             * @description How many before it were not written down, for there were too many at once.
             */
            untold: number;
            /**
             * Verdict
             * @description accepted: it started a run. duplicate: its id had started one before. filtered: the filter dropped it. refused: see `code`.
             */
            verdict: string;
            /**
             * Verified
             * @description Whether it was proved to be the sender's.
             */
            verified: boolean;
            /**
             * Version
             * @description The version it was held against.
             */
            version: string | null;
            /** Webhook Id */
            webhook_id: string;
        };
        /**
         * WholeLetter
         * @description A dead letter with what was to be done.
         */
        WholeLetter: {
            /** Attempts */
            attempts: number;
            /** Error */
            error: {
                [key: string]: unknown;
            } | null;
            /**
             * First At
             * @description When it failed first.
             */
            first_at: string;
            handled: components["schemas"]["Handled"] | null;
            /** Id */
            id: string;
            /** Last At */
            last_at: string;
            /**
             * Payload
             * @description kind is task (node_type, queue, config, scope), start (input, trigger), event (subject, sequence, stored_at, headers, content or text or base64) or message (subject, content or text); null once log and archive no longer hold it.
             */
            payload: {
                [key: string]: unknown;
            } | null;
            /**
             * Reason
             * @description exhausted: a step had failed for good. failed: the run, without a step to blame. poison: the task was given out again and again without an outcome. parked, quarantined: the run cannot be decided. unreadable: a message of its log. event: an event of the bus could start no run.
             */
            reason: string;
            /**
             * Run Id
             * @description null for an event.
             */
            run_id: string | null;
            /** Settled At */
            settled_at: string | null;
            /**
             * Status
             * @description open; retried or discarded, by a person; settled: the run went on by itself
             */
            status: string;
            /**
             * Step
             * @description For an event: the trigger node.
             */
            step: string | null;
            /** Workflow Id */
            workflow_id: string;
            /** Workflow Name */
            workflow_name: string;
        };
        /**
         * Withdraw
         * @description Why it is asked no more.
         */
        Withdraw: {
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /**
         * Workflow
         * @description A workflow with its draft and what is still wrong with it.
         */
        Workflow: {
            /** Created At */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Current Number */
            current_number: number | null;
            /** Current Version */
            current_version: string | null;
            /** Definition */
            definition: {
                [key: string]: unknown;
            };
            /** Description */
            description: string;
            /** Id */
            id: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Name */
            name: string;
            /** Problems */
            problems: components["schemas"]["Problem"][];
            /** Project */
            project: string | null;
            /** Revision */
            revision: string;
            /** Updated At */
            updated_at: string;
            /** Updated By */
            updated_by: string;
        };
        /**
         * WorkflowFigures
         * @description Of one workflow.
         */
        WorkflowFigures: {
            /** Cancelled */
            cancelled: number;
            /** Failed */
            failed: number;
            /** P50 Ms */
            p50_ms: number | null;
            /** P95 Ms */
            p95_ms: number | null;
            /** Started */
            started: number;
            /** Succeeded */
            succeeded: number;
            /** Workflow Id */
            workflow_id: string;
            /** Workflow Name */
            workflow_name: string;
        };
        /**
         * WorkflowInList
         * @description A workflow without its definition.
         */
        WorkflowInList: {
            /** Created At */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Current Number */
            current_number: number | null;
            /** Current Version */
            current_version: string | null;
            /** Description */
            description: string;
            /** Id */
            id: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Name */
            name: string;
            /** Project */
            project: string | null;
            /** Revision */
            revision: string;
            /** Updated At */
            updated_at: string;
            /** Updated By */
            updated_by: string;
        };
        /**
         * Workflows
         * @description A page of workflows.
         */
        Workflows: {
            /** Items */
            items: components["schemas"]["WorkflowInList"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * WorkflowsFigures
         * @description The hundred with the most runs, the one with the most first.
         */
        WorkflowsFigures: {
            /** Items */
            items: components["schemas"]["WorkflowFigures"][];
            /** Window */
            window: string;
        };
        /**
         * You
         * @description How it stands with who asks.
         */
        You: {
            /** Asked */
            asked: boolean;
            /** May Decide */
            may_decide: boolean;
            /** Voted */
            voted: string | null;
            /**
             * Why Not
             * @description NOT_ASSIGNED or SELF_APPROVAL
             */
            why_not: string | null;
        };
        /**
         * Key
         * @description A public key (RFC 8037).
         */
        services__identity__accounts_models__Key: {
            /** Alg */
            alg: string;
            /** Crv */
            crv: string;
            /** Kid */
            kid: string;
            /** Kty */
            kty: string;
            /** Use */
            use: string;
            /** X */
            x: string;
        };
        /**
         * Keys
         * @description The public keys of access tokens, the one that signs first.
         */
        services__identity__accounts_models__Keys: {
            /** Keys */
            keys: components["schemas"]["services__identity__accounts_models__Key"][];
        };
        /**
         * Rotate
         * @description Whether tokens of the keys before are refused at once: everybody refreshes then.
         */
        services__identity__accounts_models__Rotate: {
            /**
             * Drop
             * @default false
             */
            drop?: boolean;
        };
        /**
         * SignedIn
         * @description A session; or, where `challenge` is set, what is still to come before it.
         *
         *     A browser's page gets cookies and `csrf`, a program the tokens.
         */
        services__identity__accounts_models__SignedIn: {
            /**
             * Access Token
             * @default null
             */
            access_token?: string | null;
            /**
             * Challenge
             * @default null
             */
            challenge?: string | null;
            /**
             * Csrf
             * @default null
             */
            csrf?: string | null;
            /**
             * Enrol
             * @default null
             */
            enrol?: boolean | null;
            /** Expires In */
            expires_in: number;
            /**
             * Refresh Token
             * @default null
             */
            refresh_token?: string | null;
            /**
             * Second Factor
             * @default null
             */
            second_factor?: string[] | null;
            /**
             * Session
             * @default null
             */
            session?: string | null;
            /**
             * Session Expires At
             * @default null
             */
            session_expires_at?: string | null;
            /**
             * Tenant
             * @default null
             */
            tenant?: string | null;
            /**
             * Token Type
             * @default null
             */
            token_type?: string | null;
            /**
             * User
             * @default null
             */
            user?: string | null;
        };
        /**
         * Verdict
         * @description Whether a chain is whole. `anchor` is its end: kept outside, it tells later of a cut.
         */
        services__identity__audit_models__Verdict: {
            /** Anchor */
            anchor: string;
            broken: components["schemas"]["BrokenLink"] | null;
            /** Entries */
            entries: number;
            /** Links */
            links: number;
            /** Whole */
            whole: boolean;
        };
        /**
         * Key
         * @description A key without what proves it. `used_at` is right to within minutes.
         */
        services__identity__keys_models__Key: {
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Owner */
            owner: string | null;
            /** Platform */
            platform: boolean;
            /** Project */
            project: string | null;
            /** Revision */
            revision: string;
            /** Role */
            role: string;
            /** Scopes */
            scopes: string[];
            /** Used At */
            used_at: string | null;
        };
        /**
         * Keys
         * @description A page of keys, the newest first.
         */
        services__identity__keys_models__Keys: {
            /** Items */
            items: components["schemas"]["services__identity__keys_models__Key"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * Tested
         * @description What came of asking a provider for its description and keys.
         */
        services__identity__providers_models__Tested: {
            /**
             * Authorization Endpoint
             * @default null
             */
            authorization_endpoint?: string | null;
            /**
             * Keys
             * @default 0
             */
            keys?: number;
            /** Ok */
            ok: boolean;
            /**
             * Problem
             * @default null
             */
            problem?: string | null;
            /**
             * Token Endpoint
             * @default null
             */
            token_endpoint?: string | null;
        };
        /**
         * SignedIn
         * @description A session. Programs get the tokens, browsers cookies and `csrf`.
         */
        services__identity__totp_models__SignedIn: {
            /**
             * Access Token
             * @default null
             */
            access_token?: string | null;
            /**
             * Csrf
             * @default null
             */
            csrf?: string | null;
            /** Expires In */
            expires_in: number;
            /**
             * Recovery Codes
             * @default null
             */
            recovery_codes?: string[] | null;
            /**
             * Refresh Token
             * @default null
             */
            refresh_token?: string | null;
            /** Session */
            session: string;
            /** Session Expires At */
            session_expires_at: string;
            /** Tenant */
            tenant: string;
            /**
             * Token Type
             * @default null
             */
            token_type?: string | null;
            /** User */
            user: string;
        };
        /**
         * Trigger
         * @description What started a run: the trigger node and what it saw beside the payload.
         */
        services__query__models__Trigger: {
            /**
             * Data
             * @default null
             */
            data?: unknown;
            /**
             * Kind
             * @description webhook, manual, api, schedule or event
             */
            kind: string;
            /** Node */
            node: string;
        };
        /**
         * Published
         * @description The version that is current now. `created` is false if this content was published before.
         */
        services__registry__models__Published: {
            /** @description Against the version that was current before. */
            changes: components["schemas"]["Difference"];
            /** Created */
            created: boolean;
            /**
             * Dropped
             * @description What of the document is in no definition.
             */
            dropped: components["schemas"]["Dropped"][];
            /** Number */
            number: number;
            /** Revision */
            revision: string;
            /** Schedules */
            schedules: components["schemas"]["ScheduleMade"][];
            /** Subscriptions */
            subscriptions: components["schemas"]["SubscriptionMade"][];
            /** Version */
            version: string;
            /** Warnings */
            warnings: components["schemas"]["Problem"][];
            /** Webhooks */
            webhooks: components["schemas"]["PublishedWebhook"][];
            /** Workflow Id */
            workflow_id: string;
        };
        /**
         * Rotate
         * @description How long the old secret is accepted beside the new one, and which that is.
         *
         *     Without one it is made here; senders that make their own (Stripe, Slack) say what it is. With
         *     the scheme basic it reads `user:password`.
         */
        services__registry__models__Rotate: {
            /**
             * Overlap
             * @default 24h
             */
            overlap?: string;
            /**
             * Secret
             * @default null
             */
            secret?: string | null;
        };
        /**
         * Verdict
         * @description What validation found; a definition with errors cannot be published.
         */
        services__registry__models__Verdict: {
            /**
             * Definition
             * @description What was read, where it was written in YAML.
             * @default null
             */
            definition?: {
                [key: string]: unknown;
            } | null;
            /** Errors */
            errors: components["schemas"]["Problem"][];
            /** Valid */
            valid: boolean;
            /** Warnings */
            warnings: components["schemas"]["Problem"][];
        };
        /**
         * Trigger
         * @description A run now.
         */
        services__registry__schedule_models__Trigger: {
            /**
             * Overlap
             * @description How it meets a run that goes on; by default both go on.
             * @default allow
             * @enum {string}
             */
            overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "terminate_other" | "allow";
        };
        /**
         * Replay
         * @description Where to begin again; each event from there on starts a run anew.
         */
        services__registry__subscription_models__Replay: {
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Sequence
             * @description The first event, by its number on the bus.
             * @default null
             */
            sequence?: number | null;
            /**
             * Time
             * @description The first event is not older (RFC 3339).
             * @default null
             */
            time?: string | null;
        };
        /**
         * Published
         * @description An event that lies on the bus.
         */
        services__trigger__event_models__Published: {
            /**
             * Id
             * @description Of the CloudEvent; null for a plain one without a key.
             */
            id: string | null;
            /**
             * Sequence
             * @description Its number on the bus.
             */
            sequence: string;
            /** Subject */
            subject: string;
        };
        /**
         * Replay
         * @description How a delivery is made once more.
         */
        services__trigger__sample_models__Replay: {
            /**
             * Ignore Filter
             * @description Start it whatever the filter says.
             * @default false
             */
            ignore_filter?: boolean;
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Unverified
             * @description Also if it was never proved that the sender sent it: you vouch for it.
             * @default false
             */
            unverified?: boolean;
            /**
             * Version
             * @description original, current, or a version's id.
             * @default original
             */
            version?: string;
        };
        /**
         * Tested
         * @description What became of a test. `id` is its place in the history.
         */
        services__trigger__sample_models__Tested: {
            answer: components["schemas"]["Said"] | null;
            /** Delivery Id */
            delivery_id: string | null;
            /**
             * Dropped
             * @description Why the filter drops it.
             */
            dropped: string | null;
            /**
             * Error
             * @description Why it is refused: code, message and details, as the sender would hear.
             */
            error: {
                [key: string]: unknown;
            } | null;
            /** Id */
            id: string;
            /** Run Id */
            run_id: string | null;
            /**
             * Verdict
             * @description accepted, duplicate, filtered or refused
             */
            verdict: string;
            /** Version */
            version: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_well_known_jwks_json: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__accounts_models__Keys"];
                };
            };
        };
    };
    get_analytics_last_runs: {
        parameters: {
            query?: {
                /** @description At most 200 ids of workflows, separated by commas. */
                workflow_ids?: string;
                /** @description Only what belongs to this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LastRuns"];
                };
            };
        };
    };
    get_analytics_queues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queues"];
                };
            };
        };
    };
    get_analytics_runs: {
        parameters: {
            query?: {
                /** @description How far back. */
                window?: "1h" | "6h" | "24h" | "7d" | "30d";
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs of this workflow. */
                workflow_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunFigures"];
                };
            };
        };
    };
    get_analytics_workflows: {
        parameters: {
            query?: {
                /** @description How far back. */
                window?: "1h" | "6h" | "24h" | "7d" | "30d";
                /** @description Only what belongs to this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowsFigures"];
                };
            };
        };
    };
    get_approval_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switching Protocols */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_approval_links_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_approval_links_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_approval_slack_tenant_credential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant. */
                tenant: string;
                /** @description The credential. */
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_approvals: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description open, decided, expired, withdrawn, or over; several with commas. */
                status?: string;
                /** @description Only what waits for the caller. */
                mine?: boolean;
                /** @description Only what the caller has decided about. */
                voted?: boolean;
                /** @description approval or user_input. */
                kind?: string;
                /** @description Of this workflow. */
                workflow_id?: string;
                /** @description Of this run. */
                run_id?: string;
                /** @description Part of the title. */
                q?: string;
                /** @description Wait up to 2 s until the list has reached this `Weir-Sequence`. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
        };
    };
    get_approvals_counts: {
        parameters: {
            query?: {
                /** @description Only what waits for the caller. */
                mine?: boolean;
                /** @description Only what the caller has decided about. */
                voted?: boolean;
                /** @description approval or user_input. */
                kind?: string;
                /** @description Of this workflow. */
                workflow_id?: string;
                /** @description Of this run. */
                run_id?: string;
                /** @description Part of the title. */
                q?: string;
                /** @description Wait up to 2 s until the list has reached this `Weir-Sequence`. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Counts"];
                };
            };
        };
    };
    get_approvals_approval_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval id. */
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whole"];
                };
            };
        };
    };
    post_approvals_approval_id_assignees: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval id. */
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reassign"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whole"];
                };
            };
        };
    };
    post_approvals_approval_id_comments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval id. */
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Comment"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whole"];
                };
            };
        };
    };
    post_approvals_approval_id_decision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval id. */
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decide"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whole"];
                };
            };
        };
    };
    post_approvals_approval_id_delegation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval id. */
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Delegate"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whole"];
                };
            };
        };
    };
    post_approvals_approval_id_withdrawal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval id. */
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Withdraw"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whole"];
                };
            };
        };
    };
    get_audit: {
        parameters: {
            query?: {
                /** @description Only what this principal did: `usr_…`, `key_…`, `svc_…`. */
                actor?: string;
                /** @description Only events that begin so: `workflow.`, `session.started`. */
                event?: string;
                /** @description Only what was done to this. */
                resource?: string;
                /** @description Only with this outcome. */
                outcome?: "allowed" | "denied" | "failed";
                /** @description Only what happened at this time or later. */
                from?: string;
                /** @description Only what happened before this time. */
                to?: string;
                /** @description Only with these words; `inv*` is a beginning. Nothing personal is searched. */
                text?: string;
                /** @description Read what belongs to no tenant instead; for who manages the installation. */
                installation?: boolean;
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entries"];
                };
            };
        };
    };
    get_audit_export: {
        parameters: {
            query?: {
                /** @description Only what this principal did: `usr_…`, `key_…`, `svc_…`. */
                actor?: string;
                /** @description Only events that begin so: `workflow.`, `session.started`. */
                event?: string;
                /** @description Only what was done to this. */
                resource?: string;
                /** @description Only with this outcome. */
                outcome?: "allowed" | "denied" | "failed";
                /** @description Only what happened at this time or later. */
                from?: string;
                /** @description Only what happened before this time. */
                to?: string;
                /** @description Only with these words; `inv*` is a beginning. Nothing personal is searched. */
                text?: string;
                /** @description Read what belongs to no tenant instead; for who manages the installation. */
                installation?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_audit_verify: {
        parameters: {
            query?: {
                /** @description `<number>:<digest>` as an earlier answer said it; may be given several times. */
                anchor?: string;
                /** @description Read what belongs to no tenant instead; for who manages the installation. */
                installation?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__audit_models__Verdict"];
                };
            };
        };
    };
    post_auth_email: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeEmail"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_auth_email_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Verify"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_auth_factors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FactorsAnswer"];
                };
            };
        };
    };
    post_auth_invitations_accept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Accept"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__accounts_models__SignedIn"];
                };
            };
        };
    };
    post_auth_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__accounts_models__SignedIn"];
                };
            };
        };
    };
    post_auth_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_auth_logout_everywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_auth_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Whoami"];
                };
            };
        };
    };
    post_auth_me_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirm"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonErasure"];
                };
            };
        };
    };
    get_auth_oidc_provider_id_begin: {
        parameters: {
            query?: {
                /** @description Path here to end up at; `/` without. */
                return_to?: string;
            };
            header?: never;
            path: {
                /** @description The provider id. */
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description See Other */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_auth_oidc_provider_id_callback: {
        parameters: {
            query?: {
                /** @description Which sign-in it belongs to. */
                state?: string;
                /** @description The provider's. */
                code?: string;
                /** @description Why there is none. */
                error?: string;
                /** @description Who answers. */
                iss?: string;
            };
            header?: never;
            path: {
                /** @description The provider id. */
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description See Other */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_auth_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProvePasskey"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__totp_models__SignedIn"];
                };
            };
        };
    };
    post_auth_passkey_registration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Options"];
                };
            };
        };
    };
    post_auth_passkey_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Options"];
                };
            };
        };
    };
    post_auth_passkeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MakePasskey"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadePasskey"];
                };
            };
        };
    };
    put_auth_passkeys_passkey_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The passkey id. */
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenamePasskey"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyAnswer"];
                };
            };
        };
    };
    post_auth_passkeys_passkey_id_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The passkey id. */
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_auth_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__accounts_models__SignedIn"];
                };
            };
        };
    };
    post_auth_password_forgot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Forgotten"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_auth_password_reset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reset"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_auth_providers: {
        parameters: {
            query?: {
                /** @description Whose. */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Buttons"];
                };
            };
        };
    };
    post_auth_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
        };
    };
    post_auth_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__accounts_models__SignedIn"];
                };
            };
        };
    };
    post_auth_register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Register"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_auth_second_factor_enrol_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HalfwayMakePasskey"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__totp_models__SignedIn"];
                };
            };
        };
    };
    post_auth_second_factor_enrol_passkey_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Halfway"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Options"];
                };
            };
        };
    };
    post_auth_second_factor_enrol_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Halfway"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrolment"];
                };
            };
        };
    };
    post_auth_second_factor_enrol_totp_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HalfwayConfirm"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__totp_models__SignedIn"];
                };
            };
        };
    };
    post_auth_second_factor_passkey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HalfwayPasskey"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__totp_models__SignedIn"];
                };
            };
        };
    };
    post_auth_second_factor_passkey_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Halfway"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Options"];
                };
            };
        };
    };
    post_auth_second_factor_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HalfwayCode"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__totp_models__SignedIn"];
                };
            };
        };
    };
    post_auth_second_factor_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HalfwayCode"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__totp_models__SignedIn"];
                };
            };
        };
    };
    get_auth_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
        };
    };
    delete_auth_sessions_session_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session id. */
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_auth_signing_keys_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["services__identity__accounts_models__Rotate"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rotated"];
                };
            };
        };
    };
    put_auth_tenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChooseTenant"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_auth_tenants: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnTenants"];
                };
            };
        };
    };
    post_auth_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrolment"];
                };
            };
        };
    };
    post_auth_totp_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmTotp"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
        };
    };
    post_auth_totp_disable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_credential_types: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialTypes"];
                };
            };
        };
    };
    get_credentials: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credentials"];
                };
            };
        };
    };
    post_credentials: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCredential"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
        };
    };
    get_credentials_rotation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyRotation"];
                };
            };
        };
    };
    post_credentials_rotation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotateKeys"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyRotation"];
                };
            };
        };
    };
    get_credentials_name: {
        parameters: {
            query?: {
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
        };
    };
    put_credentials_name: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeCredential"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
        };
    };
    delete_credentials_name: {
        parameters: {
            query?: {
                /** @description Delete it although workflows name it. */
                force?: "true" | "false";
            };
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_credentials_name_grant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["BeginGrant"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantBegun"];
                };
            };
        };
    };
    post_credentials_name_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialTested"];
                };
            };
        };
    };
    get_credentials_name_usage: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialUsage"];
                };
            };
        };
    };
    get_dead_letters: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only letters in these states; open without it, separated by commas: open, retried, discarded, settled. */
                status?: string;
                /** @description Only letters for these reasons, separated by commas: exhausted, failed, poison, parked, quarantined, unreadable, event. */
                reason?: string;
                /** @description Only letters with these codes of errors, separated by commas. */
                code?: string;
                /** @description Only of runs of this workflow. */
                workflow_id?: string;
                /** @description Only of this run. */
                run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only failures at this time or later. */
                from?: string;
                /** @description Only failures before this time. */
                before?: string;
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
                /** @description `revision` of a retry or discard: the answer waits up to 2 s until it holds it. */
                min_revision?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetters"];
                };
            };
        };
    };
    get_dead_letters_letter_id: {
        parameters: {
            query?: {
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
                /** @description `revision` of a retry or discard: the answer waits up to 2 s until it holds it. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The letter id. */
                letter_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeLetter"];
                };
            };
        };
    };
    post_dead_letters_letter_id_discard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The letter id. */
                letter_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiscardLetter"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dealt"];
                };
            };
        };
    };
    post_dead_letters_letter_id_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The letter id. */
                letter_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryLetter"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dealt"];
                };
            };
        };
    };
    post_dead_letters_discard: {
        parameters: {
            query?: {
                /** @description Only letters in these states; open without it, separated by commas: open, retried, discarded, settled. */
                status?: string;
                /** @description Only letters for these reasons, separated by commas: exhausted, failed, poison, parked, quarantined, unreadable, event. */
                reason?: string;
                /** @description Only letters with these codes of errors, separated by commas. */
                code?: string;
                /** @description Only of runs of this workflow. */
                workflow_id?: string;
                /** @description Only of this run. */
                run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only failures at this time or later. */
                from?: string;
                /** @description Only failures before this time. */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiscardLetters"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DealtMany"];
                };
            };
        };
    };
    post_dead_letters_retry: {
        parameters: {
            query?: {
                /** @description Only letters in these states; open without it, separated by commas: open, retried, discarded, settled. */
                status?: string;
                /** @description Only letters for these reasons, separated by commas: exhausted, failed, poison, parked, quarantined, unreadable, event. */
                reason?: string;
                /** @description Only letters with these codes of errors, separated by commas. */
                code?: string;
                /** @description Only of runs of this workflow. */
                workflow_id?: string;
                /** @description Only of this run. */
                run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only failures at this time or later. */
                from?: string;
                /** @description Only failures before this time. */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryLetters"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DealtMany"];
                };
            };
        };
    };
    post_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirm"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantErasure"];
                };
            };
        };
    };
    post_events: {
        parameters: {
            query?: {
                /** @description Where it is published, without `bus.<tenant>.`; a CloudEvent without it lies on its type. */
                subject?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/cloudevents+json": components["schemas"]["EventBody"];
                "application/cloudevents-batch+json": components["schemas"]["EventBody"];
                "application/json": components["schemas"]["EventBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishedEvents"];
                };
            };
        };
    };
    get_export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_expressions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Language"];
                };
            };
        };
    };
    post_expressions_evaluate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Evaluate"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Evaluated"];
                };
            };
        };
    };
    get_groups: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Groups"];
                };
            };
        };
    };
    post_groups: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateGroup"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
        };
    };
    get_groups_group_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group id. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
        };
    };
    put_groups_group_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The group id. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeGroup"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
        };
    };
    delete_groups_group_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The group id. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_groups_group_id_members: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The group id. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Members"];
                };
            };
        };
    };
    put_groups_group_id_members_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group id. */
                group_id: string;
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_groups_group_id_members_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group id. */
                group_id: string;
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_keys: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description Keys of this person or service account, or of `any`; needs `users:manage`. Left out: those of the caller. */
                owner?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__keys_models__Keys"];
                };
            };
        };
    };
    post_keys: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKey"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
        };
    };
    get_keys_key_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key id. */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__keys_models__Key"];
                };
            };
        };
    };
    delete_keys_key_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key id. */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_names: {
        parameters: {
            query?: {
                /** @description 1 to 100 of them, separated by commas. */
                ids?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamesOf"];
                };
            };
        };
    };
    get_nodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeTypes"];
                };
            };
        };
    };
    get_nodes_type: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The type. */
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeType"];
                };
            };
        };
    };
    get_oauth_callback: {
        parameters: {
            query?: {
                /** @description What the browser was sent away with. */
                state?: string;
                /** @description What a worker gets tokens for. */
                code?: string;
                /** @description Why there is no code. */
                error?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description See Other */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_openapi_json: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_people_user_id_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonErasure"];
                };
            };
        };
    };
    post_people_user_id_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirm"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonErasure"];
                };
            };
        };
    };
    delete_people_user_id_factors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_platform_administrators: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdministratorList"];
                };
            };
        };
    };
    put_platform_administrators_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_platform_administrators_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_policies: {
        parameters: {
            query?: {
                /** @description What is read must not be older than this revision. */
                min_revision?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoliciesAnswer"];
                };
            };
        };
    };
    put_policies: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePolicies"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoliciesAnswer"];
                };
            };
        };
    };
    post_policies_explain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Explain"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explained"];
                };
            };
        };
    };
    get_projects: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Projects"];
                };
            };
        };
    };
    post_projects: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Named"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
        };
    };
    get_projects_project_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project id. */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
        };
    };
    put_projects_project_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The project id. */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Named"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
        };
    };
    delete_projects_project_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The project id. */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_projects_project_id_members: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The project id. */
                project_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Members"];
                };
            };
        };
    };
    put_projects_project_id_members_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project id. */
                project_id: string;
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectRole"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_projects_project_id_members_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project id. */
                project_id: string;
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_providers: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderList"];
                };
            };
        };
    };
    post_providers: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateProvider"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAnswer"];
                };
            };
        };
    };
    get_providers_provider_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider id. */
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAnswer"];
                };
            };
        };
    };
    put_providers_provider_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The provider id. */
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeProvider"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAnswer"];
                };
            };
        };
    };
    delete_providers_provider_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The provider id. */
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_providers_provider_id_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The provider id. */
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__identity__providers_models__Tested"];
                };
            };
        };
    };
    get_push_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushDevices"];
                };
            };
        };
    };
    post_push_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PushSubscription"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushDevice"];
                };
            };
        };
    };
    delete_push_devices_device_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device id. */
                device_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_push_devices_device_id_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device id. */
                device_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushTested"];
                };
            };
        };
    };
    get_push_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushKey"];
                };
            };
        };
    };
    get_runs: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only runs in these states, separated by commas: queued, running, waiting, paused, cancelling, compensating, succeeded, failed, cancelled. */
                status?: string;
                /** @description Only runs started so, separated by commas: webhook, manual, api, schedule, event, callback. */
                trigger?: string;
                /** @description Only runs started at this time or later. */
                started_from?: string;
                /** @description Only runs started before this time. */
                started_before?: string;
                /** @description Found in the run's id (its beginning), or the workflow's id or name. */
                q?: string;
                /** @description Only runs that a step of this run started. */
                parent_run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs that go on from this one: its forks and retries. */
                origin_run_id?: string;
                /** @description The order; `-` turns it round. Runs that go on sort as if they ended last. */
                sort?: "-started_at" | "started_at" | "-ended_at" | "ended_at";
                /** @description Only runs of this workflow. */
                workflow_id?: string;
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
        };
    };
    get_runs_run_id: {
        parameters: {
            query?: {
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
        };
    };
    get_runs_run_id_blobs_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
                /** @description The name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_runs_run_id_callbacks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Callbacks"];
                };
            };
        };
    };
    post_runs_run_id_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CancelRun"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
        };
    };
    get_runs_run_id_events: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `true`: each `envelope` is the text that was stored, byte for byte, as the hash chain has it. */
                raw?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Events"];
                };
            };
        };
    };
    post_runs_run_id_fork: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForkRun"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Forked"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Forked"];
                };
            };
        };
    };
    get_runs_run_id_logs: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only lines of these levels, separated by commas: debug, info, warning, error. */
                level?: string;
                /** @description Only lines of this step. */
                step?: string;
                /** @description As a socket: only lines behind the one with this `id`. */
                after?: string;
            };
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lines"];
                };
            };
        };
    };
    post_runs_run_id_pause: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PauseRun"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
        };
    };
    post_runs_run_id_resume: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ResumeRun"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
        };
    };
    post_runs_run_id_retry: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryRun"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Forked"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Forked"];
                };
            };
        };
    };
    post_runs_run_id_signals: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendSignal"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalRecorded"];
                };
            };
        };
    };
    get_runs_run_id_state: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_runs_run_id_steps: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only what stands in this container or iteration, such as each[3]. */
                under?: string;
                /** @description How many levels deep at most: 1 gives what stands directly in `under`, or at the top. */
                levels?: number;
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Steps"];
                };
            };
        };
    };
    get_runs_run_id_steps_step: {
        parameters: {
            query?: {
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
                /** @description The step. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepInFull"];
                };
            };
        };
    };
    post_runs_run_id_steps_step_deadline: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
                /** @description The step. */
                step: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveDeadline"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
        };
    };
    post_runs_run_id_steps_step_decision: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The run id. */
                run_id: string;
                /** @description The step. */
                step: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideStep"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
        };
    };
    get_runs_run_id_timeline: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only what stands in this container or iteration, such as each[3]. */
                under?: string;
                /** @description How many levels deep at most: 1 gives what stands directly in `under`, or at the top. */
                levels?: number;
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The run id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
        };
    };
    post_runs_cancel: {
        parameters: {
            query?: {
                /** @description Only runs in these states, separated by commas: queued, running, waiting, paused, cancelling, compensating, succeeded, failed, cancelled. */
                status?: string;
                /** @description Only runs started so, separated by commas: webhook, manual, api, schedule, event, callback. */
                trigger?: string;
                /** @description Only runs started at this time or later. */
                started_from?: string;
                /** @description Only runs started before this time. */
                started_before?: string;
                /** @description Found in the run's id (its beginning), or the workflow's id or name. */
                q?: string;
                /** @description Only runs that a step of this run started. */
                parent_run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs that go on from this one: its forks and retries. */
                origin_run_id?: string;
                /** @description The order; `-` turns it round. Runs that go on sort as if they ended last. */
                sort?: "-started_at" | "started_at" | "-ended_at" | "ended_at";
                /** @description Only runs of this workflow. */
                workflow_id?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CancelMany"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManySteered"];
                };
            };
        };
    };
    post_runs_pause: {
        parameters: {
            query?: {
                /** @description Only runs in these states, separated by commas: queued, running, waiting, paused, cancelling, compensating, succeeded, failed, cancelled. */
                status?: string;
                /** @description Only runs started so, separated by commas: webhook, manual, api, schedule, event, callback. */
                trigger?: string;
                /** @description Only runs started at this time or later. */
                started_from?: string;
                /** @description Only runs started before this time. */
                started_before?: string;
                /** @description Found in the run's id (its beginning), or the workflow's id or name. */
                q?: string;
                /** @description Only runs that a step of this run started. */
                parent_run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs that go on from this one: its forks and retries. */
                origin_run_id?: string;
                /** @description The order; `-` turns it round. Runs that go on sort as if they ended last. */
                sort?: "-started_at" | "started_at" | "-ended_at" | "ended_at";
                /** @description Only runs of this workflow. */
                workflow_id?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PauseMany"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManySteered"];
                };
            };
        };
    };
    post_runs_resume: {
        parameters: {
            query?: {
                /** @description Only runs in these states, separated by commas: queued, running, waiting, paused, cancelling, compensating, succeeded, failed, cancelled. */
                status?: string;
                /** @description Only runs started so, separated by commas: webhook, manual, api, schedule, event, callback. */
                trigger?: string;
                /** @description Only runs started at this time or later. */
                started_from?: string;
                /** @description Only runs started before this time. */
                started_before?: string;
                /** @description Found in the run's id (its beginning), or the workflow's id or name. */
                q?: string;
                /** @description Only runs that a step of this run started. */
                parent_run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs that go on from this one: its forks and retries. */
                origin_run_id?: string;
                /** @description The order; `-` turns it round. Runs that go on sort as if they ended last. */
                sort?: "-started_at" | "started_at" | "-ended_at" | "ended_at";
                /** @description Only runs of this workflow. */
                workflow_id?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ResumeMany"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManySteered"];
                };
            };
        };
    };
    post_runs_retry: {
        parameters: {
            query?: {
                /** @description Only runs in these states, separated by commas: queued, running, waiting, paused, cancelling, compensating, succeeded, failed, cancelled. */
                status?: string;
                /** @description Only runs started so, separated by commas: webhook, manual, api, schedule, event, callback. */
                trigger?: string;
                /** @description Only runs started at this time or later. */
                started_from?: string;
                /** @description Only runs started before this time. */
                started_before?: string;
                /** @description Found in the run's id (its beginning), or the workflow's id or name. */
                q?: string;
                /** @description Only runs that a step of this run started. */
                parent_run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs that go on from this one: its forks and retries. */
                origin_run_id?: string;
                /** @description The order; `-` turns it round. Runs that go on sort as if they ended last. */
                sort?: "-started_at" | "started_at" | "-ended_at" | "ended_at";
                /** @description Only runs of this workflow. */
                workflow_id?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryMany"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManySteered"];
                };
            };
        };
    };
    get_schedules: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description Schedules of this workflow alone. */
                workflow_id?: string;
                /** @description Only those that are paused, or are not. */
                paused?: "true" | "false";
                /** @description Only what belongs to this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedules"];
                };
            };
        };
    };
    post_schedules: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Create"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleInList"];
                };
            };
        };
    };
    post_schedules_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Preview"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextTimes"];
                };
            };
        };
    };
    get_schedules_schedule_id: {
        parameters: {
            query?: {
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
        };
    };
    put_schedules_schedule_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Change"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleInList"];
                };
            };
        };
    };
    delete_schedules_schedule_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_schedules_schedule_id_backfill: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Backfill"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
        };
    };
    get_schedules_schedule_id_fires: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only these. */
                outcome?: "fired" | "skipped" | "queued" | "refused";
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fires"];
                };
            };
        };
    };
    get_schedules_schedule_id_next: {
        parameters: {
            query?: {
                /** @description How many. */
                count?: number;
                /** @description Times after this one; without it, after now. */
                after?: string;
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextTimes"];
                };
            };
        };
    };
    post_schedules_schedule_id_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Noted"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleInList"];
                };
            };
        };
    };
    post_schedules_schedule_id_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Noted"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleInList"];
                };
            };
        };
    };
    post_schedules_schedule_id_trigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The schedule id. */
                schedule_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["services__registry__schedule_models__Trigger"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
        };
    };
    get_schemas_definition: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schema"];
                };
            };
        };
    };
    get_service_accounts: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccounts"];
                };
            };
        };
    };
    post_service_accounts: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateServiceAccount"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
        };
    };
    get_service_accounts_account_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account id. */
                account_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
        };
    };
    put_service_accounts_account_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The account id. */
                account_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeServiceAccount"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
        };
    };
    delete_service_accounts_account_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The account id. */
                account_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_service_accounts_account_id_disable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account id. */
                account_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
        };
    };
    post_service_accounts_account_id_enable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account id. */
                account_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
        };
    };
    get_subscriptions: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description Subscriptions of this workflow alone. */
                workflow_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscriptions"];
                };
            };
        };
    };
    get_subscriptions_subscription_id: {
        parameters: {
            query?: {
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The subscription id. */
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    post_subscriptions_subscription_id_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The subscription id. */
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Pause"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    post_subscriptions_subscription_id_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The subscription id. */
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["services__registry__subscription_models__Replay"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    post_subscriptions_subscription_id_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The subscription id. */
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
        };
    };
    get_tenants: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description Part of the name, in any case. */
                name?: string;
                /** @description Only those. */
                status?: "active" | "suspended";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenants"];
                };
            };
        };
    };
    post_tenants: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateTenant"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    get_tenants_current: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    put_tenants_current: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeCurrent"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    get_tenants_current_usage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
        };
    };
    get_tenants_tenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant. */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    put_tenants_tenant: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The tenant. */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeTenant"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    get_tenants_tenant_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant. */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantErasure"];
                };
            };
        };
    };
    post_tenants_tenant_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant. */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirm"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantErasure"];
                };
            };
        };
    };
    post_tenants_tenant_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant. */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    post_tenants_tenant_suspend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant. */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    get_users: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description Part of the name, in any case. */
                name?: string;
                /** @description Only those. */
                status?: "invited" | "active" | "disabled";
                /** @description Only who has this role in the tenant. */
                role?: "viewer" | "operator" | "editor" | "admin";
                /** @description Only who is in this group. */
                group_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Members"];
                };
            };
        };
    };
    post_users: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invite"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    get_users_user_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    put_users_user_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeMember"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    delete_users_user_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_users_user_id_disable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    post_users_user_id_enable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    post_users_user_id_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user id. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_webhooks: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description Webhooks of this workflow alone. */
                workflow_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhooks"];
                };
            };
        };
    };
    get_webhooks_webhook_id: {
        parameters: {
            query?: {
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
        };
    };
    put_webhooks_webhook_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeWebhook"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
        };
    };
    get_webhooks_webhook_id_deliveries: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only deliveries of which this became, separated by commas: accepted, duplicate, filtered, refused. */
                verdict?: string;
                /** @description Only those refused with these codes, separated by commas. */
                code?: string;
                /** @description Only those that came from outside, or that people sent, separated by commas: delivery, test, replay. */
                kind?: string;
                /** @description Only those with this id of the sender's. */
                delivery_id?: string;
                /** @description Only replays of this delivery. */
                replay_of?: string;
                /** @description Only those that arrived at this time or later. */
                from?: string;
                /** @description Only those that arrived before this time. */
                before?: string;
                /** @description `true`: count what the filters take, by verdict. */
                counts?: "true" | "false";
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookDeliveries"];
                };
            };
        };
    };
    get_webhooks_webhook_id_deliveries_delivery_id: {
        parameters: {
            query?: {
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
                /** @description The delivery id. */
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeDelivery"];
                };
            };
        };
    };
    post_webhooks_webhook_id_deliveries_delivery_id_replay: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The webhook id. */
                webhook_id: string;
                /** @description The delivery id. */
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["services__trigger__sample_models__Replay"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
        };
    };
    post_webhooks_webhook_id_deliveries_replay: {
        parameters: {
            query?: {
                /** @description Only deliveries of which this became, separated by commas: accepted, duplicate, filtered, refused. */
                verdict?: string;
                /** @description Only those refused with these codes, separated by commas. */
                code?: string;
                /** @description Only those that came from outside, or that people sent, separated by commas: delivery, test, replay. */
                kind?: string;
                /** @description Only those with this id of the sender's. */
                delivery_id?: string;
                /** @description Only replays of this delivery. */
                replay_of?: string;
                /** @description Only those that arrived at this time or later. */
                from?: string;
                /** @description Only those that arrived before this time. */
                before?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ReplayMany"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayedMany"];
                };
            };
        };
    };
    post_webhooks_webhook_id_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["services__registry__models__Rotate"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
        };
    };
    post_webhooks_webhook_id_simulate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Simulated"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
        };
    };
    post_webhooks_webhook_id_test: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Sample"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__trigger__sample_models__Tested"];
                };
            };
        };
    };
    get_workflows: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
                /** @description The order; `-` turns it round. */
                sort?: "name" | "-name" | "created_at" | "-created_at" | "updated_at" | "-updated_at";
                /** @description Part of the name, in any case. */
                name?: string;
                /** @description Only what belongs to this project. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflows"];
                };
            };
        };
    };
    post_workflows: {
        parameters: {
            query?: {
                /** @description The project it belongs to; without it, none. */
                project?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Definition"];
                "application/x-yaml": components["schemas"]["Definition"];
                "application/yaml": components["schemas"]["Definition"];
                "text/yaml": components["schemas"]["Definition"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    post_workflows_validate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Definition"];
                "application/x-yaml": components["schemas"]["Definition"];
                "application/yaml": components["schemas"]["Definition"];
                "text/yaml": components["schemas"]["Definition"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__registry__models__Verdict"];
                };
            };
        };
    };
    get_workflows_workflow_id: {
        parameters: {
            query?: {
                /** @description `revision` of a write: what is read is not older. */
                min_revision?: string;
            };
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    put_workflows_workflow_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Definition"];
                "application/x-yaml": components["schemas"]["Definition"];
                "application/yaml": components["schemas"]["Definition"];
                "text/yaml": components["schemas"]["Definition"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    delete_workflows_workflow_id: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_workflows_workflow_id_clone: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Clone"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    get_workflows_workflow_id_collab: {
        parameters: {
            query?: {
                /** @description The document's name in time; another than the present is refused. */
                epoch?: string;
                /** @description `1`: told what is saved and published too, by kinds of message of our own. */
                weir?: "1";
            };
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_workflows_workflow_id_diff: {
        parameters: {
            query?: {
                /** @description What to compare: `draft`, `current`, or the id of a version; `current` without it. */
                from?: string;
                /** @description With what: `draft`, `current`, or the id of a version; `draft` without it. */
                to?: string;
            };
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Diff"];
                };
            };
        };
    };
    get_workflows_workflow_id_document: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
        };
    };
    put_workflows_workflow_id_project: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Move"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    get_workflows_workflow_id_runs: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description Only runs in these states, separated by commas: queued, running, waiting, paused, cancelling, compensating, succeeded, failed, cancelled. */
                status?: string;
                /** @description Only runs started so, separated by commas: webhook, manual, api, schedule, event, callback. */
                trigger?: string;
                /** @description Only runs started at this time or later. */
                started_from?: string;
                /** @description Only runs started before this time. */
                started_before?: string;
                /** @description Found in the run's id (its beginning), or the workflow's id or name. */
                q?: string;
                /** @description Only runs that a step of this run started. */
                parent_run_id?: string;
                /** @description Only what belongs to this project. */
                project?: string;
                /** @description Only runs that go on from this one: its forks and retries. */
                origin_run_id?: string;
                /** @description The order; `-` turns it round. Runs that go on sort as if they ended last. */
                sort?: "-started_at" | "started_at" | "-ended_at" | "ended_at";
                /** @description `Weir-Sequence` of a write: the answer waits up to 2 s until it holds it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
        };
    };
    post_workflows_workflow_id_runs: {
        parameters: {
            query?: {
                /** @description Wait for the run's end at most so long (`30s`); when it is over the answer is 202 and the run goes on. */
                wait?: string;
                /** @description `revision` of a publish: the version started is not older. */
                min_revision?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["StartRun"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunStarted"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunStarted"];
                };
            };
        };
    };
    post_workflows_workflow_id_runs_batch: {
        parameters: {
            query?: {
                /** @description `revision` of a publish: the version started is not older. */
                min_revision?: string;
            };
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartMany"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManyStarted"];
                };
            };
        };
    };
    post_workflows_workflow_id_trials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Try"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tried"];
                };
            };
        };
    };
    get_workflows_workflow_id_versions: {
        parameters: {
            query?: {
                /** @description How many items at most. */
                limit?: number;
                /** @description `next_cursor` of the page before; the filters must be the same. */
                cursor?: string;
                /** @description `Weir-Sequence` of a write: the list waits up to 2 s to hold it. */
                min_sequence?: string;
            };
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Versions"];
                };
            };
        };
    };
    post_workflows_workflow_id_versions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request makes the same thing once. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Publish"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__registry__models__Published"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["services__registry__models__Published"];
                };
            };
        };
    };
    get_workflows_workflow_id_versions_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
                /** @description The version. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
        };
    };
    post_workflows_workflow_id_versions_version_current: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow id. */
                workflow_id: string;
                /** @description The version. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunsAgain"];
                };
            };
        };
    };
    post_workflows_workflow_id_versions_version_restore: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that was read; `*` overwrites whatever is there. */
                "If-Match": string;
            };
            path: {
                /** @description The workflow id. */
                workflow_id: string;
                /** @description The version. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    get_ws: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    get_hooks_webhook_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
        };
    };
    put_hooks_webhook_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
        };
    };
    post_hooks_webhook_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
        };
    };
    delete_hooks_webhook_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
        };
    };
    patch_hooks_webhook_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook id. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivered"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
}
