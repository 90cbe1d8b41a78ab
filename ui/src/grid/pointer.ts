import type { PointerEvent } from "react";
import { headerHeight } from "./frame";

// A Drop is where a column that is dragged would come: beside another one, and how far
// that is from the left of the grid.
export interface Drop {
  x: number;
  name: string;
  after: boolean;
}

interface Drag {
  scroller: HTMLElement;
  left: number; // the width of what stays at the left
  nameOf: (column: number) => string | undefined;
  onMove: (drop: Drop | undefined) => void;
  onDrop: (drop: Drop) => void;
}

// dragColumn follows a column that is moved with the pointer. A pointer that hardly moves
// has clicked.
export function dragColumn(e: PointerEvent<HTMLElement>, { scroller, left, nameOf, onMove, onDrop }: Drag) {
  if (e.button !== 0 || e.pointerType === "touch") return;
  const from = e.clientX;
  let to: Drop | undefined;
  const move = (now: globalThis.PointerEvent) => {
    if (!to && Math.abs(now.clientX - from) < 6) return;
    const box = scroller.getBoundingClientRect();
    const header = document.elementsFromPoint(now.clientX, box.top + headerHeight / 2).find((el) => el.getAttribute("role") === "columnheader");
    const name = nameOf(Number(header?.getAttribute("data-column") ?? 0));
    if (now.clientX > box.right - 24) scroller.scrollLeft += 24;
    if (now.clientX < box.left + 24 + left && now.clientX < from) scroller.scrollLeft -= 24;
    if (!header || name === undefined) return;
    const at = header.getBoundingClientRect();
    const after = now.clientX > at.left + at.width / 2;
    to = { x: (after ? at.right : at.left) - box.left + scroller.scrollLeft, name, after };
    onMove(to);
  };
  const end = (dropped: boolean) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", escape, true);
    onMove(undefined);
    if (!to) return;
    // What was dragged was not clicked.
    const swallow = (c: Event) => c.stopPropagation();
    window.addEventListener("click", swallow, { capture: true });
    window.setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
    if (dropped) onDrop(to);
  };
  const up = () => end(true);
  const cancel = () => end(false);
  const escape = (k: globalThis.KeyboardEvent) => {
    if (k.key !== "Escape") return;
    k.stopPropagation();
    end(false);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("keydown", escape, true);
}

// resizeColumn follows the edge of a column: by how much it has moved, and when that ends.
export function resizeColumn(e: PointerEvent<HTMLElement>, onMove: (by: number) => void, onEnd: () => void) {
  e.preventDefault();
  const from = e.clientX;
  const handle = e.currentTarget;
  handle.setPointerCapture(e.pointerId);
  const move = (to: globalThis.PointerEvent) => onMove(to.clientX - from);
  handle.addEventListener("pointermove", move);
  handle.addEventListener("lostpointercapture", () => { handle.removeEventListener("pointermove", move); onEnd(); }, { once: true });
}
