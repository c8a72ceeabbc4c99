from django.urls import path

from scheduling.views import visit

urlpatterns = [
    path("visits/<uuid:pk>/", visit.page, name="visit"),
    path("visits/<uuid:pk>/move/", visit.move, name="move"),
    path("visits/<uuid:pk>/cancel/", visit.cancel, name="cancel"),
    path("visits/<uuid:pk>/waive/", visit.waive, name="waive"),
    path("visits/<uuid:pk>/no-show/", visit.no_show, name="no_show"),
    path("visits/<uuid:pk>/confirm/", visit.confirm, name="confirm"),
    path("visits/<uuid:pk>/confirm-hold/", visit.confirm_hold, name="confirm_hold"),
    path("visits/<uuid:pk>/parts/<uuid:part>/not-done/", visit.part_not_done, name="part_not_done"),
    path("undo/<uuid:change>/", visit.undo, name="undo"),
    path("patients/<uuid:pk>/", visit.of_patient, name="of_patient"),
]
