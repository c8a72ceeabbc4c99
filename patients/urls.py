from django.urls import path

from patients import views

app_name = "patients"
urlpatterns = [
    path("", views.patient_list, name="list"),
    path("search/", views.search, name="search"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.chart, name="chart"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/household/", views.household, name="household"),
    path("<uuid:pk>/household/leave/", views.leave_household, name="leave_household"),
    path("<uuid:pk>/people/new/", views.related_person, name="new_related_person"),
    path("<uuid:pk>/people/<int:person>/", views.related_person, name="related_person"),
    path("<uuid:pk>/people/<int:person>/end/", views.end_related_person, name="end_related_person"),
]
