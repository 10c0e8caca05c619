import "./ui/tokens.css";
import "./app/trusted";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";

// Another release is served since this page was loaded: its parts are called otherwise.
window.addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("weir.reloaded"));
  if (Date.now() - last < 30_000) return;
  event.preventDefault();
  sessionStorage.setItem("weir.reloaded", String(Date.now()));
  location.reload();
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
