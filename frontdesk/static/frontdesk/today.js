// What a person opened on the board stays open when the board refreshes itself.

const board = document.getElementById("board");
const open = new Set();

board?.addEventListener("toggle", (event) => {
    if (event.target.open) open.add(event.target.id);
    else if (event.target.isConnected) open.delete(event.target.id);
}, true);

board?.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});
