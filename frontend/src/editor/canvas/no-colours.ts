/**
 * Stands in for d3-color, 4 kB that the zoom of the canvas brings along: its transitions move and
 * scale, and nothing in them is a colour.
 */
export function color(): null {
  return null;
}

export { color as cubehelix, color as hcl, color as hsl, color as lab, color as rgb };
