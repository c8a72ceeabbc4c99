"""The admin of rows the product ships with: ours are read, the clinic's own are edited and can be taken back."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from clinic.actions.reference import columns, own_row, use_ours_again
from clinic.admin import RecordAdmin, ReferenceAdmin
from clinic.models import Origin, ReferenceLoad
from clinic.pages import posted_version
from clinic.refusal import Refused


class LaidOverAdmin(ReferenceAdmin):
    """Rows that exist twice at most: ours, and the clinic's laid over it."""

    change_form_template = "admin/clinic/laid_over_change_form.html"
    ordering = ["id"]
    list_filter = ["origin", "hidden"]
    search_fields = ["key"]

    def get_list_display(self, request):
        return [*self.list_display, "origin", "hidden", "ours_changed"]

    @admin.display(boolean=True, description=_("ours changed since"))
    def ours_changed(self, row):
        return not row.stale if row.origin == Origin.CLINIC else None

    def get_queryset(self, request):
        model = self.model
        same = {name: OuterRef(name) for name in model.IDENTITY}
        ours = model.objects.filter(origin=Origin.SHIPPED, **same).order_by()
        changed = ours.exclude(shipped_sha256=OuterRef("shipped_sha256"))
        return super().get_queryset(request).filter(withdrawn=False).annotate(stale=Exists(changed))

    def has_change_permission(self, request, obj=None):
        of_the_clinic = obj is None or obj.origin == Origin.CLINIC
        return of_the_clinic and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else [*fields, *self.model.IDENTITY]

    def get_fields(self, request, obj=None):
        """Of ours, every column is shown as it is; the form has other ways to write some of them."""
        if obj is None or obj.origin == Origin.CLINIC:
            return super().get_fields(request, obj)
        return [field.name for field in self.opts.fields if field.editable and not field.primary_key]

    def save_model(self, request, obj, form, change):
        """What the clinic saves is compared with ours as it is now."""
        same = {name: getattr(obj, name) for name in obj.IDENTITY}
        ours = self.model.objects.filter(origin=Origin.SHIPPED, **same).first()
        obj.shipped_sha256 = ours.shipped_sha256 if ours else ""
        super().save_model(request, obj, form, change)
        self.saved()

    def saved(self):
        """What follows from a change, for admins that have something to do then."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/own/", self.admin_site.admin_view(self.own_view), name=f"{name}_own"),
            path("<path:object_id>/ours/", self.admin_site.admin_view(self.ours_view), name=f"{name}_ours"),
            *super().get_urls(),
        ]

    def own_view(self, request, object_id):
        """Make the clinic's row of one of ours, and open it."""
        return self._do(
            request,
            object_id,
            lambda row: own_row(by=request.user, row=row),
            _("This is the clinic’s own row now. Change it below; ours stays as it is."),
        )

    def ours_view(self, request, object_id):
        """Take the clinic's row out of use, and open ours."""
        return self._do(
            request,
            object_id,
            lambda row: use_ours_again(by=request.user, row=row, version=posted_version(request)),
            _("Ours counts again. The clinic’s row is kept out of use."),
        )

    def _do(self, request, object_id, act, said):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            row = self.get_object(request, object_id)
            if row is None:
                raise Http404
            try:
                row = act(row)
            except Refused as refusal:
                messages.error(request, " ".join(str(reason) for reason in refusal.reasons))
            else:
                self.saved()
                messages.success(request, said)
        return redirect(self._page("change", row.pk))

    def _page(self, what, pk):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}", args=[pk])

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            shipped = obj.origin == Origin.SHIPPED
            context |= {
                "row": obj,
                "of_the_clinic": not shipped,
                "act_url": self._page("own" if shipped else "ours", obj.pk),
                "differences": [] if shipped else self._differences(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _differences(self, row):
        """[(label, the clinic's value, ours)] where they differ; nothing where we have no such row."""
        same = {name: getattr(row, name) for name in row.IDENTITY}
        ours = self.model.objects.filter(origin=Origin.SHIPPED, **same).first()
        fields = [self.opts.get_field(name) for name in sorted({*columns(self.model), "hidden"})]
        pairs = [
            (field.verbose_name, getattr(row, field.name), getattr(ours, field.name, None))
            for field in fields
        ]
        return [pair for pair in pairs if ours and pair[1] != pair[2]]


@admin.register(ReferenceLoad)
class ReferenceLoadAdmin(RecordAdmin):
    list_display = ["loaded_at", "dataset", "rows", "added", "changed", "gone"]
    ordering = ["-loaded_at"]
