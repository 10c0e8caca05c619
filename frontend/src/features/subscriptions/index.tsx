export { Subscriptions } from "./subscriptions";
