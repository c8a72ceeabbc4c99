from django.urls import path

from frontdesk.views import lists, merging, slips, steps, summary, today, unassessed, whole_chart

app_name = "frontdesk"
urlpatterns = [
    path("", today.page, name="today"),
    path("board/", today.board, name="board"),
    path("visits/<uuid:pk>/check-in/", steps.check_in, name="check_in"),
    path("household/<uuid:pk>/check-in/", steps.check_in_all, name="check_in_all"),
    path("visits/<uuid:pk>/step/", steps.step, name="step"),
    path("visits/<uuid:pk>/times/", steps.times, name="times"),
    path("visits/<uuid:pk>/untreated/", steps.untreated, name="untreated"),
    path("visits/<uuid:pk>/room/", slips.room, name="room"),
    path("visits/<uuid:pk>/unwell/", slips.unwell, name="unwell"),
    path("visits/<uuid:pk>/longer/", slips.longer, name="longer"),
    path("visits/<uuid:pk>/late/", slips.late, name="late"),
    path("visits/<uuid:pk>/early/", slips.early, name="early"),
    path("walk-in/", slips.walk_in, name="walk_in"),
    path("opening/", lists.opening, name="opening"),
    path("closing/", lists.closing, name="closing"),
    path("unassessed/", unassessed.page, name="unassessed"),
    path("charts/<uuid:pk>/summary/", summary.summary, name="summary"),
    path("charts/<uuid:pk>/timeline/", summary.timeline, name="timeline"),
    path("charts/<uuid:pk>/chart.pdf", whole_chart.as_pdf, name="chart_pdf"),
    path("charts/<uuid:pk>/chart.json", whole_chart.as_json, name="chart_json"),
    path("merge/<uuid:pk>/", merging.merge, name="merge"),
    path("merge/<uuid:pk>/undo/", merging.undo_merge, name="undo_merge"),
]
