"""Which forms there are, who was handed which, and how far they are."""

from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from intake.models import FormLink, Origin, Questionnaire, Response, ResponseStatus, SignOff
from intake.rules.links import hashed, reasons_not_to_open
from intake.rules.signing import lines_of, reasons_not_to_hand_out, text_version
from messaging.models import Text
from patients.models import ReachBy
from patients.queries import ids_of, related_people_of
from patients.rules import may_be_told_of, may_sign_for

WAITING = (ResponseStatus.ASKED, ResponseStatus.BEGUN)
# In which order forms are offered; what a clinic adds follows.
ORDER = [
    "health_history",
    "symptoms",
    "red_flags_neck",
    "red_flags_back",
    "consent_acupuncture",
    "consent_adjustment",
    "consent_neck_adjustment",
    "consent_combined",
    "practice_policies",
    "privacy_notice",
    "release_of_records",
]


@dataclass(frozen=True)
class Choice:
    """A form that can be handed out, or why it cannot. `status` is that of a copy which waits already."""

    key: str
    title: str
    reasons: tuple[str, ...] = ()
    status: str = ""


@dataclass(frozen=True)
class Addressee:
    """Somebody a link can go to: the patient (`related` None) or a guardian."""

    name: str
    email: str
    related: int | None = None


@dataclass(frozen=True)
class Door:
    """What an opened link leads to. `reasons` say why it is closed."""

    link: FormLink
    responses: list[Response]
    reasons: list[str] = field(default_factory=list)

    @property
    def waiting(self):
        return [row for row in self.responses if row.status in WAITING]

    @property
    def done(self):
        return [row for row in self.responses if row.status == ResponseStatus.DONE]

    def of(self, key):
        return next((row for row in self.responses if row.questionnaire.key == key), None)


def placed(key):
    return (ORDER.index(key), "") if key in ORDER else (len(ORDER), key)


def latest(keys=None):
    """{key: its newest version}, in the order of the forms; one statement."""
    rows = Questionnaire.objects.order_by("key", "-number").distinct("key")
    rows = rows if keys is None else rows.filter(key__in=keys)
    return {row.key: row for row in sorted(rows, key=lambda row: placed(row.key))}


def versions_of(key):
    """Every version of a form, newest first, with who made it."""
    return list(Questionnaire.objects.filter(key=key).select_related("made_by").order_by("-number"))


def door(token, now):
    """What stands behind a link, or None for a token that is none; two statements."""
    links = FormLink.objects.select_related("patient", "related_person")
    link = links.filter(token_sha256=hashed(token)).first()
    if link is None:
        return None
    rows = Response.objects.filter(link=link).exclude(status=ResponseStatus.WITHDRAWN)
    rows = sorted(rows.select_related("questionnaire"), key=lambda row: placed(row.questionnaire.key))
    waiting = sum(row.status in WAITING for row in rows)
    reasons = reasons_not_to_open(
        expires_at=link.expires_at, ended_at=link.ended_at, waiting=waiting, now=now
    )
    return Door(link, rows, reasons)


def of_patient(patient):
    """Every copy that was handed out and not withdrawn, newest first, with its form and link; two statements.

    The answers are left in the database: this is for people who must not read them.
    """
    rows = Response.objects.filter(patient__in=ids_of(patient)).exclude(status=ResponseStatus.WITHDRAWN)
    rows = rows.select_related("questionnaire", "link").defer(
        "answers", "scores", "page", "questionnaire__definition"
    )
    return list(rows.order_by("-asked_at", "pk"))


def response_of(patient, pk):
    """One copy of this patient's, with its form, or None."""
    rows = Response.objects.filter(patient__in=ids_of(patient), pk=pk)
    return rows.select_related("questionnaire", "link").first()


def link_of(patient, pk):
    """One link to this patient's forms, or None."""
    return FormLink.objects.filter(patient__in=ids_of(patient), pk=pk).first()


def progress(patient_ids):
    """{patient: (done, asked)} of the forms that were handed out and not withdrawn; one statement.

    Patients without forms are left out.
    """
    rows = Response.objects.filter(patient__in=patient_ids).exclude(status=ResponseStatus.WITHDRAWN)
    counts = rows.values("patient").annotate(
        done=Count("pk", filter=Q(status=ResponseStatus.DONE)), asked=Count("pk")
    )
    return {row["patient"]: (row["done"], row["asked"]) for row in counts}


def read_as(key):
    """What a reading of a form's text is filed under."""
    return f"form:{key}"


def unread(forms):
    """Keys of the forms to sign whose words nobody of the clinic has read; `forms` is {key: row}. One statement.

    What the clinic wrote itself, it has read.
    """
    ours = {
        key: text_version(row.definition)
        for key, row in forms.items()
        if row.origin == Origin.SHIPPED and lines_of(row.definition)
    }
    rows = SignOff.objects.filter(what__in=[read_as(key) for key in ours])
    read = set(rows.values_list("what", "content_sha256"))
    return {key for key, sha256 in ours.items() if (read_as(key), sha256) not in read}


def hindrances(forms):
    """{key: reasons not to hand it out}; one statement."""
    waiting = unread(forms)
    return {
        key: reasons_not_to_hand_out(row.title, row.definition, unread=key in waiting)
        for key, row in forms.items()
    }


def readings_of(key, limit=5):
    """Who read the text of a form, newest first."""
    rows = SignOff.objects.filter(what=read_as(key)).select_related("by__profile")
    return list(rows.order_by("-at", "-pk")[:limit])


def choices(patient):
    """The forms that can be handed to a patient; four statements."""
    rows = Response.objects.filter(patient__in=ids_of(patient), status__in=WAITING)
    waiting = dict(rows.values_list("questionnaire__key", "status"))
    forms = latest()
    reasons = hindrances(forms)
    return [Choice(key, form.title, tuple(reasons[key]), waiting.get(key, "")) for key, form in forms.items()]


def guardians_of(patient, now):
    return [person for person in related_people_of(patient, now) if person.guardian]


def signers_of(patient, now):
    """Guardians whose name can stand under a consent."""
    return [person for person in related_people_of(patient, now) if may_sign_for(person)]


def told_of(patient, now):
    """Guardians who may read and write about the patient's health."""
    return [person for person in related_people_of(patient, now) if may_be_told_of(person)]


def addressees(patient, guardians):
    """Who can be written to: nobody, if the patient does not want to be contacted."""
    if patient.reach_by == ReachBy.NOT:
        return []
    people = [Addressee(patient.called, patient.email)]
    people += [Addressee(person.name, person.email, person.pk) for person in guardians]
    return [each for each in people if each.email]


def emergency_texts(keys):
    """The clinic's texts with these keys, in this order, as (key, title, paragraphs)."""
    rows = {row.key: row for row in Text.objects.effective().filter(key__in=keys)} if keys else {}
    found = []
    for key in keys:
        if key in rows and rows[key].body.strip():
            found.append((key, rows[key].title, rows[key].body.split("\n\n")))
        else:
            found.append((key, *plain_emergency(key)))
    return found


def plain_emergency(key):
    """What is said where the clinic's own text is not there: an emergency never goes without."""
    if key == "emergency_988":
        return (_("You do not have to be alone with this"), [_("Call or text 988 now, day or night.")])
    return (
        _("This may be an emergency"),
        [_("Call 911 or go to the nearest emergency room now. Do not drive yourself.")],
    )
