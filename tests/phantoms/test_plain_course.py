from datetime import date

import numpy as np

from reirrad.phantoms.analytic import box_geometry, sampled_dose
from reirrad.phantoms.plain_course import plain_course, uniform_dose


def test_a_course_of_one_plan_in_the_frame_of_its_dose() -> None:
    geometry = box_geometry(
        [0, 0, 0], [9, 9, 9], spacing_mm=(3, 3, 3), frame_of_reference_uid="1.2"
    )
    dose = sampled_dose(uniform_dose(12.0), geometry)
    course = plain_course(3, dose, [], prescription_gy=10.0, n_fractions=2)
    np.testing.assert_array_equal(dose.values_gy, 12.0)
    assert course.frame_of_reference_uid == "1.2"
    assert course.start_date == date(2023, 3, 1)
    assert course.deliveries[0].n_fractions == course.prescription.n_fractions == 2
