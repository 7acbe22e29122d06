import pandas as pd

from {{ cookiecutter.package_name }}.features import COLUMNS, build


def test_the_features_need_no_more_than_a_request_brings(dataset: dict, model: dict) -> None:
    not_sent = {*dataset["key"], model["target"], *model["exclude"]}
    assert set(COLUMNS) <= set(dataset["contract"]["columns"]) - not_sent


def test_one_flight_alone_has_the_features_that_it_has_among_many(flights: pd.DataFrame) -> None:
    many = build(flights.head(50))
    for i in (0, 17, 49):
        alone = build(flights.iloc[[i]])
        pd.testing.assert_frame_equal(alone, many.iloc[[i]])


def test_the_parameters_name_features_that_exist(params: dict) -> None:
    assert set(params["features"]) <= set(COLUMNS)
