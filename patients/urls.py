from django.urls import path

from patients import views

app_name = "patients"
PERSON = "<uuid:pk>/people/<int:person>"
urlpatterns = [
    path("", views.patient_list, name="list"),
    path("search/", views.search, name="search"),
    path("new/", views.new, name="new"),
    path("opened/", views.opened, name="opened"),
    path("<uuid:pk>/", views.chart, name="chart"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/open/", views.open_with_reason, name="open_with_reason"),
    path("<uuid:pk>/restrict/", views.restrict, name="restrict"),
    path("<uuid:pk>/lift/", views.lift_restriction, name="lift_restriction"),
    path("<uuid:pk>/household/", views.household, name="household"),
    path("<uuid:pk>/household/leave/", views.leave_household, name="leave_household"),
    path("<uuid:pk>/people/new/", views.related_person, name="new_related_person"),
    path(f"{PERSON}/", views.related_person, name="related_person"),
    path(f"{PERSON}/end/", views.end_related_person, name="end_related_person"),
    path("<uuid:pk>/account/invite/", views.invite, name="invite"),
    path("<uuid:pk>/account/again/", views.invite_again, name="invite_again"),
    path("<uuid:pk>/account/withdraw/", views.withdraw_invitation, name="withdraw_invitation"),
    path("<uuid:pk>/account/activate/", views.set_active, {"active": True}, name="activate"),
    path("<uuid:pk>/account/deactivate/", views.set_active, {"active": False}, name="deactivate"),
    path(f"{PERSON}/account/invite/", views.invite, name="invite_related"),
    path(f"{PERSON}/account/again/", views.invite_again, name="invite_related_again"),
    path(f"{PERSON}/account/withdraw/", views.withdraw_invitation, name="withdraw_related_invitation"),
    path(f"{PERSON}/account/activate/", views.set_active, {"active": True}, name="activate_related"),
    path(f"{PERSON}/account/deactivate/", views.set_active, {"active": False}, name="deactivate_related"),
]
