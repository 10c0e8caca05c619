/** What ends in an ellipsis is whole on hovering, unless something else is told there. */
export function showWhole(): () => void {
  const see = ({ target }: MouseEvent) => {
    const inner = target instanceof Element && target.closest<HTMLElement>(".truncate");
    for (let one = inner || null; one; one = one.parentElement?.closest(".truncate") ?? null) {
      if (one.title && one.dataset.whole === undefined) return;
      if (one.scrollWidth > one.clientWidth) {
        one.title = one.textContent ?? "";
        one.dataset.whole = "";
        return;
      }
      if (one.title) one.removeAttribute("title");
    }
  };
  document.addEventListener("mouseover", see);
  return () => document.removeEventListener("mouseover", see);
}
