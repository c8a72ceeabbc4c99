// Diagnosis codes: what is typed is looked for in code and label; before anything is typed, the codes used lately.

const MOST = 8;
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f.]/g, "");

export class Codes {
    constructor({ root, draft, words, changed }) {
        Object.assign(this, { draft, words, changed });
        this.codes = words.codes.map((one) => ({ ...one, text: plain(`${one.code} ${one.label}`) }));
        this.named = new Map(this.codes.map((one) => [one.key, one]));
        const box = root.querySelector("#codes"), $ = (name) => box.querySelector(name);
        Object.assign(this, { chosen: $("[data-chosen]"), search: $("input"), offers: $("[data-offers]"), found: $("#code-found") });
        this.search.addEventListener("input", () => this.offer());
        this.search.addEventListener("keydown", (event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            const first = this.offers.querySelector("button");
            if (this.search.value.trim() && first) this.add(first.value);
        });
        this.offers.addEventListener("click", ({ target }) => { if (target.value) this.add(target.value); });
        this.chosen.addEventListener("click", ({ target }) => { const button = target.closest("button"); if (button) this.remove(button.value); });
    }

    words_of(key) {
        const one = this.named.get(key);
        return one ? `${one.code} ${one.label}` : key;
    }

    matches() {
        const parts = plain(this.search.value).split(/\s+/).filter(Boolean), { codes } = this.draft.state;
        const rest = this.codes.filter(({ key }) => !codes.includes(key));
        if (!parts.length) return rest.filter(({ recent }) => recent);
        return rest.filter(({ text }) => parts.every((part) => text.includes(part)));
    }

    offer() {
        const all = this.matches(), typed = this.search.value.trim();
        this.offers.replaceChildren(...all.slice(0, MOST).map((one) => Object.assign(document.createElement("button"), { type: "button", className: "chip", value: one.key, textContent: `${one.code} ${one.label}` })));
        const { none, more, lately } = this.words.code_words;
        this.found.textContent = !typed ? (all.length ? lately : "") : !all.length ? none : all.length > MOST ? more.replace("{count}", all.length - MOST) : "";
    }

    add(key) {
        this.draft.state.codes.push(key);
        this.search.value = "";
        this.touched();
        this.search.focus();
    }

    remove(key) {
        const { codes } = this.draft.state;
        codes.splice(codes.indexOf(key), 1);
        this.touched();
        this.search.focus();
    }

    touched() {
        this.show();
        this.changed("codes");
    }

    show() {
        this.chosen.replaceChildren(...this.draft.state.codes.map((key) => {
            const row = document.createElement("li"), button = document.createElement("button");
            row.dataset.row = key; // what holds a row is not folded away
            Object.assign(button, { type: "button", className: "btn-bare", value: key, textContent: "×" });
            button.setAttribute("aria-label", this.words.code_words.remove.replace("{code}", this.words_of(key)));
            row.append(this.words_of(key), " ", button);
            return row;
        }));
        this.chosen.hidden = !this.draft.state.codes.length;
        this.offer();
    }
}
