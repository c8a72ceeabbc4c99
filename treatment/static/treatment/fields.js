// Fields of the page and places in the state: data-field="found_tongue.words". A radio or a checkbox with a value stands
// for one answer or a member of a list; data-number makes numbers of what is typed.

export const at = (state, path) => path.split(".").reduce((part, name) => part?.[name], state);

export function put(state, path, value) {
    const names = path.split("."), last = names.pop();
    names.reduce((part, name) => part[name], state)[last] = value;
}

const inList = (field) => field.type === "checkbox" && field.hasAttribute("value");
const asNumber = (text) => text.trim() === "" ? null : Number(text.replace(",", "."));

function valueOf(field, before) {
    if (inList(field)) {
        const rest = before.filter((one) => one !== field.value);
        return field.checked ? [...rest, field.value] : rest;
    }
    if (field.type === "checkbox") return field.checked;
    if ("number" in field.dataset) {
        const number = asNumber(field.value);
        return Number.isNaN(number) ? field.value : number;
    }
    if (field.type === "date") return field.value || null;
    if ("yesno" in field.dataset) return field.value === "" ? null : field.value === "yes";
    return field.value;
}

function show(field, value) {
    if (inList(field)) field.checked = value.includes(field.value);
    else if (field.type === "checkbox") field.checked = Boolean(value);
    else if (field.type === "radio") field.checked = String(value ?? "") === field.value;
    else if ("yesno" in field.dataset) field.value = value === null ? "" : value ? "yes" : "no";
    else field.value = value ?? "";
}

// `root`: an element; `state`: what its fields are about, read anew at each change; `changed(path)` is told.
export function bind(root, state, changed) {
    root.addEventListener("input", ({ target }) => {
        const path = target.dataset?.field;
        if (!path || target.closest("[data-row]") && !root.matches("[data-row]")) return;
        put(state(), path, valueOf(target, at(state(), path)));
        changed(path);
    });
    // A second tap on a chosen answer takes it back: nothing was said.
    root.addEventListener("click", ({ target }) => {
        if (target.type !== "radio" || !target.dataset.field || target.dataset.was !== "yes") return;
        if (target.closest("[data-row]") && !root.matches("[data-row]")) return;
        target.checked = false;
        target.dataset.was = "";
        put(state(), target.dataset.field, "number" in target.dataset ? null : "");
        changed(target.dataset.field);
    });
    root.addEventListener("pointerdown", ({ target }) => {
        const radio = target.closest("label")?.querySelector("input[type=radio]") ?? target;
        if (radio.type === "radio") radio.dataset.was = radio.checked ? "yes" : "";
    });
}

export function fill(root, state) {
    for (const field of root.querySelectorAll("[data-field]")) {
        if (field.closest("[data-row]") && !root.matches("[data-row]") || field === document.activeElement && field.type !== "radio" && field.type !== "checkbox") continue;
        show(field, at(state, field.dataset.field));
    }
}
