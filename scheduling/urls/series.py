from django.urls import path

from scheduling.views import series

urlpatterns = [
    path("book/repeat/", series.repeat, name="repeat"),
    path("series/<uuid:pk>/", series.page, name="series"),
]
