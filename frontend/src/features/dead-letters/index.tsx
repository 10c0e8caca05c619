export { DeadLetters } from "./dead-letters";
