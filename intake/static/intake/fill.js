// Forms through a link: every answer is saved within two seconds, what is asked follows the answers, and “None of
// these” unticks the rest. Without this script Next saves and everything is asked for in turn.

const form = document.querySelector("form[data-fill]");
const PAUSE = 700; // milliseconds after the last change
let timer = 0;
let sending = null;
let dirty = false;

const status = (text) => { form.querySelector("[data-fill-status]").textContent = text; };

function body() {
    const data = new FormData(form);
    data.delete("remove");
    return data;
}

async function send() {
    clearTimeout(timer);
    dirty = false;
    status(form.dataset.saving);
    try {
        const answer = await fetch(form.dataset.save, { method: "POST", body: body(), credentials: "same-origin" });
        const said = await answer.json();
        if (!answer.ok) {
            status(said.says.join(" "));
            return;
        }
        form.elements.version.value = said.version;
        show(said.shown);
        status(form.dataset.saved);
    } catch {
        dirty = true;
        status(form.dataset.offline);
        timer = setTimeout(save, 3000);
    }
}

// One at a time: the next one sends the version that this one brings back.
function save() {
    const mine = (sending ?? Promise.resolve()).then(send).finally(() => { if (sending === mine) sending = null; });
    sending = mine;
}

function show(links) {
    form.elements.shown.value = links.join(" ");
    for (const question of form.querySelectorAll("[data-q]")) {
        const link = question.dataset.q;
        if (question.parentElement.closest(".fill-more, .fill-row, fieldset")) continue;
        question.hidden = !links.includes(link) && !question.querySelector(":scope > p");
    }
}

function alone(box) {
    const group = box.closest("fieldset");
    if (box.matches("[data-none]")) {
        if (!box.checked) return;
        for (const other of group.querySelectorAll(".fill-choices > .fill-choice input, .fill-line > .fill-choice input")) {
            if (other !== box) other.checked = false;
        }
    } else if (box.checked && !box.closest(".fill-more")) {
        const none = group.querySelector("[data-none]");
        if (none) none.checked = false;
    }
}

function changed(event) {
    if (event.target.type === "checkbox") alone(event.target);
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, event.type === "change" ? 100 : PAUSE);
}

if (form) {
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    // What is under way is waited for, so that Next comes with the newest version.
    form.addEventListener("submit", (event) => {
        clearTimeout(timer);
        if (!sending) return;
        event.preventDefault();
        event.stopPropagation();
        const waiting = sending;
        sending = null;
        const again = () => { dirty = false; form.requestSubmit(event.submitter); };
        // In a task of its own: while this event is being told, a form does not submit.
        waiting.finally(() => setTimeout(again));
    });
    addEventListener("beforeunload", (event) => { if (dirty && !form.getAttribute("aria-busy")) event.preventDefault(); });
}
document.querySelector("[data-focus]")?.focus();
