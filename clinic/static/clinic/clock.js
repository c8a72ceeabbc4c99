// Minutes to a moment ([data-countdown]) and since a moment ([data-since]), by the server's clock.
//   <span data-countdown="2026-11-24T10:58:00-05:00" data-left="min left" data-over="min over">
//       <span class="countdown-figure"></span> <span class="countdown-unit"></span></span>
//   <span data-since="2026-11-24T10:38:00-05:00">4</span>   only the figure changes
// A full minute past the moment the element and the nearest [data-over-mark] get .is-over; in the last two minutes .is-soon.

const MINUTE = 60_000;
const SOON = 2 * MINUTE;
const loaded = Date.now();
const serverNow = Date.parse(document.querySelector('meta[name="server-now"]')?.content ?? "") || loaded;

const now = () => serverNow + (Date.now() - loaded);

function write(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
}

function showLeft(element) {
    const left = Date.parse(element.dataset.countdown) - now();
    if (Number.isNaN(left)) return;
    const over = left <= -MINUTE;
    const minutes = over ? Math.floor(-left / MINUTE) : Math.max(0, Math.ceil(left / MINUTE));
    write(element.querySelector(".countdown-figure") ?? element, String(minutes));
    write(element.querySelector(".countdown-unit"), over ? element.dataset.over : element.dataset.left);
    element.classList.toggle("is-over", over);
    element.classList.toggle("is-soon", !over && left <= SOON);
    element.closest("[data-over-mark]")?.classList.toggle("is-over", over);
}

function showSince(element) {
    const passed = now() - Date.parse(element.dataset.since);
    if (!Number.isNaN(passed)) write(element, String(Math.max(0, Math.floor(passed / MINUTE))));
}

function tick() {
    document.querySelectorAll("[data-countdown]").forEach(showLeft);
    document.querySelectorAll("[data-since]").forEach(showSince);
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSwap", tick);
