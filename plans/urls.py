"""Addresses of this app."""

from django.urls import path

from plans.views import course, course_repair, library, making, page

app_name = "plans"
urlpatterns = [
    path("", page.plans, name="list"),
    path("evidence/", library.evidence, name="evidence"),
    path("templates/", library.templates, name="templates"),
    path("templates/<str:key>/", library.template, name="template"),
    path("templates/<str:key>/change/", library.change_template, name="template_change"),
    path("templates/<str:key>/copy/", library.copy_template, name="template_copy"),
    path("templates/<str:key>/ours/", library.ours_again, name="template_ours"),
    path("patients/<uuid:pk>/", page.of_patient, name="of_patient"),
    path("patients/<uuid:pk>/strip/", page.strip, name="strip"),
    path("patients/<uuid:pk>/new/", making.new, name="new"),
    path("<uuid:pk>/revise/", making.revise, name="revise"),
    path("<uuid:pk>/resume/", page.resume, name="resume"),
    path("<uuid:pk>/goals/<uuid:row>/", page.goal, name="goal"),
    path("<uuid:pk>/review/", page.step, {"step": "review"}, name="review"),
    path("<uuid:pk>/pause/", page.step, {"step": "pause"}, name="pause"),
    path("<uuid:pk>/discharge/", page.step, {"step": "discharge"}, name="discharge"),
    path("<uuid:pk>/course/", course.course, name="course"),
    path("<uuid:pk>/course/book/", course.book, name="course_book"),
    path("<uuid:pk>/course/undo/<uuid:first>/", course.undo, name="course_undo"),
    path("<uuid:pk>/course/repair/", course_repair.repair, name="course_repair"),
    path("<uuid:pk>/course/booked/", course.schedule, name="schedule"),
]
