/** Dark, light, or what the system says; remembered in this browser. */
import { create } from "zustand";

export type Theme = "dark" | "light" | "system";

const KEY = "weir.theme";
const system = () => matchMedia("(prefers-color-scheme: light)");

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "system" ? value : "dark";
}

/** What is shown now, whatever was chosen. */
export function shownTheme(theme: Theme): "dark" | "light" {
  return theme === "system" ? (system().matches ? "light" : "dark") : theme;
}

export const useTheme = create<{ theme: Theme; shown: "dark" | "light" }>(() => {
  const theme = stored();
  return { theme, shown: shownTheme(theme) };
});

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  apply(theme);
}

function apply(theme: Theme): void {
  const shown = shownTheme(theme);
  document.documentElement.dataset.theme = shown;
  useTheme.setState({ theme, shown });
}

system().addEventListener("change", () => {
  if (useTheme.getState().theme === "system") apply("system");
});
