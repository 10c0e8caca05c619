/** A field that becomes another kind while somebody goes into it keeps the focus. */
export const awaited = { label: "" };
