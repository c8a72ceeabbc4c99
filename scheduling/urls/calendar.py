from django.urls import path

from scheduling.views import calendar

urlpatterns = [
    path("", calendar.page, name="calendar"),
    path("feed/", calendar.feed, name="feed"),
    path("fits/", calendar.fits, name="fits"),
    path("visits/<uuid:pk>/drop/", calendar.drop, name="drop"),
    path("blocks/new/", calendar.block, name="block"),
    path("blocks/<uuid:pk>/remove/", calendar.remove_block, name="remove_block"),
]
