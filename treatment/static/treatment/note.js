// One session note: the draft, its fields, needles, spine, picture and rules, brought together.

import { bind, fill } from "./fields.js";
import { Codes } from "./codes.js";
import { Draft } from "./draft.js";
import { Needles } from "./needles.js";
import { Picture } from "./picture.js";
import { Pressure } from "./pressure.js";
import { Rows } from "./rows.js";
import { Rules } from "./rules.js";
import { Spine } from "./spine.js";

const root = document.getElementById("note");
const json = (id) => JSON.parse(document.getElementById(id).textContent);
const words = json("note-words"), points = json("note-points"), begun = json("note-begun");
const $ = (name) => root.querySelector(name), $$ = (name) => [...root.querySelectorAll(name)];
const toast = (detail) => document.dispatchEvent(new CustomEvent("meridian:toast", { detail }));

const draft = new Draft({ ...begun, keep: words.keep });
const say = (what, name = "", back = null) => {
    const text = words.says[what].replace("{what}", name);
    if (back) toast({ text, action: words.says.back, onAction: back });
    else if (what === "line-failed") toast({ text });
    else document.getElementById("announcer").textContent = text;
};

const needles = new Needles({ root, draft, points, words, say });
const spine = new Spine({ root, draft, words, speak: (asked) => needles.ask(asked) });
const adjuncts = new Rows({
    list: () => draft.state.adjuncts, template: $("#adjunct-row"), into: $("#adjuncts"), changed: (id) => touched(id),
    draw: (row, item) => { row.querySelector("[data-label]").textContent = words.terms[item.modality] ?? item.modality; row.classList.toggle("is-carried", draft.state.carried.includes(item.id)); },
});
const pressure = new Pressure({ root, draft, words, changed: (name) => touched(name) });
const codes = new Codes({ root, draft, words, changed: (name) => touched(name) });
const allRows = [needles.rows, spine.adjusted, adjuncts];
const rules = new Rules({ root, draft, words, takeBack, subject, label: (code) => needles.points.get(code)?.label });

function subject(id) {
    const item = allRows.map((rows) => rows.item(id)).find(Boolean);
    return item && (item.code || item.place || item.segment || item.modality || item.kind);
}

function takeBack(id) {
    const rows = allRows.find((one) => one.item(id));
    if (!rows) return null;
    const item = rows.item(id), index = rows.list().indexOf(item);
    const label = rows === needles.rows ? needles.label(item) : words.segments[item.segment]?.name ?? words.terms[item.modality];
    rows.list().splice(index, 1);
    rows.show();
    draft.changed();
    return { label, restore: () => rows.putBack(item, index) };
}

const picture = new Picture($("#pictures"), points, ({ add, instead = [], ashi, remove }) => {
    if (remove) return needles.rows.remove(remove);
    if (add) needles.addPoint(add);
    else needles.addAshi(ashi);
    offer(add ? instead : [], add ? ashi : null);
});

// The finger was near several points: the nearest was taken, the others are one tap away.
function offer(others, ashi) {
    const box = $("#instead"), last = draft.state.needlings.at(-1).id;
    const chip = (text, act) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: text });
        button.addEventListener("click", () => { needles.rows.remove(last); act(); box.hidden = true; });
        return button;
    };
    const chips = others.map((point) => chip(point.label, () => needles.addPoint(point)));
    if (ashi) chips.push(chip(words.ashi_here, () => needles.addAshi(ashi)));
    box.hidden = !chips.length;
    box.querySelector("span").replaceChildren(...chips);
}

// Any change: a touched row or field is confirmed by that.
function touched(id) {
    const { carried } = draft.state, index = carried.indexOf(id);
    if (index >= 0) carried.splice(index, 1);
    draft.changed();
    redraw();
}

function redraw() {
    const { carried, needlings } = draft.state;
    picture.show(needlings.map((one) => ({ ...one, label: needles.label(one) })), new Set(carried));
    for (const button of $$("[data-confirm-all]")) {
        button.hidden = !carried.length;
        button.querySelector("[data-count]").textContent = carried.length;
    }
    for (const mark of $$("[data-carried]")) mark.classList.toggle("is-carried", carried.includes(mark.dataset.carried));
    for (const fold of $$("details[data-opens]")) if (fold.querySelector("input:checked, [data-row]") || [...fold.querySelectorAll("input:not([type=checkbox]):not([type=radio]), textarea, select")].some(({ value }) => value)) fold.open = true;
}

function show() {
    fill(root, draft.state);
    needles.show();
    spine.show();
    adjuncts.show();
    pressure.show();
    codes.show();
    redraw();
}

root.addEventListener("note:touched", ({ detail }) => touched(detail.id));
bind(root, () => draft.state, (path) => touched(path.split(".")[0]));
root.addEventListener("change", ({ target }) => { if (target.name === "spine-mode") spine.showMarks(); });
draft.addEventListener("replaced", show);
draft.addEventListener("stored", show);
draft.addEventListener("answered", ({ detail }) => {
    if (detail.verdicts) rules.all(detail.verdicts);
    if (detail.problems) problems(detail.problems.map(({ says }) => says));
    if (detail.reasons_not_to_sign) missing(detail.reasons_not_to_sign);
});
draft.addEventListener("problems", ({ detail }) => problems([...detail.reasons, ...detail.problems.map(({ says }) => says)]));

const lines = (sentences) => sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
function problems(sentences) {
    $("#problems").hidden = !sentences.length;
    $("#problems ul").replaceChildren(...lines(sentences));
}
function missing(sentences, open = false) {
    const box = $("#missing");
    box.hidden = !sentences.length && $("#emergency").hidden;
    box.querySelector("ul").replaceChildren(...lines(sentences));
    box.querySelector("[data-count]").textContent = `(${sentences.length})`;
    box.querySelector("[data-first]").textContent = sentences[0] ?? "";
    if (open) box.open = true;
}

// The state of saving, always visible.
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", second: "2-digit", timeZone: words.zone });
draft.addEventListener("status", ({ detail: { is, at, kept } }) => {
    const line = $("#saving");
    line.className = `note-saving is-${is}`;
    const text = is === "offline" && !kept ? words.status["offline-not-kept"] : words.status[is];
    line.textContent = text.replace("{at}", at ? clock.format(new Date(at)) : "");
    $("#sign-in-again").hidden = is !== "signed-out";
});

// Two texts: the person compares and chooses, nothing is applied over the other.
draft.addEventListener("conflict", ({ detail }) => {
    const box = $("#conflict");
    box.hidden = false;
    const flat = (value, path = "") => Object.entries(value ?? {}).flatMap(([name, inner]) =>
        inner && typeof inner === "object" && !Array.isArray(inner) ? flat(inner, `${path}${name}.`) : [[path + name, JSON.stringify(inner)]]);
    const theirs = new Map(flat(detail.stored));
    const differing = flat(detail.kept).filter(([name, mine]) => mine !== theirs.get(name));
    const readable = (name, value) => Array.isArray(value) ? value.map((one) => typeof one === "object" ? needles.label(one) || words.segments[one.segment]?.name || one.modality || one.lot || "…" : words.terms[one] ?? one).join(", ") : String(value ?? "");
    const cell = (text) => Object.assign(document.createElement("td"), { textContent: text || "–" });
    box.querySelector("tbody").replaceChildren(...differing.map(([name, mine]) => {
        const row = document.createElement("tr");
        row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: words.fields[name.split(".")[0]] ?? name }), cell(readable(name, JSON.parse(mine ?? "null"))), cell(readable(name, JSON.parse(theirs.get(name) ?? "null"))));
        return row;
    }));
    box.querySelector("[data-keep=mine]").onclick = () => { box.hidden = true; draft.keepMine(detail); };
    box.querySelector("[data-keep=theirs]").onclick = () => { box.hidden = true; draft.adopt({ state: detail.stored, version: detail.version ?? draft.version }); };
    box.querySelector("button").focus();
});

// `told`: the refusal is shown by whoever asks; else it is a toast.
async function ask(url, body, { told = false } = {}) {
    if (!await draft.settled()) return toast({ text: words.status.offline });
    let answer;
    try {
        answer = await draft.post(url, { version: draft.version, ...body });
    } catch {
        return toast({ text: words.status.offline });
    }
    if (answer.status === 200 && answer.state) draft.adopt(answer);
    else if (answer.status !== 200 && !(told && answer.reasons)) toast({ text: answer.reasons?.join(" ") || words.status.offline, stays: true });
    return answer;
}

$("[data-same]")?.addEventListener("click", () => ask(draft.urls.copy, {}));
for (const button of $$("[data-confirm-all]")) button.addEventListener("click", () => { draft.state.carried.length = 0; draft.changed(); show(); });
$("[data-templates]")?.addEventListener("change", ({ target }) => { if (target.value) ask(draft.urls.apply, { template: target.value }); });
$("#adjunct-add")?.addEventListener("change", ({ target }) => {
    if (!target.value) return;
    const item = adjuncts.add({ modality: target.value, minutes: null, area: "", side: "", words: "" });
    needles.ask([{ id: item.id, choice: { modality: item.modality, point: "", region: "", side: "" } }]);
    target.value = "";
});

// Needles in and out: the fact goes to the board, the time into the set.
for (const button of $$("[data-stamp]")) button.addEventListener("click", async () => {
    const what = button.dataset.stamp, field = what === "needles_out" ? "ended_at" : "started_at";
    let at = new Date().toISOString();
    try {
        const answer = await draft.post(draft.urls.needles, { what });
        if (answer.status === 200) at = answer.at;
    } catch { /* the note keeps the time; the board is told by its own button */ }
    for (const set of draft.state.sets.length ? draft.state.sets : [needles.set()]) set[field] ??= at;
    touched("sets");
    show();
    stamps();
    if (what === "needles_out") $("#counts button")?.focus();
});
function stamps() {
    const time = (name) => draft.state.sets.map((set) => set[name]).filter(Boolean).sort()[0];
    for (const [what, name] of [["needles_in", "started_at"], ["needles_out", "ended_at"]]) {
        const button = $(`[data-stamp=${what}]`);
        if (!button) return;
        const at = time(name);
        button.classList.toggle("is-done", Boolean(at));
        button.querySelector("[data-at]").textContent = at ? new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: words.zone }).format(new Date(at)) : "";
    }
}
draft.addEventListener("replaced", stamps);
draft.addEventListener("stored", stamps);

// Completion by any name.
let asking;
needles.line?.addEventListener("input", () => {
    clearTimeout(asking);
    asking = setTimeout(async () => {
        const answer = await draft.post(draft.urls.line, { text: needles.line.value, cursor: needles.line.selectionStart }).catch(() => ({}));
        const list = document.getElementById("completions");
        list.replaceChildren(...(answer.offers ?? []).map(({ text, label }) => Object.assign(document.createElement("option"), { value: text, textContent: label })));
    }, 150);
});

// "Anything new since last time?", "Neck screen": none, one tap, without leaving the note.
for (const recheck of $$("form.note-recheck")) recheck.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target, said = form.querySelector("[role=status]");
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    said.textContent = answer?.ok ? words.says[form.dataset.says] : words.status.offline;
    if (!answer?.ok) return;
    for (const part of form.querySelectorAll(".chip")) part.remove();
    if (form.dataset.settles) rules.settled(form.dataset.settles);
});

// On a tablet or a phone the columns are tabs.
for (const tab of $$("[data-column]")) tab.addEventListener("click", () => {
    root.dataset.shown = tab.dataset.column;
    for (const each of $$("[data-column]")) each.setAttribute("aria-pressed", String(each === tab));
});
const look = (view) => {
    $("#pictures").dataset.shown = view;
    for (const each of $$("[data-view-shown]")) each.setAttribute("aria-pressed", String(each.dataset.viewShown === view));
};
for (const button of $$("[data-view-shown]")) button.addEventListener("click", () => { look(button.dataset.viewShown); $("[data-closeup]").value = ""; });
$("[data-closeup]").addEventListener("change", ({ target }) => look(target.value || "back"));

const signing = $("#sign"), reason = $("#emergency_reason");
$("[data-emergency]").addEventListener("click", () => {
    $("#emergency").hidden = $("#missing").hidden = false;
    $("#missing").open = true;
    reason.focus();
});
$("[data-more]").addEventListener("click", ({ target }) => {
    const open = $("#note-links").classList.toggle("is-open");
    target.setAttribute("aria-expanded", String(open));
});
signing.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await ask(draft.urls.sign, { emergency_reason: reason.value }, { told: true });
    if (answer?.signed_at) location.reload();
    else if (answer?.reasons) {
        missing(answer.reasons, true);
        $("#emergency").hidden = !answer.may_sign_all_the_same && !reason.value;
    }
});

addEventListener("pagehide", () => draft.save());
show();
stamps();
rules.all(begun.verdicts ?? []);
missing(begun.missing ?? []);
draft.begin();
// At the desk the keyboard comes first. On a tablet it would cover the body, and the page would scroll to its foot.
if (matchMedia("(min-width: 1200px)").matches) $("[data-begin]")?.focus();
