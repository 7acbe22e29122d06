"""What the model sees of a flight: the same function in training and in serving."""

import pandas as pd

CATEGORIES = ["origin", "dest", "carrier"]
WEATHER = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]
COLUMNS = [*CATEGORIES, "month", "weekday", "minute", "distance", *WEATHER]


def build(flights: pd.DataFrame) -> pd.DataFrame:
    """The features of each flight, one row each, in the order of the rows."""
    features = flights[COLUMNS].copy()
    for name in CATEGORIES:
        features[name] = features[name].astype("object").fillna("unknown")
    numbers = [name for name in COLUMNS if name not in CATEGORIES]
    features[numbers] = features[numbers].astype("float64")
    return features
