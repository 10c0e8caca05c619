export { Workflows } from "./workflows";
