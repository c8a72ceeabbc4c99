from .measures import Measure
from .scores import Activity, AnswerLink, Assessment, Given, Occasion, Score, Status

__all__ = ["Activity", "AnswerLink", "Assessment", "Given", "Measure", "Occasion", "Score", "Status"]
