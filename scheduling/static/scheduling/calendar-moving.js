// Dragging: the server says whether a visit may go where it was dropped. Escape stops a drag, Undo takes it back.

const say = (detail) => document.dispatchEvent(new CustomEvent("meridian:toast", { detail }));
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
const newKey = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replace(/[+/=]/g, "-");

let dragging = false;
let stopped = false;
let justDragged = false;
let grabbed = 0; // which of the pieces of its event is dragged

export const isDragging = () => dragging;

export function onDragStart() {
    dragging = justDragged = true;
    stopped = false;
}

function post(address, values) {
    return fetch(address, {
        method: "POST",
        headers: { "X-CSRFToken": csrf() },
        body: new URLSearchParams({ ...values, request_key: newKey() }),
    });
}

// Wall-clock arithmetic: the grid knows no zone, so neither does this.
const shifted = (start, seconds) => new Date(Date.parse(`${start}Z`) + seconds * 1000).toISOString().slice(0, 16);

// By htmx, so that the answer brings its own toast, or what is free now where the place is gone.
function undo(address) {
    htmx.ajax("POST", address, { source: document.getElementById("calendar"), values: { request_key: newKey() }, swap: "none" });
}

function tellMoved(answer, page) {
    // The same sentence may still stand there from before; its Undo would be about the older move.
    for (const note of document.querySelectorAll("#toasts [data-toast]")) {
        if (note.querySelector(".toast-text span")?.textContent === answer.says) note.remove();
    }
    say({ text: answer.says, action: page.wordUndo, onAction: () => undo(answer.undo) });
}

const pieceOf = ({ extendedProps: { pieces } }) => pieces[grabbed] ?? pieces[0];

function valuesOf({ event, delta, newResource }, by) {
    const { visit } = event.extendedProps;
    const piece = pieceOf(event);
    const [date, time] = shifted(piece.start, delta.seconds + delta.days * 86_400).split("T");
    const column = newResource && Number(newResource.id) !== piece.column ? { column: newResource.id } : {};
    return { date, time, by, position: piece.position, version: visit.version, ...column };
}

// `page`: the addresses and words of the calendar; `changed()` loads its data again.
export async function onDrop(info, page, by, changed) {
    dragging = false;
    if (stopped) {
        info.revert();
        return;
    }
    const piece = pieceOf(info.event);
    const values = valuesOf(info, by);
    if (`${values.date}T${values.time}` === piece.start && !values.column) return;
    try {
        const answer = await post(page.drop.replace(/0{8}(-0{4}){3}-0{12}/, piece.visit), values);
        const said = await answer.json();
        if (said.ok) tellMoved(said, page);
        else {
            info.revert();
            say({ text: said.reasons.join(" "), stays: true });
        }
        if (said.ok || answer.status !== 422) changed();
    } catch (fault) {
        info.revert();
        say({ text: fault instanceof TypeError ? page.wordLost : page.wordFailed, stays: true });
    }
}

// Before everybody else: the same Escape would close the side panel.
addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !dragging) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    stopped = true;
    dispatchEvent(new PointerEvent("pointerup", { isPrimary: true, pointerType: "mouse" }));
}, true);
addEventListener("pointerdown", ({ target }) => {
    justDragged = false;
    grabbed = Number(target.closest?.(".cal-piece")?.dataset.piece ?? 0);
}, true);
// Letting go of a dragged link is no click on it.
addEventListener("click", (event) => {
    if (!justDragged || !event.target.closest?.(".ec")) return;
    event.preventDefault();
    event.stopPropagation();
}, true);
