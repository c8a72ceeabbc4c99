from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("visits/", views.visits, name="visits"),
    path("join/<str:token>/", views.join, name="join"),
]
