// Light or dark as the system says, before the first paint; paper is always light.
"use strict";
(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    follow();
    dark.addEventListener("change", follow);
    addEventListener("beforeprint", () => document.documentElement.setAttribute("data-bs-theme", "light"));
    addEventListener("afterprint", follow);
})();
