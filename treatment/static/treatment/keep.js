// What a person types is kept on this device at once, encrypted with a key that only that person's page is given.
// One record for each note and person: {state, base, saveId, at}. Cleared once the server has it.

const NAME = "meridian-notes", STORE = "drafts";
const encoder = new TextEncoder(), decoder = new TextDecoder();

const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
});

async function opened() {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return asked(request);
}

// Null where the browser keeps nothing (no IndexedDB, or a page without HTTPS): the note then says so.
export async function keeper({ user, note, key }) {
    if (!globalThis.indexedDB || !globalThis.crypto?.subtle) return null;
    try {
        const raw = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
        const secret = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
        return new Keeper(await opened(), secret, `${user}:${note}`);
    } catch {
        return null;
    }
}

class Keeper {
    constructor(database, secret, name) {
        Object.assign(this, { database, secret, name, last: Promise.resolve() });
    }

    store(mode) {
        return this.database.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
    }

    // In the order of calling: a slow write never lands on a newer one.
    inTurn(act) {
        this.last = this.last.then(act, act);
        return this.last;
    }

    put(record) {
        const plain = encoder.encode(JSON.stringify(record));
        return this.inTurn(async () => {
            const iv = crypto.getRandomValues(new Uint8Array(12));
            const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.secret, plain);
            await asked(this.store("readwrite").put({ iv, sealed }, this.name));
        });
    }

    get() {
        return this.inTurn(async () => {
            const found = await asked(this.store("readonly").get(this.name));
            if (!found) return null;
            try {
                const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: found.iv }, this.secret, found.sealed);
                return JSON.parse(decoder.decode(plain));
            } catch {
                return null; // Of another person, or of a key that is no longer: it cannot be read here.
            }
        });
    }

    clear() {
        return this.inTurn(() => asked(this.store("readwrite").delete(this.name)));
    }
}
