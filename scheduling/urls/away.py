from django.urls import path

from scheduling.views import away

urlpatterns = [
    path("away/<int:practitioner>/", away.away, name="away"),
    path("away/calls/<int:absence>/", away.calls, name="calls"),
    path("calls/<uuid:pk>/answer/", away.answer, name="answer"),
]
