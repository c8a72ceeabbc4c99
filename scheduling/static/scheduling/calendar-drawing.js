// What the feed says, as events of the grid: where each piece stands in its column and what it reads.
// The pieces that a visit has in one column are one event of the library, which is dear to it, with the pieces inside.
// Minutes in which a provider's hands are free (lanes) are a narrow strip at the edge, so that another visit fits beside;
// short ones (a rest, turnover of the room) lie beneath what comes next.

const GAP = 0.25; // rem between neighbours
const STRIP = 1.25; // rem of a lane
const STRIPS = 2.5; // rem that all lanes of a moment share at most
const SHORT = 10; // minutes
const LOOKS = { hands: "phase-hands", retention: "phase-retention", turnover: "phase-turnover", block: "is-block", busy: "is-block" };

const minutesOf = ({ start, end }) => (Date.parse(`${end}Z`) - Date.parse(`${start}Z`)) / 60_000;
const isTiny = (event) => minutesOf(event) < SHORT;
const overlap = (one, other) => one.start < other.end && other.start < one.end;

const SLOT = 15; // minutes of a row of the grid
const rows = (minutes) => `calc(var(--ec-slot-height) * ${minutes / SLOT})`;

// Greedy: the first strip that is free at the event's start.
function inStrips(events) {
    const ends = [];
    for (const event of [...events].sort((a, b) => (a.start < b.start ? -1 : 1))) {
        let strip = ends.findIndex((end) => end <= event.start);
        if (strip < 0) strip = ends.length;
        ends[strip] = event.end;
        event.strip = strip;
    }
    return ends.length;
}

// Groups of events that follow from overlap, so that a double booking shares its column's width.
function clusters(events) {
    const found = [];
    for (const event of [...events].sort((a, b) => (a.start < b.start ? -1 : 1))) {
        const last = found.at(-1);
        if (last && event.start < last.end) {
            last.events.push(event);
            if (event.end > last.end) last.end = event.end;
        } else found.push({ events: [event], end: event.end });
    }
    return found.map((cluster) => cluster.events);
}

function placeInColumn(events) {
    for (const event of events) event.beneath = event.lane && (event.look === "turnover" || minutesOf(event) <= SHORT);
    const lanes = events.filter((event) => event.lane && !event.beneath);
    const strips = inStrips(lanes);
    const width = strips ? Math.min(STRIP, STRIPS / strips) : 0;
    for (const lane of lanes) lane.place = { insetInlineStart: `${lane.strip * width}rem`, inlineSize: `${width - 0.125}rem`, zIndex: 2 };
    for (const event of events) if (event.beneath) event.place = { insetInlineStart: 0, inlineSize: `calc(100% - ${GAP}rem)`, zIndex: 0 };
    for (const cluster of clusters(events.filter((event) => !event.lane))) {
        const shares = inStrips(cluster);
        for (const event of cluster) {
            const beside = Math.max(0, ...lanes.filter((lane) => overlap(lane, event)).map((lane) => (lane.strip + 1) * width));
            const share = `((100% - ${beside + GAP}rem) / ${shares})`;
            event.place = { insetInlineStart: `calc(${beside}rem + ${share} * ${event.strip})`, inlineSize: `calc${share}`, zIndex: 1 };
        }
    }
}

// One list of events for each column: a provider or room of a day, or a day of the week.
function byColumn(feed) {
    const columns = new Map();
    for (const event of feed.events) {
        const key = feed.days > 1 ? event.start.slice(0, 10) : event.column;
        if (!columns.has(key)) columns.set(key, []);
        columns.get(key).push(event);
    }
    return columns;
}

function classesOf(event, visit) {
    const classes = [LOOKS[event.look], `disc-${event.discipline ?? "other"}`];
    if (event.beneath) classes.push("is-beneath");
    else if (event.lane) classes.push("is-lane");
    const minutes = minutesOf(event);
    if (minutes === SHORT) classes.push("is-short");
    else if (minutes < 25 && !event.lane) classes.push("is-line");
    if (visit?.status === "held" && !event.beneath) classes.push("is-hold");
    if (visit?.status === "busy") classes.push("is-block");
    if (visit?.status === "completed") classes.push("is-done");
    if (visit?.doubled) classes.push("is-overbooked");
    return classes;
}

// The pieces of each visit in each column, or of what else stands there. A piece that goes on after midnight stays
// alone: its column ends before it.
function byVisit(events) {
    const found = new Map();
    for (const event of events) {
        const alone = event.start.slice(0, 10) !== event.end.slice(0, 10);
        const key = alone ? event : `${event.visit ?? event.block ?? event.start} ${event.column} ${event.start.slice(0, 10)}`;
        if (!found.has(key)) found.set(key, []);
        found.get(key).push(event);
    }
    return [...found.values()];
}

const firstOf = (pieces) => pieces.map(({ start }) => start).sort()[0];

function drawn(pieces, number, feed) {
    const [{ visit: key, column, title }] = pieces;
    const visit = feed.visits[key];
    return {
        id: `e${number}`,
        start: firstOf(pieces),
        end: pieces.map(({ end }) => end).sort().at(-1),
        resourceIds: [column],
        title: visit?.name ?? title,
        startEditable: Boolean(visit?.movable),
        classNames: !visit || visit.status === "busy" ? ["is-block"] : [],
        styles: ["inset-inline-start:0", "inline-size:100%", "z-index:auto"],
        extendedProps: { pieces, visit },
    };
}

const shade = ({ column, start, end, text }, number) => ({
    id: `s${number}`, start, end, resourceIds: [column], display: "background", title: text,
    classNames: text ? ["cal-shade", "is-named"] : ["cal-shade"],
});

const gap = ({ column, start, end }, number, word) => ({
    id: `f${number}`, start, end, resourceIds: [column], display: "background", title: word, classNames: ["free-gap"],
});

// The pieces of a visit that carry its name and its links: the first one of each column.
function markHeads(feed) {
    const seen = new Set();
    for (const event of feed.events) {
        const key = `${event.visit ?? event.block ?? event.start} ${event.column}`;
        event.head = !event.lane && !seen.has(key);
        if (event.head) seen.add(key);
    }
}

// Everything the grid shows; `gaps` are the free places of a chosen service.
export function eventsOf(feed, gaps, word) {
    byColumn(feed).forEach(placeInColumn);
    markHeads(feed);
    return [
        ...feed.shades.map(shade),
        ...gaps.map((each, number) => gap(each, number, word)),
        ...byVisit(feed.events).map((pieces, number) => drawn(pieces, number, feed)),
    ];
}

function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text) made.textContent = text;
    return made;
}

function link(className, href, text) {
    const made = element("a", className, text);
    made.href = href;
    made.draggable = false;
    made.tabIndex = -1;
    return made;
}

const fill = (address, id) => address.replace(/0{8}(-0{4}){3}-0{12}/, id);
const CLOCK = new Intl.DateTimeFormat(document.documentElement.lang || "en", { hour: "numeric", minute: "2-digit", timeZone: "UTC" });
const told = new Map(); // formatting is dear, and a day has few different times
function clock(at) {
    const time = at.slice(11);
    if (!told.has(time)) told.set(time, CLOCK.format(new Date(`${at}Z`)));
    return told.get(time);
}

// All that is said of a piece, beyond what stands in it.
function rest(piece, visit, wordDoubled) {
    const hours = visit?.start && `${clock(visit.start)} – ${clock(visit.end)}`;
    const step = piece.kind && `${clock(piece.start)} ${piece.kind}`;
    const doubled = visit?.doubled && wordDoubled;
    return [visit?.service, hours, visit?.word, doubled, step, piece.note].filter(Boolean).join(" · ");
}

function boxOf(piece, visit, page) {
    if (!piece.block && (!visit || visit.status === "busy")) return element("span", "cal-open");
    const open = link("cal-open", piece.block ? fill(page.block, piece.block) : fill(page.visit, piece.visit));
    open.dataset.column = piece.column;
    open.dataset.start = piece.start;
    if (piece.head) {
        open.id = `at-${piece.column}-${piece.visit ?? piece.block}`;
        open.dataset.head = piece.visit ?? piece.block;
    }
    return open;
}

// The texts that fit: the name where there is room, beside it the room or the provider.
function textsOf(piece, visit, title) {
    const name = piece.head || piece.lane ? title : piece.kind;
    const beside = [piece.beside ?? piece.note, visit?.status === "arrived" ? visit.word : ""].filter(Boolean).join(" · ");
    return piece.beneath || isTiny(piece) ? ["", ""] : [name, piece.head ? beside : ""];
}

// What stands in an event of the grid.
export function contentOf(event, page) {
    if (event.display === "background") return { domNodes: event.title ? [element("span", "cal-why", event.title)] : [] };
    const { pieces = [], visit } = event.extendedProps;
    return { domNodes: pieces.map((piece) => pieceOf(piece, pieces, visit, event.title, page)) };
}

// One alone fills its event, which the library cuts where the day ends.
function heightOf(piece, pieces) {
    if (pieces.length === 1) return { insetBlockStart: 0, blockSize: "100%" };
    return { insetBlockStart: rows(minutesOf({ start: firstOf(pieces), end: piece.start })), blockSize: rows(minutesOf(piece)) };
}

function pieceOf(piece, pieces, visit, title, page) {
    const made = element("div", `cal-piece ${classesOf(piece, visit).join(" ")}`);
    Object.assign(made.style, piece.place, heightOf(piece, pieces));
    made.dataset.piece = pieces.indexOf(piece);
    const box = boxOf(piece, visit, page);
    const [name, beside] = textsOf(piece, visit, title);
    const more = rest(piece, visit, page.wordDoubled);
    box.title = [title, piece.beside, more].filter(Boolean).join(" · ");
    if (name) box.append(element("span", "cal-name", name), " ");
    if (beside) box.append(element("span", "cal-sub", beside), " ");
    // The others are not stopped at by the keyboard, and their title names them.
    if (piece.head) box.append(element("span", "visually-hidden", more));
    made.append(box);
    if (piece.head && visit?.movable) {
        const move = link("cal-move", fill(page.move, piece.visit), page.wordMove);
        move.append(element("span", "visually-hidden", ` ${visit.name}`));
        made.append(move);
    }
    return made;
}

// The head of a column: who or which room, the week of it, and for providers "Away…".
export function headOf(resource, page, { by, date }) {
    if (!resource.id) return { domNodes: [] }; // the library's own column where there is none
    const { credentials } = resource.extendedProps;
    const week = link("cal-who", `?view=week&by=${by}&who=${resource.id}&date=${date}`, resource.title);
    week.removeAttribute("tabindex");
    if (by !== "provider") return { domNodes: [week] };
    if (credentials) week.append(" ", element("span", "cal-credentials", credentials));
    const away = link("cal-away", page.away.replace("/0/", `/${resource.id}/`), page.wordAway);
    away.removeAttribute("tabindex");
    away.append(element("span", "visually-hidden", ` ${resource.title}`));
    return { domNodes: [week, away] };
}
