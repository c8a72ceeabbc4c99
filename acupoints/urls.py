from django.urls import path

from acupoints import views

app_name = "acupoints"
urlpatterns = [
    path("", views.points, name="list"),
    path("<str:code>/", views.point, name="point"),
]
