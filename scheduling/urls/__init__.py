"""Addresses of the calendar app, by page."""

from scheduling.urls import away, booking, calendar, series, visit

app_name = "scheduling"
urlpatterns = [
    *calendar.urlpatterns,
    *booking.urlpatterns,
    *visit.urlpatterns,
    *series.urlpatterns,
    *away.urlpatterns,
]
