from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AcupointsConfig(AppConfig):
    name = "acupoints"
    verbose_name = _("Points and safety")
