"""Every route of ours: who may, and what its address names. A route without a line here fails the tests.

A line is the permission (a key of ROLES_OF) and how to fill the address: `nothing`, `patient`, `visit` and
`call` run through everybody's rows, the others name one row that all permitted people may open.
"""

from dataclasses import dataclass, field, replace

from tests.access.world import TARGETS, TOKEN

# Who holds each permission: written out, so that a change of clinic.roles shows here.
ROLES_OF = {
    "be_signed_in": {"owner", "front_desk", "practitioner", "patient"},
    "see_the_day": {"owner", "front_desk", "practitioner"},
    "book": {"owner", "front_desk", "practitioner"},
    "run_the_day": {"owner", "front_desk", "practitioner"},
    "find_patients": {"owner", "front_desk", "practitioner"},
    "register_patients": {"owner", "front_desk", "practitioner"},
    "merge_patients": {"owner", "front_desk"},
    "record_absences": {"owner", "front_desk", "practitioner"},
    "read_chart": {"owner", "practitioner"},
    "write_chart": {"practitioner"},
    "treat": {"practitioner"},
    "restrict_charts": {"owner", "front_desk", "practitioner"},
    "write_contact": {"owner", "front_desk", "practitioner"},
    "see_rates": {"owner", "practitioner"},
    "see_unassessed": {"owner", "practitioner"},
    "hand_out_forms": {"owner", "front_desk", "practitioner"},
    "sell_packages": {"owner", "front_desk", "practitioner"},
    "manage_clinic": {"owner"},
    "read_library": {"owner", "practitioner"},
    "see_plan_dates": {"owner", "front_desk", "practitioner"},
    "see_own_visits": {"patient"},
    "see_own_plan": {"patient"},
}

# Pages on which clinical words of a patient can stand: where it matters whose chart is open.
CHARTS = {"read_chart", "write_chart", "treat", "find_patients", "see_plan_dates", "see_the_day"}
# Pages of a chart whose opening leaves no line of who read it, each with its reason.
NOT_LOGGED = {
    "patients:open_with_reason": "It asks for the reason, and shows nothing of the chart.",
}


@dataclass(frozen=True)
class Target:
    """One filling of a route's address; `about` is the patient (or location) whose visibility decides, if any.

    `mixed` is an address whose parts do not belong together: nobody finds anything there. `query` names the
    patient outside the path, by GET and POST: a stranger's may be refused with a sentence (422) as well.
    `named`: the address names the patient, so that a closed chart says so (403). `closed_too`: the page is for
    closed charts as for open ones.
    """

    kwargs: dict
    about: str | None = None
    version: int = 1
    mixed: bool = False
    query: dict = field(default_factory=dict)
    named: bool = False
    closed_too: bool = False


def nothing(world):
    return [Target({})]


def patient(world, name="pk"):
    rows = [(each, getattr(world.cast, each)) for each in TARGETS]
    return [Target({name: row.pk}, each, row.version, named=True) for each, row in rows]


def closed_too(fill):
    """Pages about a patient that are for closed charts as for open ones."""
    return lambda world: [replace(each, closed_too=True) for each in fill(world)]


def restricted(world):
    """Rita’s chart, which is restricted, with the version of the restriction."""
    return [Target({"pk": world.cast.rita.pk}, "rita", world.rows["restriction"].version)]


def of_everybody(kind, name="pk"):
    """A row of each patient: `kind` is the world's dictionary of them."""

    def fill(world):
        rows = [(each, getattr(world, kind)[each]) for each in TARGETS]
        return [Target({name: row.pk}, each, getattr(row, "version", 1)) for each, row in rows]

    return fill


visit = of_everybody("visits")


def part(world):
    """A part of the visit; and a part of another patient's visit, asked for under Maria's."""
    rows = [(each, world.visits[each], world.visits[each].parts.get()) for each in TARGETS]
    own = [Target({"pk": row.pk, "part": one.pk}, each, one.version) for each, row, one in rows]
    strange = {"pk": world.visits["maria"].pk, "part": world.visits["rita"].parts.get().pk}
    return [*own, Target(strange, "maria", mixed=True)]


def asked(**more):
    """Each patient, named in the query. `more` is what else the page wants to know."""

    def fill(world):
        rest = {name: value(world) if callable(value) else value for name, value in more.items()}
        rows = [(each, getattr(world.cast, each).pk) for each in TARGETS]
        return [Target({}, each, query={"patient": pk, **rest}) for each, pk in rows]

    return fill


def maybe_asked(**more):
    """As `asked`, and once before anybody is named."""
    return lambda world: [Target({}), *asked(**more)(world)]


def two_patients(world):
    """Two records side by side: whoever opens them must see both."""
    others = [(each, getattr(world.cast, each).pk) for each in TARGETS if each != "maria"]
    return [
        *patient(world),
        *(Target({"pk": world.cast.maria.pk}, f"maria+{each}", query={"other": pk}) for each, pk in others),
    ]


def part_alone(world):
    """A part of the visit, without the visit."""
    return [Target({"part": world.visits[each].parts.get().pk}, each) for each in TARGETS]


def note_in_error(world):
    """The note that was taken out of Maria’s chart."""
    return [Target({"pk": world.rows["note_in_error"].pk}, "maria")]


def addenda(world):
    """Each kind of addendum to a note of each patient."""
    return with_each(of_everybody("notes"), kind=["addendum", "needle_resolution", "entered_in_error"])(world)


def about(name, fill):
    """One row that belongs to this patient, or to this location."""
    return lambda world: [replace(target, about=name) for target in fill(world)]


def adjustment(world):
    return world.rows["service"].pk


def related(world):
    """A person related to the patient; and one of another patient's, asked for under Maria."""
    people = world.related
    rows = [
        Target({"pk": people[name].patient_id, "person": people[name].pk}, name, people[name].version)
        for name in TARGETS
    ]
    return [*rows, Target({"pk": world.cast.maria.pk, "person": people["rita"].pk}, "maria", mixed=True)]


def first_of_a_course(world):
    """The visit that is the first of each plan; and somebody else's, asked for under Maria's plan."""
    rows = [(each, world.plans[each], world.visits[each]) for each in TARGETS]
    own = [Target({"pk": plan.pk, "first": visit.pk}, each) for each, plan, visit in rows]
    strange = {"pk": world.plans["maria"].pk, "first": world.visits["rita"].pk}
    return [*own, Target(strange, "maria", mixed=True)]


def goal(world):
    """A goal of each plan; and one of another patient's, asked for under Maria's plan."""
    rows = [(each, world.plans[each], world.plans[each].goals.get()) for each in TARGETS]
    own = [Target({"pk": plan.pk, "row": one.pk}, each, one.version) for each, plan, one in rows]
    strange = {"pk": world.plans["maria"].pk, "row": world.plans["rita"].goals.get().pk}
    return [*own, Target(strange, "maria", mixed=True)]


def under_patient(kind, name, **more):
    """A row of the patient's own, under the patient; and one of another patient's, asked for under Maria."""

    def fill(world):
        rows = {each: getattr(world, kind)[each] for each in TARGETS}
        own = [
            Target({"pk": getattr(world.cast, each).pk, name: row.pk, **more}, each, row.version, named=True)
            for each, row in rows.items()
        ]
        strange = {"pk": world.cast.maria.pk, name: rows["rita"].pk, **more}
        return [*own, Target(strange, "maria", version=rows["rita"].version, mixed=True)]

    return fill


def their_own(fill):
    """What only a patient does, or whoever has that right: nobody of the cast does it for Leo."""
    return lambda world: [replace(each, mixed=each.mixed or each.about == "leo") for each in fill(world)]


def with_each(fill, **values):
    """Every filling once with each of the values of one more part of the address."""
    ((name, choices),) = values.items()

    def filled(world):
        return [
            replace(each, kwargs={**each.kwargs, name: choice}) for choice in choices for each in fill(world)
        ]

    return filled


def consent_by_name(world):
    return [replace(each, kwargs={**each.kwargs, "kind": "acupuncture"}) for each in patient(world)]


def one(row, **names):
    """The row of the world with that name, in the address as `pk` or as named."""

    def fill(world):
        found = world.rows.get(row) or getattr(world.cast, row)
        kwargs = {
            name: (world.rows.get(other) or getattr(world.cast, other)).pk for name, other in names.items()
        }
        return [Target({"pk": found.pk, **kwargs}, version=getattr(found, "version", 1))]

    return fill


def only(row, name):
    """The row of the world with that name, in the address under a name of its own."""
    return lambda world: [Target({name: world.rows[row].pk})]


def at_a_location(row):
    """A row of Uptown, under Uptown; and the same row under Harbor, where it is not."""

    def fill(world):
        (target,) = one(row, location_pk="uptown")(world)
        elsewhere = {**target.kwargs, "location_pk": world.cast.harbor.pk}
        return [target, Target(elsewhere, version=target.version, mixed=True)]

    return fill


def under_uptown(world):
    return [Target({"location_pk": world.cast.uptown.pk})]


def token(world):
    return [Target({"token": TOKEN})]


ROUTES = {
    "home": ("be_signed_in", nothing),
    "choose_location": ("see_the_day", nothing),
    "favicon": ("public", nothing),
    "health_live": ("public", nothing),
    "health_ready": ("public", nothing),
    "frontdesk:today": ("see_the_day", nothing),
    "frontdesk:board": ("see_the_day", nothing),
    "frontdesk:opening": ("see_the_day", nothing),
    "frontdesk:todos": ("see_the_day", nothing),
    "frontdesk:close_todo": ("see_the_day", one("todo")),
    "frontdesk:closing": ("see_the_day", nothing),
    "frontdesk:check_in": ("run_the_day", visit),
    "frontdesk:check_in_all": ("run_the_day", about("leo", one("household"))),
    "frontdesk:step": ("run_the_day", visit),
    "frontdesk:times": ("run_the_day", visit),
    "frontdesk:untreated": ("run_the_day", visit),
    "frontdesk:room": ("run_the_day", visit),
    "frontdesk:unwell": ("run_the_day", visit),
    "frontdesk:longer": ("run_the_day", visit),
    "frontdesk:late": ("run_the_day", visit),
    "frontdesk:early": ("run_the_day", visit),
    "frontdesk:walk_in": ("run_the_day", maybe_asked(service=adjustment)),
    "frontdesk:chart_json": ("write_chart", patient),
    "frontdesk:chart_pdf": ("write_chart", patient),
    "frontdesk:merge": ("merge_patients", two_patients),
    "frontdesk:undo_merge": ("merge_patients", about("maria+marta", one("merge"))),
    "scheduling:feed": ("see_the_day", nothing),
    "scheduling:fits": ("book", asked(service=adjustment, date="2026-11-25", by="provider")),
    "scheduling:book": ("book", maybe_asked(service=adjustment)),
    "scheduling:offers": ("book", asked(service=adjustment)),
    "scheduling:happened": ("book", maybe_asked(service=adjustment)),
    "scheduling:repeat": ("book", asked(service=adjustment)),
    "scheduling:series": ("book", of_everybody("series")),
    "scheduling:block": ("book", nothing),
    "scheduling:remove_block": ("book", about("uptown", one("block"))),
    "scheduling:of_patient": ("see_the_day", patient),
    "scheduling:visit": ("see_the_day", visit),
    "scheduling:drop": ("book", visit),
    "scheduling:move": ("book", visit),
    "scheduling:cancel": ("book", visit),
    "scheduling:waive": ("book", visit),
    "scheduling:no_show": ("run_the_day", visit),
    "scheduling:confirm": ("run_the_day", visit),
    "scheduling:confirm_hold": ("book", visit),
    "scheduling:part_not_done": ("run_the_day", part),
    "scheduling:away": ("record_absences", about("uptown", only("practitioner", "practitioner"))),
    "scheduling:calls": ("record_absences", about("uptown", only("absence", "absence"))),
    "scheduling:answer": ("record_absences", of_everybody("calls")),
    "messaging:outbox": ("manage_clinic", nothing),
    "messaging:send_again": ("manage_clinic", one("message")),
    "scheduling:undo": ("book", of_everybody("changes", "change")),
    "scheduling:calendar": ("see_the_day", nothing),
    "patients:list": ("find_patients", nothing),
    "patients:search": ("find_patients", nothing),
    "patients:new": ("register_patients", nothing),
    "patients:chart": ("find_patients", patient),
    "patients:opened": ("manage_clinic", nothing),
    "patients:open_with_reason": ("read_chart", closed_too(patient)),
    "patients:restrict": ("restrict_charts", patient),
    "patients:lift_restriction": ("manage_clinic", restricted),
    "patients:edit": ("register_patients", patient),
    "patients:household": ("register_patients", patient),
    "patients:leave_household": ("register_patients", patient),
    "patients:new_related_person": ("register_patients", patient),
    "patients:related_person": ("register_patients", related),
    "patients:end_related_person": ("register_patients", related),
    "patients:invite": ("register_patients", patient),
    "patients:invite_again": ("register_patients", patient),
    "patients:withdraw_invitation": ("register_patients", patient),
    "patients:activate": ("register_patients", patient),
    "patients:deactivate": ("register_patients", patient),
    "patients:invite_related": ("register_patients", related),
    "patients:invite_related_again": ("register_patients", related),
    "patients:withdraw_related_invitation": ("register_patients", related),
    "patients:activate_related": ("register_patients", related),
    "patients:deactivate_related": ("register_patients", related),
    "services:list": ("manage_clinic", nothing),
    "services:new": ("manage_clinic", nothing),
    "services:detail": ("manage_clinic", one("service")),
    "services:steps": ("manage_clinic", one("service")),
    "portal:visits": ("see_own_visits", nothing),
    "portal:plan": ("see_own_plan", nothing),
    "portal:plan_of": ("see_own_plan", patient),
    "portal:tick": ("see_own_plan", their_own(under_patient("activities", "activity"))),
    "portal:answer": ("see_own_plan", their_own(under_patient("checks", "check"))),
    "portal:opened": ("see_own_plan", their_own(patient)),
    "portal:join": ("public", token),
    "clinic:manage": ("manage_clinic", nothing),
    "clinic:settings": ("manage_clinic", nothing),
    "clinic:locations": ("manage_clinic", nothing),
    "clinic:new_location": ("manage_clinic", nothing),
    "clinic:location": ("manage_clinic", one("uptown")),
    "clinic:edit_location": ("manage_clinic", one("uptown")),
    "clinic:edit_hours": ("manage_clinic", one("uptown")),
    "clinic:new_room": ("manage_clinic", under_uptown),
    "clinic:edit_room": ("manage_clinic", at_a_location("room_1")),
    "clinic:new_closure": ("manage_clinic", under_uptown),
    "clinic:edit_closure": ("manage_clinic", at_a_location("closure")),
    "clinic:lift_closure": ("manage_clinic", at_a_location("closure")),
    "clinic:people": ("manage_clinic", nothing),
    "clinic:invite": ("manage_clinic", nothing),
    "clinic:person": ("manage_clinic", one("ana")),
    "clinic:activate": ("manage_clinic", one("ana")),
    "clinic:deactivate": ("manage_clinic", one("ana")),
    "clinic:resend_invitation": ("manage_clinic", one("invitation")),
    "clinic:withdraw_invitation": ("manage_clinic", one("invitation")),
    "clinic:accept_invitation": ("public", token),
    "practitioners:list": ("see_the_day", nothing),
    "practitioners:new": ("manage_clinic", nothing),
    "practitioners:detail": ("see_the_day", one("practitioner")),
    "practitioners:edit": ("manage_clinic", one("practitioner")),
    "practitioners:new_license": ("manage_clinic", one("practitioner")),
    "practitioners:license": ("manage_clinic", one("license")),
    "practitioners:check_license": ("manage_clinic", one("license")),
    "practitioners:new_certification": ("manage_clinic", one("practitioner")),
    "practitioners:certification": ("manage_clinic", one("certification")),
    "practitioners:check_certification": ("manage_clinic", one("certification")),
    "practitioners:new_hours": ("manage_clinic", one("practitioner")),
    "practitioners:hours": ("manage_clinic", one("hours")),
    "practitioners:remove_hours": ("manage_clinic", one("hours")),
    "practitioners:end_absence": ("record_absences", one("absence")),
    "scheduling:closure_calls": ("record_absences", about("uptown", only("closure", "closure"))),
    "scheduling:closure_visits": ("record_absences", about("uptown", only("closure", "closure"))),
    "intake:fill": ("public", token),
    "intake:fill_form": ("public", lambda _world: [Target({"token": TOKEN, "key": "symptoms"})]),
    "intake:fill_finish": ("public", lambda _world: [Target({"token": TOKEN, "key": "symptoms"})]),
    "intake:fill_section": (
        "public",
        lambda _world: [Target({"token": TOKEN, "key": "symptoms", "section": "where"})],
    ),
    "intake:fill_save": (
        "public",
        lambda _world: [Target({"token": TOKEN, "key": "symptoms", "section": "where"})],
    ),
    "intake:forms": ("hand_out_forms", patient),
    "intake:withdraw_form": ("hand_out_forms", under_patient("responses", "response")),
    "intake:send_forms_again": ("hand_out_forms", under_patient("form_links", "link")),
    "intake:answers": ("read_chart", under_patient("responses", "response")),
    "intake:consents": ("read_chart", patient),
    "intake:sign": ("write_chart", consent_by_name),
    "intake:talked_through": ("write_chart", under_patient("consents", "consent")),
    "intake:take_back": ("write_chart", under_patient("consents", "consent")),
    "intake:form_list": ("manage_clinic", nothing),
    "intake:form_detail": ("manage_clinic", lambda _world: [Target({"key": "privacy_notice"})]),
    "intake:use_our_form": ("manage_clinic", lambda _world: [Target({"key": "privacy_notice"})]),
    "intake:form_version": ("manage_clinic", lambda _world: [Target({"key": "symptoms", "number": 1})]),
    "acupoints:list": ("treat", nothing),
    "acupoints:point": ("treat", lambda _world: [Target({"code": "LI4"})]),
    "treatment:of_part": ("write_chart", part_alone),
    "treatment:open": ("write_chart", part_alone),
    "treatment:open_of_visit": ("write_chart", visit),
    "treatment:open_without_visit": ("write_chart", patient),
    "treatment:note": ("read_chart", of_everybody("notes")),
    "treatment:state": ("read_chart", of_everybody("notes")),
    "treatment:saves": ("read_chart", of_everybody("notes")),
    "treatment:save": ("write_chart", of_everybody("notes")),
    "treatment:copy": ("write_chart", of_everybody("notes")),
    "treatment:apply": ("write_chart", of_everybody("notes")),
    "treatment:confirm": ("write_chart", of_everybody("notes")),
    "treatment:line": ("write_chart", of_everybody("notes")),
    "treatment:speak": ("write_chart", of_everybody("notes")),
    "treatment:needles": ("write_chart", of_everybody("notes")),
    "treatment:sign": ("write_chart", of_everybody("notes")),
    "treatment:addendum": ("write_chart", of_everybody("notes")),
    "treatment:templates": ("write_chart", of_everybody("notes")),
    "treatment:boxes": ("write_chart", of_everybody("notes")),
    "treatment:reaction": ("write_chart", of_everybody("notes")),
    "treatment:handover": ("write_chart", of_everybody("notes")),
    "intake:history": ("read_chart", patient),
    "intake:alerts": ("find_patients", patient),
    "intake:new_line": (
        "write_chart",
        with_each(patient, kind=["condition", "medication", "allergy", "care"]),
    ),
    "intake:line": ("write_chart", with_each(under_patient("lines", "row"), kind=["condition"])),
    "intake:end_line": ("write_chart", with_each(under_patient("lines", "row"), kind=["condition"])),
    "intake:dose": ("write_chart", under_patient("medicines", "row")),
    "intake:checked": ("write_chart", with_each(patient, what=["bleeding", "devices"])),
    "intake:pregnancy": ("write_chart", patient),
    "intake:screen": ("write_chart", patient),
    "intake:nothing_new": ("write_chart", patient),
    "intake:neck_clear": ("write_chart", patient),
    "intake:form_read": ("manage_clinic", lambda _world: [Target({"key": "privacy_notice"})]),
    "intake:clear_flag": ("write_chart", under_patient("flags", "row")),
    "intake:new_referral": ("write_chart", patient),
    "intake:referral": ("read_chart", under_patient("referrals", "row")),
    "intake:reply_seen": ("write_chart", under_patient("referrals", "row")),
    "intake:referral_step": (
        "write_chart",
        with_each(
            under_patient("referrals", "row"),
            step=["change", "letter", "sent", "reply", "clearance", "close"],
        ),
    ),
    "intake:letter": ("read_chart", under_patient("letters", "row")),
    "intake:referrals": ("treat", nothing),
    "intake:flag_set": ("manage_clinic", nothing),
    "frontdesk:unassessed": ("see_unassessed", nothing),
    "frontdesk:chart_pieces": ("find_patients", patient),
    "frontdesk:summary": ("read_chart", patient),
    "frontdesk:timeline": ("find_patients", patient),
    "treatment:add": ("write_chart", addenda),
    "treatment:earlier": ("read_chart", of_everybody("notes")),
    "treatment:earlier_save": ("read_chart", with_each(of_everybody("notes"), version=[2])),
    "treatment:record": ("read_chart", visit),
    "treatment:notes": ("read_chart", patient),
    "treatment:progress_letter": ("write_chart", patient),
    "treatment:new_contact": ("write_contact", patient),
    "treatment:new_handover": ("write_chart", patient),
    "treatment:handovers": ("treat", nothing),
    "treatment:seen": ("write_chart", of_everybody("handovers")),
    "treatment:reactions": ("read_chart", patient),
    "treatment:new_reaction": ("write_chart", patient),
    "treatment:follow_up": ("write_chart", under_patient("reactions", "row")),
    "treatment:reported": ("write_chart", under_patient("reactions", "row")),
    "treatment:rates": ("see_rates", nothing),
    "treatment:lot": ("see_rates", nothing),
    "treatment:needles_missing": ("treat", nothing),
    "treatment:unsigned": ("treat", nothing),
    "treatment:needle_boxes": ("write_chart", nothing),
    "treatment:new_box": ("write_chart", nothing),
    "treatment:end_box": ("write_chart", about("uptown", one("box"))),
    "treatment:against": ("manage_clinic", nothing),
    "treatment:errors": ("manage_clinic", nothing),
    "treatment:error": ("manage_clinic", note_in_error),
    "treatment:settings": ("manage_clinic", nothing),
    "treatment:permit": ("manage_clinic", lambda world: [Target({"user": world.cast.mei.pk})]),
    "outcomes:fill": ("public", token),
    "outcomes:scores": ("read_chart", patient),
    "outcomes:ask": ("write_chart", patient),
    "outcomes:type_in": ("write_chart", patient),
    "outcomes:hand": ("hand_out_forms", patient),
    "outcomes:answer": ("write_chart", under_patient("checks", "row")),
    "outcomes:cancel": ("write_chart", under_patient("checks", "row")),
    "outcomes:give": ("hand_out_forms", under_patient("checks", "row")),
    "outcomes:correct": ("write_chart", under_patient("given", "row")),
    "outcomes:talk": ("write_chart", of_everybody("talks")),
    "treatment:end_permission": ("manage_clinic", lambda world: [Target({"user": world.cast.mei.pk})]),
    "frontdesk:account": ("sell_packages", patient),
    "frontdesk:sell": ("sell_packages", patient),
    "frontdesk:sell_package": ("sell_packages", with_each(patient, key=["pkg_neck"])),
    "frontdesk:extend": ("sell_packages", under_patient("purchases", "row")),
    "frontdesk:refund": ("sell_packages", under_patient("purchases", "row")),
    "frontdesk:approve": ("sell_packages", patient),
    "frontdesk:approval": ("sell_packages", under_patient("approvals", "row")),
    "frontdesk:approved_visits": ("sell_packages", under_patient("approvals", "row")),
    "frontdesk:withdraw": ("sell_packages", under_patient("approvals", "row")),
    "frontdesk:reinstate": ("sell_packages", under_patient("approvals", "row")),
    "frontdesk:more_visits_letter": ("write_chart", under_patient("requests", "row")),
    "packages:list": ("manage_clinic", nothing),
    "packages:policy": ("manage_clinic", nothing),
    "packages:package": ("manage_clinic", lambda _world: [Target({"key": "pkg_neck"})]),
    "packages:agreement": ("sell_packages", under_patient("purchases", "row")),
    "packages:new_coverage": ("sell_packages", patient),
    "packages:coverage": ("sell_packages", under_patient("coverages", "row")),
    "packages:verify_coverage": ("sell_packages", under_patient("coverages", "row")),
    "packages:more_step": (
        "sell_packages",
        with_each(under_patient("requests", "row"), to=["sent", "approved", "refused", "not_needed"]),
    ),
    "treatment:make_plan": ("write_chart", of_everybody("notes")),
    "plans:list": ("see_plan_dates", nothing),
    "plans:evidence": ("read_library", nothing),
    "plans:templates": ("read_library", nothing),
    "plans:template": ("read_library", lambda _world: [Target({"key": "neck_6_8"})]),
    "plans:template_change": ("manage_clinic", lambda _world: [Target({"key": "neck_6_8"})]),
    "plans:template_copy": ("manage_clinic", lambda _world: [Target({"key": "neck_6_8"})]),
    "plans:template_ours": ("manage_clinic", lambda _world: [Target({"key": "neck_6_8"})]),
    "plans:of_patient": ("see_plan_dates", patient),
    "plans:strip": ("see_plan_dates", patient),
    "plans:new": ("write_chart", patient),
    "plans:revise": ("write_chart", of_everybody("plans")),
    "plans:resume": ("write_chart", of_everybody("plans")),
    "plans:goal": ("write_chart", goal),
    "plans:review": ("write_chart", of_everybody("plans")),
    "plans:pause": ("write_chart", of_everybody("plans")),
    "plans:discharge": ("write_chart", of_everybody("plans")),
    "plans:course": ("book", of_everybody("plans")),
    "plans:course_book": ("book", of_everybody("plans")),
    "plans:course_undo": ("book", first_of_a_course),
    "plans:course_repair": ("book", of_everybody("plans")),
    "plans:schedule": ("book", of_everybody("plans")),
}

# Addresses with a query that looks for somebody or something: each is read by everybody who may.
QUERIES = {
    "plans:list": ["all=1"],
    "treatment:lot": ["lot=l7"],
    "treatment:rates": ["since=2026-11-01&until=2026-11-30"],
    "patients:list": ["q=gar", "q=sha", "q=555", "q=79", "page=2"],
    "patients:search": [
        "q=gar",
        "q=sha",
        "q=pri",
        "q=555",
        "q=555011",
        "q=mail.example",
        "q=1979",
        "q=tund",
        "q=rit",
    ],
    "scheduling:calendar": [
        "date=2026-11-24&view=day&by=provider",
        "date=2026-11-24&view=day&by=room",
        "date=2026-11-24&view=week",
        "date=2026-11-25&view=list",
        "date=2026-11-24&view=list&panel=book",
    ],
    "scheduling:feed": ["date=2026-11-24", "date=2026-11-24&view=week", "date=2026-11-25&by=room"],
    "scheduling:book": ["q=sha", "q=pri", "q=gar", "q=rit"],
    "scheduling:happened": ["q=sha", "q=gar"],
    "acupoints:list": ["q=li4", "meridian=LU&region=chest"],
    "frontdesk:today": ["show=all", "show=mine"],
    "frontdesk:board": ["show=all"],
    "frontdesk:walk_in": ["q=sha", "q=gar"],
}
