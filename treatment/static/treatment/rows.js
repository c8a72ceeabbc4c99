// Lists of rows that a person adds, edits and takes away: one <template> each, bound by data-field inside the row.

import { bind, fill } from "./fields.js";

export class Rows {
    // `list`: () => the array in the state; `template`, `into`: elements; `draw(row, item)` fills what is not a field.
    constructor({ list, template, into, changed, draw = () => {}, removed = () => {} }) {
        Object.assign(this, { list, template, into, changed, draw, removed });
        into.addEventListener("click", (event) => {
            const button = event.target.closest("[data-remove]");
            if (button) this.remove(button.closest("[data-row]").dataset.row);
        });
    }

    item(id) {
        return this.list().find((one) => one.id === id);
    }

    // What a row shows changes without losing the place where somebody is typing.
    show() {
        const rows = new Map([...this.into.children].map((row) => [row.dataset.row, row]));
        this.list().forEach((item, index) => {
            const row = rows.get(item.id) ?? this.made(item.id);
            rows.delete(item.id);
            if (this.into.children[index] !== row) this.into.insertBefore(row, this.into.children[index] ?? null);
            if (!row.contains(document.activeElement)) fill(row, item);
            this.draw(row, item);
        });
        for (const row of rows.values()) row.remove();
        this.into.dispatchEvent(new CustomEvent("note:rows", { bubbles: true }));
    }

    made(id) {
        const row = this.template.content.firstElementChild.cloneNode(true);
        row.dataset.row = id;
        // A name of its own for each field, so that labels and groups of one row stay in it.
        for (const field of row.querySelectorAll("[id]")) field.id = `${field.id}-${id}`;
        for (const label of row.querySelectorAll("[for]")) label.htmlFor = `${label.htmlFor}-${id}`;
        for (const field of row.querySelectorAll("input[type=radio]")) field.name = `${field.name}-${id}`;
        bind(row, () => this.item(id), () => { this.draw(row, this.item(id)); this.changed(id); });
        return row;
    }

    add(item) {
        const whole = { id: crypto.randomUUID(), ...item };
        this.list().push(whole);
        this.show();
        this.changed(whole.id);
        return whole;
    }

    remove(id) {
        const list = this.list(), index = list.findIndex((one) => one.id === id);
        if (index < 0) return;
        const [gone] = list.splice(index, 1);
        const row = this.into.querySelector(`[data-row="${CSS.escape(id)}"]`);
        const next = row?.nextElementSibling ?? row?.previousElementSibling;
        const held = row?.contains(document.activeElement);
        this.show();
        if (held) (next?.querySelector("button, input, select") ?? this.into.closest("section"))?.focus?.();
        this.removed(gone, index);
        this.changed(id);
    }

    putBack(item, index) {
        this.list().splice(index, 0, item);
        this.show();
        this.changed(item.id);
    }
}
