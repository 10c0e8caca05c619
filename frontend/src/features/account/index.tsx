export { Account } from "./account";
