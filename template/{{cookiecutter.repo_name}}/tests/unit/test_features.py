import pandas as pd

from {{ cookiecutter.package_name }}.features import COLUMNS, build

FLIGHT = {
    "origin": "JFK",
    "dest": "BOS",
    "carrier": "B6",
    "month": 1,
    "weekday": 2,
    "minute": 485,
    "distance": 187,
    "temp": 39.0,
    "humid": 59.4,
    "wind_speed": 10.4,
    "precip": 0.0,
    "pressure": 1012.0,
    "visib": 10.0,
}


def test_a_golden_row_keeps_its_features() -> None:
    features = build(pd.DataFrame([FLIGHT]))
    assert features.iloc[0].to_dict() == FLIGHT


def test_the_features_come_in_their_order_whatever_the_columns() -> None:
    mixed = pd.DataFrame([dict(reversed(FLIGHT.items()))]).assign(extra=1)
    assert list(build(mixed).columns) == COLUMNS


def test_an_empty_category_has_a_name_of_its_own() -> None:
    features = build(pd.DataFrame([FLIGHT | {"carrier": None}]))
    assert features["carrier"].tolist() == ["unknown"]


def test_the_flights_themselves_stay_as_they_are() -> None:
    flights = pd.DataFrame([FLIGHT])
    before = flights.copy()
    build(flights)
    pd.testing.assert_frame_equal(flights, before)
