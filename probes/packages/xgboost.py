"""XGBoost: gradient boosting with OpenMP."""

NAME = "xgboost"
IMPORTS = ("xgboost",)
REQUIRES = ("xgboost>=1.6", "numpy>=1.17")
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://xgboost.readthedocs.io/en/stable/faq.html"


def numbers():
    import numpy

    return numpy.arange(4000, dtype=float).reshape(-1, 1)


def make():
    import xgboost

    data = numbers()
    train = xgboost.DMatrix(data, label=(data[:, 0] > 2000).astype(float), nthread=2)
    return xgboost.train({"objective": "binary:logistic", "nthread": 2}, train, 5)


def use(booster):
    import xgboost

    told = booster.predict(xgboost.DMatrix(numbers(), nthread=2))
    return bool(told[100] < 0.5 < told[3900]) and len(told) == 4000


def close(booster):
    pass
