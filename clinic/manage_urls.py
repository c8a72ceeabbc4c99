from django.urls import path

from clinic.views import manage, people

app_name = "clinic"
urlpatterns = [
    path("", manage.manage, name="manage"),
    path("settings/", manage.settings, name="settings"),
    path("locations/", manage.locations, name="locations"),
    path("locations/new/", manage.edit_location, name="new_location"),
    path("locations/<int:pk>/", manage.location, name="location"),
    path("locations/<int:pk>/edit/", manage.edit_location, name="edit_location"),
    path("locations/<int:pk>/hours/", manage.edit_hours, name="edit_hours"),
    path("locations/<int:location_pk>/rooms/new/", manage.edit_room, name="new_room"),
    path("locations/<int:location_pk>/rooms/<int:pk>/", manage.edit_room, name="edit_room"),
    path("locations/<int:location_pk>/closures/new/", manage.edit_closure, name="new_closure"),
    path("locations/<int:location_pk>/closures/<int:pk>/", manage.edit_closure, name="edit_closure"),
    path("locations/<int:location_pk>/closures/<int:pk>/lift/", manage.lift_closure, name="lift_closure"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/activate/", people.set_active, {"active": True}, name="activate"),
    path("people/<int:pk>/deactivate/", people.set_active, {"active": False}, name="deactivate"),
    path("invitations/<int:pk>/again/", people.resend_invitation, name="resend_invitation"),
    path("invitations/<int:pk>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("join/<str:token>/", people.accept_invitation, name="accept_invitation"),
]
