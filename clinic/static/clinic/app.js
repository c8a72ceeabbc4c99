// Keys, side panel, forms, and what a refused or lost request looks like.
// Markup it answers to: [data-key="b"] (a link a key follows), [data-keys-toggle], #panel and [data-panel-close],
// [data-focus] (takes the focus when it arrives, with a page or a piece), [data-rows] (arrows go from its field
// through the links of the list it names), form[data-guard] (warns before typed text is lost),
// hx-trigger="every 15s, wake" (polling that rests in a hidden tab and wakes with it).

const texts = document.getElementById("toast-template").dataset;
const wide = matchMedia("(min-width: 992px)");
const panel = document.getElementById("panel");
let opener = null;

const say = (detail) => document.dispatchEvent(new CustomEvent("meridian:toast", { detail }));

// Single keys, which a person can switch off on their machine.
const KEYS = "meridian-keys";
const keysOn = () => localStorage.getItem(KEYS) !== "off";

function showKeys() {
    document.body.dataset.keys = keysOn() ? "on" : "off";
    document.querySelectorAll("[data-keys-toggle]").forEach((button) => {
        const state = button.querySelector(".keys-state");
        button.setAttribute("aria-pressed", String(keysOn()));
        state.textContent = keysOn() ? state.dataset.on : state.dataset.off;
    });
}

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], [role=textbox]");

function onSingleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !keysOn()) return;
    if (document.querySelector("dialog[open], .modal.show")) return;
    const target = event.key === "/" ? document.getElementById("search") : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) target.select();
    if (target.matches("input")) target.focus();
    else target.click();
}

// Side panel
const guardedIn = (root) => root?.querySelector("form[data-guard][data-dirty]");

function syncPanel() {
    const open = panel.childElementCount > 0;
    document.body.classList.toggle("panel-open", open);
    for (const behind of document.querySelectorAll(".frame-bar, #main")) behind.inert = open && !wide.matches;
}

// Typed text is never thrown away: it can be brought back for half a minute.
function setAside() {
    const kept = guardedIn(panel) ? [...panel.childNodes] : null;
    panel.replaceChildren();
    if (!kept) return;
    say({ text: texts.closed, action: texts.back, onAction: () => { panel.replaceChildren(...kept); focusPanel(); } });
}

function closePanel() {
    setAside();
    syncPanel();
    const back = opener?.isConnected ? opener : document.getElementById(opener?.id || "main");
    back?.focus();
    opener = null;
    panel.dispatchEvent(new CustomEvent("meridian:panel-closed", { bubbles: true }));
}

function focusPanel() {
    syncPanel();
    if (panel.contains(document.activeElement) && document.activeElement !== panel) return;
    (panel.querySelector("[autofocus], [data-focus], h1, h2") ?? panel).focus();
}

if (panel) {
    syncPanel();
    wide.addEventListener("change", syncPanel);
    new MutationObserver(syncPanel).observe(panel, { childList: true });
    panel.addEventListener("click", (event) => {
        if (!event.target.closest("[data-panel-close]")) return;
        event.preventDefault();
        closePanel();
    });
}

document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key !== "Escape") onSingleKey(event);
    else if (panel?.childElementCount) closePanel();
});

// Forms: sent once, and not left with text unsaved without asking.
const busyPart = (element) => element.closest("form") ?? element;
const setBusy = (element, busy) => {
    if (busy) element.setAttribute("aria-busy", "true");
    else element.removeAttribute("aria-busy");
};
const isHtmx = (form) => form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [hx-get]");

document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || isHtmx(form) || isHtmx(event.submitter ?? form)) return;
    if (form.getAttribute("aria-busy")) {
        event.preventDefault();
        return;
    }
    setBusy(form, true);
    delete form.dataset.dirty;
    // An answer that is a file leaves the page as it is.
    setTimeout(() => setBusy(form, false), 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => setBusy(form, false)));
document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) form.dataset.dirty = "1";
});
addEventListener("beforeunload", (event) => { if (guardedIn(document)) event.preventDefault(); });

// htmx
// An event's own detail.elt changes on the way; requestConfig.elt is the element that asked.
const isPoll = ({ requestConfig }) => !requestConfig.triggeringEvent && requestConfig.elt.getAttribute("hx-trigger")?.includes("every");
const inUse = (target) => target.querySelector(".dropdown-menu.show, [data-dirty]") || typing(document.activeElement) && target.contains(document.activeElement);

document.addEventListener("htmx:beforeRequest", (event) => {
    const { target, requestConfig } = event.detail;
    if (isPoll(event.detail)) {
        if (document.hidden || inUse(target)) event.preventDefault();
        return;
    }
    // A key opened it while nothing had the focus: it goes to what the key stands for.
    const from = document.activeElement === document.body ? requestConfig.elt : document.activeElement;
    if (target === panel && !panel.contains(from)) opener = from;
    if (requestConfig.verb === "get") return;
    const part = busyPart(requestConfig.elt);
    if (part.getAttribute("aria-busy")) event.preventDefault();
    else setBusy(part, true);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.verb === "get") return;
    const part = busyPart(detail.requestConfig.elt);
    setBusy(part, false);
    if (detail.successful) delete part.dataset.dirty;
});

function textFor(status) {
    if (status === 403) return texts.forbidden;
    if (status === 404 || status === 410) return texts.gone;
    if (status === 429 || status === 503) return texts.later;
    return texts.failed;
}

// A refusal's own words if its page carries them; those stay until closed.
function refusal(xhr) {
    const said = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-say]");
    return { text: said ? said.textContent.replace(/\s+/g, " ").trim() : textFor(xhr.status), stays: Boolean(said) };
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, target, requestConfig } = detail;
    const wholePage = /^\s*<!doctype/i.test(xhr.responseText) && target !== document.body && !detail.selectOverride && !requestConfig.elt.closest("[hx-select]");
    if (wholePage) {
        detail.shouldSwap = false;
        // A page where a piece was expected: the person was sent elsewhere, to sign in for example.
        if (xhr.status < 400) location.assign(xhr.responseURL);
    }
    if (xhr.status >= 400 && !detail.shouldSwap) say(refusal(xhr));
    const fromOutside = !panel?.contains(requestConfig.elt);
    if (detail.shouldSwap && target === panel && fromOutside && requestConfig.triggeringEvent) setAside();
});

// A piece that renews itself leaves the focus where it was: at the same words in the same row. htmx does it where there is an id.
const wordsOf = (element) => element.textContent.replace(/[\d\s]+/g, " ").trim();
const alike = (root, element) => [...root.querySelectorAll(element.tagName)].filter((other) => wordsOf(other) === wordsOf(element));
let held = null;
document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig, shouldSwap } }) => {
    const at = document.activeElement;
    const renews = shouldSwap && requestConfig.elt === target && target.contains(at) && at !== target && !at.id;
    held = renews ? { at, row: at.closest("[id]").id, number: alike(at.closest("[id]"), at).indexOf(at) } : null;
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (held) alike(document.getElementById(held.row) ?? target, held.at)[held.number]?.focus({ preventScroll: true });
    held = null;
});
for (const lost of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(lost, () => say({ text: texts.offline }));

document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (isPoll(detail)) return;
    // A refused form comes back with what was typed, which is still unsaved.
    if (detail.xhr.status >= 400) detail.target.querySelectorAll("form[data-guard]").forEach((form) => { form.dataset.dirty = "1"; });
    detail.target.querySelector("[data-focus]")?.focus();
    if (detail.target === panel) focusPanel();
});

document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    document.querySelectorAll('[hx-trigger*="wake"]').forEach((element) => element.dispatchEvent(new CustomEvent("wake")));
});
document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keys-toggle]")) return;
    localStorage.setItem(KEYS, keysOn() ? "off" : "on");
    showKeys();
});
showKeys();

// A page that came with a refusal, or after a step without script: the reader starts there, as in a panel, and what
// was typed is still unsaved.
const arrived = document.querySelector("[data-focus]");
arrived?.focus();
if (arrived?.matches("[role=alert]")) document.querySelectorAll("form[data-guard]").forEach((form) => { form.dataset.dirty = "1"; });

// From a field to the rows it found and back: [data-rows] names where they appear.
document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const field = step && document.querySelector("[data-rows]");
    if (!field) return;
    const stops = [field, ...document.querySelectorAll(`${field.dataset.rows} .search-hit`)], at = stops.indexOf(event.target);
    if (at < 0 || !stops[at + step]) return;
    event.preventDefault();
    stops[at + step].focus();
});
