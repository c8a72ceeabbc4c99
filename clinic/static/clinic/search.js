// The list below the search field: arrows choose, Enter opens, Escape puts it away.

const form = document.querySelector("[data-search]");
const field = form?.querySelector("input");
const results = document.getElementById("search-results");
let chosen = -1;

const hits = () => [...results.querySelectorAll('[role="option"]')];

function choose(index) {
    const all = hits();
    chosen = all.length ? (index + all.length) % all.length : -1;
    all.forEach((hit, position) => hit.setAttribute("aria-selected", String(position === chosen)));
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen]?.scrollIntoView({ block: "nearest" });
}

function show(open) {
    results.hidden = !open;
    field.setAttribute("aria-expanded", String(open && hits().length > 0));
    field.setAttribute("aria-controls", hits().length ? "search-list" : "search-results");
    if (!open) choose(-1 - hits().length);
}

function onKey(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (results.hidden) show(results.childElementCount > 0);
        choose(event.key === "ArrowDown" ? chosen + 1 : Math.max(chosen, 0) - 1);
        event.preventDefault();
    } else if (event.key === "Enter" && chosen >= 0 && !results.hidden) {
        hits()[chosen].click();
        event.preventDefault();
    } else if (event.key === "Escape") {
        if (results.hidden) field.blur();
        show(false);
        event.preventDefault();
    }
}

if (field && results) {
    field.addEventListener("keydown", onKey);
    field.addEventListener("focus", () => show(results.childElementCount > 0));
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) show(false); });
    results.addEventListener("htmx:afterSwap", () => {
        chosen = -1;
        show(field.value !== "" && results.childElementCount > 0);
    });
    field.addEventListener("input", () => { if (field.value === "") { results.replaceChildren(); show(false); } });
}
