"""People, roles and invitations."""

from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import queries
from clinic.actions import invitations as invitation_actions
from clinic.actions import people as actions
from clinic.editing import edit
from clinic.forms.people import AcceptForm, InvitationForm, StaffForm
from clinic.models import Invitation, User
from clinic.pages import posted_version, refuse
from clinic.refusal import Refused
from clinic.roles import needs, public
from clinic.rules.people import reasons_not_to_accept
from clinic.submissions import done_before, request_key

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@needs("manage_clinic")
def people(request):
    now = timezone.now()
    context = {"people": queries.staff(now), "invitations": queries.waiting_invitations(), "now": now}
    return render(request, "clinic/manage/people.html", context)


@needs("manage_clinic", methods=("GET", "POST"))
def person(request, pk):
    now = timezone.now()
    who = get_object_or_404(queries.staff(now), pk=pk)
    held = {"roles": [g.role for g in who.grants], "locations": [w.location_id for w in who.places]}

    def act(form, version, key):
        chosen = form.chosen()
        actions.change_person(
            by=request.user, person=who, version=version, now=now, request_key=key, **chosen
        )

    done = edit(
        request, lambda data, row: StaffForm(data, initial={"name": row.name, **held}), who.profile, act
    )
    if done.done:
        messages.success(request, _("Saved. It counts from their next click."))
        return redirect("clinic:people")
    return done.page(request, "clinic/manage/person.html", person=who)


@needs("manage_clinic", methods=("POST",))
def set_active(request, pk, active):
    now = timezone.now()
    who = get_object_or_404(queries.staff(now), pk=pk)
    version, key = posted_version(request), request_key(request)
    actions.set_active(by=request.user, person=who, version=version, active=active, now=now, request_key=key)
    said = (
        _("%(name)s can sign in again.")
        if active
        else _("%(name)s is signed out and cannot sign in any more.")
    )
    messages.success(request, said % {"name": who.name})
    return redirect("clinic:people")


@needs("manage_clinic", methods=("GET", "POST"))
def invite(request):
    def act(form, version, key):
        email = form.cleaned_data["email"]
        invitation_actions.invite(
            by=request.user, email=email, now=timezone.now(), request_key=key, **form.chosen()
        )

    done = edit(request, lambda data, row: InvitationForm(data), Invitation(), act)
    if done.done:
        messages.success(request, _("The invitation is on its way. Its link works for 7 days."))
        return redirect("clinic:people")
    return done.page(request, "clinic/manage/invite.html")


@needs("manage_clinic", methods=("POST",))
def resend_invitation(request, pk):
    row, key = get_object_or_404(Invitation, pk=pk), request_key(request)
    invitation_actions.send_again(by=request.user, invitation=row, now=timezone.now(), request_key=key)
    messages.success(request, _("Sent again, with a new link. The one before does not work any more."))
    return redirect("clinic:people")


@needs("manage_clinic", methods=("POST",))
def withdraw_invitation(request, pk):
    row, key = get_object_or_404(Invitation, pk=pk), request_key(request)
    invitation_actions.withdraw(by=request.user, invitation=row, now=timezone.now(), request_key=key)
    messages.success(request, _("The invitation is withdrawn: its link does not work any more."))
    return redirect("clinic:people")


@public(
    "An invited person has no account yet; the 256-bit token in the address lets them in.",
    methods=("GET", "POST"),
)
def accept_invitation(request, token):
    row = get_object_or_404(Invitation.objects.for_staff(), token_sha256=invitation_actions.hashed(token))
    account = User.objects.filter(email=row.email).first()
    reasons = reasons_not_to_accept(
        accepted_at=row.accepted_at,
        expires_at=row.expires_at,
        now=timezone.now(),
        account_active=account is None or account.is_active,
    )
    if reasons:
        if earlier := done_before(request):
            return redirect(earlier)
        return render(request, "clinic/manage/invitation_over.html", {"reasons": reasons}, status=410)
    answer = _accept_as_account if account or request.user.is_authenticated else _accept_as_new
    return answer(request, row, token)


def _accept_as_account(request, row, token):
    """The address has an account: the roles are added once that account is signed in."""
    theirs = request.user.is_authenticated and request.user.email == row.email
    if theirs and request.method == "POST":
        invitation_actions.accept_as(
            by=request.user, token=token, now=timezone.now(), request_key=request_key(request)
        )
        messages.success(request, _("Welcome. Your new roles are in force."))
        return redirect("home")
    sign_in = f"{reverse('account_login')}?next={request.path}"
    context = {"invitation": row, "theirs": theirs, "sign_in": sign_in}
    return render(
        request, "clinic/manage/accept_as.html", context, status=200 if request.method != "POST" else 403
    )


def _accept_as_new(request, row, token):
    posted = request.POST if request.method == "POST" else None
    form = AcceptForm(posted, email=row.email, initial={"name": row.name})
    status = 200 if posted is None else 422
    if form.is_valid():
        try:
            user = _make_account(request, form, token)
        except Refused as refusal:
            status = refuse(form, refusal)
        else:
            login(request, user, backend=BACKEND)
            return redirect("home")
    return render(request, "clinic/manage/accept.html", {"form": form, "invitation": row}, status=status)


def _make_account(request, form, token):
    name, password = form.cleaned_data["name"], form.cleaned_data["password"]
    chosen = {"token": token, "name": name, "password": password, "request_key": request_key(request)}
    return invitation_actions.accept_as_new(now=timezone.now(), **chosen)
