/** What lies over the page: the palette or the list of shortcuts; loaded when it is first asked for. */
import { create } from "zustand";

type Shown = "palette" | "shortcuts" | null;

interface Overlay {
  shown: Shown;
  /** Written before the palette was there to take it. */
  typed: string;
  show: (what: Shown) => void;
}

export const useOverlay = create<Overlay>((set) => ({
  shown: null,
  typed: "",
  show: (shown) => set({ shown, typed: "" }),
}));
