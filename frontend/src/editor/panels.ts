/** What opens beside, below and over the canvas; one script, behind the first picture. */
export { Connector } from "./connector";
export { Drawer } from "./drawer";
export { Properties } from "./properties";
export { SettingsSheet } from "./settings";
export { VersionsSheet } from "./versions";
