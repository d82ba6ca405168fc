# SPDX-License-Identifier: Apache-2.0
"""What schemathesis needs to know beyond the description: how a PDF goes into a body, and ids that exist."""
import os
import random

import schemathesis


@schemathesis.serializer("application/pdf")
def pdf(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


KNOWN = dict(pair.split("=") for pair in os.environ.get("PARAPH_KNOWN_IDS", "").split() if "=" in pair)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    for name in path_parameters or {}:
        if name in KNOWN and random.random() < 0.7:
            path_parameters[name] = KNOWN[name]
    return path_parameters
