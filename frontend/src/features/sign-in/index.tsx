export { AcceptInvite } from "./accept-invite";
export { ResetPassword, VerifyEmail } from "./links";
export { SignIn } from "./sign-in";
