// Comforts of the keyboard; every page works without them.
//   /  goes to the search field      j k ↓ ↑  move along rows      Enter  opens (the browser's own)      o  unfolds rules

const rows = () => [...document.querySelectorAll('[data-mark="row"]')].filter((row) => row.getClientRects().length > 0);

const isTyping = (target) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

function move(step) {
  const all = rows();
  if (all.length === 0) return false;
  const here = all.findIndex((row) => row === document.activeElement || row.parentElement.contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    // From the search field the arrow leads into what was found.
    if (event.key === "ArrowDown" && event.target.id === "q" && move(1)) event.preventDefault();
    return;
  }
  // The stacks of the viewer have keys of their own.
  if (event.target.closest?.('[data-mark="pane"]')) return;
  let isDone = false;
  switch (event.key) {
    case "/": {
      const field = document.querySelector('[data-mark="search"]');
      field.focus();
      field.select();
      isDone = true;
      break;
    }
    case "j": case "ArrowDown": isDone = move(1); break;
    case "k": case "ArrowUp": isDone = move(-1); break;
    case "o": {
      const details = event.target.closest?.("details");
      if (details) { details.open = !details.open; isDone = true; }
      break;
    }
  }
  if (isDone) event.preventDefault();
});

// The reason that needs words asks for them before the form is sent; the server asks in any case.
for (const form of document.querySelectorAll('form[data-mark="decision"]')) {
  const reason = form.querySelector('select[name="reason"]');
  const note = form.querySelector('[name="note"]');
  form.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[name=kind]");
    if (!button || !reason) return;
    const declines = button.value === "declined";
    reason.required = declines;
    if (note) note.required = declines && reason.selectedOptions[0]?.dataset.mark === "needs-note";
  });
}

// A place on the page that was led to is unfolded.
const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
const unfolded = target?.querySelector("details");
if (unfolded) { unfolded.open = true; unfolded.querySelector("summary").focus({ preventScroll: true }); }
