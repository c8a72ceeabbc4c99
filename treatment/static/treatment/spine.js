// The spine: one tap on a segment notes a finding or an adjustment, as chosen; a second tap takes it away.

import { Rows } from "./rows.js";

export class Spine {
    constructor({ root, draft, words, speak }) {
        Object.assign(this, { root, draft, words, speak });
        const $ = (name) => root.querySelector(name);
        const changed = (id) => { root.dispatchEvent(new CustomEvent("note:touched", { detail: { id } })); this.showMarks(); };
        const named = (row, item) => {
            row.querySelector("[data-label]").textContent = words.segments[item.segment]?.name ?? item.segment;
            row.classList.toggle("is-carried", draft.state.carried.includes(item.id));
        };
        this.findings = new Rows({ list: () => draft.state.segments, template: $("#segment-row"), into: $("#segments"), changed, draw: named });
        this.adjusted = new Rows({
            list: () => draft.state.adjustments, template: $("#adjustment-row"), into: $("#adjustments"),
            changed: (id) => { this.remodel(this.adjusted.item(id)); changed(id); }, draw: named,
        });
        this.regions = new Rows({ list: () => draft.state.regions, template: $("#region-row"), into: $("#regions"), changed });
        $("[data-spine]")?.addEventListener("click", (event) => {
            const button = event.target.closest("button[data-segment]");
            if (button) this.tap(button.dataset.segment);
        });
        $("[data-add-region]")?.addEventListener("click", () => this.regions.add({ region: "", motion: "", degrees: null, tone: "", tenderness: "", trigger_points: "" }));
    }

    get mode() {
        return this.root.querySelector("input[name=spine-mode]:checked")?.value ?? "adjusted";
    }

    tap(segment) {
        const rows = this.mode === "found" ? this.findings : this.adjusted;
        const there = rows.list().find((one) => one.segment === segment);
        const side = this.words.segments[segment]?.side ?? "";
        if (there) rows.remove(there.id);
        else if (rows === this.findings) rows.add({ segment, listings: [], tender: true, tone: "", movement: "", side });
        else rows.add({ segment, side, listing: "", technique: this.usual(segment), modality: "", response: "" });
    }

    // The technique used last in this note, else the one this person used last, where it suits the segment.
    usual(segment) {
        const region = this.words.segments[segment]?.region;
        const suits = (key) => key && (this.words.techniques[key]?.regions ?? []).some((one) => one === region || one === "any");
        return [this.draft.state.adjustments.at(-1)?.technique, this.words.usual_technique].find(suits) ?? "";
    }

    remodel(item) {
        if (!item) return;
        const { region } = this.words.segments[item.segment] ?? {};
        const modality = this.words.modalities[item.technique]?.[region] ?? "";
        if (modality === item.modality) return;
        item.modality = modality;
        if (modality) this.speak([{ id: item.id, choice: { modality, point: "", region: this.words.body_regions[region] ?? "", side: item.side } }]);
    }

    show() {
        for (const rows of [this.findings, this.adjusted, this.regions]) rows.show();
        this.showMarks();
    }

    showMarks() {
        const found = new Set(this.draft.state.segments.map(({ segment }) => segment));
        const done = new Set(this.draft.state.adjustments.map(({ segment }) => segment));
        for (const button of this.root.querySelectorAll("button[data-segment]")) {
            const { segment } = button.dataset;
            button.classList.toggle("is-found", found.has(segment));
            button.classList.toggle("is-adjusted", done.has(segment));
            button.setAttribute("aria-pressed", String((this.mode === "found" ? found : done).has(segment)));
        }
    }
}
