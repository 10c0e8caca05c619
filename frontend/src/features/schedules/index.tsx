export { Schedules } from "./schedules";
