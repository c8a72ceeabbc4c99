"""What was typed into the input line, as needlings."""

from acupoints.models import TermKind
from acupoints.queries import catalogue, terms
from treatment.rules.line import complete_line, parse, print_line
from treatment.rules.state import CHILDREN, fresh


def read_line(text, cursor=None):
    """{items, problems, printed, offers} of a line. Three statements."""
    points, words = catalogue(), terms(TermKind.TECHNIQUE)
    line = parse(text, points, words)
    offers = () if cursor is None else complete_line(text, cursor, points, words)
    return {
        "items": [as_needling(item, points) for item in line.items],
        "problems": [problem._asdict() for problem in line.problems],
        "printed": print_line(line.items, words),
        "offers": [offer._asdict() for offer in offers],
    }


def as_needling(item, points):
    """An item in the shape of a note's needlings, with the place on the chart and no id yet."""
    point = points.points.get(item.code)
    found = {name: fresh(asked.empty) for name, asked in CHILDREN["needlings"].items()}
    found |= {name: value for name, value in item._asdict().items() if name in found}
    found |= {"needles_in": item.needles, "techniques": list(item.techniques)}
    if point:
        found |= {"region": point.region, "view": point.view, "x": point.x, "y": point.y}
    return found
