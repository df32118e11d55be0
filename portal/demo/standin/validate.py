"""Is this form-encoded request one that Stripe would take? Checked against the TypedDicts of the installed SDK."""

import re
import sys
import types
import typing
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import parse_qsl

import stripe._request_options
from stripe._stripe_object import UntypedStripeObject

from portal.demo.standin.refusals import Refused

OPTIONS = frozenset(typing.get_type_hints(stripe._request_options.RequestOptions, {
    **vars(typing), **vars(stripe._request_options), "StripeContext": Any,
}))
GONE = {
    "payment_method_types": (
        "payment_method_types_no_longer_supported",
        "The `payment_method_types` parameter is no longer supported. Use `allowed_payment_method_types`.",
    ),
}
MAX_FIELDS = 5_000


def decoded(text: str) -> dict[str, Any]:
    """The nested form of `a[b][0]=c`; lists are dicts whose keys are indexes until a type says what they are."""
    result: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS):
        _place(result, _path(name), name, value)
    return result


def _path(name: str) -> list[str]:
    if not re.fullmatch(r"[^\[\]]+(\[[^\[\]]*\])*", name):
        raise Refused(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    head, *rest = name.split("[")
    return [head, *(part[:-1] for part in rest)]


def _place(target: dict[str, Any], path: list[str], name: str, value: str) -> None:
    for part in path[:-1]:
        target = target.setdefault(part or str(len(target)), {})
        if not isinstance(target, dict):
            raise Refused(f"Invalid parameter: {name} is both a value and an object", param=name)
    last = path[-1] or str(len(target))
    if last in target:
        raise Refused(f"Received the parameter twice: {name}", param=name)
    target[last] = value


def checked(params: type, form: dict[str, Any]) -> dict[str, Any]:
    """The request with its values in the types of the SDK's `params`, or Stripe's 400 naming the `param`."""
    for name, (code, message) in GONE.items():
        if name in form:
            raise Refused(message, code=code, param=name)
    return _object(params, form, "")


@cache
def _hints(cls: type) -> dict[str, Any]:
    names = {
        **vars(typing), **vars(stripe._request_options), **vars(sys.modules[cls.__module__]), "StripeContext": Any,
    }
    return {name: hint for name, hint in typing.get_type_hints(cls, names).items() if name not in OPTIONS}


def _object(cls: type, form: Any, at: str) -> dict[str, Any]:
    if not isinstance(form, dict):
        raise Refused(f"Invalid object: {at}", code="parameter_invalid_object", param=at)
    hints = _hints(cls)
    for name in form:
        if name not in hints:
            where = _at(at, name)
            raise Refused(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
    required: Iterable[str] = getattr(cls, "__required_keys__", ())
    for name in sorted(required):
        if name in hints and name not in form:
            where = _at(at, name)
            raise Refused(f"Missing required param: {where}.", code="parameter_missing", param=where)
    return {name: _value(hints[name], value, _at(at, name)) for name, value in form.items()}


def _at(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _value(hint: Any, value: Any, at: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint), value, at)
    if origin is Literal:
        return _choice(get_args(hint), value, at)
    if origin is list:
        return _list(get_args(hint)[0], value, at)
    if origin is dict:
        return _mapping(value, at)
    if _is_typed_dict(hint):
        return _object(hint, value, at)
    if hint is Any:
        return value
    return _plain(hint, value, at)


def _union(arms: tuple[Any, ...], value: Any, at: str) -> Any:
    choices = [choice for arm in arms if get_origin(arm) is Literal for choice in get_args(arm)]
    shapes = [arm for arm in arms if _is_shape(arm)]
    if isinstance(value, dict) and shapes:
        return _value(shapes[0], value, at)
    if choices and not isinstance(value, dict):
        return _choice(tuple(choices), value, at)
    plain = [arm for arm in arms if not _is_shape(arm) and get_origin(arm) is not Literal and arm is not type(None)]
    if not plain:
        return _value(shapes[0], value, at)
    return _value(plain[0], value, at)


def _is_shape(arm: Any) -> bool:
    return get_origin(arm) in (list, dict) or _is_typed_dict(arm)


def _is_typed_dict(hint: Any) -> bool:
    """Also for those of `typing_extensions`, which `typing.is_typeddict` does not know before Python 3.13."""
    return isinstance(hint, type) and hasattr(hint, "__required_keys__")


def _choice(choices: tuple[Any, ...], value: Any, at: str) -> Any:
    if value not in [str(choice) for choice in choices]:
        names = ", ".join(str(choice) for choice in choices if choice)
        raise Refused(f"Invalid {at}: must be one of {names}", param=at)
    return value


def _list(item: Any, value: Any, at: str) -> list[Any]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise Refused(f"Invalid array: {at}", code="parameter_invalid_array", param=at)
    return [_value(item, value[key], _at(at, key)) for key in sorted(value, key=int)]


def _mapping(value: Any, at: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise Refused(f"Invalid hash: {at}", code="parameter_invalid_object", param=at)
    if len(value) > 50:
        raise Refused("You can have at most 50 keys.", param=at)
    for key, item in value.items():
        if len(key) > 40:
            raise Refused("Metadata keys can be at most 40 characters.", param=_at(at, key))
        if len(item) > 500:
            raise Refused("Metadata values can be at most 500 characters.", param=_at(at, key))
    return {key: item for key, item in value.items() if item}


def _plain(hint: Any, value: Any, at: str) -> Any:
    if not isinstance(value, str):
        raise Refused(f"Invalid string: {at}", code="parameter_invalid_string", param=at)
    if hint is bool:
        if value not in ("true", "false"):
            raise Refused(f"Invalid boolean: {value}", code="parameter_invalid_boolean", param=at)
        return value == "true"
    if hint is int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise Refused(f"Invalid integer: {value}", code="parameter_invalid_integer", param=at)
        return int(value)
    if hint in (float, Decimal):
        return _decimal(value, at)
    if hint in (str, UntypedStripeObject):
        if not value:
            raise Refused(f"You passed an empty string for '{at}'.", code="parameter_invalid_empty", param=at)
        return value
    raise Refused(f"The stand-in does not read this parameter: {at}", param=at)


def _decimal(value: str, at: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Refused(f"Invalid decimal: {value}", code="parameter_invalid_string", param=at)
    return number
