"""People who all want the same minutes: patients by the hundred, one for each form that is sent."""

from itertools import count

from patients.models import Patient, PatientLocation

numbers = count(1)


def patients(location, how_many):
    made = []
    for number in (next(numbers) for _ in range(how_many)):
        made.append(
            Patient(
                given_name=f"Contender{number}",
                family_name="Crowd",
                phone=f"+1919{5550000 + number % 4_000_000:07d}",
                email=f"contender{number}@crowd.example",
            )
        )
    Patient.objects.bulk_create(made)
    PatientLocation.objects.bulk_create(PatientLocation(patient=one, location=location) for one in made)
    return made
