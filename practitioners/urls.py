from django.urls import path

from practitioners import views

app_name = "practitioners"
urlpatterns = [
    path("", views.practitioner_list, name="list"),
    path("new/", views.add, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.change, name="edit"),
    path("<int:pk>/licenses/new/", views.add_license, name="new_license"),
    path("licenses/<int:pk>/", views.change_license, name="license"),
    path("licenses/<int:pk>/checked/", views.check_license, name="check_license"),
    path("<int:pk>/certifications/new/", views.add_certification, name="new_certification"),
    path("certifications/<int:pk>/", views.change_certification, name="certification"),
    path("certifications/<int:pk>/checked/", views.check_certification, name="check_certification"),
    path("<int:pk>/hours/new/", views.add_hours, name="new_hours"),
    path("hours/<int:pk>/", views.change_hours, name="hours"),
    path("hours/<int:pk>/remove/", views.remove_hours, name="remove_hours"),
    path("absences/<int:pk>/end/", views.end_absence, name="end_absence"),
]
