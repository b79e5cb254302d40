"""Boto3: Amazon's services; here S3, whose part a small server in another process plays."""

import uuid

from _http import serve as serve_http

NAME = "boto3"
IMPORTS = ("boto3",)
REQUIRES = ("boto3>=1.20",)
STANCE = "unsafe"
SAYS = "Clients cannot be shared between processes: responses may come in the wrong order."
ADDRESS = "https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients"
THREADS = (
    (
        "Clarify multithreading documentation",
        "https://github.com/boto/botocore/issues/1246",
    ),
)


def serve(ready):
    serve_http(ready)


def make(address):
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=2, connect_timeout=2, retries={"max_attempts": 0}, s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
    return boto3.client("s3", endpoint_url=address, config=config, **keys)


def use(client):
    word = str(uuid.uuid4())
    return client.get_object(Bucket="words", Key=word)["Body"].read() == b"words/" + word.encode()


def close(client):
    client.close()
