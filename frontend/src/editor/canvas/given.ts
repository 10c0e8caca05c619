import { useStoreApi } from "@xyflow/react";
import { useState } from "react";

/**
 * Keeps React Flow from measuring every card and port in the page, and from drawing all of them a
 * second time with what it found: each node comes with its size and with the places of its ports.
 */
export function useGivenSizes(): void {
  const store = useStoreApi();
  // In the first drawing, before that of the nodes, which keep what they find.
  useState(() => store.setState({ updateNodeInternals: () => {} }));
}
