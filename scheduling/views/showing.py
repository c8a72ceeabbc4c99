"""Offers as radio buttons, and what belongs to the chosen one: the sentence to say, who and where."""

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic import walltime
from packages.queries.balances import would_lose, would_use_each
from scheduling.forms.booking import packed
from scheduling.queries.asked import a_few, names_at, offer_at, world_at
from scheduling.queries.candidates import candidates, group_labels, names_in
from scheduling.queries.visits import kinds_of_parts, parts_on
from scheduling.rules import sentences
from scheduling.rules.covering import all_beyond, lost_in_words, uses_in_words

FEW, MANY = 3, 12  # times shown at first, and after “More times”


class Showing:
    """How one answer is shown: to whom, for whom, and whose parts the selects are named after."""

    def __init__(self, *, place, patients, service_id, part_names, reader, now, moving=None):
        self.place, self.patients, self.service_id = place, patients, service_id
        self.part_names, self.reader, self.now, self.moving = part_names, reader, now, moving
        self.ignoring = [moving.pk] if moving else ()

    def offers(self, found, *, picked=None, preselect=True, posted=None, more=False):
        """Context of booking_offers.html. `picked`: the option that was chosen before, kept on the list."""
        names = names_in(found.world) if found.world else names_at(self.place)
        few = found.options[:FEW] if found.near else a_few(found.options, self.place.tz, FEW)
        options = list(found.options) if more else few
        known = {packed(self.service_id, option) for option in options}
        if picked and packed(self.service_id, picked) not in known:
            options.insert(0, picked)
        chosen = picked or (options[0] if options and preselect else None)
        rows = [self.row(option, names) for option in options]
        if found.taken:
            rows.append({**self.row((found.taken,), names), "double": True})
        value = packed(self.service_id, chosen) if chosen else None
        return {
            "offers": [{**row, "checked": row["value"] == value} for row in rows],
            "remarks": found.remarks,
            "more": len(options) < len(found.options),
            "chosen": self.chosen(chosen, found, names, posted or {}) if chosen else None,
        }

    def row(self, option, names):
        zone = self.place.tz
        last = max(one.ends_at for one in option)
        if len(option) == 1:
            who = [sentences.who_and_where(option[0].phases, names, zone)]
        else:
            who = [
                sentences.of_member(patient.called, one, names, zone)
                for patient, one in zip(self.patients, option, strict=True)
            ]
        return {
            "value": packed(self.service_id, option),
            "when": sentences.when(option[0].starts_at, last, zone, self.reader),
            "who": who,
            "unattended": any(one.unattended for one in option),
        }

    def chosen(self, option, found, names, posted):
        """Context of booking_chosen.html: for a family the sentence alone, for one visit who and where, too."""
        zone = self.place.tz
        covering = self.covering(option[0]) if self.moving is None else self.losing(option[0])
        if len(option) > 1:
            told = [(patient.called, one, names) for patient, one in zip(self.patients, option, strict=True)]
            words = sentences.joint_to_read(told, zone)
            return {"sentence": words, "groups": [], "taken": False, **covering}
        (one,) = option
        groups = self.groups(one, self.world_around(found, one), found.visit, posted)
        return {
            "sentence": sentences.to_read(one.starts_at, one.ends_at, one.phases, names, zone),
            "groups": groups,
            "taken": any(
                str(c.id) == group["selected"] and not c.free for group in groups for c in group["choices"]
            ),
            "repeat": self.repeat_query(one),
            **covering,
        }

    def covering(self, one):
        """What this time would draw on, for each person a line, and which approvals do not reach. Three statements."""
        parts = kinds_of_parts(self.service_id)
        on = walltime.local(one.starts_at, self.place.tz).date()
        uses = list(zip(self.patients, would_use_each(self.patients, parts, on), strict=True))
        several = len(uses) > 1
        return {
            "uses": [(who.called if several else "", uses_in_words(use)) for who, use in uses],
            "beyond": [said for who, use in uses for said in all_beyond(use, who.called)],
        }

    def losing(self, one):
        """What a visit that is moved there would draw on no longer. Three statements."""
        on = walltime.local(one.starts_at, self.place.tz).date()
        names, states = parts_on(self.moving, on)
        lost = would_lose(self.moving.patient, states)
        said = lost_in_words([names[part] for part in lost])
        return {"uses": [("", said)]}

    def world_around(self, found, one):
        world = found.world
        if world and world.grid.span.start <= one.starts_at and one.phases[-1].ends_at <= world.grid.span.end:
            return world
        patients = [patient.pk for patient in self.patients]
        return world_at(
            self.place, found.visit, one.starts_at, now=self.now, patients=patients, ignoring=self.ignoring
        )

    def groups(self, one, world, visit, posted):
        people, rooms = candidates(world, visit, one.starts_at)
        with_whom, in_which = group_labels(visit, self.part_names)
        return [
            *select_rows("who", _("%(part)s with"), with_whom, people, one.practitioners, posted),
            *select_rows("where", _("%(part)s in"), in_which, rooms, one.rooms, posted),
        ]

    def repeat_query(self, one):
        """What the page of series starts from."""
        wall = walltime.local(one.starts_at, self.place.tz)
        return urlencode(
            {
                "patient": self.patients[0].pk,
                "service": self.service_id,
                "provider": one.practitioners[0] if one.practitioners else "",
                "date": f"{wall:%Y-%m-%d}",
                "time": f"{wall:%H:%M}",
            }
        )


def select_rows(prefix, wording, labels, groups, ids, posted):
    return [
        {
            "name": f"{prefix}_{number}",
            "label": wording % {"part": label},
            "choices": group,
            "selected": posted.get(f"{prefix}_{number}", str(chosen)),
        }
        for number, (label, group, chosen) in enumerate(zip(labels, groups, ids, strict=True))
    ]


def option_of(picks, visit):
    """The option that a form carried, as an offer again; None where it does not fit this visit's groups."""
    sizes = len(visit.practitioner_groups), len(visit.room_groups)
    if any((len(one.practitioners), len(one.rooms)) != sizes for one in picks):
        return None
    return tuple(offer_at(visit, one.starts_at, one.practitioners, one.rooms) for one in picks)
