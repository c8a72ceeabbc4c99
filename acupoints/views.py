from django.http import Http404
from django.shortcuts import render

from acupoints import queries
from acupoints.rules.showing import MERIDIAN_NAMES, REGIONS, cautions, pictures, risks
from clinic.roles import needs

SHOWN = 60


@needs("treat")
def points(request):
    """The catalogue; while typing, only its rows are asked for."""
    q = request.GET.get("q", "").strip()
    meridian, region = request.GET.get("meridian", ""), request.GET.get("region", "")
    hits = queries.found(q, meridian=meridian, region=region)
    context = {
        "q": q,
        "meridian": meridian,
        "region": region,
        "meridians": MERIDIAN_NAMES,
        "regions": REGIONS,
        "hits": hits[:SHOWN],
        "total": len(hits),
        "guessed": bool(hits) and hits[0].rank == queries.GUESS,
    }
    return render(request, "acupoints/list.html#found" if request.htmx else "acupoints/list.html", context)


@needs("treat")
def point(request, code):
    row = queries.point(code)
    if row is None or row.hidden:
        raise Http404
    context = {
        "point": row,
        "meridian": MERIDIAN_NAMES.get(row.meridian, row.meridian),
        "names": queries.other_names(row),
        "cautions": cautions(row),
        "risks": risks(row),
        "categories": [category.replace(":", ": ") for category in row.categories],
        "pictures": pictures(row),
    }
    return render(request, "acupoints/point.html", context)
