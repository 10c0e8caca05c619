/** A draft as plain values: what a definition says, and what the document of a draft holds. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Position {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A node as the definition has it. Other fields are kept as they are. */
export interface DraftNode {
  id: string;
  type: string;
  type_version?: number;
  name?: string;
  description?: string;
  config?: JsonObject;
  position?: Position;
  parent?: string;
  section?: string;
  retry?: JsonObject;
  timeout?: Json;
  queue?: string;
  on_error?: string;
  compensate?: string;
  join?: Json;
  disabled?: boolean;
  dead_letter?: boolean;
  output_schema?: Json;
}

export interface DraftEdge {
  source: string;
  source_port: string;
  target: string;
}

export interface DraftNote {
  id: string;
  text: string;
  position?: Position;
  size?: Size;
  color?: string;
}

export interface Definition {
  schema?: string;
  name: string;
  description?: string;
  input?: Json;
  output?: Json;
  vars?: JsonObject;
  settings?: JsonObject;
  nodes: DraftNode[];
  edges: (Omit<DraftEdge, "source_port"> & { source_port?: string })[];
  notes?: DraftNote[];
}

/** The id of an edge follows from what it connects: drawn twice it is one. */
export function edgeId(source: string, port: string, target: string): string {
  return `${source}:${port}:${target}`;
}

export interface Dropped {
  code: "DANGLING_EDGE" | "DANGLING_COMPENSATE" | "LIFTED_NODE";
  id: string;
}
