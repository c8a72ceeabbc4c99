from django.urls import path

from services import views

app_name = "services"
urlpatterns = [
    path("", views.services, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/steps/", views.steps, name="steps"),
]
