"""Addresses of this app."""

app_name = "outcomes"
urlpatterns = []
