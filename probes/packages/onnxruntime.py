"""ONNX Runtime: models of machine learning, computed by a pool of threads; here one multiplication of matrices."""

NAME = "onnxruntime"
IMPORTS = ("onnxruntime",)
REQUIRES = ("onnxruntime>=1.12", "onnx>=1.12", "numpy>=1.17")
STANCE = "silent"
SAYS = "Read: Thread management, in which processes do not occur."
ADDRESS = "https://onnxruntime.ai/docs/performance/tune-performance/threading.html"
THREADS = (
    (
        "Avoid joining parent thread pools in forked children",
        "https://github.com/microsoft/onnxruntime/pull/31961",
    ),
    (
        "program stucks when multi processes",
        "https://github.com/microsoft/onnxruntime/issues/5093",
    ),
)


def make():
    import onnxruntime
    from onnx import TensorProto, helper

    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [400, 400]) for name in "ab"]
    graph = helper.make_graph([helper.make_node("MatMul", ["a", "a"], ["b"])], "square", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def use(session):
    import numpy

    matrix = numpy.arange(160000, dtype=numpy.float32).reshape(400, 400) % 7
    product = session.run(None, {"a": matrix})[0]
    return int(product[3, 5]) == sum(int(matrix[3, k]) * int(matrix[k, 5]) for k in range(400))


def close(session):
    pass
