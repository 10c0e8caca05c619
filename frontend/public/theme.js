// Before the first paint, so that nobody sees the other theme flash.
(() => {
  let chosen = "dark";
  try {
    chosen = localStorage.getItem("weir.theme") ?? "dark";
  } catch {
    // Without storage the first theme it is.
  }
  const light =
    chosen === "light" ||
    (chosen === "system" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
