"""Addresses of this app. A patient's account joins visits and packages: frontdesk has it."""

from django.urls import path

from packages.views import coverages, owning

app_name = "packages"
PATIENT = "patients/<uuid:pk>"
urlpatterns = [
    path("", owning.packages, name="list"),
    path("policy/", owning.policy, name="policy"),
    path("kinds/<str:key>/", owning.package, name="package"),
    path(f"{PATIENT}/agreements/<uuid:row>/", coverages.agreement, name="agreement"),
    path(f"{PATIENT}/coverages/new/", coverages.new_coverage, name="new_coverage"),
    path(f"{PATIENT}/coverages/<uuid:row>/", coverages.coverage, name="coverage"),
    path(f"{PATIENT}/coverages/<uuid:row>/verified/", coverages.verify, name="verify_coverage"),
    path(f"{PATIENT}/requests/<uuid:row>/<str:to>/", coverages.more_step, name="more_step"),
]
