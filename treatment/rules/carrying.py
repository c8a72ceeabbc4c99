"""What happens to a draft between two saves, and what is taken over from an earlier note. No database, no clock.

Everything taken over is listed in `carried` until it is touched or confirmed. What the patient said and how
they responded is never taken over, nor what belongs to one day: times, lots, counts.
"""

from treatment.rules.state import CHILDREN, FIELDS, STAMPED, TAPS, fresh

# Kinds taken over from a note or a template, and what of a child is of that day only.
TAKEN_OVER = {
    "sets": ("lot", "expires_on", "box", "retention_reason", "started_at", "ended_at"),
    "needlings": ("sensations", "discomfort", "unusual", "press_until"),
    "adjuncts": (),
    "adjustments": ("response",),
}
# Fields that a template may hold beside them.
TEMPLATE_FIELDS = ("advice", "next_time")


def merged(old, new, *, by, now, added=()):
    """The state to keep: what the page sent, with the stamps and the `carried` that only the server writes.

    `by` is the id of who saves, `now` an ISO instant; `added` are names newly taken over.
    """
    state = {**new}
    for tap in TAPS:
        held = old[tap] and new[tap]
        state[f"{tap}_at"] = old[f"{tap}_at"] if held else (now if new[tap] else None)
        state[f"{tap}_by"] = old[f"{tap}_by"] if held else (by if new[tap] else None)
    for kind in STAMPED:
        before = {child["id"]: child for child in old[kind]}
        state[kind] = [stamped(child, before.get(child["id"]), by=by, now=now) for child in new[kind]]
    state["carried"] = [*still_carried(old, state), *added]
    return state


def stamped(child, before, *, by, now):
    if before and all(before[name] == value for name, value in child.items()):
        return before
    return {**child, "at": now, "by": by}


def still_carried(old, new):
    """Names carried before, not confirmed by the page, whose value is still the same."""
    wanted = set(new["carried"])
    then, today = by_name(old), by_name(new)
    return [name for name in old["carried"] if name in wanted and name in today and then[name] == today[name]]


def by_name(state):
    """Fields by their name and children by their id: what `carried` names."""
    children = {child["id"]: child for kind in CHILDREN for child in state[kind]}
    return {**{name: state[name] for name in FIELDS}, **children}


def taken_over(state, source, *, boxes, new_id, fields=()):
    """(state, names): with the source's sets, needlings, adjuncts and adjustments added, and what they are called.

    `source` may be the state of a signed note or a template's content. What the draft has already is not added
    again. `boxes`: {size: box in use}, from which lot and expiry come.
    """
    found = {**state, **{kind: list(state[kind]) for kind in TAKEN_OVER}}
    renamed, added = {}, []
    for kind, of_that_day in TAKEN_OVER.items():
        had = {likeness(kind, child) for child in state[kind]}
        for child in source.get(kind, []):
            if likeness(kind, child) in had:
                renamed[child["id"]] = child["id"]
                continue
            copy = {"id": new_id(), **copied(kind, child, of_that_day)}
            renamed[child["id"]] = copy["id"]
            if kind == "needlings":
                copy["needle_set"] = renamed.get(copy["needle_set"])
            elif kind == "sets":
                copy |= boxes.get(copy["size"], {})
            found[kind].append(copy)
            added.append(copy["id"])
    for name in fields:
        empty = FIELDS[name].empty
        if source.get(name, empty) != empty and found[name] == empty:
            found[name] = fresh(source[name])
            added.append(name)
    return found, added


def copied(kind, child, of_that_day):
    asked = CHILDREN[kind]
    return {
        name: fresh(asked[name].empty if name in of_that_day else child.get(name, asked[name].empty))
        for name in asked
    }


def likeness(kind, child):
    """What two children of a kind have in common when they are the same thing."""
    names = {
        "sets": ("id",),  # a set is of its day: never the same as another
        "needlings": ("kind", "code", "place", "side"),
        "adjuncts": ("modality", "area", "side"),
        "adjustments": ("segment", "side", "listing"),
    }[kind]
    return tuple(child.get(name) for name in names)


def confirmed(state, which):
    """The state with these names confirmed; "all" confirms everything."""
    left = [] if which == "all" else [name for name in state["carried"] if name not in set(which)]
    return {**state, "carried": left}


def template_of(state):
    """What a template keeps of a draft."""
    kept = {
        kind: [{"id": child["id"], **copied(kind, child, of_that_day)} for child in state[kind]]
        for kind, of_that_day in TAKEN_OVER.items()
    }
    return {**kept, **{name: state[name] for name in TEMPLATE_FIELDS}}
