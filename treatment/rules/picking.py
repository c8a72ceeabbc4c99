"""Needles: what may be picked, and how many are still missing. No database, no clock."""

from datetime import date

from django.utils.translation import gettext as _

from treatment.rules.counting import Placed, Removed, balance
from treatment.rules.signing import lot_refusal, retention_warning
from treatment.rules.state import Problem


def picked(sets, before, boxes, *, today):
    """(sets, problems): a box gives its lot and expiry; an expired lot is put back unless it is in already.

    `before`: the sets as stored; `boxes`: {id: box}. What was done is kept, with a problem that says so.
    """
    was = {one["id"]: one["box"] for one in before}
    found, problems = [], []
    for one in sets:
        kept, says = pick(one, was.get(one["id"]), boxes.get(one["box"]), today=today)
        found.append(kept)
        problems += [Problem(f"sets/{one['id']}/lot", sentence) for sentence in says]
        warning = "" if one["retention_reason"] else retention_warning(one["retention_minutes"])
        problems += [Problem(f"sets/{one['id']}/retention_minutes", warning)] if warning else []
    return found, problems


def pick(one, box_before, box, *, today):
    """(set, sentences) of one set."""
    if one["box"] and box is None:
        return {**one, "box": None}, [_("This box is not at this location. Choose another one.")]
    if box and box_before != one["box"]:
        one = {**one, "size": box.size, "lot": box.lot, "expires_on": box.expires_on.isoformat()}
    expires = date.fromisoformat(one["expires_on"]) if one["expires_on"] else None
    refusal = lot_refusal(expires, today)
    if refusal and not one["started_at"]:
        one = {**one, "box": None, "lot": "", "expires_on": None}
    return one, [refusal] if refusal else []


def needles_of(state):
    """counting.balance() of a draft. What was taken over and is not confirmed is not in yet."""
    carried = set(state["carried"])
    placed = [
        Placed(one["region"], one["side"], one["needles_in"], press=bool(one["press_until"]))
        for one in state["needlings"]
        if one["id"] not in carried
    ]
    return balance(placed, [Removed(one["region"], one["side"], one["out"]) for one in state["counts"]])


def needles_missing(state):
    """How many needles are in and not counted out, from the first count on: what the board shows."""
    return sum(needles_of(state).missing.values()) if state["counts"] else 0


def without_region(state):
    """Codes of catalogue points whose region the page did not say."""
    return {
        one["code"]
        for one in state["needlings"]
        if one["kind"] == "point" and one["code"] and not one["region"]
    }


def with_regions(state, regions):
    """The state with the regions of those points filled in. `regions`: {code: region}."""
    filled = [{**one, "region": one["region"] or regions.get(one["code"], "")} for one in state["needlings"]]
    return {**state, "needlings": filled}
