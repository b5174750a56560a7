"""What would make a diff or a CI run fail, found beforehand."""

from cgaudit.doctor.examine import examine
from cgaudit.doctor.finding import Finding
from cgaudit.doctor.show import doctor_text

__all__ = ["Finding", "doctor_text", "examine"]
