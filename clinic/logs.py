import re

import structlog
from django.http import HttpRequest

# Addresses that carry power: whoever reads the log must not be able to follow them.
SECRET_PATHS = re.compile(r"(/(?:join|forms|key)/)[^/\s'\">]{20,}")
MASKED = r"\1[hidden]"


def mask_secrets(_logger, _method, event):
    """Take tokens out of every text of an event; arguments of foreign messages too."""
    return {name: masked(value) for name, value in event.items()}


def masked(value):
    if isinstance(value, HttpRequest):  # Django hands it over with every 4xx; as text it is the whole address
        value = in_the_log(value)
    if isinstance(value, str):
        return SECRET_PATHS.sub(MASKED, value)
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value if value is None or isinstance(value, int | float) else SECRET_PATHS.sub(MASKED, str(value))


def in_the_log(request):
    """Method and path; never the query, which is what somebody searched for."""
    return f"{request.method} {request.path}"


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def json_formatter():
    """One JSON object per line. Local variables are never printed: they may hold health data."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
            ),
            mask_secrets,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
