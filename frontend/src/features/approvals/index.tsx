export { Approvals } from "./approvals";
