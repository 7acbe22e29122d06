import pandas as pd


def test_the_columns_are_those_of_the_contract(flights: pd.DataFrame, dataset: dict) -> None:
    assert list(flights.columns) == list(dataset["contract"]["columns"])


def test_the_values_keep_their_ranges(flights: pd.DataFrame, dataset: dict) -> None:
    for name, column in dataset["contract"]["columns"].items():
        values = flights[name].dropna()
        if "min" in column:
            assert values.min() >= column["min"], name
        if "max" in column:
            assert values.max() <= column["max"], name
        if "among" in column:
            assert set(values) <= set(column["among"]), name


def test_every_flight_is_there_once(flights: pd.DataFrame, dataset: dict) -> None:
    assert not flights.duplicated(dataset["key"]).any()


def test_the_year_has_its_seasons(flights: pd.DataFrame) -> None:
    months = flights.groupby("month")["temp"].mean()
    assert len(months) == 12
    assert months[7] - months[1] > 25


def test_the_two_targets_agree(flights: pd.DataFrame) -> None:
    assert ((flights["arr_delay"] > 15) == (flights["late"] == 1)).all()
