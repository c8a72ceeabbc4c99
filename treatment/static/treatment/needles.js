// Needles: the input line, the list, the sets they belong to, and the count after they are out.

import { Rows } from "./rows.js";

const sidesOf = ({ side }) => side === "both" ? ["left", "right"] : [side || "none"];

// {"neck|left": 2}: how many went in, by region and side; both sides share what is counted together.
export function counted(needlings, regionOf) {
    const found = new Map();
    for (const one of needlings) {
        if (one.press_until) continue; // Press needles stay on, and come off on a day of their own.
        const sides = sidesOf(one), region = regionOf(one);
        sides.forEach((side, index) => {
            const share = Math.floor(one.needles_in / sides.length) + (index < one.needles_in % sides.length ? 1 : 0);
            const key = `${region}|${side}`;
            if (share) found.set(key, (found.get(key) ?? 0) + share);
        });
    }
    return found;
}

export class Needles {
    constructor({ root, draft, points, words, say }) {
        Object.assign(this, { root, draft, words, say, asked: {}, boxOf: new Map() });
        this.points = new Map(points.map((point) => [point.code, point]));
        const $ = (name) => root.querySelector(name);
        this.rows = new Rows({
            list: () => draft.state.needlings, template: $("#needling-row"), into: $("#needlings"),
            changed: (id) => this.touched(id), draw: (row, item) => this.draw(row, item),
            removed: (gone, index) => { this.say("removed", this.label(gone), () => this.rows.putBack(gone, index)); },
        });
        this.sets = new Rows({
            list: () => draft.state.sets, template: $("#set-row"), into: $("#sets"),
            changed: (id) => this.touchedSet(id), draw: (row, item) => this.drawSet(row, item),
        });
        this.line = $("#line");
        this.total = root.querySelectorAll("[data-needles-in]");
        this.counts = $("#counts");
        $("#line-form").addEventListener("submit", (event) => { event.preventDefault(); this.enter(); });
        this.counts.addEventListener("click", (event) => this.count(event));
        $("[data-add-set]").addEventListener("click", () => this.sets.add(this.newSet()));
    }

    label(needling) {
        const point = this.points.get(needling.code);
        return point ? point.label : [this.words.kinds[needling.kind], needling.place].filter(Boolean).join(" ");
    }

    regionOf = (needling) => needling.region;

    newSet() {
        const [last] = this.draft.state.sets.slice(-1), box = this.words.box ?? {};
        return { size: last?.size ?? box.size ?? "", lot: last?.lot ?? box.lot ?? "", expires_on: last?.expires_on ?? box.expires_on ?? null, box: last?.box ?? box.id ?? null, retention_minutes: last?.retention_minutes ?? this.words.retention, retention_reason: "", started_at: null, ended_at: null };
    }

    set() {
        return this.draft.state.sets.at(-1) ?? this.sets.add(this.newSet());
    }

    add(item) {
        const known = this.points.get(item.code);
        return this.rows.add({
            kind: "point", code: "", place: "", side: known?.paired ? "both" : "none", region: known?.region ?? "",
            view: "", x: null, y: null, needles_in: known?.paired ? 2 : 1, depth_mm: null, angle: "", techniques: [], stimulation: "", hz: "",
            sensations: [], discomfort: "", unusual: "", press_until: null, ...item, needle_set: item.needle_set ?? this.set().id,
        });
    }

    addPoint(point) {
        this.speak(this.add({ code: point.code }));
    }

    addAshi(place) {
        const { view, x, y, side, region } = place;
        this.speak(this.add({ kind: "ashi", place: this.words.views[view] ?? view, view, x, y, side, region, needles_in: 1 }));
    }

    async enter() {
        const text = this.line.value.trim();
        if (!text) return;
        let answer;
        try {
            answer = await this.draft.post(this.draft.urls.line, { text });
        } catch {
            answer = { status: 0 };
        }
        // Without the server the words are not lost: the line stays as it is.
        if (answer.status !== 200) return this.say("line-failed");
        const added = answer.items.map((item) => this.add(item));
        this.line.value = answer.problems.map(({ text: piece }) => piece).join(", ");
        this.problems(answer.problems);
        await this.speak(...added);
        if (added.length) this.say("added", added.map((one) => this.label(one)).join(", "));
    }

    problems(problems) {
        const box = this.root.querySelector("#line-problems");
        box.replaceChildren(...problems.map(({ says, text: piece, offers = [] }) => {
            const part = document.createElement("p");
            part.append(says, " ");
            for (const offer of offers) {
                const button = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: offer });
                button.addEventListener("click", () => { this.line.value = this.line.value.replace(piece, offer); this.line.focus(); part.remove(); });
                part.append(button, " ");
            }
            return part;
        }));
        this.line.setAttribute("aria-invalid", String(problems.length > 0));
    }

    choice(item) {
        const modality = item.stimulation === "electrical" ? "electroacupuncture" : item.press_until ? "intradermal" : "manual_acupuncture";
        return { modality, point: item.kind === "point" ? item.code : "", region: item.region, side: item.side, depth_mm: item.depth_mm };
    }

    // The rules speak when something is chosen. Without the server nothing is held up; they speak with the next save.
    speak(...items) {
        return this.ask(items.map((item) => ({ id: item.id, choice: this.choice(item) })));
    }

    async ask(asked) {
        if (!asked.length) return;
        try {
            const choices = asked.map(({ id, choice }) => ({ id, ...choice }));
            const answer = await this.draft.post(this.draft.urls.speak, { choices });
            if (answer.status === 200) this.root.dispatchEvent(new CustomEvent("note:verdicts", { detail: { spoken: answer.verdicts, about: asked.map(({ id }) => id) } }));
        } catch { /* said by the saving state */ }
    }

    touched(id) {
        const item = this.rows.item(id);
        if (item) {
            const choice = JSON.stringify(this.choice(item));
            if (id in this.asked && this.asked[id] !== choice) this.speak(item);
            this.asked[id] = choice;
        }
        this.root.dispatchEvent(new CustomEvent("note:touched", { detail: { id } }));
        this.showTotals();
    }

    // A box that is picked says size, lot and expiry; what is typed over it is no box any more.
    touchedSet(id) {
        const set = this.sets.item(id), box = set && this.words.boxes.find((one) => one.id === set.box);
        if (set && set.box && this.boxOf.get(id) !== set.box && box) Object.assign(set, { size: box.size, lot: box.lot, expires_on: box.expires_on });
        else if (set?.box && box && (set.size !== box.size || set.lot !== box.lot || set.expires_on !== box.expires_on)) set.box = null;
        if (set) set.box ||= null;
        this.boxOf.set(id, set?.box);
        this.touched(id);
        this.sets.show();
    }

    draw(row, item) {
        const point = this.points.get(item.code);
        row.querySelector("[data-label]").textContent = this.label(item);
        row.querySelector("[data-name]").textContent = point?.name ?? "";
        row.querySelector("[data-place]")?.toggleAttribute("hidden", item.kind === "point");
        row.querySelector("[data-over-lung]").hidden = !point?.lung;
        row.querySelector("[data-more-words]").textContent = this.short(item);
        row.classList.toggle("is-carried", this.draft.state.carried.includes(item.id));
    }

    short(item) {
        const named = [...item.techniques, ...item.sensations].map((key) => this.words.terms[key] ?? key);
        const stimulation = item.stimulation === "electrical" ? `${this.words.estim} ${item.hz}` : item.stimulation ? this.words.stimulations[item.stimulation] : "";
        return [this.words.terms[item.angle], stimulation, ...named, item.discomfort, item.unusual].filter(Boolean).join(" · ");
    }

    drawSet(row, item) {
        const outside = item.retention_minutes !== null && (item.retention_minutes < 15 || item.retention_minutes > 60);
        row.querySelector("[data-typed]").hidden = Boolean(item.box) && this.words.boxes.some(({ id }) => id === item.box);
        row.querySelector("[data-retention-reason]").hidden = !outside;
        row.querySelector("[data-expired]").hidden = !(item.expires_on && item.expires_on < this.words.today);
        row.classList.toggle("is-carried", this.draft.state.carried.includes(item.id));
    }

    show() {
        this.rows.show();
        this.sets.show();
        this.showTotals();
    }

    showTotals() {
        const { needlings, counts, sets } = this.draft.state;
        const into = counted(needlings, this.regionOf), all = [...into.values()].reduce((sum, one) => sum + one, 0);
        for (const place of this.total) place.textContent = String(all);
        const outs = new Map(counts.map(({ region, side, out }) => [`${region}|${side}`, out]));
        // The count never stands in the way of taking needles out: it is asked for after that.
        const out = sets.some(({ ended_at: ended }) => ended) || counts.length > 0;
        this.counts.hidden = !out || !all;
        const missing = [...into].some(([key, number]) => (outs.get(key) ?? 0) < number);
        this.counts.querySelector("[data-emergency]").hidden = !missing;
        this.counts.querySelector("ul").replaceChildren(...[...into].map(([key, number]) => this.countRow(key, number, outs.get(key) ?? 0)));
        this.root.dispatchEvent(new CustomEvent("note:totals", { detail: { all } }));
    }

    countRow(key, number, out) {
        const row = this.root.querySelector("#count-row").content.firstElementChild.cloneNode(true);
        const [region, side] = key.split("|"), sideWord = this.words.sides[side] ?? "";
        row.dataset.count = key;
        row.dataset.of = number;
        row.querySelector("[data-where]").textContent = [region || this.words.elsewhere, sideWord].filter(Boolean).join(", ");
        row.querySelector("[data-out]").textContent = this.words.out_of.replace("{out}", out).replace("{in}", number);
        row.classList.toggle("is-complete", out === number);
        for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent.trim()} ${region} ${sideWord}`);
        return row;
    }

    count(event) {
        const button = event.target.closest("button[data-do]");
        if (!button) return;
        const { counts, needlings } = this.draft.state;
        const every = [...counted(needlings, this.regionOf)];
        const rows = button.dataset.do === "everything" ? every : every.filter(([key]) => key === button.closest("[data-count]").dataset.count);
        for (const [key, number] of rows) {
            const [region, side] = key.split("|");
            let row = counts.find((one) => one.region === region && one.side === side);
            if (!row) counts.push(row = { id: crypto.randomUUID(), region, side, out: 0 });
            if (button.dataset.do === "one") row.out = Math.min(row.out + 1, number);
            else if (button.dataset.do === "less") row.out = Math.max(row.out - 1, 0);
            else row.out = number;
        }
        const where = button.closest("[data-count]")?.dataset.count, what = button.dataset.do;
        this.touched("counts");
        this.counts.querySelector(where ? `[data-count="${CSS.escape(where)}"] [data-do="${what}"]` : `[data-do="${what}"]`)?.focus();
    }
}
