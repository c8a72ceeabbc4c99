from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .guards import Versioned, version_must_rise


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    FRONT_DESK = "front_desk", _("front desk")
    PRACTITIONER = "practitioner", _("provider")
    PATIENT = "patient", _("patient")


class Gender(models.TextChoices):
    FEMALE = "female", _("female")
    MALE = "male", _("male")
    NONBINARY = "nonbinary", _("nonbinary")


STAFF_ROLES = frozenset({Role.OWNER, Role.FRONT_DESK, Role.PRACTITIONER})


class UserManager(BaseUserManager):
    def get_queryset(self):
        return super().get_queryset().select_related("profile")

    def create_user(self, email, password=None, *, name="", **extra):
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        Profile.objects.create(user=user, name=name or email)
        return user

    def create_superuser(self, email, password=None, **extra):
        return self.create_user(email, password, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """An account: who signs in. Names and what a form edits are in Profile, since libraries write this table."""

    email = models.EmailField(_("e-mail"), unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self):
        return self.name or self.email

    @property
    def name(self):
        profile = getattr(self, "profile", None)
        return profile.name if profile else ""

    @cached_property
    def roles(self):
        """Names of the roles in force now; read once per request, so a change counts from the next."""
        if not self.is_active:
            return frozenset()
        return frozenset(self.role_grants.in_force(timezone.now()).values_list("role", flat=True))

    @cached_property
    def location_ids(self):
        return frozenset(self.workplaces.values_list("location_id", flat=True))

    @property
    def is_staff(self):
        """The admin is for owners. Kept as a property because Django's admin asks for it by this name."""
        return Role.OWNER in self.roles

    def has_perm(self, perm, obj=None):
        return self.is_staff

    def has_module_perms(self, app_label):
        return self.is_staff


class Profile(Versioned):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=10, default="en")

    class Meta:
        triggers = [version_must_rise("profile")]
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self):
        return self.name


class RoleGrantQuerySet(models.QuerySet):
    def in_force(self, at):
        return self.filter(models.Q(until=None) | models.Q(until__gt=at), since__lte=at)


class RoleGrant(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(until=None), name="one_grant_per_role_is_open"
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_role_display()}"


class Workplace(models.Model):
    """A location where a member of staff works: whose patients and whose day they see."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="workplaces")
    location = models.ForeignKey("clinic.Location", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("workplace")
        verbose_name_plural = _("workplaces")
        constraints = [models.UniqueConstraint(fields=["user", "location"], name="workplace_is_named_once")]

    def __str__(self):
        return f"{self.user}, {self.location}"


class InvitationQuerySet(models.QuerySet):
    def for_staff(self):
        return self.filter(patient=None, related=None)

    def for_patients(self):
        """Invitations of patients and of people related to them."""
        return self.exclude(patient=None, related=None)

    def waiting(self):
        """Not accepted and not withdrawn; those that ran out stay until they are sent again or withdrawn."""
        return self.filter(accepted_at=None, expires_at__gt=models.F("invited_at"))


class Invitation(models.Model):
    """A door for one person, opened from an e-mail. Only the token's hash is kept.

    What it links is named by `patient` or `related`, plain ids, since the frame knows no patients. With
    neither it is for somebody who works here.
    """

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=150)
    roles = models.JSONField(_("roles"), default=list)
    location_ids = models.JSONField(default=list)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    patient = models.UUIDField(_("patient"), null=True)
    related = models.BigIntegerField(_("related person"), null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(patient=None) | models.Q(related=None), name="invitation_links_one_person"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(accepted_at=None, expires_at__gt=models.F("invited_at")),
                name="one_invitation_per_patient_waits",
            ),
            models.UniqueConstraint(
                fields=["related"],
                condition=models.Q(accepted_at=None, expires_at__gt=models.F("invited_at")),
                name="one_invitation_per_relation_waits",
            ),
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>"

    @property
    def cause(self):
        """How the outbox names what its mails are about."""
        return f"invitation:{self.pk}"
