"""Accepting an invitation as a patient, or as somebody who acts for one."""

from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.actions.invitations import hashed
from clinic.forms.people import AcceptForm
from clinic.models import Invitation, User
from clinic.pages import refuse
from clinic.refusal import Refused
from clinic.roles import public
from clinic.submissions import done_before, request_key
from patients.actions import accounts
from patients.queries.accounts import reasons_not_to_open


@public(
    "An invited patient has no account yet; the 256-bit token in the address lets them in.",
    methods=("GET", "POST"),
)
def join(request, token):
    invitation = get_object_or_404(Invitation.objects.for_patients(), token_sha256=hashed(token))
    account = User.objects.filter(email=invitation.email).first()
    reasons = reasons_not_to_open(invitation, account, timezone.now())
    if reasons:
        if earlier := done_before(request):
            return redirect(earlier)
        return render(request, "clinic/manage/invitation_over.html", {"reasons": reasons}, status=410)
    answer = as_account if account or request.user.is_authenticated else as_new
    return answer(request, invitation, token)


def as_account(request, invitation, token):
    """The address has an account: what the invitation is for is added once that account is signed in."""
    theirs = request.user.is_authenticated and request.user.email == invitation.email
    if theirs and request.method == "POST":
        accounts.accept_as(by=request.user, token=token, **accepting(request))
        return welcome(request)
    sign_in = f"{reverse('account_login')}?next={request.path}"
    context = {"invitation": invitation, "theirs": theirs, "sign_in": sign_in}
    return render(request, "portal/join_as.html", context, status=403 if request.method == "POST" else 200)


def as_new(request, invitation, token):
    posted = request.POST if request.method == "POST" else None
    form = AcceptForm(posted, email=invitation.email, initial={"name": invitation.name})
    status = 200 if posted is None else 422
    if form.is_valid():
        chosen = {"name": form.cleaned_data["name"], "password": form.cleaned_data["password"]}
        try:
            user = accounts.accept_as_new(token=token, **chosen, **accepting(request))
        except Refused as refusal:
            status = refuse(form, refusal)
        else:
            login(request, user)
            return welcome(request)
    return render(request, "portal/join.html", {"form": form, "invitation": invitation}, status=status)


def accepting(request):
    return {
        "now": timezone.now(),
        "shown": reverse("portal:plan"),
        "request_key": request_key(request),
    }


def welcome(request):
    messages.success(request, _("Welcome. What is planned stands here from now on."))
    return redirect("portal:plan")
