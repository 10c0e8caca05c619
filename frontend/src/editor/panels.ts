/**
 * What opens beside, below and over the canvas, and what is done seldom: one script, behind the
 * first picture. Whoever needs it before it is here awaits it.
 */
export { Chooser } from "./chooser";
export { Connector } from "./connector";
export { copyText, duplicate, pasteText } from "./copying";
export { Drawer } from "./drawer";
export { chooseImport, exportDraft } from "./files";
export { tidyUp } from "./layout";
export { Properties } from "./properties";
export { PublishSheet } from "./publish-sheet";
export { SettingsSheet } from "./settings";
export { LastRun } from "./trial";
export { VersionsSheet } from "./versions";
