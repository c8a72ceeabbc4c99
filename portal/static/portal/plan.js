// The button that prints the page; without script the browser's own menu does.
for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
}
// What is folded prints unfolded, the form to fill in apart.
const folded = () => [...document.querySelectorAll("details:not([open]):not(.no-print)")];
let opened = [];
addEventListener("beforeprint", () => {
    opened = folded();
    for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
});

// A tick takes its list from the answer. An answer without one (a refusal, the sign-in page) leaves the list where it is.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "home" || detail.xhr.responseText.includes('id="home"')) return;
    detail.shouldSwap = false;
    if (detail.xhr.status < 400) location.assign(detail.xhr.responseURL);
}, true);
