from django.urls import path

from scheduling.views import away

urlpatterns = [
    path("away/<int:practitioner>/", away.away, name="away"),
    path("away/calls/<int:absence>/", away.calls, name="calls"),
    path("away/closures/<int:closure>/", away.closure_calls, name="closure_calls"),
    path("away/closures/<int:closure>/visits/", away.closure_visits, name="closure_visits"),
    path("calls/<uuid:pk>/answer/", away.answer, name="answer"),
]
