"""Checks requests against botocore's models of the AWS APIs: reads a JSON list of {service, operation, input} from standard input and prints a
JSON list with the problems of each. botocore's own validator checks names, types, required fields and least lengths, but no pattern, choice or maximum."""

import json
import re
import sys

import botocore.session
from botocore.validate import ParamValidator

session = botocore.session.get_session()
models = {}


def model_of(service):
    if service not in models:
        models[service] = session.get_service_model(service)
    return models[service]


def problems_of(call):
    shape = model_of(call["service"]).operation_model(call["operation"]).input_shape
    report = ParamValidator().validate(call["input"], shape)
    problems = report.generate_report().splitlines() if report.has_errors() else []
    return problems + list(limits(call["input"], shape, "input"))


def limits(value, shape, path):
    """What breaks a pattern, a choice or a range of the model."""
    metadata = shape.metadata
    size = value if isinstance(value, (int, float)) else len(value) if hasattr(value, "__len__") else None
    if isinstance(size, (int, float)) and not isinstance(value, bool):
        if "max" in metadata and size > metadata["max"]:
            yield f"{path}: {size} is over the maximum of {metadata['max']}"
        if "min" in metadata and size < metadata["min"]:
            yield f"{path}: {size} is under the minimum of {metadata['min']}"
    if shape.type_name == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value} is not one of {', '.join(shape.enum)}"
        if "pattern" in metadata and not matches(metadata["pattern"], value):
            yield f"{path}: {value} does not match {metadata['pattern']}"
    elif shape.type_name == "structure" and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:
                yield from limits(item, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from limits(item, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for name, item in value.items():
            yield from limits(name, shape.key, f"{path} key")
            yield from limits(item, shape.value, f"{path}.{name}")


def matches(pattern, value):
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        # A few patterns are Java's and not Python's.
        return True


print(json.dumps([problems_of(call) for call in json.load(sys.stdin)]))
