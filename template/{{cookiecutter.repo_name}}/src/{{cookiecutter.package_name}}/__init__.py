"""Features and estimator of the flight delay model. Plain pandas and scikit-learn."""
