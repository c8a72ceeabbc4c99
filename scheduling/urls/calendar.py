from django.urls import path

from scheduling.views import calendar

urlpatterns = [path("", calendar.page, name="calendar")]
