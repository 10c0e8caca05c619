export const SignIn = () => <main>Sign in</main>;
export const AcceptInvite = () => <main>Invitation</main>;
export const ResetPassword = () => <main>New password</main>;
export const VerifyEmail = () => <main>Address</main>;
