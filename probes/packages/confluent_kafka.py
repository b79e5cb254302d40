"""confluent-kafka: a client of Kafka on librdkafka; here with its own mock of a broker in another process."""

import threading
import uuid

NAME = "confluent-kafka"
IMPORTS = ("confluent_kafka",)
REQUIRES = ("confluent-kafka>=1.7",)
STANCE = "unsafe"
SAYS = "The client uses threads, which a forked process does not have: make it in the process that uses it."
ADDRESS = "https://github.com/confluentinc/confluent-kafka-python/issues/1122"
THREADS = (
    (
        "Producer in child process not sending messages",
        "https://github.com/confluentinc/confluent-kafka-python/issues/172",
    ),
    (
        "The kafka flush failed in the child process",
        "https://github.com/confluentinc/confluent-kafka-python/issues/1409",
    ),
)


def serve(ready):
    import confluent_kafka

    mock = confluent_kafka.Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1})
    ready(str(next(iter(mock.list_topics(timeout=10).brokers.values()))).partition("/")[0])
    threading.Event().wait()


def make(address):
    import confluent_kafka

    return confluent_kafka.Producer({"bootstrap.servers": address, "linger.ms": 0, "message.timeout.ms": 2000})


def use(producer):
    word, arrived = str(uuid.uuid4()), []

    def report(error, message):
        arrived.append((error, message.value()))

    producer.produce("words", word, on_delivery=report)
    producer.flush(2)
    return (None, word.encode()) in arrived


def close(producer):
    producer.flush(2)
