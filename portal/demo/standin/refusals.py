"""How does the stand-in say no? In Stripe's own error shape, with status, type, code and `param`."""

from typing import Any


class Refused(Exception):
    """The request is answered with a Stripe error instead of an object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.type, self.code, self.param = message, status, type, code, param

    def body(self) -> dict[str, Any]:
        """The error as Stripe writes it; fields without a value are left out."""
        error: dict[str, Any] = {"message": self.message, "type": self.type}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(kind: str, id: str, param: str = "id") -> Refused:
    """Stripe's 404 for an object that this account does not have."""
    return Refused(f"No such {kind}: '{id}'", status=404, code="resource_missing", param=param)
