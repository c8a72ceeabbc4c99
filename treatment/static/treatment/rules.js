// What the safety rules say about what was chosen. An absolute one takes the choice back: what was already done can
// still be recorded, with a reason. A relative one asks for a reason; a caution is shown once a note.

const RANK = { absolute: 0, relative: 1, caution: 2 };
export class Rules {
    // `takeBack(id)`: removes the row and gives {label, restore}, or null; `subject(id)`: what the row is about, as the
    // server names it; `label(code)`: a point as the clinic calls it.
    constructor({ root, draft, words, takeBack, subject, label }) {
        Object.assign(this, { root, draft, words, takeBack, subject, label, spoken: [], held: [] });
        this.list = root.querySelector("#rules");
        this.list.addEventListener("click", (event) => this.act(event));
        this.list.addEventListener("submit", (event) => { event.preventDefault(); this.answer(event.target); });
        root.addEventListener("note:verdicts", ({ detail }) => this.heard(detail));
    }

    // About some rows just chosen: these replace what was said about them before.
    heard({ spoken, about }) {
        this.spoken = [...this.spoken.filter(({ child }) => !about.includes(child)), ...spoken.filter(({ severity }) => severity !== "absolute")];
        for (const verdict of spoken.filter((one) => one.severity === "absolute" && !this.isAnswered(one))) this.hold(verdict);
        this.show();
    }

    // About the whole note, with each save.
    all(verdicts) {
        this.spoken = [...(this.treated ? this.words.consents : []), ...verdicts];
        this.show();
    }

    // What was asked meanwhile is not asked any more; the next save says the same.
    settled(rule) {
        this.spoken = this.spoken.filter((one) => one.rule !== rule);
        this.show();
    }

    subjectOf({ child, subject }) {
        return this.subject(child) ?? this.held.find(({ id }) => id === child)?.subject ?? subject;
    }

    get treated() {
        const { needlings, adjuncts, adjustments } = this.draft.state;
        return needlings.length + adjuncts.length + adjustments.length > 0;
    }

    hold(verdict) {
        const subject = this.subjectOf(verdict), taken = verdict.child ? this.takeBack(verdict.child) : null;
        const known = this.held.find(({ verdict: { rule }, id }) => rule === verdict.rule && id === verdict.child);
        if (taken && !known) this.held.push({ id: verdict.child, verdict, subject, ...taken });
    }

    isAnswered(verdict) {
        return this.draft.state.against.some(({ rule, subject }) => rule === verdict.rule && subject === this.subjectOf(verdict));
    }

    show() {
        const seen = new Set(), open = [];
        for (const verdict of [...this.spoken].sort((a, b) => RANK[a.severity] - RANK[b.severity])) {
            const name = verdict.severity === "caution" ? verdict.rule : `${verdict.rule} ${this.subjectOf(verdict)}`;
            if (seen.has(name)) continue;
            seen.add(name);
            open.push(verdict);
        }
        const typing = this.list.contains(document.activeElement) && document.activeElement.value;
        if (typing) return;
        this.list.replaceChildren(...this.held.map((held, index) => this.card(held.verdict, held, index)), ...open.map((verdict) => this.card(verdict)));
        this.root.querySelector("#rules-empty").hidden = this.list.children.length > 0;
    }

    card(verdict, held = null, index = -1) {
        const card = this.root.querySelector("#rule-card").content.firstElementChild.cloneNode(true);
        const $ = (name) => card.querySelector(name), answered = !held && this.isAnswered(verdict);
        card.classList.add(`is-${verdict.severity}`);
        card.classList.toggle("is-answered", answered);
        $("[data-severity]").textContent = this.words.severities[verdict.severity];
        $("[data-says]").textContent = verdict.says;
        $("[data-why]").textContent = verdict.why;
        $("[data-source]").textContent = verdict.source;
        $("details").hidden = !verdict.source;
        $(".note-chips").hidden = verdict.rule.includes(":");
        $("[data-about]").textContent = held ? this.words.not_added.replace("{what}", held.label) : this.names(verdict);
        const form = $("form");
        form.hidden = answered || verdict.severity === "caution";
        form.dataset.rule = verdict.rule;
        form.dataset.subject = this.subjectOf(verdict);
        form.dataset.held = index;
        Object.assign(form, { verdict });
        $("[data-do=chosen]").hidden = verdict.severity === "absolute" && !verdict.may_override;
        $("[data-reason-given]").textContent = answered ? this.draft.state.against.find(({ rule, subject }) => rule === verdict.rule && subject === this.subjectOf(verdict)).reason : "";
        for (const label of card.querySelectorAll("label")) label.htmlFor = `${label.htmlFor}-${verdict.rule}-${this.subjectOf(verdict)}-${index}`;
        for (const input of card.querySelectorAll("[id]")) input.id = `${input.id}-${verdict.rule}-${this.subjectOf(verdict)}-${index}`;
        return card;
    }

    names(verdict) {
        const subject = this.subjectOf(verdict);
        return this.label(subject) ?? this.words.terms[subject] ?? subject;
    }

    // A common reason is one tap.
    act({ target }) {
        const button = target.closest("[data-reason]");
        if (!button) return;
        const form = button.closest("form");
        form.querySelector("input").value = button.dataset.reason;
        form.requestSubmit(form.querySelector("[data-do=chosen]:not([hidden])") ?? form.querySelector("[data-do=done]"));
    }

    answer(form) {
        const input = form.querySelector("input"), reason = input.value.trim();
        input.setAttribute("aria-invalid", String(!reason));
        if (!reason) return input.focus();
        const { verdict } = form, held = this.held[Number(form.dataset.held)];
        const how = document.activeElement?.dataset?.do === "done" ? "done" : verdict.severity === "absolute" && !verdict.may_override ? "done" : "chosen";
        this.draft.state.against.push({ id: crypto.randomUUID(), rule: verdict.rule, words: verdict.says, severity: verdict.severity, subject: this.subjectOf(verdict), reason, how });
        input.value = "";
        if (held) {
            this.held.splice(this.held.indexOf(held), 1);
            held.restore();
        }
        this.draft.changed();
        this.show();
    }
}
