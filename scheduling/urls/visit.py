from django.urls import path

from scheduling.views import visit

urlpatterns = [path("visits/<uuid:pk>/", visit.page, name="visit")]
