// The note as it stands in this page: kept on the device at each change, saved to the server within two seconds.
// Saves go one after another. What the server refuses or does not answer stays here, and is sent again; sending the
// same state with the same version again is one save.

import { keeper } from "./keep.js";

const AFTER = 700, AT_MOST = 1800, RETRIES = [1000, 2000, 5000, 10000];
const copy = (state) => structuredClone(state);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const tokenOf = (body) => JSON.parse(body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];

export class Draft extends EventTarget {
    constructor({ state, version, savedAt, urls, keep }) {
        super();
        Object.assign(this, { state, version, urls, keepWith: keep, savedAt, saved: copy(state), pending: null, busy: false, tries: 0, token: tokenOf(document.body) });
    }

    tell(name, detail = {}) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }

    // What the device still has from before: newer than the server's, sent with its answer lost, or to be compared.
    async begin() {
        this.keeper = await keeper(this.keepWith);
        const kept = await this.keeper?.get();
        if (!kept || same(kept.state, this.state)) {
            await this.keeper?.clear();
            return this.tell("status", { is: "saved", at: this.savedAt });
        }
        if (kept.base === this.version || await this.wasOurs(kept)) return this.replace(kept.state);
        this.stopped = true;
        this.tell("status", { is: "stale" });
        this.tell("conflict", { kept: kept.state, stored: this.state });
    }

    async wasOurs({ pending, base }) {
        if (!pending) return false;
        try {
            const answer = await this.post(this.urls.save, { version: base, state: pending });
            if (answer.status === 200) Object.assign(this, { version: answer.version, savedAt: answer.saved_at });
            return answer.status === 200;
        } catch {
            return false;
        }
    }

    // Another state as a whole: from the device, from an earlier save.
    replace(state) {
        this.state = copy(state);
        this.tell("replaced");
        this.changed();
    }

    // An answer of the server that carries a state: same as last time, a template, the other side of a comparison.
    adopt({ state, version, saved_at: at, ...rest }) {
        Object.assign(this, { state: copy(state), saved: copy(state), version, savedAt: at ?? this.savedAt, pending: null, stopped: false });
        this.keeper?.clear();
        this.tell("replaced");
        this.tell("answered", rest);
        this.tell("status", { is: "saved", at: this.savedAt });
    }

    changed() {
        this.keep();
        this.tell("changed");
        if (this.stopped) return;
        this.tell("status", { is: "unsaved" });
        this.since ??= Date.now();
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(AFTER, this.since + AT_MOST - Date.now())));
    }

    keep() {
        return this.keeper?.put({ state: this.state, base: this.version, pending: this.pending, at: new Date().toISOString() });
    }

    get clean() {
        return !this.pending && same(this.state, this.saved);
    }

    async save() {
        if (this.busy || this.stopped || !this.pending && same(this.state, this.refused ?? null)) return;
        this.since = null;
        if (!this.pending) {
            if (same(this.state, this.saved)) return this.tell("status", { is: "saved", at: this.savedAt });
            this.pending = copy(this.state);
            await this.keep();
        }
        this.busy = true;
        let answer;
        try {
            answer = await this.post(this.urls.save, { version: this.version, state: this.pending });
        } catch {
            answer = { status: 0 };
        }
        this.busy = false;
        await this.settle(answer);
    }

    // `status` 401 stands for a session that has ended: the answer is the sign-in page, not ours.
    async post(url, body) {
        const answer = await fetch(url, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
            body: JSON.stringify(body),
            signal: AbortSignal.timeout(15000),
        });
        const json = answer.headers.get("Content-Type")?.includes("json");
        return { status: answer.redirected || answer.ok && !json ? 401 : answer.status, ...(json ? await answer.json() : {}) };
    }

    // After signing in again, in another tab, this page's token is an old one.
    async renew() {
        const answer = await fetch(location.href);
        if (!answer.ok || answer.redirected) return false;
        this.token = tokenOf(new DOMParser().parseFromString(await answer.text(), "text/html").body);
        return Boolean(this.token);
    }

    async settle(answer) {
        if (answer.status === 200) return this.done(answer);
        if (answer.status === 409) return this.stale(answer);
        if (answer.status === 422 || answer.status === 400) {
            // A value the server cannot take: it is said, and the next change sends everything again.
            this.refused = this.pending;
            this.pending = null;
            this.tell("problems", { problems: answer.problems ?? [], reasons: answer.reasons ?? [] });
            return this.tell("status", { is: "refused" });
        }
        const renewed = answer.status === 403 && await this.renew().catch(() => false);
        this.again(renewed ? 0 : RETRIES[Math.min(this.tries++, RETRIES.length - 1)]);
        const gone = answer.status === 401 || answer.status === 403 || answer.status === 404;
        this.tell("status", { is: gone ? "signed-out" : "offline", kept: Boolean(this.keeper) });
        if (answer.status === 401) await this.renew().catch(() => false);
    }

    again(pause) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), pause);
    }

    async done({ version, saved_at: at, state, ...rest }) {
        const sent = this.pending;
        Object.assign(this, { version, savedAt: at, pending: null, refused: null, tries: 0 });
        if (same(this.state, sent)) {
            // What the server made of it (an expired lot taken out, say) is what stands.
            Object.assign(this, { state: copy(state), saved: copy(state) });
            await this.keeper?.clear();
            // Typed in that moment? Then it is on the device again.
            if (!same(this.state, this.saved)) await this.keep();
            this.tell("stored");
            this.tell("status", { is: "saved", at });
        } else {
            this.saved = sent;
            this.changed();
        }
        this.tell("answered", rest);
    }

    async stale(answer) {
        Object.assign(this, { stopped: true, pending: null });
        await this.keep();
        this.tell("status", { is: answer.state ? "stale" : "signed" });
        if (answer.state) this.tell("conflict", { kept: this.state, stored: answer.state, version: answer.version });
    }

    // After a comparison: mine goes on top of what the server has now.
    keepMine({ kept, stored, version = this.version }) {
        Object.assign(this, { stopped: false, pending: null, version, saved: copy(stored) });
        this.replace(kept);
    }

    // Resolves when the server has everything, or false when it cannot be reached now.
    async settled() {
        for (let turn = 0; turn < 60; turn++) {
            if (this.clean && !this.busy) return true;
            if (this.stopped || same(this.state, this.refused ?? null)) return false;
            await this.save();
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return false;
    }
}
