"""XGBoost: gradient boosting with OpenMP."""

NAME = "xgboost"
IMPORTS = ("xgboost",)
REQUIRES = ("xgboost>=1.6", "numpy>=1.17")
STANCE = "unsafe"
SAYS = "It hangs because libgomp is not fork-safe, which XGBoost cannot mend."
ADDRESS = "https://github.com/dmlc/xgboost/issues/4246"
THREADS = (
    (
        "Deadlock when fitting XGBClassifier using multiprocessing after xgb.train",
        "https://github.com/dmlc/xgboost/issues/7044",
    ),
    (
        "OpenMP runtime hangs in multiprocessing",
        "https://github.com/dmlc/xgboost/issues/6617",
    ),
)


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
