from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.places import here
from clinic.roles import needs
from clinic.submissions import request_key
from messaging import actions, queries


@needs("manage_clinic")
def outbox(request):
    """What was given up first: that is what somebody has to do something about."""
    state = request.GET.get("show", "")
    page = queries.outbox(request.user, state if state in queries.STATES else "undelivered")
    return render(request, "messaging/outbox.html", {"page": page, "place": here(request)})


@needs("manage_clinic", methods=("POST",))
def send_again(request, pk):
    message = get_object_or_404(queries.messages_visible_to(request.user), pk=pk)
    shown = reverse("messaging:outbox") + "?show=waiting"
    actions.send_again(
        by=request.user, message=message, now=timezone.now(), location=shown, request_key=request_key(request)
    )
    messages.success(request, _("The message to %(to)s is tried again now.") % {"to": message.to})
    return redirect(shown)
