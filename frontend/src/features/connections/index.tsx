export { Connections } from "./connections";
