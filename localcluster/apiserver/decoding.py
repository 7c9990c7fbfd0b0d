"""Whether a sent object's fields exist and have the right types, as `fieldValidation` asks; unknown ones go."""

from __future__ import annotations

from localcluster.apiserver.admission.fields import check_types, drop_unknown_fields, unknown_fields
from localcluster.apiserver.options import WriteOptions
from localcluster.client import Object
from localcluster.errors import bad_request
from localcluster.resources import Resource


def check_fields(resource: Resource, body: Object, options: WriteOptions) -> None:
    """Refuse (`Strict`), warn or stay silent about unknown fields, and take them out of `body`, in place."""
    if options.field_validation == "Trusted":
        return
    check_types(resource, body)
    unknown = unknown_fields(resource, body)
    if not unknown:
        return
    problems = [f'unknown field "{path}"' for path in unknown]
    if options.field_validation == "Strict":
        raise bad_request(
            f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: '
            f"strict decoding error: {', '.join(problems)}"
        )
    if options.field_validation == "Warn":
        options.warnings.extend(problems)
    drop_unknown_fields(resource, body)
