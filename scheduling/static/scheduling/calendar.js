// The grid of the calendar. The list beside it is the same content without script, and on narrow screens.
// It listens on the body for "calendar-changed" (load again) and "service-chosen" {service, patient} (light up what fits).

import { contentOf, eventsOf, headOf } from "./calendar-drawing.js";
import { isDragging, onDragStart, onDrop } from "./calendar-moving.js";

const root = document.getElementById("calendar");
const grid = root.querySelector("[data-grid]");
const page = root.dataset;
const wide = matchMedia("(min-width: 768px)");
const say = (detail) => document.dispatchEvent(new CustomEvent("meridian:toast", { detail }));

let feed = JSON.parse(document.getElementById("calendar-feed").textContent);
let calendar = null;
let chosen = null; // service, patient and perhaps provider of the booking panel
let fits = {}; // where that service fits: {column: {starts, free}}

// The clinic's clock as an offset from this machine's, so that the line stands where the server's clock is.
function offset() {
    const minutes = Math.round((Date.parse(`${feed.now}Z`) - Date.now()) / 60_000);
    const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}

const gaps = () => Object.entries(fits).flatMap(([column, { free }]) => free.map((each) => ({ column: Number(column), ...each })));
const events = () => eventsOf(feed, gaps(), page.wordFits);
const resources = () => feed.columns.map(({ id, title, credentials }) => ({ id, title, extendedProps: { credentials } }));

// Today an hour back; another day where it begins.
function scrollTime() {
    const today = feed.now.slice(0, 10);
    if (today < feed.date || feed.events.length === 0 && today !== feed.date) return `${feed.opens}:00`;
    const hour = today === feed.date || feed.days > 1 ? Number(feed.now.slice(11, 13)) - 1 : Number(feed.opens.slice(0, 2));
    return `${String(Math.max(hour, 0)).padStart(2, "0")}:00:00`;
}

function options() {
    return {
        view: feed.days > 1 ? "timeGridWeek" : "resourceTimeGridDay",
        date: feed.date,
        firstDay: 1,
        resources: resources(),
        events: events(),
        slotMinTime: feed.opens,
        slotMaxTime: feed.closes,
        scrollTime: scrollTime(),
        flexibleSlotTimeLimits: true,
        slotDuration: "00:15:00",
        slotLabelInterval: "01:00:00",
        slotLabelFormat: { hour: "numeric" },
        slotHeight: 28,
        snapDuration: "00:05:00",
        columnWidth: "minmax(var(--cal-column), 1fr)",
        allDaySlot: false,
        headerToolbar: { start: "", center: "", end: "" },
        nowIndicator: true,
        timeZone: offset(),
        eventTimeFormat: () => "", // the events say their time themselves; the library's own way costs a second a day
        locale: document.documentElement.lang || "en",
        dayHeaderFormat: { weekday: "short", month: "short", day: "numeric" },
        editable: false,
        eventStartEditable: false,
        eventDurationEditable: false,
        longPressDelay: 400,
        slotEventOverlap: false,
        resourceLabelContent: ({ resource }) => headOf(resource, page, feed),
        eventContent: ({ event }) => contentOf(event, page),
        eventDragStart: onDragStart,
        eventDrop: (info) => onDrop(info, page, feed.by, reload),
        dateClick: bookAt,
    };
}

async function mount() {
    const { createCalendar, Interaction, ResourceTimeGrid, TimeGrid } = await import(page.library);
    calendar = createCalendar(grid, [TimeGrid, ResourceTimeGrid, Interaction], options());
    root.classList.add("is-live");
    drawn();
}

// With the next frame everything stands there; the attribute says so to whoever measures.
function drawn(at) {
    requestAnimationFrame(() => {
        refresh();
        if (at) document.getElementById(at)?.focus();
        root.dataset.drawn = Number(root.dataset.drawn ?? 0) + 1;
    });
}

function draw() {
    const at = document.activeElement?.closest(".ec") ? document.activeElement.id : "";
    calendar.setOption("events", events());
    drawn(at);
}

function showAround() {
    document.getElementById("calendar-when").textContent = feed.heading;
    document.getElementById("calendar-date").value = feed.shown;
    document.querySelectorAll("[data-date]").forEach((field) => { field.value = feed.shown; });
    document.querySelectorAll("[data-link]").forEach((link) => { link.href = `?${feed.links[link.dataset.link]}`; });
    grid.querySelectorAll(".cal-who").forEach((link) => { link.search = link.search.replace(/date=[\d-]+/, `date=${feed.shown}`); });
    const empty = root.querySelector("[data-empty]");
    empty.textContent = feed.empty;
    empty.hidden = !feed.empty;
    grid.hidden = Boolean(feed.empty);
}

let asked = 0;

async function load(query) {
    const number = ++asked;
    try {
        const answer = await fetch(`${page.feed}?${query}`);
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        const found = await answer.json();
        // A slower answer to an earlier question does not count any more.
        if (number === asked) return found;
    } catch (fault) {
        say({ text: fault instanceof TypeError ? page.wordLost : page.wordFailed, stays: true });
    }
    return null;
}

async function show(query, remember) {
    const found = await load(query);
    if (!found) return;
    const moves = found.date !== feed.date || found.who !== feed.who;
    const others = JSON.stringify(found.columns) !== JSON.stringify(feed.columns);
    feed = found;
    if (remember) history.pushState(null, "", `?${feed.query}`);
    showAround();
    if (moves) {
        fits = {};
        calendar.setOption("events", []);
        calendar.setOption("date", feed.date);
        calendar.setOption("slotMinTime", feed.opens);
        calendar.setOption("slotMaxTime", feed.closes);
        calendar.setOption("scrollTime", scrollTime());
    }
    if (others) calendar.setOption("resources", resources());
    draw();
    if (moves && chosen) light();
}

// In a list the rows are replaced by those of the server; in the grid the data are loaded again.
function reload() {
    if (calendar) {
        if (!isDragging()) show(feed.query, false);
        return;
    }
    htmx.ajax("GET", location.href, { source: root, target: "#calendar-list", select: "#calendar-list", swap: "outerHTML" });
}

const open = (address, event, source = grid) => htmx.ajax("GET", address, { source, event, target: "#panel", swap: "innerHTML" });

// The start that fits and lies nearest to where somebody clicked, within a quarter of an hour.
function fitting(column, at) {
    const clicked = Date.parse(`${at}Z`);
    const away = (start) => Math.abs(Date.parse(`${start}Z`) - clicked);
    const near = (fits[column]?.starts ?? []).toSorted((a, b) => away(a) - away(b))[0];
    return near && away(near) <= 15 * 60_000 ? near : at;
}

function bookAt({ dateStr, resource, jsEvent }) {
    const column = resource?.id || feed.who;
    const [date, time] = fitting(column, dateStr.slice(0, 16)).split("T");
    const said = new URLSearchParams({ date, time });
    if (column) said.set(feed.by, column);
    for (const name of ["service", "patient"]) if (chosen?.[name]) said.set(name, chosen[name]);
    open(`${page.book}?${said}`, jsEvent);
}

async function light() {
    const said = new URLSearchParams({ service: chosen.service, date: feed.shown, by: feed.by });
    if (chosen.patient) said.set("patient", chosen.patient);
    const answer = await fetch(`${page.fits}?${said}`).catch(() => null);
    fits = answer?.ok && chosen ? (await answer.json()).columns : {};
    const only = feed.days > 1 ? feed.who : feed.by === "provider" && chosen?.provider;
    if (only) fits = only in fits ? { [only]: fits[only] } : {};
    if (!isDragging()) draw();
}

function unlight() {
    chosen = null;
    if (!Object.keys(fits).length) return;
    fits = {};
    draw();
}

// The keyboard: one stop for the whole grid, arrows from visit to visit, Tab to "Move…" of the one that has the focus.
const heads = () => [...grid.querySelectorAll(".cal-open[data-head]")];

function makeCurrent(head) {
    grid.querySelectorAll('.ec-event [tabindex="0"]').forEach((each) => { each.tabIndex = -1; });
    if (!head) return;
    head.tabIndex = 0;
    const move = head.parentElement.querySelector(".cal-move");
    if (move) move.tabIndex = 0;
}

function refresh() {
    const all = heads();
    makeCurrent(all.find((head) => head === document.activeElement) ?? all.find((head) => head.dataset.start >= feed.now.slice(0, 13)) ?? all[0]);
}

const columnOf = (head) => (feed.days > 1 ? head.dataset.start.slice(0, 10) : feed.columns.findIndex(({ id }) => id === Number(head.dataset.column)));

function neighbour(from, key) {
    const here = columnOf(from);
    const all = heads().sort((a, b) => (a.dataset.start < b.dataset.start ? -1 : 1));
    const same = all.filter((head) => columnOf(head) === here);
    if (key === "ArrowDown") return same[same.indexOf(from) + 1];
    if (key === "ArrowUp") return same[same.indexOf(from) - 1];
    const beyond = all.filter((head) => (key === "ArrowRight" ? columnOf(head) > here : columnOf(head) < here));
    const columns = beyond.map(columnOf).sort((a, b) => (a < b ? -1 : 1));
    const next = key === "ArrowRight" ? columns[0] : columns.at(-1);
    const there = beyond.filter((head) => columnOf(head) === next);
    return there.findLast((head) => head.dataset.start <= from.dataset.start) ?? there[0];
}

grid.addEventListener("keydown", (event) => {
    const head = event.target.closest(".cal-open[data-head]");
    if (!head || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    neighbour(head, event.key)?.focus();
});
grid.addEventListener("focusin", (event) => {
    const head = event.target.closest(".cal-open[data-head]");
    if (head) makeCurrent(head);
    mark(event);
});

// All pieces of the visit under the pointer or the focus.
function mark(event) {
    const piece = event.target.closest?.(".cal-piece");
    const visit = piece?.querySelector("a.cal-open")?.pathname;
    grid.querySelectorAll(".is-same").forEach((each) => each.classList.remove("is-same"));
    if (!visit) return;
    grid.querySelectorAll(`a.cal-open[href="${CSS.escape(visit).replaceAll("\\", "")}"]`).forEach((each) => each.closest(".cal-piece").classList.add("is-same"));
}
grid.addEventListener("pointerover", mark);
grid.addEventListener("pointerleave", mark);

const plain = (event) => !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;

grid.addEventListener("click", (event) => {
    const link = event.target.closest("a.cal-open, a.cal-move, a.cal-away");
    if (!link || !plain(event)) return;
    event.preventDefault();
    open(link.getAttribute("href"), event, link);
});
document.querySelector("[data-block-link]").addEventListener("click", (event) => {
    if (!plain(event)) return;
    event.preventDefault();
    open(`${event.currentTarget.pathname}?date=${feed.shown}`, event, event.currentTarget);
});
document.addEventListener("click", (event) => {
    const link = event.target.closest?.('[data-link="earlier"], [data-link="today"], [data-link="later"]');
    if (!calendar || !link || !plain(event)) return;
    event.preventDefault();
    show(link.getAttribute("href").slice(1), true);
});
document.getElementById("calendar-date").addEventListener("change", ({ target }) => {
    if (!target.value || !target.checkValidity()) return;
    const query = new URLSearchParams(feed.query);
    query.set("date", target.value);
    if (calendar) show(query.toString(), true);
    else target.form.submit();
});
document.getElementById("calendar-who")?.addEventListener("change", ({ target }) => target.form.submit());
addEventListener("popstate", () => { if (calendar) show(location.search.slice(1), false); });
document.body.addEventListener("calendar-changed", reload);
document.body.addEventListener("service-chosen", ({ detail }) => {
    if (!calendar) return;
    if (!detail.service) unlight();
    else {
        chosen = detail;
        light();
    }
});
document.addEventListener("meridian:panel-closed", unlight);
wide.addEventListener("change", () => { if (root.classList.contains("cal-by-width")) location.reload(); });

// The list is looked at where it was asked for, and on narrow screens unless another view was.
const listed = root.classList.contains("cal-view-list") || (!wide.matches && root.classList.contains("cal-by-width"));
if (listed) {
    for (const link of document.querySelectorAll('[data-link="day"], [data-link="list"]')) {
        if (link.dataset.link === "list") link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
} else mount();
