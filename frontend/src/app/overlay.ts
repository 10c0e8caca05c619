/** What lies over the page: the palette or the list of shortcuts; loaded when it is first asked for. */
import { create } from "zustand";

type Shown = "palette" | "shortcuts" | null;

export const useOverlay = create<{ shown: Shown; show: (what: Shown) => void }>((set) => ({
  shown: null,
  show: (shown) => set({ shown }),
}));
