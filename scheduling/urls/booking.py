from django.urls import path

from scheduling.views import booking, happened

urlpatterns = [
    path("book/", booking.book, name="book"),
    path("book/offers/", booking.offers, name="offers"),
    path("happened/", happened.happened, name="happened"),
]
