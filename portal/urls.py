from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("visits/", views.visits, name="visits"),
    path("join/<str:token>/", views.join, name="join"),
    path("<uuid:pk>/", views.plan_of, name="plan_of"),
    path("<uuid:pk>/opened/", views.opened, name="opened"),
    path("<uuid:pk>/home/<uuid:activity>/", views.tick, name="tick"),
    path("<uuid:pk>/questions/<uuid:check>/", views.answer, name="answer"),
]
