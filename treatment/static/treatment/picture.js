// The body chart of a note: a tap adds the nearest point, or an ashi mark where none is near; a tap on a mark takes
// it away. The list beside it does the same for keyboard and screen reader, so the picture itself is one image.

const SVG = "http://www.w3.org/2000/svg";
const NEAR = 26; // units of the chart, whose body is 1000 wide: about a fingertip
const MARK_NEAR = 20;
const LABEL_HEIGHT = 30;
const LIMBS = /^(hand|foot)_/;

const made = (name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
};
const far = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

// Where a point stands in a view, with its side there: the data give the patient's left.
export function places(point, view) {
    return point.at.filter(([name]) => name === view || view === "right" && name === "left").flatMap(([name, x, y]) => {
        const right = { x: 1000 - x, y, side: "right" }, left = { x, y, side: "left" };
        if (!point.paired) return [{ x, y, side: "none" }];
        if (view === "right") return [right];
        return name === "front" || name === "back" || name.startsWith("head_front") || name.startsWith("head_back") ? [left, right] : [left];
    });
}

export function sideAt(view, x) {
    if (view === "left" || view === "right") return view;
    if (LIMBS.test(view)) return "none";
    if (Math.abs(x - 500) < 6) return "none";
    return x > 500 === (view === "front" || view === "head_front") ? "left" : "right";
}

const shownIn = (needling, place) => needling.side === "both" || needling.side === "none" || place.side === "none" || needling.side === place.side;

export class Picture {
    // `points`: [{code, label, region, paired, at: [[view, x, y]]}]; told(what): {add: point} | {ashi: place} | {remove: id}
    constructor(root, points, told) {
        Object.assign(this, { root, points, told, needlings: [] });
        for (const svg of root.querySelectorAll("svg.body-chart")) this.prepare(svg);
    }

    prepare(svg) {
        const view = svg.dataset.view, dots = made("g", { class: "note-dots" });
        for (const point of this.points) {
            for (const { x, y } of places(point, view)) {
                const dot = made("g", { class: "note-dot" });
                dot.append(made("circle", { cx: x, cy: y, r: 5 }), made("text", { x: x + 12, y: y + 8 }, point.label));
                dots.append(dot);
            }
        }
        svg.querySelector(".bc-marks").before(dots);
        svg.addEventListener("click", (event) => this.tap(svg, event));
    }

    show(needlings, carried) {
        Object.assign(this, { needlings, carried });
        for (const svg of this.root.querySelectorAll("svg.body-chart")) this.draw(svg);
    }

    *marks(view) {
        for (const needling of this.needlings) {
            if (needling.kind !== "point") {
                if (needling.view === view) yield { needling, x: needling.x, y: needling.y };
                continue;
            }
            const point = this.points.find(({ code }) => code === needling.code);
            for (const place of point ? places(point, view) : []) if (shownIn(needling, place)) yield { needling, ...place };
        }
    }

    // Labels stand on the outer side of their dots, one below the other where they would print over each other.
    draw(svg) {
        const lowest = { start: -Infinity, end: -Infinity };
        const marks = [...this.marks(svg.dataset.view)].sort((one, other) => one.y - other.y);
        svg.querySelector(".bc-marks").replaceChildren(...marks.map(({ needling, x, y }) => {
            const anchor = x > 500 ? "start" : "end", line = Math.max(y + 9, lowest[anchor] + LABEL_HEIGHT);
            lowest[anchor] = line;
            const mark = made("g", { class: `note-mark is-${needling.kind}${this.carried.has(needling.id) ? " is-carried" : ""}` });
            mark.append(made("circle", { cx: x, cy: y, r: 11 }), made("text", { x: x + (x > 500 ? 18 : -18), y: line, "text-anchor": anchor }, needling.label));
            return mark;
        }));
    }

    tap(svg, event) {
        const view = svg.dataset.view;
        const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
        const here = { x: Math.round(x), y: Math.round(y) };
        const [mark] = [...this.marks(view)].filter((one) => far(one, here) < MARK_NEAR).sort((a, b) => far(a, here) - far(b, here));
        const near = this.points
            .flatMap((point) => places(point, view).map((place) => ({ point, gap: far(place, here) })))
            .filter(({ gap }) => gap < NEAR).sort((a, b) => a.gap - b.gap).map(({ point }) => point);
        const nearest = near[0];
        if (mark && (!nearest || mark.needling.kind !== "point" || mark.needling.code === nearest.code)) return this.told({ remove: mark.needling.id });
        const around = this.points.flatMap((point) => places(point, view).map((place) => ({ region: point.region, gap: far(place, here) })));
        const region = around.sort((a, b) => a.gap - b.gap)[0]?.region ?? "";
        const ashi = { view, ...here, side: sideAt(view, here.x), region };
        if (nearest) this.told({ add: nearest, instead: near.slice(1, 4).filter(({ code }) => code !== nearest.code), ashi });
        else if (event.target.closest(".bc-silhouette, .bc-contours, .bc-details, .bc-meridians, .note-dots")) this.told({ ashi });
    }
}
