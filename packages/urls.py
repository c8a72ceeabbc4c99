"""Addresses of this app."""

app_name = "packages"
urlpatterns = []
