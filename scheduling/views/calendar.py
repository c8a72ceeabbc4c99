from django.http import Http404

from clinic.roles import needs


@needs("see_the_day")
def page(request, pk=None):
    raise Http404
