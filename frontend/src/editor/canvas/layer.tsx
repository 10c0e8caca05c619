/**
 * Into a layer of the canvas that moves with it. React Flow's own portals search the page for
 * theirs at every change of its store, each of them; here it is found once.
 */
import { useStore } from "@xyflow/react";
import type { ReactNode } from "react";
import { createPortal } from "react-dom";

const LAYERS = {
  labels: ".react-flow__edgelabel-renderer",
  front: ".react-flow__viewport-portal",
};

const found = new WeakMap<HTMLElement, Partial<Record<keyof typeof LAYERS, Element | null>>>();

function layerOf(canvas: HTMLElement, name: keyof typeof LAYERS): Element | null {
  const layers = found.get(canvas) ?? {};
  found.set(canvas, layers);
  layers[name] ??= canvas.querySelector(LAYERS[name]);
  return layers[name];
}

export function InLayer({ name, children }: { name: keyof typeof LAYERS; children: ReactNode }) {
  const layer = useStore(({ domNode }) => domNode && layerOf(domNode, name));
  return layer && createPortal(children, layer);
}
