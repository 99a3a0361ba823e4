"""HTTP: call any REST interface, send and receive files of any size."""

from onecloud.connector import Connector
from onecloud.connectors.http import probe, request
from onecloud.connectors.http.connection import HttpConnection

CONNECTOR = Connector(
    id="http",
    title="HTTP Request",
    description="Call web services: every method, with sign-in, headers, files and certificates.",
    icon="world",
    properties=HttpConnection,
    test=probe.run,
    commands=(request.COMMAND,),
)
