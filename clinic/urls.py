from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from clinic import views

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

handler400 = "clinic.middleware.bad_request"
handler500 = "clinic.middleware.server_error"
urlpatterns = [
    path("", views.home, name="home"),
    path("location/", views.choose_location, name="choose_location"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("today/", include("frontdesk.urls")),
    path("calendar/", include("scheduling.urls")),
    path("patients/", include("patients.urls")),
    path("clinic/", include("clinic.manage_urls")),
    path("clinic/services/", include("services.urls")),
    path("clinic/providers/", include("practitioners.urls")),
    path("clinic/messages/", include("messaging.urls")),
    path("points/", include("acupoints.urls")),
    path("notes/", include("treatment.urls")),
    path("scores/", include("outcomes.urls")),
    path("plans/", include("plans.urls")),
    path("packages/", include("packages.urls")),
    path("my/", include("portal.urls")),
    path("", include("intake.urls")),
]
