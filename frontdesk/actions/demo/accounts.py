"""Accounts of the demo: one address per person, one password for all of them."""

from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from clinic.models import Profile, Role, RoleGrant, User, Workplace

DOMAIN = "demo.meridian.example"
PASSPHRASE = "only-for-the-demo-clinic"
# The account shown for each role.
SHOWN = {
    Role.OWNER: f"owner@{DOMAIN}",
    Role.FRONT_DESK: f"desk@{DOMAIN}",
    Role.PRACTITIONER: f"mei.chen@{DOMAIN}",
    Role.PATIENT: f"rebecca.cole@{DOMAIN}",
}


def is_demo():
    """Whether this database holds the demo: its domain belongs to nobody."""
    return User.objects.filter(email__endswith=f"@{DOMAIN}").exists()


def accounts_to_show():
    """[(role, address)] of the accounts that still open with the password of the demo."""
    people = {user.email: user for user in User.objects.filter(email__in=SHOWN.values(), is_active=True)}
    return [
        (role, email)
        for role, email in SHOWN.items()
        if email in people and people[email].check_password(PASSPHRASE)
    ]


def account(mailbox, name, roles, locations, *, since):
    user = User.objects.create(email=f"{mailbox}@{DOMAIN}", password=hashed(), date_joined=since)
    Profile.objects.create(user=user, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role, since=since) for role in roles)
    Workplace.objects.bulk_create(Workplace(user=user, location=at) for at in locations)
    return user


@cache
def hashed():
    """Hashed once: hashing is slow on purpose."""
    return make_password(PASSPHRASE)
