from .people import Person, own_patients, people_of
from .visits import Visit, upcoming

__all__ = ["Person", "Visit", "own_patients", "people_of", "upcoming"]
