// Toasts: said aloud, gone after a while, kept while somebody reads them or can still undo.
// Other scripts show one with: document.dispatchEvent(new CustomEvent("meridian:toast", {detail: {text, stays, action, onAction}})).

const SECONDS = 7;
const template = document.getElementById("toast-template");
const announcer = document.getElementById("announcer");

const region = () => document.getElementById("toasts");

function announce(text) {
    const line = document.createElement("p");
    line.textContent = text;
    announcer.append(line);
    setTimeout(() => line.remove(), 10_000);
}

function keepFor(note) {
    const undo = note.querySelector("[data-undo]");
    if (undo) return Number(undo.dataset.undo);
    return note.dataset.toast === "error" ? Infinity : SECONDS;
}

function start(note) {
    if (note.dataset.started) return;
    note.dataset.started = "1";
    announce(note.querySelector(".toast-text").textContent.replace(/\s+/g, " ").trim());
    const seconds = keepFor(note);
    if (seconds === Infinity) return;
    let timer = 0;
    const run = () => { timer = setTimeout(() => note.remove(), seconds * 1000); };
    const pause = () => clearTimeout(timer);
    for (const event of ["mouseenter", "focusin"]) note.addEventListener(event, pause);
    for (const event of ["mouseleave", "focusout"]) note.addEventListener(event, () => { pause(); run(); });
    run();
}

function startAll() {
    region()?.querySelectorAll("[data-toast]").forEach(start);
}

function show({ text, stays, action, onAction }) {
    const shown = [...region().querySelectorAll(".toast-text")].some((said) => said.firstElementChild?.textContent === text);
    if (shown) return;
    const note = template.content.firstElementChild.cloneNode(true);
    note.querySelector(".toast-text span").textContent = text;
    if (stays) note.dataset.toast = "error";
    if (action) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-toast";
        button.dataset.undo = "30";
        button.textContent = action;
        button.addEventListener("click", () => { note.remove(); onAction(); });
        note.querySelector(".toast-text").append(button);
    }
    region().append(note);
    start(note);
}

function undoLast() {
    const last = [...region().querySelectorAll("[data-undo]")].at(-1);
    if (!last) return false;
    if (last.matches("form")) last.requestSubmit();
    else last.click();
    return true;
}

document.addEventListener("meridian:toast", (event) => show(event.detail));
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
document.addEventListener("keydown", (event) => {
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!undo || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (undoLast()) event.preventDefault();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) detail.requestConfig.elt.closest("[data-toast]")?.remove();
});
new MutationObserver(startAll).observe(document.body, { childList: true, subtree: true });
startAll();
