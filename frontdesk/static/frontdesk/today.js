// What a person opened on the board stays open when the board refreshes itself, and only the latest step
// offers its Undo: five quick taps must not cover the buttons of the sixth.

const board = document.getElementById("board");
const toasts = document.getElementById("toasts");
const folded = new Map(); // id of a list: whether it was opened or closed last

board?.addEventListener("toggle", ({ target }) => {
    if (target.isConnected) folded.set(target.id, target.open);
}, true);

board?.addEventListener("htmx:afterSwap", () => {
    for (const [id, open] of folded) document.getElementById(id)?.toggleAttribute("open", open);
});

// A second tap replaced the panel before the first one's answer came: the step is done, so show how things stand.
document.addEventListener("htmx:targetError", () => board?.dispatchEvent(new CustomEvent("wake")));

new MutationObserver((changes) => {
    const fresh = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.matches?.("[data-toast]"));
    if (!fresh.some((note) => note.querySelector("[data-undo]"))) return;
    for (const note of toasts.querySelectorAll("[data-toast]")) {
        if (note.querySelector("[data-undo]") && !fresh.includes(note)) note.remove();
    }
}).observe(toasts, { childList: true });
