"""Pages that fail in the ways the middleware answers for."""

from django.db import DataError, InterfaceError, OperationalError, connection
from django.urls import include, path

from clinic.refusal import AlreadyDone, Refused, VersionMissing
from clinic.roles import public


def failing(make):
    @public("A test's own page.", methods=("GET", "POST"))
    def view(request):
        raise make()

    return view


@public("A test's own page.")
def too_long(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS varchar(5)) <> '' AND CAST('x' AS int) = 1", ["x" * 10])


class DiskFull(Exception):
    pgcode = "53100"


def disk_full():
    fault = OperationalError("could not extend file")
    fault.__cause__ = DiskFull()
    return fault


urlpatterns = [
    path("refused/", failing(lambda: Refused(["The room is taken.", "Choose another."]))),
    path("conflict/", failing(lambda: Refused("Somebody was faster.", conflict=True))),
    path("no-version/", failing(VersionMissing)),
    path("done/", failing(lambda: AlreadyDone("/visits/1/"))),
    path("away/", failing(lambda: OperationalError("server closed the connection"))),
    path("closed/", failing(lambda: InterfaceError("connection already closed"))),
    path("disk-full/", failing(disk_full)),
    path("bad-data/", failing(lambda: DataError("out of range"))),
    path("too-long/", too_long),
    path("broken/", failing(lambda: ZeroDivisionError("the value 5 of Maria"))),
    path("", include("clinic.urls")),
]
