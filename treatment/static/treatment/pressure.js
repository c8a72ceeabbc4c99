// The blood pressure: two numbers. What is half typed or out of range never stands in the way of saving the note.

export class Pressure {
    constructor({ root, draft, words, changed }) {
        Object.assign(this, { draft, words, changed });
        this.fields = { systolic: root.querySelector("#systolic"), diastolic: root.querySelector("#diastolic") };
        this.wrong = root.querySelector("#pressure-wrong");
        for (const field of Object.values(this.fields)) {
            field.addEventListener("input", () => this.read());
            field.addEventListener("change", () => this.say());
        }
    }

    number({ value, min, max }) {
        const number = Number(value);
        return value.trim() && Number.isInteger(number) && number >= Number(min) && number <= Number(max) ? number : null;
    }

    read() {
        const { vitals } = this.draft.state, [before] = vitals;
        const systolic = this.number(this.fields.systolic), diastolic = this.number(this.fields.diastolic);
        vitals.splice(0, 1, ...systolic === null && diastolic === null ? [] : [{ id: before?.id ?? crypto.randomUUID(), systolic, diastolic }]);
        if (this.wrong.textContent) this.say();
        this.changed("vitals");
    }

    // After leaving a field: what is missing, or what is no blood pressure.
    say() {
        const fields = Object.values(this.fields), typed = fields.filter((field) => field.value.trim() || field.validity.badInput);
        const bad = typed.filter((field) => this.number(field) === null);
        const half = typed.length === 1 && !fields.includes(document.activeElement);
        this.wrong.textContent = bad.length ? this.words.says["no-pressure"] : half ? this.words.says["both-numbers"] : "";
        for (const field of fields) field.setAttribute("aria-invalid", String(bad.includes(field) || half && !typed.includes(field)));
    }

    show() {
        const [row] = this.draft.state.vitals;
        for (const [name, field] of Object.entries(this.fields)) {
            const number = row?.[name] ?? null;
            if (field !== document.activeElement && this.number(field) !== number) field.value = number ?? "";
        }
    }
}
