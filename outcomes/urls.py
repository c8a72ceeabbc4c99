"""Addresses of this app."""

from django.urls import path

from outcomes.views import chart, filling, following, handing

app_name = "outcomes"
PATIENT = "patients/<uuid:pk>"
CHECK = f"{PATIENT}/checks/<uuid:row>"
urlpatterns = [
    path("t/<str:token>/", filling.fill, name="fill"),
    path("to-talk-with/<uuid:pk>/", following.talk, name="talk"),
    path(f"{PATIENT}/", chart.scores, name="scores"),
    path(f"{PATIENT}/ask/", chart.ask, name="ask"),
    path(f"{PATIENT}/total/", chart.type_in, name="type_in"),
    path(f"{PATIENT}/due/", handing.hand, name="hand"),
    path(f"{CHECK}/answer/", chart.answer, name="answer"),
    path(f"{CHECK}/cancel/", chart.cancel, name="cancel"),
    path(f"{CHECK}/hand-over/", handing.give, name="give"),
    path(f"{PATIENT}/given/<uuid:row>/correct/", chart.correct, name="correct"),
]
