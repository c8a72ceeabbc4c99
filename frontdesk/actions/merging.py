"""Two records of one person become one. Nothing is lost, everything can be traced, and it can be undone.

Only visits still to come move, with the people around the patient; what was signed or only ever added stays
where it is, and questions about a person ask for all their records (`patients.queries.ids_of`).
"""

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from patients.models import CareTeam, Merge, Patient, PatientLocation, RelatedPerson, Restriction, Why
from patients.rules.merging import reasons_not_to_merge, reasons_not_to_undo_merge, values_to_take
from scheduling.actions.caring import leave_care, treat_again
from scheduling.actions.locking import all_or_nothing, keys_for, lock
from scheduling.actions.needles import follow_needles
from scheduling.actions.settling import release_open, settle_open
from scheduling.models import OCCUPIES_PATIENT, Appointment, Series, Status

MOVES = [Status.BOOKED, Status.HELD]


@all_or_nothing
def merge(*, by, request_key, kept, merged, versions, chosen):
    """Make `merged` an old record of `kept` (ids); `versions` is {id: version}; `chosen` {column: id}.

    Returns the Merge. Raises Refused with one sentence for each pair of visits that overlap.
    """
    claim(request_key, location=reverse("patients:chart", args=[kept]))
    lock(keys_for(spans=[], patients=[kept, merged]))
    now = timezone.now()
    kept, merged = lock_records(by, kept, merged)
    if any(row.version != versions[row.pk] for row in (kept, merged)):
        raise Refused(
            _("Somebody else changed one of these meanwhile. Compare them again below, then merge."),
            conflict=True,
        )
    refuse(kept, merged, now)
    moved = {
        **move_visits(kept, merged, now),
        "people": move(RelatedPerson.objects.filter(patient=merged), kept),
        "older": move_older(kept, merged),
        "locations": add_locations(kept, merged),
        "team": add_team(kept, merged, now),
        "restricted": restrict_both(kept, merged),
        "account": merged.user_id,
        "fields": fill(kept, values_to_take(kept, merged, chosen)),
    }
    close_record(kept, merged)
    note_needles(kept, merged)
    settle_open(patient=kept, by=by, now=now)
    made = Merge.objects.create(kept=kept, merged=merged, at=now, by=by, moved=moved)
    counts = {"visits": len(moved["visits"]), "fields": sorted(moved["fields"])}
    audit.record(
        by=by, verb="merge", about=kept, patient=kept, merged=str(merged.pk), merge=str(made.pk), **counts
    )
    return made


def lock_records(by, kept, merged):
    """Both rows, locked in the order of their ids; DoesNotExist for one that this person may not see."""
    seen = Patient.objects.visible_to(by).select_for_update(of=("self",))
    rows = {row.pk: row for row in seen.filter(pk__in=[kept, merged]).order_by("pk")}
    if not {kept, merged} <= rows.keys():
        raise Patient.DoesNotExist
    return rows[kept], rows[merged]


def refuse(kept, merged, now):
    reasons = reasons_not_to_merge(
        same_record=kept.pk == merged.pk,
        kept_is_old=kept.merged_into_id is not None,
        merged_is_old=merged.merged_into_id is not None,
        both_have_accounts=bool(kept.user_id and merged.user_id),
        overlaps=overlaps(kept, merged, now) if kept.pk != merged.pk else [],
    )
    if reasons:
        raise Refused(reasons)


def overlaps(kept, merged, now):
    """A sentence for each visit to come of one record that runs into one of the other."""
    ahead = Appointment.objects.filter(status__in=OCCUPIES_PATIENT, ends_at__gt=now)
    ahead = ahead.select_related("service", "location").order_by("starts_at")
    theirs = list(ahead.filter(patient=merged, starts_at__gt=now))
    return [
        _("%(one)s and %(other)s are at the same time on %(when)s. Move or cancel one of them first.")
        % {"one": one.service.name, "other": other.service.name, "when": wall(one)}
        for one in ahead.filter(patient=kept)
        for other in theirs
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
    ]


def wall(visit):
    local = timezone.localtime(visit.starts_at, visit.location.tz)
    return (
        f"{local:%a %b} {local.day}, {local:%I:%M %p}".replace(", 0", ", ")
        .replace("AM", "am")
        .replace("PM", "pm")
    )


def move(rows, patient):
    """Put these rows under another record; their ids, as JSON keeps them."""
    ids = list(rows.values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=ids).update(patient=patient, version=F("version") + 1)
    return [str(pk) for pk in ids]


def move_visits(kept, merged, now):
    series = Series.objects.filter(patient=merged)
    visits = Appointment.objects.filter(patient=merged, status__in=MOVES, starts_at__gt=now)
    return {"visits": move(visits, kept), "series": move(series, kept)}


def move_older(kept, merged):
    """Records that were merged into the one that goes: they point at the kept one, so one step is always enough."""
    older = Patient.objects.filter(merged_into=merged)
    ids = [str(pk) for pk in older.values_list("pk", flat=True)]
    older.update(merged_into=kept, version=F("version") + 1)
    return ids


def add_locations(kept, merged):
    """Staff who could find the old record find the kept one; which locations are new to it."""
    known = PatientLocation.objects.filter(patient=kept).values("location")
    new = PatientLocation.objects.filter(patient=merged).exclude(location__in=known)
    ids = list(new.values_list("location", flat=True))
    PatientLocation.objects.bulk_create([PatientLocation(patient=kept, location_id=pk) for pk in ids])
    return ids


def add_team(kept, merged, now):
    known = set(CareTeam.objects.filter(patient=kept, until=None).values_list("user", "why"))
    team = CareTeam.objects.filter(patient=merged, until=None)
    new = [
        CareTeam(patient=kept, user_id=m.user_id, why=m.why, since=now)
        for m in team
        if (m.user_id, m.why) not in known
    ]
    return [member.pk for member in CareTeam.objects.bulk_create(new)]


def restrict_both(kept, merged):
    """A chart of which a part was restricted is restricted, and stays so when the merge is undone."""
    standing = {
        row.patient_id: row for row in Restriction.objects.filter(patient__in=[kept, merged], lifted_at=None)
    }
    missing = {kept.pk, merged.pk} - standing.keys()
    if len(missing) != 1:
        return None
    (row,) = standing.values()
    (pk,) = missing
    made = Restriction.objects.create(patient_id=pk, because=row.because, since=row.since, by_id=row.by_id)
    return str(made.pk)


def fill(kept, values):
    """Set columns of the kept record; {column: [before, after]} as text, for undoing."""
    changes = {}
    for name, value in values.items():
        before = as_text(kept, name)
        setattr(kept, name, value)
        changes[name] = [before, as_text(kept, name)]
    return changes


def as_text(row, name):
    value = getattr(row, row._meta.get_field(name).attname)
    return None if value is None else str(value)


def close_record(kept, merged):
    """The old record points at the kept one and gives its account away, first: an account has one record."""
    account, merged.user, merged.merged_into = merged.user, None, kept
    merged.save()
    if account:
        kept.user = account
    kept.save()


@all_or_nothing
def undo_merge(*, by, request_key, pk):
    """Make the old record a record again, with the visits still to come and the people that came from it."""
    made = Merge.objects.get(pk=pk)
    claim(request_key, location=reverse("patients:chart", args=[made.merged_id]))
    lock(keys_for(spans=[], patients=[made.kept_id, made.merged_id]))
    now = timezone.now()
    made = Merge.objects.select_for_update().get(pk=pk)
    kept, merged = lock_records(by, made.kept_id, made.merged_id)
    reasons = reasons_not_to_undo_merge(
        undone=made.undone_at is not None, kept_is_old=kept.merged_into_id is not None
    )
    if reasons:
        raise Refused(reasons)
    # One may draw on what the other bought: all is given back before they part, and drawn anew afterwards.
    release_open(patient=kept, by=by, now=now)
    give_back(made.moved, kept, merged, now)
    note_needles(kept, merged)
    for one in (kept, merged):
        settle_open(patient=one, by=by, now=now)
    made.undone_at, made.undone_by = now, by
    made.save(update_fields=["undone_at", "undone_by"])
    audit.record(
        by=by, verb="undo merge", about=merged, patient=merged, kept=str(kept.pk), merge=str(made.pk)
    )
    return made


def give_back(moved, kept, merged, now):
    visits = Appointment.objects.filter(
        pk__in=moved["visits"], patient=kept, status__in=MOVES, starts_at__gt=now
    )
    returned = move(visits, merged)
    move(Series.objects.filter(pk__in=moved["series"], patient=kept), merged)
    move(RelatedPerson.objects.filter(pk__in=moved["people"], patient=kept), merged)
    older = Patient.objects.filter(pk__in=moved["older"], merged_into=kept)
    older.update(merged_into=merged, version=F("version") + 1)
    CareTeam.objects.filter(pk__in=moved["team"]).exclude(why=Why.TREATING).update(until=now)
    leave_locations(kept, moved["locations"])
    put_back(kept, moved["fields"])
    merged.merged_into = None
    if moved["account"] and kept.user_id == moved["account"]:
        account, kept.user = kept.user, None
        kept.save()
        merged.user = account
    merged.save()
    kept.save()
    part_teams(kept, merged, returned, now)


def part_teams(kept, merged, returned, now):
    """Whoever treats is in the team of the record whose visits they deliver. `returned`: visits that went back."""
    for visit in Appointment.objects.filter(pk__in=returned):
        treat_again(visit, now=now)
    for one in (kept, merged):
        leave_care(one, now)


def note_needles(kept, merged):
    """A visit under way stays with its record: the chart it belongs to is now another one."""
    noted = PatientLocation.objects.filter(patient__in=[kept, merged], needles_in_since__isnull=False)
    for location in set(noted.values_list("location", flat=True)):
        for one in (kept, merged):
            follow_needles(one, location)


def leave_locations(kept, locations):
    """Those that only the merge gave, unless the patient has had a visit there since."""
    visited = Appointment.objects.filter(patient=kept).values("location")
    PatientLocation.objects.filter(patient=kept, location__in=locations).exclude(
        location__in=visited
    ).delete()


def put_back(kept, changes):
    """What the merge wrote and nobody changed since becomes what it was."""
    for name, (before, after) in changes.items():
        field = kept._meta.get_field(name)
        if as_text(kept, name) == after:
            setattr(kept, field.attname, field.to_python(before))
