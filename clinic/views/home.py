from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme

from clinic import places
from clinic.roles import may, needs, public


@needs("be_signed_in")
def home(request):
    """Where each person's day begins."""
    return redirect("frontdesk:today" if may(request.user, "see_the_day") else "portal:plan")


@needs("see_the_day", methods=("POST",))
def choose_location(request):
    chosen, back = request.POST.get("location", ""), request.POST.get("next", "/")
    if chosen.isdecimal():
        places.choose(request, int(chosen))
    # Only an address: a bare word would be looked up as the name of a page.
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if safe else "home")


@public("Browsers ask for it where an answer names no icon; it leads to the clinic's mark.")
def favicon(request):
    return redirect(static("clinic/mark.svg"))


@public("A load balancer asks whether the process lives; it says nothing else.")
def health_live(request):
    return HttpResponse("ok", content_type="text/plain")


@public("A load balancer asks whether pages can be served; it says yes or no.")
def health_ready(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ready": True})
