"""The `onecloud` command: its sub-commands, and how an error becomes a sentence and an exit status.

Parts of the server are imported inside commands: starting up must stay quick, and the agent has no server parts.
"""

from __future__ import annotations

import json
import sys

from cyclopts import App

from onecloud import __version__
from onecloud.cli import admin, chain, group, resource, retention, schedule, template, token, trigger, workspace
from onecloud.cli.api_access import enable_api
from onecloud.cli.demo import demo
from onecloud.cli.mail_trial import try_mail
from onecloud.cli.serve import serve
from onecloud.kernel.errors import OneCloudError

app = App(name="onecloud", version=__version__, help="OneCloud: chains of commands, run by hand or by API.")
app.command(serve)
app.command(demo)
admin.app.command(enable_api, name="enable-api")
admin.app.command(try_mail, name="test-mail")
admin.app.command(group.app)
admin.app.command(retention.app)
app.command(admin.app)
app.command(chain.app)
app.command(template.app)
workspace.app.command(resource.app)
app.command(workspace.app)
app.command(schedule.app)
app.command(trigger.app)
app.command(token.app)


@app.command
def openapi() -> None:
    """Print the OpenAPI document of the whole HTTP surface."""
    from onecloud.api.app import create_app
    from onecloud.infra.crypto import Keyring
    from onecloud.infra.db import Database, async_url
    from onecloud.infra.http import Ground
    from onecloud.infra.settings import Settings

    settings = Settings()
    ground = Ground(settings, Database(async_url("", settings.data)), Keyring((b"\x00" * 32,)))
    print(json.dumps(create_app(ground).openapi(), indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command line. Exit status: 0 done, 1 refused or failed, 2 wrong usage; commands may tell more."""
    try:
        result = app(exit_on_error=True, result_action="return_value")
    except OneCloudError as error:
        print(f"onecloud: {error.message}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)


if __name__ == "__main__":
    main()
