"""Every route of the application with the permission it needs, read from the URL resolver."""

import json
from dataclasses import asdict, dataclass

from django.contrib.admin import site as admin_site
from django.core.management.base import BaseCommand
from django.urls import URLPattern, get_resolver

# Packages whose views guard themselves.
LIBRARIES = ("allauth", "django")


class Command(BaseCommand):
    help = "Every address of the application: path, name, methods and the permission it needs."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *args, **options):
        found = routes()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(route) for route in found], indent=1))
            return
        width = max(len(route.path) for route in found)
        for route in found:
            methods = " ".join(route.methods) or "-"
            self.stdout.write(f"{route.path:{width}}  {route.permission:18}  {methods:15}  {route.name}")


@dataclass(frozen=True)
class Route:
    """`permission` is one of clinic.roles, or "public", "library", "admin", "undeclared".

    `methods` is empty for views that are not ours; `arguments` are the names in the path.
    """

    path: str
    name: str
    methods: tuple[str, ...]
    permission: str
    arguments: tuple[str, ...]


def routes(resolver=None):
    """All routes, in the order in which they are tried."""
    return list(_walk(resolver or get_resolver(), "/", (), ()))


def _walk(resolver, prefix, namespaces, arguments):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        known = (*arguments, *getattr(pattern.pattern, "converters", {}))
        if isinstance(pattern, URLPattern):
            yield _route(pattern, path, namespaces, known)
        else:
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, path, inside, known)


def _route(pattern, path, namespaces, arguments):
    return Route(
        path=path,
        name=":".join([*namespaces, pattern.name or ""]),
        methods=tuple(getattr(pattern.callback, "methods", ())),
        permission=_permission(pattern.callback, namespaces),
        arguments=arguments,
    )


def _permission(view, namespaces):
    if hasattr(view, "permission"):
        return view.permission
    if admin_site.name in namespaces:
        return "admin"
    return "library" if view.__module__.split(".")[0] in LIBRARIES else "undeclared"
