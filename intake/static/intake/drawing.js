// The pain drawing: a tap on the body ticks the nearest place of the list, a second one unticks it. The list stays
// the form's field, so that keyboard, screen reader and pages without script have the same.

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 170; // units of the view: farther from every place is a tap beside the body
const chart = document.querySelector("[data-drawing]");

const boxes = (view) => [...document.querySelectorAll(`input[data-view="${view}"]`)];

function pointOf(event, svg) {
    const point = new DOMPoint(event.clientX, event.clientY);
    return point.matrixTransform(svg.getScreenCTM().inverse());
}

function nearest(view, { x, y }) {
    const found = boxes(view).map((box) => ({ box, far: Math.hypot(box.dataset.x - x, box.dataset.y - y) }));
    found.sort((a, b) => a.far - b.far);
    return found[0]?.far < NEAR ? found[0].box : null;
}

function draw(svg) {
    const marks = boxes(svg.dataset.view).filter((box) => box.checked).map((box) => {
        const circle = document.createElementNS(SVG, "circle");
        for (const [name, value] of [["cx", box.dataset.x], ["cy", box.dataset.y], ["r", 46]]) circle.setAttribute(name, value);
        circle.setAttribute("class", "fill-mark");
        return circle;
    });
    svg.querySelector(".bc-marks").replaceChildren(...marks);
}

if (chart) {
    chart.hidden = false;
    const pictures = [...chart.querySelectorAll("svg")];
    for (const svg of pictures) {
        svg.addEventListener("click", (event) => {
            const box = nearest(svg.dataset.view, pointOf(event, svg));
            if (!box) return;
            box.checked = !box.checked;
            box.dispatchEvent(new Event("change", { bubbles: true }));
        });
    }
    chart.closest("form, fieldset").addEventListener("change", () => pictures.forEach(draw));
    pictures.forEach(draw);
    // With the picture there, the list shows what is marked; the rest of it on demand.
    const list = chart.closest("fieldset").querySelector("[data-checklist]");
    const button = chart.closest("fieldset").querySelector("[data-list]");
    const fold = (folded) => {
        list.classList.toggle("is-folded", folded);
        button.setAttribute("aria-expanded", String(!folded));
    };
    button.hidden = false;
    button.addEventListener("click", () => fold(!list.classList.contains("is-folded")));
    fold(true);
}
