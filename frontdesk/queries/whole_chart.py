"""The whole chart of one patient, for a records request: every row as data, and the same as a document."""

import base64
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from acupoints.queries import catalogue
from acupoints.rules.names import shown
from clinic.walltime import local
from intake.models import Letter, Response, ResponseStatus
from intake.queries import care
from intake.rules.letters import Section
from intake.rules.signing import in_words
from outcomes.queries import trends
from patients.queries import ids_of
from treatment.models import Addendum, ContactNote, Note, Reaction, ReactionKind
from treatment.queries.notes import with_people, written
from treatment.rules.summary import lines_of

# Each table that holds something about a patient, and the way from its rows to the patient.
ROWS = {
    "patients.Patient": "pk",
    "patients.RelatedPerson": "patient",
    "patients.CareTeam": "patient",
    "patients.PatientLocation": "patient",
    "patients.Restriction": "patient",
    "scheduling.Series": "patient",
    "scheduling.Appointment": "patient",
    "scheduling.VisitPart": "appointment__patient",
    "scheduling.VisitPhase": "visitpart__appointment__patient",
    "scheduling.ActualTime": "appointment__patient",
    "intake.Response": "patient",
    "intake.Signature": "patient",
    "intake.Consent": "patient",
    "intake.Screening": "patient",
    "intake.RaisedFlag": "patient",
    "intake.Referral": "patient",
    "intake.Referral_flags": "referral__patient",
    "intake.Letter": "patient",
    "intake.Condition": "patient",
    "intake.Medication": "patient",
    "intake.MedicationDose": "medication__patient",
    "intake.Allergy": "patient",
    "intake.ListCheck": "patient",
    "intake.CareElsewhere": "patient",
    "plans.Plan": "patient",
    "plans.PlanPhase": "plan__patient",
    "plans.PlanVisit": "plan__patient",
    "plans.PlanRevision": "plan__patient",
    "plans.PlanPause": "plan__patient",
    "plans.Goal": "plan__patient",
    "plans.HomeActivity": "plan__patient",
    "plans.HomeTick": "activity__plan__patient",
    "packages.Purchase": "patient",
    "packages.PurchasedVisits": "purchase__patient",
    "packages.CreditEntry": "purchase__patient",
    "packages.Extension": "purchase__patient",
    "packages.Refund": "purchase__patient",
    "packages.Coverage": "patient",
    "packages.Authorization": "patient",
    "packages.AuthorizationEntry": "authorization__patient",
    "packages.MoreVisits": "patient",
    "packages.PolicyUse": "patient",
    "packages.Waiver": "use__patient",
    "treatment.Note": "patient",
    "treatment.Addendum": "note__patient",
    "treatment.NeedleSet": "note__patient",
    "treatment.Needling": "note__patient",
    "treatment.NeedleCount": "note__patient",
    "treatment.Adjunct": "note__patient",
    "treatment.SegmentFinding": "note__patient",
    "treatment.RegionFinding": "note__patient",
    "treatment.Adjustment": "note__patient",
    "treatment.Vitals": "note__patient",
    "treatment.AgainstRule": "note__patient",
    "treatment.ContactNote": "patient",
    "treatment.Handover": "patient",
    "treatment.Reaction": "patient",
    "outcomes.Assessment": "patient",
    "outcomes.Activity": "patient",
    "outcomes.Score": "patient",
}
# What leads to a patient and is no part of the chart, and why.
LEFT_OUT = {
    "patients.Merge": "how records were brought together; the chart holds all of them",
    "intake.FormLink": "the way to a form; who filled it in stands in the form",
    "outcomes.AnswerLink": "the way to a score check; what was answered are the scores",
    "scheduling.Change": "what undoing a step needs; the facts are actual times",
    "scheduling.Reservation": "minutes promised; what was agreed are the visit's phases",
    "scheduling.Call": "a line of a call list while somebody is away",
    "treatment.NoteSave": "working copies of a draft; what was signed is the note",
}
SECRET = {"search_text"}


def rows_of(patient):
    """{table: [row]} of everything, notes entered in error left out. One statement for each table."""
    ids = ids_of(patient)
    wrong = set(
        Addendum.objects.filter(note__patient__in=ids, kind=Addendum.Kind.ENTERED_IN_ERROR).values_list(
            "note", flat=True
        )
    )
    return {label: table(label, path, ids, wrong) for label, path in ROWS.items()}


def table(label, path, ids, wrong):
    model = model_of(label)
    note = "pk" if label == "treatment.Note" else "note" if path.startswith("note__") else None
    rows = model.objects.filter(**{f"{path}__in": ids}).order_by("pk")
    if note:
        rows = rows.exclude(**{f"{note}__in": wrong})
    return [
        {name: value_of(value) for name, value in row.items() if name not in SECRET} for row in rows.values()
    ]


def model_of(label):
    """Also the tables that Django makes for many-to-many relations."""
    app, name = label.split(".")
    owner, _name, field = name.partition("_")
    return getattr(apps.get_model(app, owner), field).through if field else apps.get_model(label)


def value_of(value):
    """What JSON has no form for: files as base64, phone numbers as they are dialled."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value) if isinstance(value, UUID | PhoneNumber) else value


def sections_of(patient, user, today):
    """The chart as a document: history, notes, reactions, scores, forms, letters. A fixed number of statements."""
    ids = ids_of(patient)
    return [
        Section(_("Reached at"), lines=tuple(filter(None, [str(patient.phone or ""), patient.email]))),
        *history_sections(patient, today),
        *note_sections(ids, user),
        Section(_("Contacts"), lines=tuple(contact_lines(ids))),
        Section(_("Reactions"), lines=tuple(reaction_lines(ids))),
        Section(_("Scores"), lines=tuple(score_lines(patient))),
        *form_sections(ids),
        Section(_("Letters"), lines=tuple(letter_lines(ids))),
    ]


def history_sections(patient, today):
    known = care.known_of(patient, today)
    return [
        Section(_("Conditions"), lines=known.conditions),
        Section(_("Medication"), lines=known.medication),
        Section(_("Allergies"), lines=known.allergies),
    ]


def note_sections(ids, user):
    notes = Note.objects.visible_to(user).standing().filter(patient__in=ids).order_by("opened_at", "pk")
    names = catalogue()
    return [
        note_section(one, lambda code: shown(code, names))
        for one in written(list(with_people(notes).select_related("location")))
    ]


def note_section(one, label):
    note = one.note
    day = when(note.opened_at, note.location)
    heading = _("%(day)s, %(discipline)s, %(name)s") % {
        "day": day,
        "discipline": note.discipline.name,
        "name": note.author.name,
    }
    signed = (
        _("Signed %(day)s.") % {"day": when(note.signed_at, note.location)}
        if note.signed_at
        else _("A draft, not signed.")
    )
    added = [_("Added: %(words)s") % {"words": each.words} for each in one.addenda]
    return Section(heading, (signed,), (*lines_of(one.state, label), *added))


def when(instant, location):
    seen = local(instant, location.tz) if location else instant
    return f"{seen:%Y-%m-%d %H:%M}"


def contact_lines(ids):
    rows = ContactNote.objects.filter(patient__in=ids).select_related("by__profile").order_by("at")
    return [f"{row.at:%Y-%m-%d}, {row.get_kind_display()}, {row.by.name}: {row.words}" for row in rows]


def reaction_lines(ids):
    names = dict(ReactionKind.objects.effective().values_list("key", "event"))
    rows = Reaction.objects.filter(patient__in=ids).order_by("at")
    return [
        f"{row.at:%Y-%m-%d}: "
        + _("%(kind)s, grade %(grade)s") % {"kind": names.get(row.kind, row.kind), "grade": row.grade}
        for row in rows
    ]


def score_lines(patient):
    return [
        f"{point.on:%Y-%m-%d}, {trend.measure.name}: {point.words}"
        for trend in trends.of_patient(patient)
        for point in trend.points
    ]


def form_sections(ids):
    rows = Response.objects.filter(patient__in=ids, status=ResponseStatus.DONE).select_related(
        "questionnaire"
    )
    return [
        Section(
            _("%(title)s, filled in %(day)s")
            % {"title": row.questionnaire.title, "day": f"{row.done_at:%Y-%m-%d}"},
            lines=tuple(
                f"{asked}: {said}" for asked, said in in_words(row.questionnaire.definition, row.answers)
            ),
        )
        for row in rows.order_by("done_at", "pk")
    ]


def letter_lines(ids):
    rows = Letter.objects.filter(patient__in=ids).order_by("made_at")
    return [f"{row.made_at:%Y-%m-%d}: {row.to}" for row in rows.defer("pdf", "data")]
